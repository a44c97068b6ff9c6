// No gaps and no repeats: whoever was cut off comes back with the last number it knows and hears
// everything that concerned it meanwhile, once and in order, and nothing that did not. Whoever
// knows another history than the host's is told so.

import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Host } from "./support/host.mjs";
import { Follower, Lost, wholeLog } from "./support/follower.mjs";
import { LONG } from "./support/long.mjs";
import { random } from "./support/random.mjs";
import { ALL, Writer } from "./support/writer.mjs";

const DISCONNECTS = LONG ? 2_000 : 200;
const RESTARTS = LONG ? 50 : 6;

const ANYONE = ["--admit", "anyone", "--limits", "off"];
/** A second socket of a member takes the first one's place: the server's own way to cut one. */
const ONE_SOCKET_EACH = ["--admit", "anyone", "--limits", "off,sockets_per_member=1"];

test(`a reader that is cut off ${DISCONNECTS} times hears everything once`, async (t) => {
  const chances = random(t);
  const host = await Host.start(t, ONE_SOCKET_EACH);
  const { reader, rooms, writers } = await gather(host, chances);
  const writing = writers.map((writer) => writer.run());
  const first = await startFollowing(host, reader);
  const cuts = new Map();
  for (let number = 0; number < DISCONNECTS; number += 1) {
    const cut = await visit(host, reader, chances);
    cuts.set(cut, (cuts.get(cut) ?? 0) + 1);
  }
  writers.forEach((writer) => writer.stop());
  await Promise.all(writing);
  await reader.connect(host.url);
  await reader.catchUp();
  reader.leave();
  t.diagnostic(
    `${reader.facts.length} facts, cut: ${[...cuts].map((cut) => cut.join(" ")).join(", ")}`,
  );
  await isWhole(host, reader, first, rooms, writers);
});

test("a reader hears everything once across restarts of the host", async (t) => {
  const chances = random(t);
  const host = await Host.start(t, ANYONE);
  const { reader, rooms, writers: tokens } = await gather(host, chances);
  const everybody = [...tokens];
  const first = await startFollowing(host, reader);
  reader.leave();
  for (let number = 0; number < RESTARTS; number += 1) {
    const writers = await Promise.all(tokens.map((writer) => again(host, writer, rooms, chances)));
    everybody.push(...writers);
    const writing = writers.map((writer) => writer.run());
    await reader.connect(host.url);
    await reader.catchUp({ batch: chances.chance(0.5) });
    await reader.heard(chances.below(40));
    if (number % 2) await host.kill();
    else await host.stop();
    await Promise.all([...writing, reader.gone]);
    await host.run(ANYONE);
  }
  await reader.connect(host.url);
  await reader.catchUp();
  reader.leave();
  await isWhole(host, reader, first, rooms, everybody);
});

test("much that was missed comes in pages of at most a mebibyte, and then live", async (t) => {
  const host = await Host.start(t, ANYONE);
  const ann = await host.enter("Ann");
  const ben = await host.enter("Ben");
  const reader = new Follower(ben.token);
  await startFollowing(host, reader);
  const { since, run } = reader;
  reader.leave();
  const { rooms } = await ann.call("room:list");
  const body = "x".repeat(4_000);
  const send = () => ann.call("message:send", { room: rooms[0].id, body });
  const sent = await Promise.all(Array.from({ length: 800 }, send));
  await reader.connect(host.url);
  // Others go on while the pages are fetched.
  const late = [];
  await reader.catchUp({ between: () => late.push(send()) });
  sent.push(...(await Promise.all(late)));
  reader.pages.shift();
  assert.ok(reader.pages.length >= 4, `${reader.pages.length} pages`);
  for (const page of reader.pages) {
    assert.ok(JSON.stringify(page).length < 1.1 * 1024 * 1024);
    assert.ok(page.facts.length > 0);
  }
  assert.deepEqual(
    reader.pages.map(({ live }) => live),
    reader.pages.map((_, at) => at === reader.pages.length - 1),
  );
  sent.push(await send());
  await reader.heard(sent.length - reader.facts.length);
  reader.leave();
  assert.deepEqual(
    reader.facts.map(({ seq }) => seq),
    sent.map(({ seq }) => seq).sort((a, b) => a - b),
  );
  assert.deepEqual(await wholeLog(host.url, ben.token, since, run), reader.facts);
});

test("a page without anything for this client still says how far the host has looked", async (t) => {
  const host = await Host.start(t, ANYONE);
  const [ann, ben] = [await host.enter("Ann"), await host.enter("Ben")];
  const { room } = await ann.call("room:create", { name: "Quiet", private: true });
  const { since, run } = await placeOf(host, ben.token);
  for (let number = 0; number < 20; number += 1) {
    await ann.call("message:send", { room: room.id, body: "psst" });
  }
  const page = await ben.call("thanks", { since, run });
  assert.deepEqual(page.facts, []);
  assert.equal(page.live, true);
  assert.equal(page.next, page.head);
  assert.ok(page.next >= since + 20);
});

test("a number beyond the head or a run nobody knows has diverged", async (t) => {
  const host = await Host.start(t, ANYONE);
  const ann = await host.enter("Ann");
  const { head, run } = await ann.call("thanks");
  const unknown = "01890000-0000-7000-8000-000000000000";
  const diverged = { code: "diverged" };
  await assert.rejects(ann.call("thanks", { since: head + 1 }), diverged);
  await assert.rejects(ann.call("thanks", { since: head + 1, run }), diverged);
  await assert.rejects(ann.call("thanks", { since: head, run: unknown }), diverged);
  await assert.rejects(ann.call("thanks", { since: 0, run: unknown }), diverged);
  await assert.rejects(ann.call("thanks", { since: Number.MAX_SAFE_INTEGER, run }), diverged);
  for (const place of [{ since: head, run }, { since: head }, { since: 0, run }, { since: 0 }]) {
    const page = await ann.call("thanks", place);
    assert.deepEqual([page.live, page.head, page.run], [true, head, run]);
  }
});

test("with an old copy put back, only those who saw what came after it have diverged", async (t) => {
  const host = await Host.start(t, ANYONE);
  const ann = await host.enter("Ann");
  const { rooms } = await ann.call("room:list");
  const send = (client, body) => client.call("message:send", { room: rooms[0].id, body });
  await send(ann, "in both histories");
  const older = await placeOf(host, ann.token);
  await host.stop();
  const copy = await mkdtemp(join(tmpdir(), "hearth-copy-"));
  t.after(() => rm(copy, { recursive: true }));
  await cp(host.data, copy, { recursive: true });

  await host.run(ANYONE);
  const again = await enterAgain(host, ann.token);
  await send(again, "only in the lost history");
  const newer = await placeOf(host, ann.token);
  await host.stop();
  await rm(host.data, { recursive: true });
  await cp(copy, host.data, { recursive: true });

  await host.run(ANYONE);
  const back = await enterAgain(host, ann.token);
  // The restored history grows past the number that the lost one had reached.
  for (let number = 0; number < 10; number += 1) await send(back, `new ${number}`);
  await assert.rejects(back.call("thanks", newer), { code: "diverged" });
  // Also with a number that both histories have: what it saw there may not be what is here.
  await assert.rejects(back.call("thanks", { ...newer, since: newer.since - 1 }), {
    code: "diverged",
  });
  const page = await back.call("thanks", older);
  const bodies = page.facts.filter(({ name }) => name === "messageposted");
  assert.deepEqual(
    bodies.map(({ message }) => message.body),
    Array.from({ length: 10 }, (_, number) => `new ${number}`),
  );
  const { snapshot } = await back.call("thanks");
  assert.ok(!JSON.stringify(snapshot).includes("only in the lost history"));
});

test("two computers that went on from copies of one session know nothing of each other's run", async (t) => {
  const host = await Host.start(t, ANYONE);
  const ann = await host.enter("Ann");
  const { rooms } = await ann.call("room:list");
  const send = (client, body) => client.call("message:send", { room: rooms[0].id, body });
  await send(ann, "in both histories");
  const early = await placeOf(host, ann.token);
  await host.kill();
  const copy = await mkdtemp(join(tmpdir(), "hearth-copy-"));
  t.after(() => rm(copy, { recursive: true }));
  await cp(host.data, copy, { recursive: true });
  // The copy is opened twice, as two computers that were each given it would.
  await host.run(ANYONE);
  const one = await enterAgain(host, ann.token);
  await send(one, "on the first computer");
  const first = await placeOf(host, ann.token);
  await host.stop();
  await rm(host.data, { recursive: true });
  await cp(copy, host.data, { recursive: true });
  await host.run(ANYONE);
  const two = await enterAgain(host, ann.token);
  await send(two, "on the second computer");
  await assert.rejects(two.call("thanks", first), { code: "diverged" });
  await assert.rejects(two.call("thanks", { since: early.since + 1, run: early.run }), {
    code: "diverged",
  });
  const page = await two.call("thanks", early);
  assert.deepEqual(
    page.facts.filter(({ name }) => name === "messageposted").map(({ message }) => message.body),
    ["on the second computer"],
  );
});

/** A reader, three writers, and rooms of all kinds between them. */
async function gather(host, chances) {
  const people = [];
  for (const name of ["Ann", "Ben", "Cleo"]) people.push(await host.enter(name));
  const readerAccount = await host.signIn("Reader", {});
  const [ann, ben, cleo] = people;
  const { rooms: known } = await ann.call("room:list");
  const make = async (client, payload) => (await client.call("room:create", payload)).room.id;
  const invite = (client, room, member) => client.call("room:invite", { room, member });
  const rooms = {
    general: known[0].id,
    unjoined: await make(ann, { name: "Workshop" }),
    shared: await make(ben, { name: "Cellar", private: true }),
    hidden: await make(cleo, { name: "Attic", private: true }),
  };
  await invite(ben, rooms.shared, ann.member.id);
  await invite(ben, rooms.shared, cleo.member.id);
  await invite(ben, rooms.shared, readerAccount.member.id);
  await invite(cleo, rooms.hidden, ann.member.id);
  await invite(cleo, rooms.hidden, ben.member.id);
  const writers = people.map((client) => new Writer(client, Object.values(rooms), chances));
  return { reader: new Follower(readerAccount.token), rooms, writers };
}

/** Starts over, and says after which fact. */
async function startFollowing(host, reader) {
  await reader.connect(host.url);
  const { head, live } = await reader.ask("thanks", {});
  assert.equal(live, true);
  return head;
}

/** Comes back, catches up, listens for a while, and is cut off at some moment. Says how. */
async function visit(host, reader, chances) {
  reader.leave();
  const transports = chances.of([["websocket"], ["polling"], ["polling", "websocket"]]);
  await reader.connect(host.url, { transports });
  const cut = chances.of([leave, drop, tear, replace]);
  const moment = chances.of(["at once", "while asking", "between pages", "live", "live", "live"]);
  const batch = chances.chance(0.5);
  try {
    if (moment === "while asking") {
      const { since, run } = reader;
      const asked = reader.ask("thanks", { since, run, batch });
      await Promise.all([asked, cut(host, reader)]);
    }
    if (moment === "between pages") {
      await reader.catchUp({ batch, between: () => chances.chance(0.5) && reader.drop() });
    }
    if (moment === "live") {
      await reader.catchUp({ batch });
      await reader.heard(chances.below(40));
    }
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
  }
  await cut(host, reader);
  return cut.name;
}

function leave(_, reader) {
  reader.leave();
}

function drop(_, reader) {
  reader.drop();
}

function tear(_, reader) {
  reader.tear();
}

/** Another socket of the same person comes, and the server ends this one. */
async function replace(host, reader) {
  if (!reader.socket.connected) return;
  const other = new Follower(reader.token);
  await other.connect(host.url);
  await reader.gone;
  other.leave();
}

/** What the reader heard is what the log has for it, and what the writers know to be there. */
async function isWhole(host, reader, first, rooms, writers) {
  const heard = reader.facts;
  const seqs = heard.map(({ seq }) => seq);
  const rising = seqs.every((seq, at) => at === 0 || seq > seqs[at - 1]);
  assert.ok(rising, "in order and without repeats");
  const { run } = reader.pages[0];
  const log = await wholeLog(host.url, reader.token, first, run);
  const differs = log.findIndex(({ seq }, at) => seq !== seqs[at]);
  assert.equal(log[differs]?.seq, seqs[differs], `heard as number ${differs}`);
  assert.equal(seqs.length, log.length);
  const destroyed = new Set(
    log.filter(({ name }) => name === "messagedestroyed").map(({ message }) => message.id),
  );
  for (const [at, fact] of heard.entries()) assert.deepEqual(told(fact, destroyed), log[at]);
  const known = new Set(seqs);
  for (const { seq, to } of writers.flatMap(({ acknowledged }) => acknowledged)) {
    const concerns = [ALL, rooms.general, rooms.shared].includes(to);
    if (seq > first) assert.equal(known.has(seq), concerns, `fact ${seq} for ${to}`);
  }
}

/** What a fact that was heard looks like now: the log forgets the texts of destroyed messages. */
function told(fact, destroyed) {
  if (!destroyed.has(fact.message?.id)) return fact;
  return { ...fact, message: { ...fact.message, body: "" } };
}

async function again(host, writer, rooms, chances) {
  const client = await enterAgain(host, writer.client.token);
  client.member = writer.client.member;
  return new Writer(client, Object.values(rooms), chances);
}

async function enterAgain(host, token) {
  const client = host.client({ auth: { token } });
  await client.connected();
  return client;
}

/** Where a client of this member stands that has just caught up. */
async function placeOf(host, token) {
  const client = await enterAgain(host, token);
  const { head, run } = await client.call("thanks");
  client.close();
  return { since: head, run };
}
