// A copy is of use while its host is away, and in step with it when it is back.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { copyFile, mkdtemp, rename, rm } from "node:fs/promises";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { test } from "node:test";

import { Copy, backup, linked } from "./support/copy.mjs";
import { Host, PROGRAM } from "./support/host.mjs";

const ANYONE = ["--admit", "anyone"];
const run = promisify(execFile);

/** A host and a copy of its session, with somebody at each who hears everything. */
async function pair(t, options = ANYONE) {
  const host = await Host.start(t, options);
  const { port } = new URL(host.url);
  const copy = await Copy.start(t, [`127.0.0.1:${port}`, "--name", "Ben"]);
  const hostess = await host.enterAsHost("Mina");
  const { rooms } = (await hostess.thanks()).snapshot;
  const ben = await copy.own();
  await ben.thanks();
  await linked(ben, "live");
  return { host, copy, hostess, ben, room: rooms[0].id, port };
}

/** The host again, on the port where its copies look for it. */
const again = (host, port) => host.run(["--listen", `127.0.0.1:${port}`, ...ANYONE]);

/** All messages of a room, as somebody sees them. */
async function messages(client, room) {
  const { messages } = await client.call("message:list", { room, limit: 500 });
  return messages.map(({ body }) => body);
}

test("what is written at either end is seen at the other", async (t) => {
  const { hostess, ben, room } = await pair(t);
  await hostess.call("message:send", { room, body: "from the host" });
  await ben.take("messageposted", ({ message }) => message.body === "from the host");
  const { note } = await ben.call("note:create", { room, title: "Shared", body: "One" });
  await hostess.take("notecreated", (fact) => fact.note.key === note.key);
  const changes = [{ from: 3, insert: " two" }];
  await hostess.call("note:update", { key: note.key, version: 1, changes });
  await ben.take("note versions", ({ notes }) => notes.some(({ version }) => version === 2));
  assert.equal((await ben.call("note:read", { key: note.key })).note.body, "One two");
  const told = await ben.call("message:send", { room, body: "from the copy" });
  assert.equal(told.pending, undefined);
  assert.ok(told.seq > 0, "the host's own number");
  await hostess.take("messageposted", ({ message }) => message.body === "from the copy");
});

test("what is written while the host is away waits on disk, and arrives once", async (t) => {
  const { host, copy, ben, room, port } = await pair(t);
  await host.kill();
  await linked(ben, "away");
  const id = randomUUID();
  const sent = await ben.call("message:send", { id, room, body: "while away" });
  assert.equal(sent.pending, true);
  const shown = await ben.take("messageposted", ({ message }) => message.body === "while away");
  assert.equal(shown.pending, true);
  assert.equal(shown.seq, undefined);
  const note = await ben.call("note:create", { room, title: "Written away", body: "Still here" });
  assert.equal(note.pending, true);
  // And also the program itself may end from one moment to the next.
  await copy.kill();
  await copy.run([]);
  const back = await copy.back(ben.token, ben.member);
  await back.thanks();
  assert.deepEqual(
    (await messages(back, room)).filter((body) => body === "while away"),
    ["while away"],
  );
  await again(host, port);
  const real = await back.take("messageposted", ({ message }) => message.id === id);
  assert.ok(real.seq > 0);
  const ann = await host.enter("Ann", {});
  await ann.thanks();
  const { notelist } = await ann.call("note:list", { room });
  assert.ok(notelist.some(({ title }) => title === "Written away"));
  const there = (await messages(ann, room)).filter((body) => body === "while away");
  assert.deepEqual(there, ["while away"]);
});

test("a copy begins while its host is away, and can be read and searched", async (t) => {
  const { host, copy, hostess, ben, room } = await pair(t);
  const body = "The quick brown fox";
  await hostess.call("note:create", { room, title: "Fox", body });
  await ben.take("notecreated");
  await copy.stop();
  await host.kill();
  await copy.run([]);
  assert.equal(copy.session, host.session);
  const back = await copy.back(ben.token, ben.member);
  const { snapshot } = await back.thanks();
  assert.ok(snapshot.notes.some(({ title }) => title === "Fox"));
  const { notes } = await back.call("search", { query: "brown" });
  assert.equal(notes.length, 1);
  await assert.rejects(back.call("session:invite"), { code: "offline" });
});

test("an argument that was of use once does no harm while the host is away", async (t) => {
  const { host, copy, ben, port } = await pair(t);
  await copy.stop();
  await host.kill();
  await copy.run([`127.0.0.1:${port}`]);
  await copy.back(ben.token, ben.member);
});

test("a host that answers again is found, wherever it was, and what was missed is copied", async (t) => {
  const { host, ben, room, port } = await pair(t);
  await host.stop();
  await linked(ben, "away");
  await host.run(ANYONE);
  const ann = await host.enter("Ann", {});
  const { rooms } = (await ann.thanks()).snapshot;
  assert.equal(rooms[0].id, room);
  for (const body of ["one", "two", "three"]) await ann.call("message:send", { room, body });
  await host.stop();
  await again(host, port);
  await ben.take("messageposted", ({ message }) => message.body === "three");
  assert.deepEqual((await messages(ben, room)).slice(-3), ["one", "two", "three"]);
});

test("another host at the same address is not taken for the one that is away", async (t) => {
  const { host, ben, room, port } = await pair(t);
  await host.stop();
  await linked(ben, "away");
  const other = await Host.prepare(t);
  await other.run(["--listen", `127.0.0.1:${port}`, ...ANYONE]);
  const sent = await ben.call("message:send", { room, body: "for Mina alone" });
  assert.equal(sent.pending, true);
  await other.stop();
  await again(host, port);
  await ben.take("messageposted", ({ seq, message }) => seq && message.body === "for Mina alone");
});

test("who is taken out of the session hears nothing more within a second, and keeps the copy", async (t) => {
  const { hostess, ben, room } = await pair(t);
  const began = Date.now();
  await hostess.call("member:remove", { member: ben.member.id });
  await linked(ben, "away", 5_000);
  assert.ok(Date.now() - began < 1_000);
  await hostess.call("message:send", { room, body: "not for Ben" });
  assert.ok(!(await messages(ben, room)).includes("not for Ben"));
});

test("a backup made while everybody writes is whole, and can be hosted", async (t) => {
  const { host, copy, hostess, ben, room } = await pair(t);
  const folder = await mkdtemp(join(tmpdir(), "hearth-backup-"));
  t.after(() => rm(folder, { recursive: true }));
  let writing = true;
  const write = async (client, name) => {
    let written = 0;
    for (; writing; written++) {
      await client.call("message:send", { room, body: `${name} ${written}` }).catch((error) => {
        if (error.code !== "rate_limited") throw error;
      });
    }
  };
  const writers = [write(hostess, "host"), write(ben, "copy")];
  const before = await messages(hostess, room);
  for (const one of [host, copy]) {
    const to = join(folder, one === host ? "of-host.hearth" : "of-copy.hearth");
    await run(PROGRAM, ["backup", "--data", one.data, to]);
    await assert.rejects(run(PROGRAM, ["backup", "--data", one.data, to]), { code: 2 });
  }
  writing = false;
  await Promise.all(writers);
  const restored = await Host.prepare(t);
  await copyFile(join(folder, "of-host.hearth"), join(restored.data, "session.hearth"));
  await restored.run(ANYONE);
  const ann = await restored.enter("Ann", {});
  const after = await messages(ann, room);
  assert.deepEqual(after.slice(0, before.length), before);
});

test("a host that does not move any more is noticed, and what was written arrives once", async (t) => {
  const { host, hostess, ben, room } = await pair(t);
  host.process.kill("SIGSTOP");
  t.after(() => host.process.kill("SIGCONT"));
  // It went out, and nobody knows whether it arrived: so it waits, under its id.
  const sent = await ben.call("message:send", { room, body: "still there?" });
  assert.equal(sent.pending, true);
  host.process.kill("SIGCONT");
  await ben.take("messageposted", ({ seq, message }) => seq && message.body === "still there?");
  const heard = await hostess.take("messageposted");
  assert.equal(heard.message.body, "still there?");
  const all = await messages(hostess, room);
  assert.equal(all.filter((body) => body === "still there?").length, 1);
});

test("a host that goes back to an earlier state is copied anew, and the copy from before is kept", async (t) => {
  const { host, copy, hostess, ben, room, port } = await pair(t);
  const goBack = await backup(host);
  await hostess.call("message:send", { room, body: "of the history that ends" });
  await ben.take("messageposted");
  await goBack();
  await again(host, port);
  const kept = await copy.setAside();
  const ann = await host.enter("Ann", {});
  await ann.call("message:send", { room, body: "of the history that goes on" });
  await copy.stop();
  await copy.run([]);
  const back = await copy.own();
  await back.thanks();
  await linked(back, "live");
  assert.deepEqual(await messages(back, room), ["of the history that goes on"]);
  // What was set aside is whole: it can be gone on with by itself.
  const aside = await Host.prepare(t);
  await rename(kept, join(aside.data, "session.hearth"));
  await aside.run(ANYONE);
  const eve = await aside.enter("Eve", {});
  assert.deepEqual(await messages(eve, room), ["of the history that ends"]);
});

test("2: a folder with a copy is not hosted by a slip, and a backup of it is", async (t) => {
  const { copy, ben, room } = await pair(t);
  await ben.call("message:send", { room, body: "mine too" });
  await copy.stop();
  const slip = new Host(t, copy.data);
  await assert.rejects(slip.run(ANYONE), /keeps a copy of somebody else's session/);
  assert.equal(slip.process.exitCode, 2);
  const own = await Host.prepare(t);
  await run(PROGRAM, ["backup", "--data", copy.data, join(own.data, "session.hearth")]);
  await own.run(ANYONE);
  assert.equal(own.session, copy.session);
  const eve = await own.enter("Eve", {});
  assert.deepEqual(await messages(eve, room), ["mine too"]);
});
