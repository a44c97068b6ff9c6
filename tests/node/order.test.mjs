// A socket's calls take effect in the order sent, a read sees the writes before it, and answers
// keep that order, however many are on their way at once.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";

import { Polling, Raw } from "./support/engine.mjs";
import { Follower, wholeLog } from "./support/follower.mjs";
import { Host } from "./support/host.mjs";
import { LONG } from "./support/long.mjs";
import { pipeline } from "./support/pipeline.mjs";
import { random } from "./support/random.mjs";

const CALLS = LONG ? 100_000 : 10_000;
const OUTSTANDING = 64;
const GUESTS = 12;
/** So many that none gets a long history, which costs time and is tested elsewhere. */
const NOTES = 24;

test(`${CALLS} calls of one client, ${OUTSTANDING} of them outstanding, take effect in order`, async (t) => {
  const host = await Host.start(t, ["--admit", "anyone", "--limits", "off"]);
  const ann = await host.enter("Ann");
  const model = await Model.prepare(ann, random(t));
  assert.equal(await pipeline(ann, model.calls(CALLS), OUTSTANDING), CALLS);
  for (const room of model.rooms) {
    assert.deepEqual(await allMessages(ann, room.id), room.bodies);
  }
  for (const { key, title, version, body } of model.notes) {
    const { note } = await ann.call("note:read", { key });
    assert.deepEqual([note.title, note.version, note.body], [title, version, body]);
  }
});

test("calls that are refused are answered in their turn", async (t) => {
  const host = await Host.start(t, ["--admit", "anyone", "--limits", "off"]);
  const ann = await host.enter("Ann");
  const { rooms } = await ann.call("room:list");
  const room = rooms[0].id;
  const codes = [];
  const expected = [];
  const call = (name, payload, code) => {
    expected.push(code);
    const answered = (answer) => codes.push(answer.error?.code ?? "ok");
    return { name, payload, answered };
  };
  const calls = Array.from({ length: 50 }, () => [
    call("message:send", { room, body: "x" }, "ok"),
    call("no:such", {}, "bad_request"),
    call("message:send", { room, body: "" }, "bad_request"),
    call("note:create", { room, title: "T", body: "text" }, "ok"),
    call("note:read", { key: randomUUID() }, "not_found"),
    call("note:update", { key: randomUUID(), title: "T" }, "not_found"),
    call("session:update", { name: "Mine" }, "forbidden"),
    call("note:count", {}, "ok"),
  ]).flat();
  await pipeline(ann, calls, OUTSTANDING);
  assert.deepEqual(codes, expected);
});

test("what is told while clients go over from polling to a WebSocket comes to them in order", async (t) => {
  const host = await Host.start(t, ["--admit", "anyone", "--limits", "off"]);
  const ann = await host.enter("Ann");
  const { rooms } = await ann.call("room:list");
  const say = () => ann.call("message:send", { room: rooms[0].id, body: "still here" });
  let here = false;
  const flooding = pipeline(
    ann,
    flood(rooms[0].id, () => !here),
    OUTSTANDING,
  );
  const guests = [];
  for (let number = 0; number < GUESTS; number += 1) guests.push(await goesOver(host, number));
  here = true;
  await flooding;
  // From here on each is told past the queues of the library, which may hold something back.
  const told = () => host.log.split("is told past the library from here").length - 1;
  let last = await say();
  for (let number = 0; told() < GUESTS; number += 1) {
    assert.ok(number < CALLS, `only ${told()} of ${GUESTS} are told past the library`);
    last = await say();
  }
  for (const { follower, from } of guests) {
    while (follower.since !== last.seq) await follower.heard(1);
    const heard = follower.facts.slice(from).map(({ seq }) => seq);
    const { token, since, run } = { ...follower, since: heard[0] - 1 };
    const log = await wholeLog(host.url, token, since, run);
    assert.deepEqual(
      heard,
      log.map(({ seq }) => seq),
    );
    follower.leave();
  }
});

test("what is told in the middle of going over comes after it, in order", async (t) => {
  const host = await Host.start(t, ["--admit", "anyone", "--limits", "off"]);
  const ann = await host.enter("Ann");
  const { rooms } = await ann.call("room:list");
  const say = () => ann.call("message:send", { room: rooms[0].id, body: "still here" });
  const { token } = await host.signIn("Ben", {});
  const polling = await Polling.open(host);
  await polling.join(token);
  await polling.send('420["thanks",{}]');
  for (let heard = ""; !heard.includes("430[");) heard += (await polling.receive()).text;
  const raw = await Raw.open(t, host, { query: `&sid=${polling.sid}` });
  raw.send("2probe");
  await raw.frame("3probe");
  const said = [];
  for (let number = 0; number < 8; number += 1) said.push((await say()).seq);
  raw.send("5");
  for (let number = 0; number < 8; number += 1) said.push((await say()).seq);
  const heard = [];
  for (const _ of said) {
    const frame = await raw.frame('42["messageposted"');
    heard.push(JSON.parse(frame.slice(2))[1].seq);
  }
  assert.deepEqual(heard, said);
});

function* flood(room, goOn) {
  const answered = ({ error }) => assert.equal(error, undefined);
  while (goOn()) yield { name: "message:send", payload: { room, body: "still here" }, answered };
}

/** Somebody who begins with polling, listens, and has gone over when this resolves. */
async function goesOver(host, number) {
  const { token } = await host.signIn(`Guest ${number}`, {});
  const follower = new Follower(token);
  await follower.connect(host.url, { transports: ["polling", "websocket"] });
  const { engine } = follower.socket.io;
  const over = engine.transport.name === "websocket" || once(engine, "upgrade");
  await follower.catchUp();
  const from = follower.facts.length;
  await over;
  return { follower, from };
}

/** What has to be there after each call, worked out as the calls are sent. */
class Model {
  constructor(rooms, notes, chances) {
    Object.assign(this, { rooms, notes, chances, seq: 0 });
  }

  static async prepare(client, chances) {
    const rooms = [];
    for (const name of ["Kitchen", "Hall"]) {
      const { room } = await client.call("room:create", { name });
      rooms.push({ id: room.id, bodies: [] });
    }
    const notes = [];
    for (let number = 0; number < NOTES; number += 1) {
      const title = `note ${number}`;
      const { note } = await client.call("note:create", { room: rooms[0].id, title });
      notes.push({ key: note.key, title, version: 0, body: "" });
    }
    return new Model(rooms, notes, chances);
  }

  *calls(count) {
    for (let number = 0; number < count; number += 1) {
      const chance = this.chances.next();
      if (chance < 0.55) yield this.send(number);
      else if (chance < 0.75) yield this.write(number);
      else if (chance < 0.8) yield this.retitle(number);
      else if (chance < 0.9) yield this.readNote();
      else yield this.readMessages();
    }
  }

  send(number) {
    const room = this.chances.of(this.rooms);
    const body = `message ${number}`;
    room.bodies.push(body);
    const payload = { id: randomUUID(), room: room.id, body };
    return this.change("message:send", payload, ({ message }) => {
      assert.deepEqual([message.id, message.body], [payload.id, body]);
    });
  }

  /** Written against the version that only the calls before this one make. */
  write(number) {
    const note = this.chances.of(this.notes);
    const { key, version } = note;
    const from = this.chances.below(note.body.length + 1);
    // Short texts, so that the test is about order and not about long notes.
    const to = note.body.length > 500 ? note.body.length : from;
    const insert = `[${number}]`;
    note.body = note.body.slice(0, from) + insert + note.body.slice(to);
    note.version += 1;
    const expected = [note.version, note.body];
    const payload = { id: randomUUID(), key, version, changes: [{ from, to, insert }] };
    return this.change("note:update", payload, ({ note }) => {
      assert.deepEqual([note.version, note.body], expected);
    });
  }

  retitle(number) {
    const note = this.chances.of(this.notes);
    note.title = `title ${number}`;
    const { key, title } = note;
    return this.change("note:update", { id: randomUUID(), key, title }, ({ note }) => {
      assert.equal(note.title, title);
    });
  }

  readNote() {
    const { key, title, version, body } = this.chances.of(this.notes);
    return this.read("note:read", { key }, ({ note }) => {
      assert.deepEqual([note.title, note.version, note.body], [title, version, body]);
    });
  }

  readMessages() {
    const room = this.chances.of(this.rooms);
    const expected = room.bodies.slice(-3);
    return this.read("message:list", { room: room.id, limit: 3 }, ({ messages }) => {
      const bodies = messages.map(({ body }) => body);
      assert.deepEqual(bodies, expected);
    });
  }

  change(name, payload, check) {
    const answered = ({ ok, error }) => {
      assert.ifError(error && new Error(`${name}: ${error.message}`));
      assert.ok(ok.seq > this.seq, `${ok.seq} came after ${this.seq}`);
      this.seq = ok.seq;
      check(ok);
    };
    return { name, payload, answered };
  }

  read(name, payload, check) {
    const answered = ({ ok, error }) => {
      assert.ifError(error && new Error(`${name}: ${error.message}`));
      check(ok);
    };
    return { name, payload, answered };
  }
}

/** The bodies of all messages of a room, the oldest first. */
async function allMessages(client, room) {
  const bodies = [];
  for (let before; ;) {
    const page = await client.call("message:list", { room, before, limit: 500 });
    bodies.unshift(...page.messages.map(({ body }) => body));
    if (page.next === undefined) return bodies;
    before = page.next;
  }
}
