// Acknowledged means durable, and nothing happens twice: whatever the moment at which the host is
// killed, what it acknowledged is there once afterwards, and what it did not acknowledge can be
// sent again with the same id.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { Host } from "./support/host.mjs";
import { Follower, Lost, wholeLog } from "./support/follower.mjs";
import { LONG } from "./support/long.mjs";
import { random } from "./support/random.mjs";

const ROUNDS = LONG ? 100 : 20;
const WRITERS = 3;
const OUTSTANDING = 32;
const ANYONE = ["--admit", "anyone", "--limits", "off"];

test(`killed ${ROUNDS} times while writing, the host has everything acknowledged once`, async (t) => {
  const chances = random(t);
  const host = await Host.start(t, ANYONE);
  const people = [];
  for (let number = 0; number < WRITERS; number += 1) {
    people.push(await host.signIn(`Writer ${number}`, {}));
  }
  const room = await firstRoom(host, people[0].token);
  const all = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const calls = await writeUntilKilled(host, people, room, chances);
    all.push(...calls);
    await host.run(ANYONE);
    const before = await Contents.of(host, people[0].token, room, calls);
    for (const call of calls) before.has(call, call.answer ? [1] : [0, 1]);
    await repeat(host, people, calls, chances);
  }
  const after = await Contents.of(host, people[0].token, room, all);
  for (const call of all) after.has(call, [1]);
  const acknowledged = all.filter(({ answer }) => answer);
  t.diagnostic(`${all.length} calls, ${acknowledged.length} acknowledged before a kill`);
  const log = await wholeLog(host.url, people[0].token, 0);
  assert.deepEqual(
    postedIds(log),
    after.messages.map(({ id }) => id),
  );
});

test("a repeat after a restart is answered like the first time", async (t) => {
  const host = await Host.start(t, ANYONE);
  const { token, member } = await host.signIn("Ann", {});
  const other = await host.signIn("Ben", {});
  const client = await connect(host, token);
  const calls = [];
  const change = async (name, payload) => {
    const call = { name, payload: { id: randomUUID(), ...payload } };
    calls.push(Object.assign(call, { answer: await client.ask(name, call.payload) }));
    return call.answer;
  };
  const { room } = await change("room:create", { name: "Kitchen", topic: "Food" });
  const { message } = await change("message:send", { room: room.id, body: "First" });
  await change("message:edit", { message: message.id, body: "Second" });
  const { note } = await change("note:create", { room: room.id, title: "T", body: "one" });
  const { key } = note;
  await change("note:update", { key, version: 1, body: "one two" });
  await change("note:update", { key, version: 2, changes: [{ from: 0, insert: "zero " }] });
  await change("note:update", { key, title: "Title" });
  await change("note:update", { key, title: "Both", version: 3, body: "all new" });
  await change("note:destroy", { key });
  await change("note:restore", { key });
  await change("room:direct", { member: other.member.id });
  await change("room:invite", { room: room.id, member: other.member.id });
  await change("room:update", { room: room.id, topic: "Drinks" });
  await change("member:update", { name: "Anna" });
  await change("message:destroy", { message: message.id });
  const { head } = await client.ask("thanks", {});
  await host.kill();
  await host.run(ANYONE);
  const again = await connect(host, token);
  for (const { name, payload, answer } of calls) {
    const repeated = await again.ask(name, payload);
    const [first, second] = [answer, repeated].map((it) => lasting(it, payload, message.id));
    assert.deepEqual(second, first, name);
  }
  for (const { name, payload } of calls) {
    const changed = { ...payload, ...otherContents(name, payload, member.id) };
    await assert.rejects(again.ask(name, changed), { code: "conflict" }, name);
  }
  const now = await again.ask("thanks", {});
  // One fact more: this run began.
  assert.equal(now.head, head + 1);
  again.leave();
});

test("an id is its member's own, and a refusal is not remembered", async (t) => {
  const host = await Host.start(t, ANYONE);
  const [ann, ben] = [await host.enter("Ann"), await host.enter("Ben")];
  const { rooms } = await ann.call("room:list");
  const room = rooms[0].id;
  const id = randomUUID();
  await assert.rejects(ann.call("message:send", { id, room, body: "" }), { code: "bad_request" });
  const first = await ann.call("message:send", { id, room, body: "Mine" });
  assert.deepEqual(await ann.call("message:send", { id, room, body: "Mine" }), first);
  await assert.rejects(ann.call("message:send", { id, room, body: "Other" }), { code: "conflict" });
  await assert.rejects(ben.call("message:send", { id, room, body: "Mine" }), { code: "conflict" });
  const { member } = await ben.call("member:update", { id, name: "Benjamin" });
  assert.equal(member.name, "Benjamin");
  const { messages } = await ann.call("message:list", { room });
  assert.deepEqual(messages, [first.message]);
});

test("the same call sent twice at once happens once and is answered twice", async (t) => {
  const host = await Host.start(t, ANYONE);
  const ann = await host.enter("Ann");
  const second = host.client({ auth: { token: ann.token } });
  await second.connected();
  const { rooms } = await ann.call("room:list");
  const room = rooms[0].id;
  for (let number = 0; number < 50; number += 1) {
    const payload = { id: randomUUID(), room, body: `once ${number}` };
    const answers = await Promise.all(
      [ann, second, ann, second].map((client) => client.call("message:send", payload)),
    );
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
  }
  const { messages } = await ann.call("message:list", { room, limit: 500 });
  assert.equal(messages.length, 50);
});

/** Everybody writes; the host is killed at some moment. Every call sent, with its answer if any. */
async function writeUntilKilled(host, people, room, chances) {
  const clients = await Promise.all(people.map(({ token }) => connect(host, token)));
  const calls = [];
  const killAfter = chances.below(150);
  let killed;
  const acknowledged = () => calls.filter(({ answer }) => answer).length;
  const killWhenDue = () => {
    if (acknowledged() >= killAfter) killed ??= host.kill();
  };
  const lane = async (client, person) => {
    while (client.socket.connected && !killed) {
      const call = someCall(calls, room, chances);
      calls.push(Object.assign(call, { person }));
      const answer = await client.ask(call.name, call.payload).catch(onlyLost);
      call.answer = answer;
      killWhenDue();
    }
  };
  const lanes = clients.flatMap((client, person) =>
    Array.from({ length: OUTSTANDING }, () => lane(client, person)),
  );
  killWhenDue();
  await Promise.all(lanes);
  await killed;
  clients.forEach((client) => client.leave());
  return calls;
}

/** The connection is gone, and the answer with it; anything else was not to be expected. */
function onlyLost(error) {
  if (!(error instanceof Lost)) throw error;
}

function someCall(calls, room, chances) {
  const id = randomUUID();
  const chance = chances.next();
  const notes = calls.filter(({ name, answer }) => name === "note:create" && answer);
  if (chance < 0.15) {
    return { name: "note:create", payload: { id, room, title: "Note", body: `made ${id}` } };
  }
  if (chance < 0.4 && notes.length > 0) {
    const { key } = chances.of(notes).answer.note;
    const changes = [{ from: 0, insert: `<${id}>` }];
    return { name: "note:update", payload: { id, key, version: 0, changes } };
  }
  return { name: "message:send", payload: { id, room, body: `message ${id}` } };
}

/** Sends again what has no answer, and a few that have; nobody can tell that it is a repeat. */
async function repeat(host, people, calls, chances) {
  const clients = await Promise.all(people.map(({ token }) => connect(host, token)));
  const again = calls.filter(({ answer }) => !answer || chances.chance(0.2));
  await Promise.all(
    again.map(async ({ name, payload, person, answer }) => {
      const repeated = await clients[person].ask(name, payload);
      if (answer && name === "message:send") assert.deepEqual(repeated, answer);
      if (answer) assert.equal(repeated.seq, answer.seq);
    }),
  );
  const [conflicting] = calls.filter(({ name }) => name === "message:send");
  if (conflicting) {
    const payload = { ...conflicting.payload, body: "Something else" };
    const other = clients[conflicting.person].ask("message:send", payload);
    await assert.rejects(other, { code: "conflict" });
  }
  clients.forEach((client) => client.leave());
}

/** What is in a room: every message, every note, and texts. */
class Contents {
  /** The texts are those of the notes that `calls` are about: reading all each time takes long. */
  static async of(host, token, room, calls) {
    const client = await connect(host, token);
    const messages = [];
    for (let before; ;) {
      const page = await client.ask("message:list", { room, before, limit: 500 });
      messages.unshift(...page.messages);
      if (page.next === undefined) break;
      before = page.next;
    }
    const keys = [];
    for (let after; ;) {
      const page = await client.ask("note:list", { room, after, limit: 1_000 });
      keys.push(...page.notelist.map(({ key }) => key));
      if (page.next === undefined) break;
      after = page.next;
    }
    const notes = new Map();
    const written = new Set(calls.map(({ payload }) => payload.key ?? payload.id));
    for (const key of keys.filter((key) => written.has(key))) {
      notes.set(key, (await client.ask("note:read", { key })).note);
    }
    client.leave();
    return new Contents(messages, keys, notes);
  }

  constructor(messages, keys, notes) {
    Object.assign(this, { messages, keys, notes });
    this.counts = new Map();
    const found = [
      ...messages.map(({ id }) => id),
      ...keys,
      ...[...notes.values()].flatMap(({ body }) =>
        [...body.matchAll(/<(.*?)>/g)].map(([, id]) => id),
      ),
    ];
    for (const id of found) this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
    this.byId = new Map(messages.map((message) => [message.id, message]));
  }

  /** Checks that what a call made is there as often as it may be, and as it was acknowledged. */
  has({ name, payload, answer }, times) {
    const count = this.counts.get(payload.id) ?? 0;
    assert.ok(times.includes(count), `${name} ${payload.id} is there ${count} times`);
    if (name === "message:send" && answer) {
      assert.deepEqual(this.byId.get(payload.id), answer.message);
    }
    if (name === "note:create" && answer) {
      assert.ok(this.notes.get(payload.id).body.includes(payload.body));
    }
  }
}

/**
 * What of an answer is the same at any time. How many are in a room is what is true now, the text
 * of a message that was taken back is gone from the log too, and what is written about an edit of a
 * note's text says nothing about its title.
 */
function lasting(answer, payload, takenBack) {
  const { room, message, note, ...rest } = structuredClone(answer);
  if (room) for (const field of ["joined", "members", "unread"]) delete room[field];
  if (message?.id === takenBack) message.body = "";
  if (note && (payload.body ?? payload.changes) && !payload.title) delete note.title;
  return { room, message, note, ...rest };
}

function otherContents(name, payload, someId) {
  if (payload.title !== undefined) return { title: "Something else" };
  if (payload.name !== undefined) return { name: "Something else" };
  if (payload.body !== undefined) return { body: "Something else" };
  if (payload.changes !== undefined) return { changes: [] };
  if (payload.topic !== undefined) return { topic: "Something else" };
  if (payload.key !== undefined) return { key: someId };
  if (payload.member !== undefined) return { member: someId };
  return { message: someId };
}

function postedIds(log) {
  return log.filter(({ name }) => name === "messageposted").map(({ message }) => message.id);
}

async function firstRoom(host, token) {
  const client = await connect(host, token);
  const { rooms } = await client.ask("room:list", {});
  client.leave();
  return rooms[0].id;
}

async function connect(host, token) {
  const client = new Follower(token);
  await client.connect(host.url, { transports: ["websocket"] });
  return client;
}
