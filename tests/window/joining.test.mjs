// Two people, two windows: one hosts, the other joins with an invitation and keeps a copy, in which
// the work goes on while the host is away.

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Client } from "../node/support/client.mjs";
import { Host } from "../node/support/host.mjs";
import { clearAfter, open, openWindow } from "./open.mjs";
import { until } from "./webdriver.mjs";

const MESSAGE = "//*[@role='textbox'][contains(@aria-label, 'Write to')]";
const TEXT = "//*[@role='textbox'][@aria-label='Text of the note']";
const ENTER = "\uE007";

/** Another window on the same desktop, of somebody else. */
async function openBeside(t, { desktop }) {
  const data = await mkdtemp(join(tmpdir(), "hearth-window-"));
  clearAfter(t, () => rm(data, { recursive: true }));
  return { data, window: await openWindow(t, { data, desktop }) };
}

/** Hosts by clicking; answers an invitation as it can be sent to somebody. */
async function host(t, window) {
  await window.click("Host a session");
  await window.click("Ask me each time");
  await window.click("Start hosting");
  await window.see("Nobody here yet");
  return invitation(t, window);
}

async function invitation(t, window) {
  const { window: access } = await window.invoke("hosting");
  const client = new Client(access.url, { auth: { token: access.token } });
  t.after(() => client.close());
  await client.connected();
  await client.thanks();
  const { invite } = await client.call("session:invite", { uses: 1 });
  return invite.url;
}

/** Joins by clicking, with what was sent. */
async function joinWith(window, sent) {
  await window.click("Join a session");
  await window.type("//input", sent);
  await window.click("Look for it");
  const button = await window.find("//button[normalize-space(.)='Join']");
  assert.ok(button);
  await window.click("Join", { within: "//*[contains(@class, 'found')]" });
  await window.see("General");
}

async function say(window, words) {
  await window.click("General");
  await window.type(MESSAGE, words + ENTER);
}

test("two windows write together, one goes on alone, and all of it is there when the host is back", async (t) => {
  const first = await open(t);
  const sent = await host(t, first.window);
  const second = await openBeside(t, first);
  await joinWith(second.window, sent);

  await say(second.window, "From the copy");
  await first.window.click("General");
  await first.window.see("From the copy");
  await say(first.window, "From the host");
  await second.window.see("From the host");

  await first.window.invoke("stop_hosting");
  await first.window.see("Last open");
  await second.window.see("computer is away. Your work is safe on this device.");
  await say(second.window, "While nobody was there");
  await second.window.click("Welcome");
  await second.window.type(TEXT, "Written alone. ");
  await second.window.see("Not yet with the host");

  await first.window.click("Session of");
  await first.window.click("Start hosting");
  await first.window.click("General");
  await first.window.see("While nobody was there");
  await first.window.click("Welcome");
  await first.window.see("Written alone.");
  await second.window.see("were sent");
  await until("everything is saved", async () => (await second.window.text()).includes("Saved"));
  assert.equal(
    (await first.window.text()).split("Written alone.").length,
    2,
    "and it is there once",
  );
});

test("a copy opens while its host is away, and leaving asks what becomes of it", async (t) => {
  const { window, data } = await open(t);
  const host = await Host.start(t, ["--admit", "anyone", "--name", "Design week"]);
  await joinWith(window, host.url);
  await window.see("Design week");

  await window.click("Menu of the session");
  await window.click("Leave");
  await window.see("What becomes of the copy on this computer?");
  await window.click("Leave", { within: "//*[contains(@role, 'dialog')]" });
  await window.see("Your copy of a session");
  await host.stop();

  // Not the entry nearby, which goes a moment after the host.
  await window.click("Design week", { within: "//section[@aria-labelledby='recent']" });
  await window.see("computer is away. Your work is safe on this device.");
  await window.click("Menu of the session");
  await window.click("Leave");
  await window.click("Delete it");
  await window.click("Leave", { within: "//*[contains(@role, 'dialog')]" });
  await window.see("Sessions that you host or join are kept here.");
  assert.deepEqual(await readdir(`${data}/sessions`), []);
});

test("who asks to be let in sees six digits, and comes in when the host says yes", async (t) => {
  const first = await open(t);
  await host(t, first.window);
  const { invitation } = await first.window.invoke("hosting");
  const second = await openBeside(t, first);
  await second.window.click("Join a session");
  await second.window.type("//input", new URL(invitation.urls[0].url).host);
  await second.window.click("Look for it");
  await second.window.click("Join", { within: "//*[contains(@class, 'found')]" });
  await second.window.see("Waiting for the host to let you in");
  const digits = async (window) =>
    (await window.text()).match(/\d{3}\s+\d{3}/)?.[0].replace(/\s+/, "");
  const shown = await until("digits are shown", () => digits(second.window));
  assert.equal(await until("both show them", () => digits(first.window)), shown);
  await first.window.click("Let in");
  await second.window.see("General");
});
