// A broken frame ends at most the connection it came by; what is only unknown or out of place does
// not even that. Whoever may not come in is told why, by exactly a code.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";

import { Polling, Raw } from "./support/engine.mjs";
import { Host } from "./support/host.mjs";
import { connectTls } from "./support/tls.mjs";

const ANYONE = ["--admit", "anyone", "--limits", "off"];
const DEADLINE_MS = 8_000;

const binaryEvent = (attachments) => `45${attachments}-["x",{"_placeholder":true,"num":0}]`;

/** Frames after which the connection is over. */
const BROKEN = [
  "",
  "4",
  "42",
  "42{",
  "42{}",
  "42[]",
  "42[1]",
  "42[null]",
  "42[{}]",
  '42[["note:count"]]',
  '42["note:count"',
  '42["note:count" {}]',
  '42é["x"]',
  '42"note:count"',
  `42${"x".repeat(70_000)}`,
  // To a namespace that this client has not joined.
  '42/home,["note:count"]',
  '42-1["x"]',
  '42 1["note:count"]',
  // Names are read as they stand; one that has to be unescaped first is no call's.
  '427["note:read\\u0000"]',
  '427["\\ud800"]',
  "43",
  "44",
  '44{"message":"x"}',
  "45",
  '45-["x"]',
  binaryEvent(17),
  binaryEvent(4_294_967_296),
  binaryEvent(99_999_999_999_999_999_999n),
  "46",
  "461-[]",
  '48["x"]',
  "4z",
  "abc",
  "1",
  "2probe",
  "3probe",
  "5",
  "6",
  "7",
  "9",
  "b4AAAA",
  "\u0000",
  '\ufeff42["note:count"]',
  "\u{1f525}",
];

/** Frames that mean nothing here and do no harm. */
const POINTLESS = [
  '42["no:such"]',
  '42["presence",{"room":7}]',
  '42["presence",null]',
  '42["presence",{"state":"away"}]',
  '42["cursor",{}]',
  '42["note:count",{}],',
  '42/nowhere,["note:count"]',
  '42/,["no:such"]',
  '42/?token=x,["no:such"]',
  "430[]",
  "430[1]",
  '4399["answered what was not asked"]',
  "40",
  '40{"token":"x"}',
  "40/nowhere,",
  "40/home,",
  "41/nowhere,",
  "2",
  "3",
];

/** Bytes on the wire that are no WebSocket frame as RFC 6455 has them. */
const BAD_BYTES = [
  ["not masked", [0x81, 0x01, 0x34]],
  ["a reserved opcode", [0x83, 0x80, 0, 0, 0, 0]],
  ["a reserved control opcode", [0x8b, 0x80, 0, 0, 0, 0]],
  ["reserved bits", [0xf1, 0x80, 0, 0, 0, 0]],
  ["a ping in pieces", [0x09, 0x80, 0, 0, 0, 0]],
  ["a ping too long", [0x89, 0xfe, 0x00, 0x7e, 0, 0, 0, 0, ...Array(126).fill(0)]],
  ["a continuation of nothing", [0x80, 0x80, 0, 0, 0, 0]],
  ["text that is not UTF-8", [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]],
  ["a text longer than memory", [0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]],
  ["a text of a negative length", [0x81, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]],
  ["a close with half a code", [0x88, 0x81, 0, 0, 0, 0, 3]],
];

/** Bodies of a POST by long polling that are no packets. */
const BAD_BODIES = [
  "",
  "\u001e",
  "\u001e\u001e\u001e",
  "4",
  "42",
  "42[",
  "x",
  "b",
  "b!!!!",
  "40\u001e",
  '42["no:such"]\u001ex',
  "6:42[1]",
  "0".repeat(10_000),
  `42["x","${"y".repeat(60_000)}`,
  Buffer.from([0xff, 0xfe, 0x00]),
];

/** What a client may say of itself in order to come in, and what it hears. */
const AUTH = (token) => [
  [undefined, "unauthorized"],
  [null, "unauthorized"],
  [{}, "unauthorized"],
  [[], "unauthorized"],
  [7, "unauthorized"],
  ["token", "unauthorized"],
  [token, "unauthorized"],
  [{ token: "" }, "unauthorized"],
  [{ token: "wrong" }, "unauthorized"],
  [{ token: null }, "unauthorized"],
  [{ token: 7 }, "unauthorized"],
  [{ token: [token] }, "unauthorized"],
  [{ token: { token } }, "unauthorized"],
  [{ Token: token }, "unauthorized"],
  [{ token: `${token} ` }, "unauthorized"],
  [{ token: token.slice(0, -1) }, "unauthorized"],
  [{ token: token.toLowerCase() }, "unauthorized"],
  [{ token: "x".repeat(50_000) }, "unauthorized"],
  [{ token: "\u0000" }, "unauthorized"],
  [{ token, protocol: 0 }, "version"],
  [{ token, protocol: 2 }, "version"],
  [{ token, protocol: -1 }, "version"],
  [{ token, protocol: 1.5 }, "version"],
  [{ token, protocol: 1e300 }, "version"],
  [{ token, protocol: "1" }, "version"],
  [{ token, protocol: [1] }, "version"],
  [{ token, protocol: true }, "version"],
  [{ token, protocol: {} }, "version"],
];

test("a broken frame ends its connection, and one out of place does not", async (t) => {
  const { host, token, others } = await start(t);
  for (const frame of BROKEN) {
    assert.equal(await fate(t, host, token, frame), "ended", JSON.stringify(frame.slice(0, 60)));
  }
  for (const frame of POINTLESS) {
    assert.equal(await fate(t, host, token, frame), "went on", frame);
  }
  await others();
});

test("nothing binary is taken, and nobody is harmed by it", async (t) => {
  const { host, token, others } = await start(t);
  for (const payload of [[1, 2, 3], [], Array(70_000).fill(7)]) {
    // Binary without an event that it belongs to.
    assert.equal(await fate(t, host, token, Buffer.from(payload)), "ended");
    const raw = await Raw.open(t, host);
    await raw.join(token);
    raw.send(`451-7["note:count",{"_placeholder":true,"num":0}]`);
    raw.send(Buffer.from(payload));
    const answered = raw.frame("437").then((frame) => JSON.parse(frame.slice(3))[0].error.code);
    const ended = raw.ended().then(() => "ended");
    const expected = payload.length > 65_536 ? "ended" : "bad_request";
    assert.equal(await Promise.race([answered, ended]), expected);
    raw.socket.terminate();
  }
  await others();
});

test("what is no WebSocket frame ends its connection", async (t) => {
  const { host, token, others } = await start(t);
  for (const [what, bytes] of BAD_BYTES) {
    const raw = await Raw.open(t, host);
    await raw.join(token);
    raw.socket._socket.write(Buffer.from(bytes));
    await raw.ended().catch(() => assert.fail(what));
  }
  await others();
});

test("what is no packet ends a polling client at most", async (t) => {
  const { host, token, others } = await start(t);
  for (const text of BAD_BODIES) {
    const polling = await Polling.open(host);
    let heard = await polling.join(token);
    while (!heard.includes("40{")) heard += (await polling.receive()).text;
    const answer = await polling.send(text);
    const what = JSON.stringify(String(text).slice(0, 60));
    assert.ok([200, 400].includes(answer.status), `${what}: ${answer.status}`);
    if (answer.status === 400) assert.equal(answer.body.error.code, "bad_request", what);
  }
  await others();
});

test("a handshake that is none is refused", async (t) => {
  const { host, others } = await start(t);
  const { hostname, port } = new URL(host.url);
  const good = {
    Host: `${hostname}:${port}`,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
  };
  assert.match(await handshake(host, good), /^HTTP\/1.1 101/);
  const bad = [
    { ...good, Connection: "close" },
    { ...good, Upgrade: "h2c" },
    { ...good, "Sec-WebSocket-Version": "8" },
    { ...good, "Sec-WebSocket-Version": "" },
    { ...good, Origin: "http://elsewhere.example" },
    { ...good, Origin: "null" },
    { ...good, Host: "elsewhere.example" },
    without(good, "Upgrade"),
    without(good, "Connection"),
    without(good, "Sec-WebSocket-Version"),
    without(good, "Sec-WebSocket-Key"),
    without(good, "Host"),
  ];
  for (const headers of bad) {
    assert.match(await handshake(host, headers), /^HTTP\/1.1 4\d\d/, JSON.stringify(headers));
  }
  for (const transport of ["websocket=", "WebSocket", "webtransport", ""]) {
    assert.match(await handshake(host, good, transport), /^HTTP\/1.1 400/, transport);
  }
  await others();
});

test("whoever may not come in is told why, by exactly a code", async (t) => {
  const { host, token, others } = await start(t);
  for (const namespace of ["/", "/home"]) {
    for (const [auth, code] of AUTH(token)) {
      const client = host.client({ namespace, auth, transports: ["websocket"] });
      const what = `${namespace} ${JSON.stringify(auth)?.slice(0, 80)}`;
      await assert.rejects(client.connected(), { message: code }, what);
      client.close();
    }
  }
  for (const namespace of ["/nowhere", "/home/x", "/HOME", `/${"x".repeat(500)}`]) {
    const client = host.client({ namespace, auth: { token }, transports: ["websocket"] });
    await assert.rejects(client.connected(), namespace.slice(0, 20));
    client.close();
  }
  await others();
});

/** A host, somebody's sign-in, and whether somebody else still has a quiet life. */
async function start(t) {
  const host = await Host.start(t, ANYONE);
  const bystander = await host.enter("Bystander");
  const { token } = await host.signIn("Mallory", {});
  const others = async () => {
    await bystander.call("note:count");
    assert.ok(bystander.socket.connected);
    assert.doesNotMatch(host.log, /panicked/);
  };
  return { host, token, others };
}

/** What becomes of a connection after this frame. */
async function fate(t, host, token, frame) {
  const raw = await Raw.open(t, host);
  await raw.join(token);
  raw.send(frame);
  raw.send('427["note:count"]');
  // A connection may still answer what it had read when it was ended.
  const wentOn = raw.frame("437").then(async () => {
    raw.send('428["note:count"]');
    await raw.frame("438");
    return "went on";
  });
  const outcome = await Promise.race([wentOn, raw.ended().then(() => "ended")]);
  raw.socket.terminate();
  return outcome;
}

/** The first line that answers a request to become a WebSocket. */
async function handshake(host, headers, transport = "websocket") {
  const socket = (await connectTls(host)).setEncoding("latin1");
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const begin = `GET /socket.io/?EIO=4&transport=${transport} HTTP/1.1`;
  const request = [begin, ...lines, "", ""];
  socket.write(request.join("\r\n"));
  const [answer] = await once(socket, "data", { signal: AbortSignal.timeout(DEADLINE_MS) });
  socket.destroy();
  return answer.split("\r\n")[0];
}

function without(headers, name) {
  const { [name]: _, ...rest } = headers;
  return rest;
}
