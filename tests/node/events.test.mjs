// What happens to an event on its way in: order, answers, and all that is no call.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Raw } from "./support/engine.mjs";
import { Host } from "./support/host.mjs";

const UNLIMITED = ["--pin", "2468", "--limits", "off"];

test("others hear what one client does in the order it was sent", async (t) => {
  const host = await Host.start(t, UNLIMITED);
  const [ann, ben] = [await host.enter("Ann"), await host.enter("Ben")];
  const { snapshot } = await ben.thanks({ batch: true });
  const room = snapshot.rooms[0].id;
  const told = [];
  ben.socket.on("facts", ({ facts }) => {
    for (const { name, message } of facts) if (name === "messageposted") told.push(message.body);
  });
  const sent = Array.from({ length: 2_000 }, (_, number) => `${number}`);
  await Promise.all(sent.map((body) => ann.call("message:send", { room, body })));
  while (told.length < sent.length) await ben.take("facts");
  assert.deepEqual(told, sent);
});

test("a client's first events, sent in the moment it connects, are all answered", async (t) => {
  const host = await Host.start(t, UNLIMITED);
  const { token } = await host.signIn("Ann");
  const clients = Array.from({ length: 60 }, () => {
    const client = host.client({ auth: { token }, transports: ["websocket"] });
    const answer = new Promise((resolve, reject) => {
      client.socket.on("connect", () => client.call("note:count").then(resolve, reject));
    });
    return { client, answer };
  });
  for (const { answer } of clients) assert.ok((await answer).count >= 0);
});

test("what is no call is refused in its turn, and what follows is carried out", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann");
  const wrong = [
    ["note:count", 1],
    ["note:count", "text"],
    ["note:count", [{}]],
    ["note:count", {}, {}],
    ["note:count", Buffer.from("binary")],
    ["note:count", { file: Buffer.from("binary") }],
    ["room:create", {}],
    ["room:create", { name: "" }],
    ["room:create", { name: "x".repeat(41) }],
    ["room:create", { name: "a\u202eb" }],
    ["room:join", { room: "General" }],
    ["no:such", {}],
    ["message", "tutorials send this"],
    ["", {}],
  ];
  const order = [];
  const answers = wrong.map(async (sent) => {
    const answer = await ann.socket.timeout(5_000).emitWithAck(...sent);
    order.push(sent);
    assert.equal(answer.error?.code, "bad_request", JSON.stringify(sent));
    assert.match(answer.error.message, /^.{10,}\.$/, JSON.stringify(sent));
  });
  const { room } = await ann.call("room:create", { name: "After all that" });
  assert.equal(room.name, "After all that");
  assert.deepEqual(order, wrong);
  await Promise.all(answers);
});

test("a payload may be left away where a call takes none", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann");
  const { ok } = await ann.socket.timeout(5_000).emitWithAck("member:list");
  assert.equal(
    ok.members.some(({ name }) => name === "Ann"),
    true,
  );
});

test("a client without acknowledgements is answered by `reply` with its mark", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann");
  const mark = 'a "mark" \\ of its own';
  ann.socket.emit("note:count", { re: mark });
  ann.socket.emit("no:such", { re: "2" });
  const counted = await ann.take("reply");
  assert.equal(counted.re, mark);
  assert.ok(counted.ok.count >= 0);
  const refused = await ann.take("reply");
  assert.deepEqual([refused.re, refused.error.code], ["2", "bad_request"]);
});

test("a call that wants no answer is carried out all the same", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann");
  await ann.thanks();
  ann.socket.emit("room:create", { name: "Quiet" });
  assert.equal((await ann.take("roomcreated")).room.name, "Quiet");
});

const BROKEN = [
  "",
  "4",
  "9",
  "x",
  "é",
  "\u0000",
  "4é",
  "4x",
  "47",
  "49[]",
  "42",
  "42x",
  "42[",
  "42[]",
  "42{}",
  "42[1]",
  "42[null]",
  '42["x"',
  '42["x",',
  '42["x",{]',
  '42["x",{"a":}]',
  '42["\\ud800"]',
  '42["x",nul]',
  "42-1[]",
  "421",
  '4299999999999999999999["x"',
  "43",
  "43[]",
  "43x[]",
  "44",
  '44{"message":"x"}',
  "45",
  "450-",
  "451-",
  "45-[]",
  '451-["x"]42["y"]',
  '4599999999-["x",{"_placeholder":true,"num":0}]',
  "46",
  "460-1[]",
  "5",
  "6x",
  "0",
  "0{}",
  "2é",
  "bAAA",
  "b!",
  "b",
  "42/home",
  '42/home,["x"]',
  "41/nowhere,x",
  `42["x",${"[".repeat(5_000)}${"]".repeat(5_000)}]`,
  `42["x",${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}]`,
];

test("a broken frame ends at most the connection it came by", async (t) => {
  const host = await Host.start(t, UNLIMITED);
  const ann = await host.enter("Ann");
  const { token } = await host.signIn("Mallory");
  for (const signedIn of [false, true]) {
    for (const frame of BROKEN) {
      const raw = await Raw.open(t, host);
      if (signedIn) await raw.join(token);
      raw.send(frame);
      raw.send(Buffer.from([0, 255, 4]));
      raw.socket.close();
      await raw.ended();
    }
  }
  assert.ok((await ann.call("note:count")).count >= 0);
  assert.doesNotMatch(host.log, /panic/);
});
