// Whatever a call says, it is answered, and what cannot be read is `bad_request` with a sentence a
// person can act on. Nothing that a client sends is felt by anybody else.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Raw } from "./support/engine.mjs";
import { Host } from "./support/host.mjs";
import { Description } from "./support/schema.mjs";

const ANYONE = ["--admit", "anyone", "--limits", "off"];

/** Names that are no calls, some of which mean something to libraries. */
const NAMES = [
  "",
  " ",
  "note:",
  ":read",
  "note:read ",
  "Note:Read",
  "note:édit",
  "note.read",
  "no:such",
  "welcome",
  "user count",
  "facts",
  "reply",
  "request",
  "messageposted",
  "sessionhosted",
  "connect",
  "connection",
  "disconnect",
  "disconnecting",
  "connect_error",
  "error",
  "message",
  "newListener",
  "removeListener",
  "__proto__",
  "constructor",
  "toString",
  "../note:read",
  "\u{1f525}",
  "\u202eread:note",
  "x".repeat(100_000),
];

const deep = (open, inner, close, depth) => open.repeat(depth) + inner + close.repeat(depth);

/** What stands behind the name `note:count` in a frame, written by hand. */
const ARGUMENTS = [
  "1",
  '"text"',
  "true",
  "[]",
  "[{}]",
  "{},{}",
  "null,null",
  "{},null",
  '{"room":"\\ud800"}',
  '{"room":"\\udc00\\ud800"}',
  '{"\\ud800":1}',
  '{"room":1e999}',
  '{"room":-1e999}',
  `{"room":${"9".repeat(100_000)}}`,
  `{"room":"${"x".repeat(1_000_000)}"}`,
  '{"room":"a","room":"b"}',
  deep("[", "", "]", 200),
  deep("[", "", "]", 100_000),
  deep('{"a":', "1", "}", 200),
  deep('{"a":', "1", "}", 100_000),
  `{"room":${deep("[", "", "]", 200)}}`,
  `{"room":${deep("[", "", "]", 100_000)}}`,
  `[${"0,".repeat(100_000)}0]`,
];

/** What is read and then makes no sense: `[call, payload, code]`. */
const SENSELESS = ({ room, key }) => [
  ["message:send", { room, body: "" }, "bad_request"],
  ["message:send", { room, body: " \n\t " }, "bad_request"],
  ["message:send", { room, body: "half a pair: \ud83d" }, "bad_request"],
  ["message:send", { room, body: "\udd25\ud83d" }, "bad_request"],
  ["message:send", { room, body: "x".repeat(4_001) }, "too_large"],
  ["message:send", { room, body: "\u{1f525}".repeat(4_001) }, "too_large"],
  ["note:create", { room, title: "half a pair: \ud83d" }, "bad_request"],
  ["note:create", { room, title: "T", body: "x".repeat(1_048_577) }, "too_large"],
  ["note:create", { room, title: "T", body: "é".repeat(524_289) }, "too_large"],
  ["note:update", { key }, "bad_request"],
  ["note:update", { key, body: "x" }, "bad_request"],
  ["note:update", { key, changes: [] }, "bad_request"],
  ["note:update", { key, version: 1 }, "bad_request"],
  ["note:update", { key, version: 1, body: "x", changes: [] }, "bad_request"],
  ["note:update", { key, version: 2, body: "x" }, "bad_request"],
  ["note:update", { key, version: Number.MAX_SAFE_INTEGER, body: "x" }, "bad_request"],
  ["note:update", { key, version: 1, body: "x".repeat(1_048_577) }, "too_large"],
  ["note:update", { key, version: 1, changes: [{ from: 5 }, { from: 4 }] }, "bad_request"],
  ["note:update", { key, version: 1, changes: [{ from: 5, to: 4 }] }, "bad_request"],
  ["note:update", { key, version: 1, changes: [{ from: 9_999 }] }, "bad_request"],
  ["note:update", { key, version: 1, changes: [{ from: 0, to: 9_999 }] }, "bad_request"],
  ["note:update", { key, version: 1, changes: [{ from: 0, to: 3 }, { from: 2 }] }, "bad_request"],
  ["note:update", { key, version: 1, changes: [{ from: 1, insert: "x" }] }, "bad_request"],
  ["note:update", { key, version: 1, changes: [{ from: 0, to: 1 }] }, "bad_request"],
  ["note:update", { key, version: 1, changes: manyChanges() }, "too_large"],
  ["note:read", { key, version: 2 }, "bad_request"],
  ["note:read", { key, version: 2 ** 53 }, "bad_request"],
  ["member:ask", { message: "Whom?" }, "bad_request"],
  ["member:ask", { socket: "nobody's", message: "There?" }, "absent"],
  ["member:ask", { socket: "x".repeat(100_000), message: "There?" }, "absent"],
  ["member:ask", { socket: "nobody's", message: "" }, "bad_request"],
  ["member:ask", { socket: "nobody's", message: "x".repeat(4_001) }, "too_large"],
  ["session:update", { admission: "pin" }, "bad_request"],
  ["session:update", { guests: "host" }, "bad_request"],
  ["achtung:send", { warning: "" }, "bad_request"],
  ["achtung:send", { warning: "x".repeat(4_001) }, "too_large"],
];

function manyChanges() {
  return Array.from({ length: 10_001 }, () => ({ from: 0, insert: "x" }));
}

test("a payload with anything missing or wrong is a bad request, in every call", async (t) => {
  const { host, caller, others } = await start(t);
  const { body } = await host.http("GET", "/api.json");
  const wrong = [...new Description(body).wrongPayloads()];
  assert.ok(wrong.length >= 300, `only ${wrong.length}`);
  t.diagnostic(`${wrong.length} payloads`);
  for (const [name, payload] of wrong) await refused(caller, name, payload, "bad_request");
  await others();
});

test("a name that is no call is a bad request", async (t) => {
  const { caller, others } = await start(t);
  for (const name of NAMES) {
    const [{ error }] = await byHand(t, caller, JSON.stringify([name, {}]));
    checkRefusal(error, "bad_request", name);
  }
  await others();
});

test("arguments that are not one object are a bad request, however they are written", async (t) => {
  const { caller, others } = await start(t);
  for (const written of ARGUMENTS) {
    const [{ error }] = await byHand(t, caller, `["note:count",${written}]`);
    checkRefusal(error, "bad_request", written);
  }
  await others();
});

test("what can be read and makes no sense is refused with what to do", async (t) => {
  const { caller, others } = await start(t);
  const { rooms } = await caller.call("room:list");
  const [{ id: room }] = rooms;
  const made = { room, title: "Title", body: "\u{1f525} burns" };
  const { note } = await caller.call("note:create", made);
  for (const [name, payload, code] of SENSELESS({ room, key: note.key })) {
    await refused(caller, name, payload, code);
  }
  const { note: now } = await caller.call("note:read", { key: note.key });
  assert.deepEqual([now.version, now.body], [1, made.body]);
  await others();
});

test("fields that nobody knows are ignored, and texts are kept as they are", async (t) => {
  const { caller, others } = await start(t);
  const { rooms } = await caller.call("room:list");
  const [{ id: room }] = rooms;
  await caller.call("note:count", { later: { much: ["more"] }, __proto__: null, id: 7 });
  for (const body of [
    "\u0000",
    "\ufffe\uffff",
    "\u202eabc",
    "a\u0301",
    "\u{1f469}\u200d\u{1f680}",
  ]) {
    const { message } = await caller.call("message:send", { room, body: `${body}.` });
    assert.equal(message.body, `${body}.`);
  }
  const { message } = await caller.call("message:send", { room, body: "a\r\nb\rc" });
  assert.equal(message.body, "a\nb\nc");
  await others();
});

/** A host, somebody who may do everything, and whether somebody else still has a quiet life. */
async function start(t) {
  const host = await Host.start(t, ANYONE);
  const caller = await host.enterAsHost();
  const bystander = await host.enter("Bystander");
  await bystander.call("thanks");
  const others = async () => {
    await bystander.call("note:count");
    assert.ok(bystander.socket.connected && caller.socket.connected);
    assert.doesNotMatch(host.log, /panicked/);
  };
  return { host, caller: Object.assign(caller, { host }), others };
}

async function refused(caller, name, payload, code) {
  const what = `${name} ${JSON.stringify(payload).slice(0, 200)}`;
  const error = await caller.call(name, payload).then(
    () => assert.fail(`${what} was accepted`),
    (error) => error,
  );
  checkRefusal(error, code, what);
}

function checkRefusal(error, code, what) {
  const shown = what.slice(0, 200);
  assert.equal(error?.code, code, `${shown}: ${error?.message}`);
  assert.match(error.message, /^[A-Z`].*[.!?]$/s, shown);
  assert.ok(error.message.length < 500, `${shown}: ${error.message.length} characters`);
  assert.doesNotMatch(error.message, /src\/|panick|unwrap|Error\(/, shown);
}

/** The answer to a frame with these contents. */
async function byHand(t, { host, token }, contents) {
  const raw = await Raw.open(t, host);
  await raw.join(token);
  raw.send(`427${contents}`);
  const answer = JSON.parse((await raw.frame("437")).slice(3));
  raw.socket.close();
  return answer;
}
