// What is written can be found: at once in titles and messages, and in a note's text when nobody has
// typed in it for a moment. What is gone, or somebody may not see, is not.

import assert from "node:assert/strict";
import { mkdir, open, readFile, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { Host } from "./support/host.mjs";
import { Editor } from "./support/editor.mjs";

const OPEN = ["--admit", "anyone", "--limits", "off"];
const DEADLINE_MS = 20_000;
const INDEX = "session.hearth.search";

test("a word is found in a note while it is being written, and shown where it stands", async (t) => {
  const { host, ada, room } = await started(t);
  const { note } = await ada.call("note:create", { room, title: "Trip", body: "Bring a tent.\n" });
  const editor = await Editor.open(host, note.key);
  for (const letter of "🎈 Überraschung für Zoë\n") editor.type(editor.text.length, letter);
  await editor.settled();
  const { notes, messages } = await until(ada, "uberrasch", ({ notes }) => notes.length);
  assert.deepEqual(messages, []);
  const [found] = notes;
  assert.deepEqual([found.key, found.room, found.title], [note.key, room, "Trip"]);
  assert.equal(found.body, undefined);
  assert.equal(found.excerpt, "Bring a tent. 🎈 Überraschung für Zoë");
  assert.deepEqual(found.ranges, [[17, 29]]);
  assert.deepEqual(found.title_ranges, []);
  const both = await ada.call("search", { query: "zoe ZELT tent" });
  assert.deepEqual(both.notes, []);
  const [again] = (await ada.call("search", { query: "  Zoe TENT" })).notes;
  assert.deepEqual(marked(again), ["tent", "Zoë"]);
  editor.remove(0, editor.text.length);
  await editor.settled();
  await until(ada, "tent", ({ notes }) => !notes.length);
});

test("a title and a message are found by the very next call", async (t) => {
  const { ada, room } = await started(t);
  for (let i = 0; i < 5; i++) {
    const { note } = await ada.call("note:create", { room, title: `Plan${i} B` });
    assert.deepEqual(keys(await ada.call("search", { query: `plan${i}` })), [note.key]);
    await ada.call("note:update", { key: note.key, title: `Change${i}` });
    assert.deepEqual(keys(await ada.call("search", { query: `plan${i}` })), []);
    const [renamed] = (await ada.call("search", { query: `chan` })).notes;
    assert.equal(renamed.title.slice(...renamed.title_ranges[0]), `Change${i}`);
    const { message } = await ada.call("message:send", { room, body: `So *be*${i} it` });
    const { messages } = await ada.call("search", { query: `be${i}` });
    assert.deepEqual(messages, []);
    const [found] = (await ada.call("search", { query: `so be ${i}` })).messages;
    assert.deepEqual([found.id, found.seq, found.by], [message.id, message.seq, ada.member.id]);
    assert.deepEqual(marked(found), ["So", "be", `${i}`]);
  }
});

test("titles come before texts, and the newest message first", async (t) => {
  const { ada, room } = await started(t);
  const make = async (title, body) =>
    (await ada.call("note:create", { room, title, body })).note.key;
  const text = await make("Other", "apple apple apple apple");
  const title = await make("Apple of my eye", "Something else ".repeat(100));
  const bodies = ["apple 1", "pear", "apple 2", "an APPLE 3"];
  for (const body of bodies) await ada.call("message:send", { room, body });
  const read = ({ notes }) => notes.length === 2 && notes.every(({ excerpt }) => excerpt);
  const found = await until(ada, "apple", read);
  assert.deepEqual(keys(found), [title, text]);
  const excerpts = found.messages.map(({ excerpt }) => excerpt);
  assert.deepEqual(excerpts, ["an APPLE 3", "apple 2", "apple 1"]);
  assert.ok(found.notes[0].excerpt.startsWith("Something else") && !found.notes[0].ranges.length);
  const few = await ada.call("search", { query: "apple", limit: 1 });
  assert.deepEqual([few.notes.length, few.messages.length], [1, 1]);
});

test("words are found in scripts without spaces and by the picture", async (t) => {
  const { ada, room } = await started(t);
  const body = "明天的会议在三楼。ข้าวผัดกุ้ง 👍🏽";
  await ada.call("message:send", { room, body });
  for (const [query, hit] of [
    ["会议", "会议"],
    ["三", "三"],
    ["ผัด", "ผัด"],
    ["👍", "👍🏽"],
  ]) {
    const { messages } = await ada.call("search", { query });
    assert.deepEqual(messages.map(marked), [[hit]], query);
  }
  assert.deepEqual((await ada.call("search", { query: "议会" })).messages, []);
});

test("nobody finds what they may not see, and a room narrows the search", async (t) => {
  const { host, ada, room } = await started(t);
  const bea = await host.enter("Bea");
  const hostess = await host.enterAsHost();
  const hidden = (await ada.call("room:create", { name: "Hidden", private: true })).room.id;
  const made = {};
  for (const place of [hidden, room]) {
    const body = "rosebud";
    made[place] = (await ada.call("note:create", { room: place, title: "Rosebud", body })).note.key;
    await ada.call("message:send", { room: place, body });
  }
  const both = await until(ada, "rosebud", ({ notes }) => notes[1]?.ranges.length);
  assert.deepEqual([both.notes.length, both.messages.length], [2, 2]);
  for (const other of [bea, hostess]) {
    const found = await other.call("search", { query: "rosebud", limit: 1 });
    assert.deepEqual(keys(found), [made[room]]);
    assert.deepEqual(rooms(found), [room]);
    const call = other.call("search", { query: "rosebud", room: hidden });
    await assert.rejects(call, { code: "not_found" });
  }
  const narrow = await ada.call("search", { query: "rosebud", room: hidden });
  assert.deepEqual([keys(narrow), rooms(narrow)], [[made[hidden]], [hidden]]);
  await ada.call("room:invite", { room: hidden, member: bea.member.id });
  assert.equal((await bea.call("search", { query: "rosebud" })).notes.length, 2);
  await ada.call("room:remove", { room: hidden, member: bea.member.id });
  assert.deepEqual(keys(await bea.call("search", { query: "rosebud" })), [made[room]]);
  await ada.call("note:move", { key: made[room], room: hidden });
  assert.deepEqual(keys(await bea.call("search", { query: "rosebud" })), []);
});

test("what is taken back is no longer found, and leaves nothing in the index", async (t) => {
  const { host, ada, room } = await started(t);
  const kept = (await ada.call("room:create", { name: "Kept" })).room.id;
  const send = async (body) => (await ada.call("message:send", { room, body })).message.id;
  const count = async (query) => {
    const { notes, messages } = await ada.call("search", { query });
    return [notes.length, messages.length];
  };
  const secret = "quetzalcoatlus";
  const first = await send(`${secret} and more`);
  await send(`nothing but ${secret.slice(1)}`);
  assert.deepEqual(await count(secret), [0, 1]);
  await ada.call("message:edit", { message: first, body: "something else" });
  assert.deepEqual(
    [await count(secret), await count("else")],
    [
      [0, 0],
      [0, 1],
    ],
  );
  await ada.call("message:edit", { message: first, body: secret });
  await ada.call("message:destroy", { message: first });
  assert.deepEqual(await count(secret), [0, 0]);

  const { key } = (await ada.call("note:create", { room: kept, title: "Orchid" })).note;
  await ada.call("message:send", { room: kept, body: "orchid" });
  for (const [gone, back, about] of [
    ["note:destroy", "note:restore", { key }],
    ["room:destroy", "room:restore", { room: kept }],
  ]) {
    await ada.call(gone, about);
    assert.deepEqual(await count("orchid"), [0, gone.startsWith("note") ? 1 : 0]);
    await ada.call(back, about);
    assert.deepEqual(await count("orchid"), [1, 1]);
  }
  await host.stop();
  const index = await readFile(join(host.data, INDEX), "latin1");
  assert.ok(index.includes("uetzalcoatlus"), "what is still there is in the index");
  assert.ok(!index.includes(secret), "what was taken back is not");
});

test("the index goes on where it was, and is made anew when it is lost, broken or strange", async (t) => {
  const { host, ada, room, token } = await started(t);
  const body = "persimmon ".repeat(2_000);
  await ada.call("note:create", { room, title: "Fruit", body });
  await ada.call("message:send", { room, body: "a persimmon" });
  const index = join(host.data, INDEX);
  const found = ({ notes, messages }) => notes.length === 1 && messages.length === 1;
  await until(ada, "persimmon", found);
  await host.stop();
  const whole = await readFile(index);
  const broken = Buffer.from(whole);
  broken.fill(0x5a, 4_096, Math.min(whole.length, 40_000));
  for (const bytes of [whole, undefined, "", "no database at all ".repeat(500), broken]) {
    if (bytes === undefined) await rm(index);
    else await writeFile(index, bytes);
    await host.run(OPEN);
    const again = host.client({ auth: { token } });
    await again.connected();
    await until(again, "persimmon", found);
    await host.stop();
    assert.ok((await stat(index)).size > 4_096);
  }
  const beside = (await readdir(host.data)).filter((name) => name.startsWith(INDEX));
  assert.deepEqual(beside, [INDEX], "nothing is left beside it");
});

test("an index that breaks while it is used is made anew", async (t) => {
  const { host, ada, room } = await started(t);
  for (let i = 0; i < 200; i++) {
    await ada.call("message:send", { room, body: `persimmon number ${i}` });
  }
  const found = ({ messages }) => messages.length === 20;
  await until(ada, "persimmon", found);
  const index = await open(join(host.data, INDEX), "r+");
  const { size } = await index.stat();
  await index.write(Buffer.alloc(size - 4_096, 0x5a), 0, size - 4_096, 4_096);
  await index.close();
  for (const file of await readdir(host.data)) {
    if (file === `${INDEX}-wal`) await truncate(join(host.data, file));
  }
  await ada.call("message:send", { room, body: "persimmon, the last" });
  const { messages } = await until(ada, "persimmon", found);
  assert.equal(messages[0].excerpt, "persimmon, the last");
  assert.match(host.log, /search index cannot be kept/);
});

test("where the index cannot be written, hosting goes on and a search says why", async (t) => {
  const { host, ada, room, token } = await started(t);
  await ada.call("message:send", { room, body: "before" });
  await host.stop();
  const index = join(host.data, INDEX);
  await rm(index);
  await mkdir(index);
  await host.run(OPEN);
  const again = host.client({ auth: { token } });
  await again.connected();
  await again.call("message:send", { room, body: "after" });
  await assert.rejects(again.call("search", { query: "before" }), { code: "storage_full" });
  await rm(index, { recursive: true });
  const refused = ["storage_full", "rate_limited"];
  const { messages } = await until(again, "before", ({ messages }) => messages.length, refused);
  assert.equal(messages.length, 1);
  assert.equal((await again.call("search", { query: "after" })).messages.length, 1);
  assert.equal(host.log.match(/search index cannot be kept/g).length, 1);
});

test("the index of another history is not believed", async (t) => {
  const { host, ada, room, token } = await started(t);
  await ada.call("message:send", { room, body: "before" });
  await host.stop();
  const file = join(host.data, "session.hearth");
  const backup = await readFile(file);
  await host.run(OPEN);
  const writer = host.client({ auth: { token } });
  await writer.connected();
  await writer.call("message:send", { room, body: "between" });
  await until(writer, "between", ({ messages }) => messages.length === 1);
  await host.stop();
  await writeFile(file, backup);
  await host.run(OPEN);
  const reader = host.client({ auth: { token } });
  await reader.connected();
  await until(reader, "before", ({ messages }) => messages.length === 1);
  for (let i = 0; i < 5; i++) await reader.call("message:send", { room, body: `after ${i}` });
  const { messages } = await until(reader, "after", ({ messages }) => messages.length === 5);
  assert.ok(messages.every(({ excerpt }) => excerpt.startsWith("after")));
  assert.deepEqual((await reader.call("search", { query: "between" })).messages, []);
});

test("a host that is killed catches up with what it had not indexed", async (t) => {
  const { host, ada, room, token } = await started(t);
  await ada.call("note:create", { room, title: "Late", body: "unindexed words" });
  await host.kill();
  await host.run(OPEN);
  const again = host.client({ auth: { token } });
  await again.connected();
  await until(again, "unindexed", ({ notes }) => notes.length === 1);
});

test("whatever is typed is words, and nothing is ever an error of the index", async (t) => {
  const { ada, room } = await started(t);
  await ada.call("message:send", { room, body: 'say "hello" or NOT near(this, 3)' });
  const odd = [
    '"',
    '""',
    "'",
    '"hello',
    'hello"',
    "hello*",
    "*",
    "^hello",
    "title:hello",
    "{body}: hello",
    "NEAR(hello near, 3)",
    "hello AND",
    "NOT hello",
    "OR",
    "-hello",
    "+hello",
    "(hello",
    "hello)",
    "; drop table notes",
    "%",
    "_",
    "\\",
    "??",
    "🎈",
    "é".repeat(200),
    "a ".repeat(99),
    "字".repeat(200),
    "\u0301",
    "x".repeat(200),
    "hello\u00a0say",
    "{",
    "a:b:c",
    '" OR "1"="1',
  ];
  for (const query of odd) {
    const { notes, messages } = await ada.call("search", { query });
    assert.deepEqual(notes, [], query);
    for (const found of messages) assert.ok(found.ranges.length, query);
  }
  const hits = async (query) => (await ada.call("search", { query })).messages.length;
  assert.equal(await hits('"hello" or not near(this, 3)'), 1);
  assert.equal(await hits("hello OR missing"), 0);
  for (const query of [
    "",
    "   ",
    "a\nb",
    "a\u0000b",
    "\u202e",
    "y".repeat(201),
    7,
    null,
    undefined,
  ]) {
    await assert.rejects(ada.call("search", { query }), { code: "bad_request" }, String(query));
  }
  for (const more of [{ limit: -1 }, { limit: "1" }, { room: "x" }]) {
    await assert.rejects(ada.call("search", { query: "a", ...more }), { code: "bad_request" });
  }
  assert.equal(await ada.call("search", { query: "say", limit: 0 }).then(() => "ok"), "ok");
});

test("the largest notes, with and without spaces, hold nobody up", async (t) => {
  const { ada, room } = await started(t);
  const size = 1_048_576 - 16;
  const bodies = ["x".repeat(size), "ab ".repeat(size / 3), "字".repeat(size / 3)];
  for (const body of bodies) {
    await ada.call("note:create", { room, title: "Large", body: `${body} needle` });
  }
  const found = await until(ada, "needle", ({ notes }) => notes.length === 3);
  for (const { excerpt } of found.notes) assert.ok(excerpt.length <= 200);
  for (const query of ["x", "a", "字", "xx ab 字", "x".repeat(200), "字".repeat(200)]) {
    const began = Date.now();
    await ada.call("search", { query }).catch(({ code }) => assert.equal(code, "bad_request"));
    assert.ok(Date.now() - began < 10_000, `${query.slice(0, 9)}: ${Date.now() - began} ms`);
  }
});

/** A host with somebody who has come in. */
async function started(t) {
  const host = await Host.start(t, OPEN);
  const ada = await host.enter("Ada");
  const { snapshot } = await ada.thanks();
  return { host, ada, room: snapshot.rooms[0].id, token: ada.token };
}

/** Asks until the answer is as `wanted`: a note's text is indexed when typing pauses. */
async function until(client, query, wanted, refused = ["rate_limited"]) {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const answer = await client.call("search", { query }).catch((error) => {
      assert.ok(refused.includes(error.code), error.message);
      return { notes: [], messages: [], partial: true };
    });
    if (wanted(answer) && !answer.partial) return answer;
    assert.ok(Date.now() < deadline, `not found in time: ${JSON.stringify(answer)}`);
    await pause(50);
  }
}

/** What the ranges of something found point at. */
function marked({ excerpt, ranges }) {
  return ranges.map(([from, to]) => excerpt.slice(from, to));
}

function keys({ notes }) {
  return notes.map(({ key }) => key);
}

function rooms({ messages }) {
  return messages.map(({ room }) => room);
}
