// Connections that say nothing, handshakes that never end, and nonsense in place of one: the host
// goes on serving, and others get in.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Host } from "./support/host.mjs";
import { LONG } from "./support/long.mjs";
import { connectTls } from "./support/tls.mjs";

const CROWD = 500;
/** Nobody needs longer than this to get in beside a crowd; browsers give up after minutes. */
const PATIENCE_MS = 5_000;
/** A handshake may take ten seconds, and so may the first byte. */
const GIVEN_UP_MS = 25_000;

/** The beginning of a ClientHello, which promises more. */
const BEGINNING = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);

/** Opens a connection from this address of the computer's own and says `beginning` on it. */
function open(host, from, beginning) {
  const { port } = new URL(host.url);
  const socket = connect({ host: "127.0.0.1", port, localAddress: from });
  socket.on("error", () => {});
  if (beginning) socket.write(beginning);
  return socket;
}

/** When a connection is closed, by whomever and however. */
function closing(socket) {
  socket.resume();
  return new Promise((resolve) => (socket.closed ? resolve() : socket.once("close", resolve)));
}

/** A crowd from so many addresses; every other one begins a handshake. Each has arrived. */
async function crowd(t, host, addresses, size = CROWD) {
  const sockets = Array.from({ length: size }, (_, number) => {
    const from = `127.9.${Math.floor((number % addresses) / 250)}.${1 + ((number % addresses) % 250)}`;
    return open(host, from, number % 2 ? BEGINNING : undefined);
  });
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  const arrived = (socket) =>
    new Promise((resolve) => socket.once("connect", resolve).once("close", resolve));
  await Promise.all(sockets.map(arrived));
  return sockets;
}

/** Fails unless somebody gets in by every way while it is crowded. */
async function othersGetIn(host, who) {
  const from = performance.now();
  assert.equal((await host.http("GET", "/health")).status, 200);
  const client = await host.enter(who);
  await client.upgraded();
  assert.ok((await client.call("note:count")).count >= 0);
  const took = performance.now() - from;
  assert.ok(took < PATIENCE_MS, `${took} ms`);
  return client;
}

for (const [addresses, how] of [
  [1, "one address"],
  [8, "eight addresses"],
  [CROWD, "as many addresses"],
]) {
  test(`${CROWD} connections from ${how} that say nothing keep nobody out`, async (t) => {
    const host = await Host.start(t);
    const ann = await host.enter("Ann");
    const silent = await crowd(t, host, addresses);
    const ben = await othersGetIn(host, "Ben");
    // And again from the same address as the crowd: as somebody on the same machine would.
    const socket = await connectTls(host, { localAddress: "127.9.0.1" });
    socket.destroy();
    for (const client of [ann, ben]) assert.ok((await client.call("note:count")).count >= 0);
    const late = sleep(GIVEN_UP_MS, undefined, { ref: false });
    await Promise.race([Promise.all(silent.map(closing)), late]);
    assert.equal(silent.filter((socket) => !socket.closed).length, 0, "all are closed again");
    assert.ok((await ann.call("note:count")).count >= 0);
  });
}

test("a crowd that comes again and again keeps nobody out", async (t) => {
  const host = await Host.start(t);
  let coming = true;
  const flood = (async () => {
    while (coming) await crowd(t, host, 20, 100);
  })();
  for (let round = 0; round < (LONG ? 50 : 10); round += 1) {
    await othersGetIn(host, `Person ${round}`);
  }
  coming = false;
  await flood;
});

test("connections in use are not ended for a crowd", async (t) => {
  const host = await Host.start(t);
  const clients = [];
  for (const transports of [["websocket"], ["polling"]]) {
    clients.push(await host.enter("Ann", { transports }));
  }
  const knocking = await Host.start(t, ["--admit", "ask"]);
  const { knock } = (await knocking.http("POST", "/sign-in", { body: { name: "Ben" } })).body;
  const waiting = knocking.http("GET", `/sign-in/${knock}`);
  await crowd(t, host, 4);
  await crowd(t, knocking, 1);
  for (const client of clients) {
    assert.ok((await client.call("note:count")).count >= 0);
    assert.deepEqual(client.pending("disconnect"), []);
  }
  const hostess = await knocking.enterAsHost();
  await hostess.call("knock:answer", { knock, admit: true });
  assert.equal((await waiting).status, 201);
});

test("a handshake that comes byte by byte is ended, however long it goes on", async (t) => {
  const host = await Host.start(t);
  const socket = open(host, "127.0.0.1");
  const closed = closing(socket);
  const hello = Buffer.concat([BEGINNING, Buffer.alloc(600, 1)]);
  const from = performance.now();
  let ended = false;
  closed.then(() => (ended = true));
  for (let at = 0; at < hello.length && !ended; at += 1) {
    socket.write(hello.subarray(at, at + 1));
    await Promise.race([closed, sleep(100)]);
  }
  await closed;
  assert.ok(performance.now() - from < GIVEN_UP_MS);
  await othersGetIn(host, "Ann");
});

/** A record of TLS around a handshake message. */
function record(body, version = 0x0301) {
  const head = Buffer.from([
    0x16,
    version >> 8,
    version & 0xff,
    body.length >> 8,
    body.length & 0xff,
  ]);
  return Buffer.concat([head, body]);
}

/** A ClientHello that says to be this long, and the first `sent` bytes of it in records. */
function giantHello(length, sent) {
  const message = Buffer.alloc(sent, 0x41);
  message.set([0x01, length >> 16, (length >> 8) & 0xff, length & 0xff, 0x03, 0x03]);
  const records = [];
  for (let at = 0; at < sent; at += 16_384) records.push(record(message.subarray(at, at + 16_384)));
  return Buffer.concat(records);
}

/** A genuine ClientHello, as `node:tls` writes it. */
async function genuineHello() {
  const { createServer } = await import("node:net");
  const { connect: connectTo } = await import("node:tls");
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  connectTo({ port, host: "127.0.0.1", rejectUnauthorized: false }).on("error", () => {});
  const [accepted] = await once(server, "connection");
  const [hello] = await once(accepted, "data");
  accepted.destroy();
  server.close();
  return hello;
}

test("nonsense in place of a handshake ends that connection and no other", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann");
  const hello = await genuineHello();
  const cut = [1, 4, 5, 6, 40, hello.length - 1].map((at) => hello.subarray(0, at));
  const flipped = Array.from({ length: 200 }, (_, number) => {
    const changed = Buffer.from(hello);
    changed[(number * 7) % hello.length] ^= 1 << (number % 8);
    return changed;
  });
  const nonsense = [
    "\x16",
    "\x00",
    "\r\n",
    "\x16\x03\x01\x00\x05hello",
    "\x16".repeat(70_000),
    "\x16\x03\x01\x00\x00",
    "\x16\x03\x01\xff\xff" + "A".repeat(65_535),
    "\x15\x03\x01\x00\x02\x02\x28",
    "\x16\x03\x01\x00\x02\x02\x28",
    "\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10",
    "SSH-2.0-OpenSSH_9.9\r\n",
  ].map((text) => Buffer.from(text, "latin1"));
  const giants = [giantHello(0xffffff, 70_000), giantHello(70_000, 70_000), giantHello(0, 16)];
  const twice = Buffer.concat([hello, hello]);
  const empty = Buffer.concat(Array.from({ length: 2_000 }, () => record(Buffer.alloc(0))));
  const all = [...cut, ...flipped, ...nonsense, ...giants, twice, empty];
  for (const bytes of all) {
    const socket = open(host, "127.0.0.1", bytes);
    // Whoever stops in the middle of a handshake and goes.
    socket.end();
    await closing(socket);
  }
  assert.ok((await ann.call("note:count")).count >= 0);
  assert.equal((await host.http("GET", "/health")).status, 200);
  assert.doesNotMatch(host.log, /panic/);
});

test("a ClientHello that never ends costs no memory", async (t) => {
  const host = await Host.start(t);
  const socket = open(host, "127.0.0.1");
  const closed = closing(socket);
  const part = giantHello(0xffffff, 16_384);
  let sent = 0;
  let ended = false;
  closed.then(() => (ended = true));
  while (!ended && sent < 64 * 1024 * 1024) {
    sent += part.length;
    const drained = new Promise((resolve) => socket.once("drain", resolve));
    if (!socket.write(part)) await Promise.race([drained, closed]);
  }
  assert.ok(ended, `it still listened after ${sent} bytes`);
  await othersGetIn(host, "Ann");
});

test("whoever leaves at any moment of a handshake leaves nothing behind", async (t) => {
  const host = await Host.start(t);
  const hello = await genuineHello();
  const leave = async (after) => {
    const socket = open(host, "127.0.0.1", hello);
    await new Promise((resolve) => socket.once("data", resolve).once("close", resolve));
    after(socket);
    await closing(socket);
  };
  for (let round = 0; round < 20; round += 1) {
    await leave((socket) => socket.destroy());
    await leave((socket) => socket.resetAndDestroy());
    await leave((socket) => socket.end("\x15\x03\x03\x00\x02\x01\x00", "latin1"));
    await leave((socket) => socket.end("\x17\x03\x03\x00\x05hello", "latin1"));
  }
  await othersGetIn(host, "Ann");
});

test("TLS 1.2 is spoken, but nobody gets to renegotiate it", async (t) => {
  const host = await Host.start(t);
  const socket = await connectTls(host, { maxVersion: "TLSv1.2" });
  assert.equal(socket.getProtocol(), "TLSv1.2");
  const asked = new Promise((resolve, reject) => {
    socket.once("error", reject).once("close", resolve);
    socket.renegotiate({}, (error) => (error ? reject(error) : resolve()));
  });
  await assert.rejects(asked, { code: "ERR_SSL_NO_RENEGOTIATION" });
  await assert.rejects(connectTls(host, { maxVersion: "TLSv1.1", minVersion: "TLSv1" }));
  await othersGetIn(host, "Ann");
});
