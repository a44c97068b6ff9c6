// Whatever several people do to one note at once, they end up with one text, and every edit that
// was acknowledged is in it, once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";

import * as Y from "yjs";

import { Host } from "./support/host.mjs";
import { Editor } from "./support/editor.mjs";
import { Scribe } from "./support/scribe.mjs";

const OPEN = ["--admit", "anyone", "--limits", "off"];

async function note(host, body = "") {
  const writer = await host.enter("Writer");
  const { snapshot } = await writer.thanks();
  const room = snapshot.rooms[0].id;
  const made = await writer.call("note:create", { room, title: "Together", body });
  return { writer, room, key: made.note.key };
}

test("two people who type in the same place at once read the same text", async (t) => {
  const host = await Host.start(t, OPEN);
  const { writer, key } = await note(host, "middle");
  const [one, other] = await Promise.all([Editor.open(host, key), Editor.open(host, key)]);
  for (let i = 0; i < 50; i++) {
    one.type(6, "a");
    other.type(6, "b");
  }
  await Promise.all([one.settled(), other.settled()]);
  const { note: read } = await writer.call("note:read", { key });
  await Promise.all([one.has(read.version), other.has(read.version)]);
  assert.equal(one.text, read.body);
  assert.equal(other.text, read.body);
  assert.equal(read.body.length, 106);
});

test("scripts that write in the middle of fast typing take nothing away", async (t) => {
  const host = await Host.start(t, OPEN);
  const { writer, key } = await note(host, "first line\n");
  const [one, other] = await Promise.all([Editor.open(host, key), Editor.open(host, key)]);
  const scribe = Scribe.start(t);
  const { token } = await host.signIn("Script");
  await scribe.connect(host, token);
  const read = await scribe.read(key);
  let isTyping = true;
  const typed = Promise.all([
    typeFast(() => isTyping && one.type(0, "x")),
    typeFast(() => isTyping && other.type(other.text.length, "y")),
  ]);
  // All three against the text as it was before anybody typed.
  await Promise.all([one.has(20), other.has(20)]);
  const changes = [{ from: 10, insert: "!" }];
  await writer.call("note:update", { key, version: read.version, changes });
  await scribe.write({ how: "body", at: 0, remove: 5, insert: "second" });
  const last = await scribe.write({ how: "changes", at: 1, remove: 0, insert: "third line\n" });
  await Promise.all([one.has(last.version + 20), other.has(last.version + 20)]);
  isTyping = false;
  const [x, y] = await typed;
  await Promise.all([one.settled(), other.settled()]);
  const { note: now } = await writer.call("note:read", { key });
  await Promise.all([one.has(now.version), other.has(now.version)]);
  assert.deepEqual([one.text, other.text], [now.body, now.body]);
  assert.equal(now.body.replaceAll(/[xy]/g, ""), "second line!\nthird line\n");
  assert.equal(now.body.match(/x/g).length, x);
  assert.equal(now.body.match(/y/g).length, y);
});

/** Types faster than anybody does, until nothing is typed any more; answers how often. */
async function typeFast(type) {
  let typed = 0;
  while (type() !== false) {
    typed += 1;
    await sleep(5);
  }
  return typed;
}

test("those who have a note open are told what its text has to come to", async (t) => {
  const host = await Host.start(t, OPEN);
  const { key } = await note(host, "Grüße 👍\n");
  const [one, other] = await Promise.all([Editor.open(host, key), Editor.open(host, key)]);
  one.type(0, "漢");
  await one.settled();
  await other.has(2);
  for (const editor of [one, other]) {
    const wanted = (check) => check.key === key && check.version === 2;
    const check = await editor.client.take("note check", wanted);
    assert.equal(check.crc32, crc32(editor.text));
  }
});

test("edits made while away arrive once, also when the answer to the first try was lost", async (t) => {
  const host = await Host.start(t, OPEN);
  const { writer, key } = await note(host, "shared ");
  const [away, here] = await Promise.all([Editor.open(host, key), Editor.open(host, key)]);
  away.drop();
  for (let i = 0; i < 200; i++) {
    away.type(away.text.length, "a");
    here.type(0, "h");
  }
  await here.settled();
  await away.comeBack();
  await away.settled();
  await away.sendAgain();
  const { note: read } = await writer.call("note:read", { key });
  await Promise.all([away.has(read.version), here.has(read.version)]);
  assert.equal(away.text, read.body);
  assert.equal(here.text, read.body);
  assert.equal(read.body, `${"h".repeat(200)}shared ${"a".repeat(200)}`);
});

test("an edit under somebody else's client id is refused and harms nobody", async (t) => {
  const host = await Host.start(t, OPEN);
  const { writer, key } = await note(host, "mine");
  const [owner, thief] = await Promise.all([Editor.open(host, key), Editor.open(host, key)]);
  owner.type(0, "o");
  await owner.settled();
  await thief.has(owner.version);
  const forged = new Y.Doc();
  Y.applyUpdate(forged, Y.encodeStateAsUpdate(owner.doc));
  forged.clientID = owner.doc.clientID;
  const before = Y.encodeStateVector(forged);
  forged.getText("body").insert(0, "forged ");
  const update = Y.encodeStateAsUpdate(forged, before);
  await assert.rejects(thief.send(update), { code: "bad_request" });
  owner.type(0, "p");
  await owner.settled();
  const { note: read } = await writer.call("note:read", { key });
  assert.equal(read.body, "pomine");
});

test("whoever has a note open hears its edits, and the others only of its version", async (t) => {
  const host = await Host.start(t, OPEN);
  const { writer, key } = await note(host, "");
  const editor = await Editor.open(host, key);
  editor.type(0, "a");
  await editor.settled();
  const ours = ({ notes }) => notes.some((note) => note.key === key && note.version === 1);
  await writer.take("note versions", ours);
  assert.deepEqual(writer.pending("noteedited"), []);
  await writer.call("note:open", { key });
  editor.type(0, "b");
  assert.equal((await writer.take("noteedited")).version, 2);
  await writer.call("note:close", { key });
  editor.type(0, "c");
  await editor.settled();
  await writer.call("note:read", { key });
  assert.deepEqual(writer.pending("noteedited"), []);
});

test("a cursor is told to those who have the note open, with the host's name for it", async (t) => {
  const host = await Host.start(t, OPEN);
  const { key } = await note(host, "text");
  const [one, other] = await Promise.all([Editor.open(host, key), Editor.open(host, key)]);
  one.client.socket.emit("cursor", { key, position: { anchor: 1, head: 2 } });
  const { cursors } = await other.client.take("cursors");
  assert.deepEqual(cursors[0].position, { anchor: 1, head: 2 });
  assert.equal(cursors[0].name, one.client.member.name);
  one.drop();
  const gone = await other.client.take("cursors");
  assert.equal(gone.cursors[0].position, undefined);
});

test("history tells who typed how much, and any version can be read again", async (t) => {
  const host = await Host.start(t, OPEN);
  const { writer, key } = await note(host, "start");
  const editor = await Editor.open(host, key);
  editor.type(5, " and more");
  await editor.settled();
  const { bursts } = await writer.call("note:history", { key });
  const of = (member) => bursts.find((burst) => burst.by === member);
  assert.equal(of(writer.member.id).added, 5);
  assert.equal(of(writer.member.id).first, 1);
  assert.equal(of(editor.client.member.id).added, 9);
  assert.equal(of(editor.client.member.id).first, 2);
  const { note: first } = await writer.call("note:read", { key, version: 1 });
  assert.equal(first.body, "start");
});

test("a note that moves into a private room leaves the sight of those outside", async (t) => {
  const host = await Host.start(t, OPEN);
  const { writer, key } = await note(host, "secret soon");
  const editor = await Editor.open(host, key);
  const { room } = await writer.call("room:create", { name: "Two of us", private: true });
  await writer.call("note:move", { key, room: room.id });
  assert.equal((await editor.client.take("noteleft")).key, key);
  const { note: moved } = await writer.call("note:read", { key });
  await writer.call("note:update", { key, version: moved.version, body: "secret now" });
  await assert.rejects(editor.client.call("note:read", { key }), { code: "not_found" });
  assert.deepEqual(editor.client.pending("noteedited"), []);
});
