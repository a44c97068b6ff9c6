// Somebody opens the window and finds a session on the network, or is told what is there instead.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";

import { Host } from "../node/support/host.mjs";
import { open } from "./open.mjs";
import { until } from "./webdriver.mjs";

test("a session is seen nearby while it is hosted, and what answers there is said", async (t) => {
  const { window } = await open(t);
  // Others may host on this network meanwhile.
  const name = `Nearby ${process.pid}`;
  const host = await Host.start(t, ["--name", name, "--pin", "2468"]);
  await window.see(name);
  await window.see("0 people · with a PIN");

  await window.click(name);
  await window.see("A session answers at");
  await window.see(new URL(host.url).host);
  await window.find("//button[normalize-space(.)='Join']");

  await host.stop();
  const listed = `return [...document.querySelectorAll("li")].some((one) =>
    one.textContent.includes(arguments[0]))`;
  await until("it is gone", async () => !(await window.run(listed, name)));
});

/** How many elements are at an XPath. */
const COUNT = `return document.evaluate(\`count(\${arguments[0]})\`, document).numberValue`;

test("what is typed is looked at, and said in words", async (t) => {
  const { window } = await open(t);
  const host = await Host.start(t, ["--name", "Typed"]);
  await window.click("Join a session");
  const field = "//input";
  const ask = async (text) => {
    await window.run("document.querySelector('input').value = ''");
    await window.type(field, text);
    await window.click("Look for it");
  };
  const { host: address } = new URL(host.url);
  await ask(`https://${address}/#secret.${"07".repeat(32)}`);
  await window.see("its key is a different one");
  const join = "//button[normalize-space(.)='Join']";
  assert.equal(await window.run(COUNT, join), 0, "another key is not joined");
  await ask(address);
  await window.see(`A session answers at ${address}`);

  const other = createServer((socket) => socket.end("220 smtp\r\n")).listen(0, "127.0.0.1");
  t.after(() => other.close());
  await once(other, "listening");
  await ask(`127.0.0.1:${other.address().port}`);
  await window.see("it isn’t Hearth");
  await ask("127.0.0.1:1");
  await window.see("127.0.0.1:1 doesn’t answer. On the host: Settings → Network check.");
  await ask("this is none");
  await window.see("That is no address");
});

test("the network check says what others find, from the settings and from the invitation", async (t) => {
  const { window } = await open(t);
  await window.click("Settings");
  await window.click("Network check");
  await window.see("Nothing is hosted just now");
  await window.click("Close");
  const isOpen = "return document.querySelector('[role=dialog]') !== null";
  await until("the dialog is closed", async () => !(await window.run(isOpen)));
  await window.click("Host a session");
  await window.click("Start hosting");
  await window.see("Nobody here yet");
  await window.click("Network check");
  await window.see("The session answers on this computer.");
  await window.see("Your announcement is heard on this network.");
});
