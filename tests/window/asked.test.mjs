// An invitation for the app (`hearth://…`) is shown by the window that is open, and by one that it
// opens; it does nothing until the person says so.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { REQUEST, open, openDesktop, openWindow } from "./open.mjs";
import { until } from "./webdriver.mjs";

const SECRET = "s3cret-_opens-the-door";
const FINGERPRINT = "0001020304050607".repeat(4);
const WORDS = ["acorn", "album", "amber", "anchor", "apple", "apron", "arrow", "atlas"];
const QUESTION = "Join this session?";

/** Somewhere that an invitation leads to, and how many went there. */
async function somewhere(t) {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const visits = [];
  server.on("connection", (socket) => visits.push(socket.destroy()));
  const address = `127.0.0.1:${server.address().port}`;
  return { address, visits, invitation: `hearth://${address}/#${SECRET}.${FINGERPRINT}` };
}

/** Starts the app once more, as the system does for a link. */
async function startAgain({ data, desktop }, argument) {
  const env = { ...desktop.env, HEARTH_DATA: data };
  const [code] = await once(
    spawn(process.env.HEARTH, [argument], { env, stdio: "ignore" }),
    "exit",
  );
  assert.equal(code, 0);
}

async function sees(window, address) {
  await window.see(QUESTION);
  await window.see(address);
  for (const word of WORDS) await window.see(word);
  assert.ok(!(await window.text()).includes(SECRET), "what opens the door is not on the screen");
}

test("a second start hands its invitation to the first one, which asks", async (t) => {
  const place = await open(t, { tray: true });
  const { window, data, desktop } = place;
  const { address, visits, invitation } = await somewhere(t);
  await startAgain(place, invitation);
  await sees(window, address);
  assert.deepEqual(await desktop.windows(), ["Hearth"]);
  await window.click("Cancel");
  await window.see("Host a session");
  await until("the question is gone", async () => !(await window.text()).includes(QUESTION));
  // Said no to, it is forgotten; and nobody went there before.
  assert.equal(await window.invoke("join_asked"), null);
  assert.deepEqual(visits, []);
  const [log] = await readdir(join(data, "logs"));
  const logged = await readFile(join(data, "logs", log), "utf8");
  assert.ok(logged.includes(address) && !logged.includes(SECRET));
});

test("an invitation that starts the app is shown by it", async (t) => {
  const place = await openDesktop(t);
  const { address, visits, invitation } = await somewhere(t);
  const window = await openWindow(t, place, undefined, [invitation]);
  await sees(window, address);
  assert.deepEqual(visits, []);
});

test("who is hosting is asked over the session, which goes on", async (t) => {
  const place = await open(t, { tray: true });
  const { window } = place;
  await window.invoke("host_session", { request: REQUEST });
  await window.run("location.reload()");
  await window.see("Nobody here yet");
  const { invitation } = await somewhere(t);
  await startAgain(place, invitation);
  await window.see("Stop hosting before you join another one.");
  await window.click("Cancel");
  assert.notEqual(await window.invoke("hosting"), null);
});

test("what is no invitation is said so", async (t) => {
  const place = await open(t, { tray: true });
  for (const argument of ["hearth://", "hearth://here:1/path#a.b", "HEARTH:nonsense"]) {
    await startAgain(place, argument);
    await place.window.see("That link is not an invitation");
    await place.window.click("Close");
    await place.window.see("Host a session");
  }
});

test("the app says what it is known by, and that the folder holds the key", async (t) => {
  const { window, data } = await open(t);
  const { fingerprint, key } = await window.invoke("known_by");
  assert.match(fingerprint, /^[0-9a-f]{64}$/);
  assert.equal(key, "folder");
  assert.ok((await readdir(data)).includes("identity.key"));
  await window.click("Settings");
  await window.see("in the folder you chose");
});
