// A joined app's copy: whatever happens and however often it is cut off, what it was told amounts to
// what its member may see, all of it and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Commotion } from "./support/commotion.mjs";
import { Lost } from "./support/follower.mjs";
import { Host } from "./support/host.mjs";
import { LONG } from "./support/long.mjs";
import { random } from "./support/random.mjs";
import { Replica, bodyOf, sightOf } from "./support/replica.mjs";

const DISCONNECTS = LONG ? 1_000 : 100;
const ANYONE = ["--admit", "anyone", "--limits", "off"];

test(`a copy that is cut off ${DISCONNECTS} times is what its member may see`, async (t) => {
  const chances = random(t);
  const host = await Host.start(t, ANYONE);
  const people = [];
  for (const name of ["Me", "Ann", "Ben", "Cleo"]) people.push(await host.enter(name));
  const [me] = people;
  const commotion = new Commotion(people, chances);
  await commotion.begin();
  const running = [commotion.run(), commotion.run(), commotion.run()];
  const copy = new Replica(me.token, me.member.id);
  for (let number = 0; number < DISCONNECTS; number += 1) await visit(host, copy, chances);
  commotion.stop();
  await Promise.all(running);
  await copy.connect(host.url);
  await copy.catchUp();
  await copy.settle();
  t.diagnostic(
    `${commotion.done} calls, ${copy.facts.length} facts, ${copy.pasts} pasts, ${copy.losses} losses`,
  );
  assert.ok(copy.pasts > 5 && copy.losses > 5);
  await isWhatMayBeSeen(copy, me);

  const fresh = new Replica(me.token, me.member.id);
  await fresh.connect(host.url);
  await fresh.catchUp();
  await fresh.settle();
  await isWhatMayBeSeen(fresh, me);
  assert.deepEqual(inSight(copy), inSight(fresh));
  for (const one of [copy, fresh]) one.leave();
});

/** Comes back, hears some of what happens, and is cut off at some point of that. */
async function visit(host, copy, chances) {
  await copy.connect(host.url);
  const way = chances.of(["drop", "tear", "leave"]);
  try {
    const caughtUp = copy.catchUp({ batch: chances.chance(0.5) });
    if (chances.chance(0.2)) {
      setImmediate(() => copy[way]());
    }
    await caughtUp;
    await copy.heard(chances.below(12));
    await copy.settle();
    await copy.heard(chances.below(6));
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
  }
  copy[way]();
  await copy.gone;
}

async function isWhatMayBeSeen(copy, client) {
  const seen = await sightOf(client);
  const kept = copy.session();
  assert.deepEqual([...kept.rooms.keys()].sort(), [...seen.rooms.keys()].sort());
  assert.deepEqual([...kept.notes.keys()].sort(), [...seen.notes.keys()].sort());
  for (const [key, note] of seen.notes) {
    const { updates, ...mine } = kept.notes.get(key);
    const { body, updated_at: _at, updated_by: _by, ...theirs } = note;
    const { updated_at: _, updated_by: __, ...ours } = mine;
    assert.deepEqual(ours, theirs);
    assert.equal(updates.length, note.version);
    assert.equal(bodyOf(updates), body);
  }
  const inRooms = [...kept.messages].filter(([, { room }]) => kept.rooms.has(room));
  assert.deepEqual(sorted(inRooms), sorted(seen.messages));
}

function sorted(messages) {
  return [...messages].map(([, message]) => message).sort((a, b) => a.seq - b.seq);
}

/**
 * What is kept, as of now: who comes late is told destroyed messages blank. What says that a note went
 * out of sight is told to whoever had it.
 */
function inSight(copy) {
  const facts = copy.sorted().filter(({ name }) => name !== "noteleft");
  const destroyed = facts.filter(({ name }) => name === "messagedestroyed");
  const blank = new Set(destroyed.map(({ message }) => message.id));
  return facts.map((fact) => {
    if (!blank.has(fact.message?.id)) return fact;
    return { ...fact, message: { ...fact.message, body: "" } };
  });
}

test("a copy hears of rooms and notes that its member has not opened, edit by edit", async (t) => {
  const host = await Host.start(t, ANYONE);
  const [ann, me] = [await host.enter("Ann"), await host.enter("Me")];
  const { room } = await ann.call("room:create", { name: "Ann's" });
  const { note } = await ann.call("note:create", { room: room.id, title: "Plan", body: "one" });
  const page = await me.thanks({ follow: "everything" });
  assert.equal(page.live, true);
  assert.deepEqual(
    page.facts.slice(-4).map(({ name }) => name),
    ["roomcreated", "roomjoined", "notecreated", "noteedited"],
  );
  assert.equal(page.next, page.head);
  me.forget();
  await ann.call("note:update", { key: note.key, version: 1, body: "one two" });
  const edit = await me.take("noteedited");
  assert.deepEqual([edit.key, edit.version], [note.key, 2]);
  await ann.call("message:send", { room: room.id, body: "Done." });
  assert.equal((await me.take("messageposted")).message.body, "Done.");
  // It is told at most once a second to those who want it, and so would have come by then.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  assert.deepEqual(me.pending("note versions"), []);
});

test("a copy hears nothing of private rooms, and their past once its member is in", async (t) => {
  const host = await Host.start(t, ANYONE);
  const [ann, me] = [await host.enter("Ann"), await host.enter("Me")];
  const { room } = await ann.call("room:create", { name: "Secret", private: true });
  const body = "x".repeat(3_000);
  const send = () => ann.call("message:send", { room: room.id, body });
  const sent = await Promise.all(Array.from({ length: 700 }, send));
  const { note } = await ann.call("note:create", { room: room.id, title: "Plan", body: "one" });
  const { facts, head, run } = await me.thanks({ follow: "everything", since: 0 });
  assert.ok(!JSON.stringify(facts).includes(room.id));
  const past = { room: room.id, since: 0, until: head };
  await assert.rejects(me.call("thanks", past), { code: "not_found" });
  await assert.rejects(me.call("thanks", { note: note.key }), { code: "not_found" });

  await ann.call("room:invite", { room: room.id, member: me.member.id });
  const { seq: until } = await me.take("roomjoined");
  await ann.call("room:update", { room: room.id, topic: "Since you came" });
  const updated = await me.take("roomupdated");
  const pages = [];
  for (let since = 0; since < until; since = pages.at(-1).next) {
    pages.push(await me.call("thanks", { room: room.id, since, until, run }));
  }
  assert.ok(pages.length >= 3, `${pages.length} pages`);
  for (const page of pages) {
    assert.equal(page.live, false);
    assert.ok(JSON.stringify(page).length < 1.1 * 1024 * 1024);
  }
  assert.equal(pages.at(-1).next, until);
  const told = pages.flatMap((page) => page.facts);
  assert.ok(told.every(({ seq }) => seq < updated.seq));
  const messages = told.filter(({ name }) => name === "messageposted");
  assert.deepEqual(
    messages.map(({ seq }) => seq),
    sent.map(({ seq }) => seq).sort((a, b) => a - b),
  );
  assert.deepEqual(
    told.filter(({ name }) => name.startsWith("note")).map(({ name }) => name),
    ["notecreated", "noteedited"],
  );
});

test("the past of a note comes with it when it is moved into sight", async (t) => {
  const host = await Host.start(t, ANYONE);
  const [ann, me] = [await host.enter("Ann"), await host.enter("Me")];
  const { rooms } = await ann.call("room:list");
  const { room } = await ann.call("room:create", { name: "Secret", private: true });
  const { note } = await ann.call("note:create", { room: room.id, title: "Plan", body: "one" });
  const { key } = note;
  await me.thanks({ follow: "everything" });
  await ann.call("note:move", { key, room: rooms[0].id });
  const { seq: until } = await me.take("notemoved");
  const { facts, next } = await me.call("thanks", { note: key, until });
  assert.equal(next, until);
  assert.deepEqual(
    facts.map(({ name }) => name),
    ["notecreated", "noteedited", "notemoved"],
  );
  await ann.call("note:move", { key, room: room.id });
  assert.equal((await me.take("noteleft")).key, key);
  const { facts: left } = await me.call("thanks", { follow: "everything", since: 0 });
  const about = left.filter((fact) => (fact.note?.key ?? fact.key) === key);
  assert.deepEqual(
    about.map(({ name }) => name),
    ["noteleft"],
  );
});

test("a page of a copy has at most a mebibyte, and the last one is live", async (t) => {
  const host = await Host.start(t, ANYONE);
  const [ann, me] = [await host.enter("Ann"), await host.enter("Me")];
  const { rooms } = await ann.call("room:list");
  const room = rooms[0].id;
  const { note } = await ann.call("note:create", { room, title: "Plan", body: "-" });
  const changes = [{ from: 0, insert: "é".repeat(10_000) }];
  const edits = 45;
  for (let number = 0; number < edits; number += 1) {
    await Promise.all([
      ann.call("note:update", { key: note.key, version: 0, changes }),
      ...["x", "é", "y", "z"].map((letter) =>
        ann.call("message:send", { room, body: letter.repeat(4_000) }),
      ),
    ]);
  }
  const pages = [];
  for (let since = 0; !pages.at(-1)?.live; since = pages.at(-1).next) {
    pages.push(await me.thanks({ follow: "everything", since, run: pages.at(-1)?.run }));
  }
  assert.ok(pages.length >= 3, `${pages.length} pages`);
  for (const page of pages) assert.ok(JSON.stringify(page).length <= 1024 * 1024);
  const facts = pages.flatMap((page) => page.facts);
  const seqs = facts.map(({ seq }) => seq);
  assert.deepEqual(
    seqs,
    Array.from({ length: pages.at(-1).head }, (_, at) => at + 1).filter((seq) =>
      seqs.includes(seq),
    ),
  );
  assert.equal(facts.filter(({ name }) => name === "noteedited").length, edits + 1);
});

test("a copy of another history has diverged, whatever it asks for", async (t) => {
  const host = await Host.start(t, ANYONE);
  const me = await host.enter("Me");
  const { rooms } = await me.call("room:list");
  const room = rooms[0].id;
  const { head, run } = await me.thanks({ follow: "everything" });
  const unknown = "01890000-0000-7000-8000-000000000000";
  for (const asked of [
    { follow: "everything", since: head + 1 },
    { follow: "everything", since: head + 1, run },
    { follow: "everything", since: 0, run: unknown },
    { room, since: 0, until: head + 1, run },
    { room, since: 0, run: unknown },
  ]) {
    await assert.rejects(me.call("thanks", asked), { code: "diverged" });
  }
  for (const asked of [{ follow: "something" }, { room, note: room }, { room: 7 }]) {
    await assert.rejects(me.call("thanks", asked), { code: "bad_request" });
  }
  await host.stop();
  await host.run(ANYONE);
  const again = host.client({ auth: { token: me.token } });
  await again.connected();
  const page = await again.thanks({ follow: "everything", since: head, run });
  assert.deepEqual(
    [page.facts[0].name, page.run === run, page.live],
    ["sessionhosted", false, true],
  );
});
