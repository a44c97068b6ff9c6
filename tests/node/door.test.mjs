// Who may talk to the host at all: no page from elsewhere, no name that was made to point here,
// nobody else's connection, and only so much before having signed in.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Polling, Raw } from "./support/engine.mjs";
import { Host } from "./support/host.mjs";

const KIB = 1024;
const HANDSHAKE = "/socket.io/?EIO=4&transport=polling";
const PATHS = ["/", "/health", "/api.json", "/nowhere", HANDSHAKE, "/socket.io/socket.io.js"];

/** The status a WebSocket is refused with. */
async function refused(t, host, headers) {
  const error = await Raw.open(t, host, { headers }).then(
    () => assert.fail("it was let in"),
    (error) => error,
  );
  return Number(error.message.match(/\d{3}/)?.[0]);
}

test("a foreign Host is refused whatever it asks for", async (t) => {
  const host = await Host.start(t);
  for (const name of ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example"]) {
    for (const path of PATHS) {
      const { status, body } = await host.http("GET", path, { headers: { host: name } });
      assert.deepEqual([status, body.error.code], [403, "forbidden"], `${name}${path}`);
    }
    assert.equal(await refused(t, host, { host: name }), 403, name);
  }
});

test("a page from elsewhere is refused by HTTP, polling and WebSocket", async (t) => {
  const host = await Host.start(t);
  for (const origin of ["http://evil.example", "http://127.0.0.1:1", "null", "https://localhost"]) {
    for (const path of PATHS) {
      const { status } = await host.http("GET", path, { headers: { origin } });
      assert.equal(status, 403, `${origin} ${path}`);
    }
    const body = { name: "Mallory", pin: "2468" };
    assert.equal((await host.http("POST", "/sign-in", { headers: { origin }, body })).status, 403);
    assert.equal(await refused(t, host, { origin }), 403, origin);
  }
});

test("the host's own page is let in by every way", async (t) => {
  const host = await Host.start(t);
  const origin = host.url;
  assert.equal((await host.http("GET", HANDSHAKE, { headers: { origin } })).status, 200);
  const raw = await Raw.open(t, host, { headers: { origin } });
  await raw.frame("0");
});

test("browsers are kept out while the host does not admit them", async (t) => {
  const host = await Host.start(t, ["--pin", "2468", "--browsers", "off"]);
  const fromBrowser = { headers: { "sec-fetch-site": "none" } };
  const { status, body } = await host.http("GET", "/", fromBrowser);
  assert.deepEqual([status, body.error.code], [403, "forbidden"]);
  assert.equal(await refused(t, host, { origin: host.url }), 403);
});

test("whoever learns a socket's id can neither listen nor speak for it", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann", { transports: ["polling"] });
  const path = `${HANDSHAKE}&sid=${ann.id}`;
  const attempts = [
    await host.http("GET", path),
    await host.http("POST", path, { text: "41" }),
    await host.http("POST", `${path}${"A".repeat(22)}`, { text: "1" }),
  ];
  for (const { status, body } of attempts) {
    assert.deepEqual([status, body.error.code], [400, "bad_request"]);
  }
  await assert.rejects(Raw.open(t, host, { query: `&sid=${ann.id}` }));
  assert.ok((await ann.call("note:count")).count >= 0);
});

test("before sign-in one message of 64 KiB is taken, and no more", async (t) => {
  const host = await Host.start(t);
  const [within, beyond] = [63 * KIB, 70 * KIB];
  const filled = (size) => `40${JSON.stringify({ token: "x".repeat(size) })}`;

  const raw = await Raw.open(t, host);
  raw.send(filled(within));
  assert.match(await raw.frame("44"), /unauthorized/);
  const greedy = await Raw.open(t, host);
  greedy.send(filled(beyond));
  await greedy.ended();
  assert.deepEqual(
    greedy.frames.filter((frame) => frame.startsWith("4")),
    [],
  );

  const polling = await Polling.open(host);
  assert.equal((await polling.send(filled(within))).status, 200);
  const { status, body } = await polling.send(filled(beyond));
  assert.deepEqual([status, body.error.code], [413, "too_large"]);
});

test("after sign-in a message may be 4 MiB, and a larger one ends the connection", async (t) => {
  const host = await Host.start(t);
  const fits = { padding: "x".repeat(4096 * KIB - 100) };
  for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
    const ann = await host.enter("Ann", { transports });
    if (transports.length === 2) await ann.upgraded();
    assert.ok((await ann.call("note:count", fits)).count >= 0, transports.join());
    ann.socket.emit("note:count", { padding: "x".repeat(4097 * KIB) });
    await ann.take("disconnect");
  }
});

test("a connection that does not sign in is closed, by either transport", async (t) => {
  const host = await Host.start(t, ["--pin", "2468", "--limits", "sign_in_within_ms=200"]);
  const raw = await Raw.open(t, host);
  await raw.ended();
  const polling = await Polling.open(host);
  let answer;
  do answer = await polling.receive();
  while (answer.status === 200);
  assert.equal(answer.status, 400);
});

test("a connection that has left its namespace is closed after a while", async (t) => {
  const host = await Host.start(t, ["--pin", "2468", "--limits", "sign_in_within_ms=200"]);
  const { token } = await host.signIn("Ann");
  const raw = await Raw.open(t, host);
  await raw.join(token);
  raw.send("41");
  await raw.ended();
});

test("a connection that asks to come in again and again is closed", async (t) => {
  const host = await Host.start(t);
  const { token } = await host.signIn("Ann");
  for (const wrong of [true, false]) {
    const raw = await Raw.open(t, host);
    const asked = `40${JSON.stringify({ token: wrong ? "guess" : token })}`;
    const answer = wrong ? "44" : "40";
    let answers = 0;
    const asking = async () => {
      for (; ; answers += 1) {
        raw.send(asked);
        await raw.frame(answer);
        if (!wrong) raw.send("41");
      }
    };
    asking().catch(() => {});
    await raw.ended();
    assert.ok(answers <= 64, `${answers} answers`);
  }
});

test("one address may hold only so many connections that are in use", async (t) => {
  const host = await Host.start(t, ["--pin", "2468", "--limits", "connections_per_address=3"]);
  const held = [await Raw.open(t, host), await Raw.open(t, host), await Raw.open(t, host)];

  const health = () =>
    host.http("GET", "/health").then(
      ({ status }) => status,
      () => "refused",
    );
  assert.equal(await health(), "refused");
  held.pop().socket.terminate();
  // The host sees that it is gone a moment later.
  let status;
  do status = await health();
  while (status === "refused");
  assert.equal(status, 200);
});

test("only so many wait to sign in from one address, and signing in makes room", async (t) => {
  const host = await Host.start(t, ["--pin", "2468", "--limits", "not_signed_in=2"]);
  const { token } = await host.signIn("Ann");
  const [first] = [await Raw.open(t, host), await Raw.open(t, host)];
  const { status, body } = await host.http("GET", HANDSHAKE);
  assert.deepEqual([status, body.error.code], [429, "rate_limited"]);
  assert.ok(body.error.retry_after_ms > 0);
  await first.join(token);
  assert.equal((await host.http("GET", HANDSHAKE)).status, 200);
});

test("asking too often is refused with a time to wait, and pages are not counted", async (t) => {
  const limits = "http_per_s=1,http_burst=5";
  const host = await Host.start(t, ["--pin", "2468", "--limits", limits]);
  for (let page = 0; page < 30; page += 1) assert.equal((await host.http("GET", "/")).status, 200);
  const asks = Array.from({ length: 8 }, () => host.http("GET", "/health"));
  const answers = await Promise.all(asks);
  assert.ok(answers.some(({ status }) => status === 200));
  const { status, headers, body } = answers.find((answer) => answer.status !== 200);
  assert.deepEqual([status, body.error.code], [429, "rate_limited"]);
  assert.ok(body.error.retry_after_ms > 0 && body.error.retry_after_ms <= 1000);
  assert.equal(headers["retry-after"], "1");
});
