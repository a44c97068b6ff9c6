// A disk that is full, at either end of a copy's link: it is said, nothing is lost, and it goes on
// by itself when there is room.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";

import { Copy, everything, linked, patiently } from "./support/copy.mjs";
import { Disk } from "./support/disk.mjs";
import { GIF, fetch } from "./support/files.mjs";
import { Host } from "./support/host.mjs";

const ANYONE = ["--admit", "anyone", "--limits", "off"];
/** Room is noticed at the latest after one look at the disk, one pause, and one link. */
const NOTICED_MS = 30_000;
const LONG_BODY = "x".repeat(3_900);

test("a copy whose disk is full says so, loses nothing, and goes on when there is room", async (t) => {
  const disk = await Disk.mount(t, "300m");
  if (!disk) return;
  const host = await Host.start(t, ANYONE);
  const { copy, ben, hostess, room } = await joined(t, host, disk);
  disk.fill();
  // The host tells more than the disk takes.
  const told = 40;
  for (let number = 0; number < told; number += 1) {
    await hostess.call("message:send", { room, body: `${number} ${LONG_BODY}` });
  }
  const full = await linked(ben, ({ why }) => why === "disk_full");
  assert.notEqual(full.state, "live");
  await copy.said(/disk of this computer is full/);
  // What cannot be kept is not answered as if it were.
  const unkept = await refused(ben, { room, body: `unkept ${LONG_BODY}` });
  assert.match(unkept.message, /this computer/);
  // What is here is read as ever.
  assert.ok((await messages(ben, room)).length < told);

  await disk.clear();
  await linked(ben, ({ state, why }) => state === "live" && !why, NOTICED_MS);
  await sent(ben);
  const all = await messages(ben, room);
  assert.equal(all.filter((body) => /^\d+ x/.test(body)).length, told);
  const last = await patiently(ben, "message:send", { room, body: "room again" });
  assert.equal(last.pending, undefined);
  assert.deepEqual(await everything(ben), await everything(hostess));
});

test("on a disk that is full nothing is written down for later, and all that was is sent", async (t) => {
  const disk = await Disk.mount(t, "300m");
  if (!disk) return;
  const host = await Host.start(t, ANYONE);
  const { copy, ben, hostess, room, port } = await joined(t, host, disk);
  await host.kill();
  await linked(ben, "away");
  const kept = [];
  const send = async (body) => {
    const id = randomUUID();
    const answer = await patiently(ben, "message:send", { id, room, body });
    assert.equal(answer.pending, true);
    kept.push(id);
  };
  await send("while there is room");
  disk.fill();
  const sendOn = async () => {
    for (;;) await send(LONG_BODY);
  };
  await assert.rejects(sendOn, (error) => {
    assert.equal(error.code, "storage_full");
    assert.match(error.message, /disk of this computer is full/);
    return true;
  });
  const waiting = (await ben.call("outbox:list")).waiting;
  assert.equal(waiting, kept.length, "nothing waits but what was answered so");
  await copy.kill();
  await disk.clear();
  await copy.run([]);
  const back = await copy.back(ben.token, ben.member);
  const again = await back.call("message:send", { id: randomUUID(), room, body: "room again" });
  assert.equal(again.pending, true);
  await host.run(["--listen", `127.0.0.1:${port}`, ...ANYONE]);
  await sent(back);
  const reader = await reading(host, hostess);
  const posted = (await everything(reader)).filter(({ name }) => name === "messageposted");
  assert.deepEqual(posted.map(({ id }) => id).slice(0, kept.length), kept);
  assert.equal(posted.length, kept.length + 1);
});

test("little room is kept free, by a copy too, for whoever else uses the computer", async (t) => {
  const disk = await Disk.mount(t, "300m");
  if (!disk) return;
  const host = await Host.start(t, ANYONE);
  const { copy, ben, room } = await joined(t, host, disk);
  disk.fill(150 * 1_024 * 1_024);
  await host.kill();
  await linked(ben, "away");
  // It looks every few seconds.
  const { message } = await refused(ben, { room, body: "too late" });
  assert.match(message, /disk of this computer is full/);
  const file = await bring(copy, ben, room);
  assert.equal(file.status, 507);
  assert.match((await file.json()).error.message, /disk of this computer is full/);
  await disk.clear();
  await until(() => ben.call("message:send", { room, body: "room again" }));
});

test("what a host has no room for waits in the copies, and is sent when there is room", async (t) => {
  const disk = await Disk.mount(t, "2m");
  if (!disk) return;
  const options = ["--admit", "anyone", "--limits", "off,free_disk_bytes=0"];
  const host = disk.holds(new Host(t, disk.path));
  await host.run(options);
  const { copy, ben, hostess, room } = await joined(t, host);
  disk.fill();
  const made = [];
  let pending = 0;
  const key = randomUUID();
  while (pending < 5) {
    const id = randomUUID();
    const answer = await patiently(ben, "message:send", { id, room, body: LONG_BODY });
    made.push(id);
    if (answer.pending) pending += 1;
    else assert.equal(pending, 0, "what comes later waits too");
  }
  // And so does what builds on it.
  const note = await patiently(ben, "note:create", { id: key, room, title: "Later" });
  assert.equal(note.pending, true);
  await patiently(ben, "note:update", { key, version: 0, body: "Written all the same" });
  await linked(ben, ({ state, why }) => state === "live" && why === "host_disk_full");
  await copy.said(/The host's disk is full/);
  // A file waits like any call.
  const file = await bring(copy, ben, room);
  assert.equal(file.status, 201);
  assert.equal((await ben.call("outbox:list")).waiting, pending + 3);
  // What only the host can do is refused by the host, with its reason.
  await assert.rejects(hostess.call("session:update", { name: LONG_BODY.slice(0, 30) }), {
    code: "storage_full",
  });
  assert.deepEqual((await ben.call("outbox:list")).refused, []);

  disk.resize("16m");
  await sent(ben);
  await linked(ben, ({ why }) => !why);
  const posted = (await everything(hostess)).filter(({ name }) => name === "messageposted");
  assert.deepEqual(
    posted.map(({ id }) => id),
    made,
  );
  assert.equal((await hostess.call("note:read", { key })).note.body, "Written all the same");
  assert.deepEqual(await everything(ben), await everything(hostess));
});

test("a file that a session has no room for is given back, and holds nothing up", async (t) => {
  const options = ["--admit", "anyone", "--limits", "off,files_bytes=10"];
  const host = await Host.start(t, options);
  const { copy, ben, hostess, room, port } = await joined(t, host);
  await host.kill();
  await linked(ben, "away");
  assert.equal((await bring(copy, ben, room)).status, 201);
  await ben.call("message:send", { room, body: "behind it" });
  await host.run(["--listen", `127.0.0.1:${port}`, ...options]);
  const refused = await ben.take("refused");
  assert.equal(refused.call.name, "file:add");
  assert.equal(refused.error.code, "storage_full");
  assert.match(refused.error.message, /would take more than 10 bytes together/);
  await sent(ben);
  const reader = await reading(host, hostess);
  assert.deepEqual(await messages(reader, room), ["behind it"]);
});

test("a host that keeps some room free refuses nothing for good either", async (t) => {
  const disk = await Disk.mount(t, "64m");
  if (!disk) return;
  const low = ["--admit", "anyone", "--limits", "off,free_disk_bytes=33554432"];
  const host = disk.holds(new Host(t, disk.path));
  await host.run(low);
  const { ben, hostess, room, port } = await joined(t, host);
  disk.fill(40 * 1_024 * 1_024);
  await until(async () => {
    const { pending } = await patiently(ben, "message:send", { room, body: "now or later" });
    assert.ok(pending);
  });
  await assert.rejects(hostess.call("message:send", { room, body: "no" }), {
    code: "storage_full",
  });
  // Written while the host is away, and brought to a host that is full.
  await host.kill();
  await linked(ben, "away");
  const id = randomUUID();
  assert.ok((await patiently(ben, "message:send", { id, room, body: "last" })).pending);
  await host.run(["--listen", `127.0.0.1:${port}`, ...low]);
  await linked(ben, ({ why }) => why === "host_disk_full");
  await disk.clear();
  await sent(ben);
  const reader = await reading(host, hostess);
  const last = (await everything(reader)).filter((fact) => fact.id === id);
  assert.equal(last.length, 1);
  assert.deepEqual((await ben.call("outbox:list")).refused, []);
});

/** A copy of a host's session, on `disk` where one is given, with somebody at each end. */
async function joined(t, host, disk) {
  const { port } = new URL(host.url);
  const copy = disk ? disk.holds(new Copy(t, disk.path)) : await Copy.prepare(t);
  await copy.run([`127.0.0.1:${port}`, "--name", "Ben"]);
  const hostess = await host.enterAsHost("Mina");
  const { rooms } = await hostess.call("room:list");
  const ben = await copy.own();
  await ben.thanks();
  await linked(ben, "live");
  return { copy, ben, hostess, room: rooms[0].id, port };
}

/** The same person at the host again, after it was started again. */
async function reading(host, { token }) {
  const client = host.client({ auth: { token } });
  await client.connected();
  return client;
}

/** Brings a picture through the copy. */
async function bring({ url }, { token }, room) {
  const headers = { authorization: `Bearer ${token}` };
  const file = `${url}/files?room=${room}&name=dot.gif`;
  return fetch(file, { method: "POST", body: GIF, headers });
}

async function messages(client, room) {
  const { messages } = await client.call("message:list", { room, limit: 500 });
  return messages.map(({ body }) => body);
}

/** Sends until there is no room for it; answers how that is said. */
async function refused(client, payload) {
  let error;
  await until(async () => {
    error = await patiently(client, "message:send", payload).then(
      () => assert.fail("it was taken"),
      (refusal) => refusal,
    );
    assert.equal(error.code, "storage_full");
  });
  return error;
}

/** Tries until it comes out well. */
async function until(attempt) {
  for (const late = Date.now() + NOTICED_MS; ;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > late) throw error;
    }
    await sleep(100);
  }
}

/** Waits until nothing waits for the host any more. */
function sent(client) {
  return until(async () => assert.equal((await client.call("outbox:list")).waiting, 0));
}
