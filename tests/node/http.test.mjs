// Every refusal by HTTP is said the same way, `{error: {code, message}}`, with the right status.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Host } from "./support/host.mjs";
import { connectTls } from "./support/tls.mjs";

const UNLIMITED = ["--pin", "2468", "--limits", "off"];
const JSON_TYPE = { "content-type": "application/json" };
const ENGINE = "/socket.io/?EIO=4&transport=polling";

/** Sends each request and checks what comes back. */
async function expect(t, status, code, requests) {
  const host = await Host.start(t, UNLIMITED);
  for (const [method, path, options] of requests) {
    const answer = await host.http(method, path, options);
    const sent = `${method} ${path} ${JSON.stringify(options ?? {}).slice(0, 120)}`;
    assert.equal(answer.status, status, sent);
    if (method === "HEAD") continue;
    assert.equal(answer.body.error.code, code, sent);
    assert.match(answer.body.error.message, /^[A-Z].{10,}\.$/s, sent);
    assert.equal(answer.headers["cache-control"], "no-store", sent);
  }
  assert.equal((await host.http("GET", "/health")).status, 200);
  assert.doesNotMatch(host.log, /panic/);
}

const signIn = (text, headers = JSON_TYPE) => ["POST", "/sign-in", { text, headers }];

const name = (name) => signIn(JSON.stringify({ name, pin: "2468" }));

test("a sign-in that cannot be read is a bad request that says why", (t) =>
  expect(t, 400, "bad_request", [
    ...[
      "",
      " ",
      "{",
      "{}",
      "null",
      "[]",
      '"Ann"',
      "1",
      "true",
      "{'name':'Ann'}",
      '{"name":"Ann",}',
    ].map((text) => signIn(text)),
    ...['{"name":1}', '{"name":null}', '{"name":["Ann"]}', '{"name":{}}', '{"nmae":"Ann"}'].map(
      (text) => signIn(text),
    ),
    ...["", "  ", "x".repeat(41), "a\nb", "a\u0000b", "a\u202eb", "a\u2066b", "\ufeff x"].map(name),
    signIn('{"name":"Ann","pin":2468}'),
    signIn('{"name":"Ann","pin":{}}'),
    signIn('{"name":"Ann","invite":1}'),
    signIn('{"name":"Ann","color":"red"}'),
    signIn('{"name":"Ann","color":"#12345"}'),
    signIn('{"name":"Ann","id":"1"}'),
    signIn(`{"name":${"[".repeat(4_000)}${"]".repeat(4_000)}}`),
    signIn(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])),
    signIn('{"name":"\\ud800"}'),
  ]));

test("a sign-in that is not JSON is refused as such", (t) =>
  expect(t, 415, "bad_request", [
    signIn('{"name":"Ann"}', {}),
    signIn('{"name":"Ann"}', { "content-type": "text/plain" }),
    signIn("name=Ann", { "content-type": "application/x-www-form-urlencoded" }),
    signIn('{"name":"Ann"}', { "content-type": "" }),
    signIn('{"name":"Ann"}', { "content-type": "json" }),
  ]));

test("a sign-in larger than its few texts is not read", (t) =>
  expect(t, 413, "too_large", [
    signIn(JSON.stringify({ name: "x".repeat(20_000) })),
    signIn(`{"name":"Ann"${" ".repeat(100_000)}}`),
  ]));

test("a path that is not served is not found, whatever it tries", (t) => {
  const paths = [
    "/nothing",
    "//",
    "/.",
    "/..",
    "/./",
    "/index",
    "/index.html/",
    "/assets",
    "/assets/",
    "/assets/x.js",
    "/../Cargo.toml",
    "/../../../../etc/passwd",
    "/assets/../index.html",
    "/assets/..%2findex.html",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%5c..%5cwindows",
    "/%00",
    "/%ff",
    "/%",
    "/index.html%00",
    "//index.html",
    "/.git/config",
    "/session.hearth",
    "/sign-in/",
    "/sign-in/x/y",
    "/sign-out/",
    "/health/",
    "/api.json/",
    "/socket.io/%ff",
    "/socket.io/x",
    "/socket.io/../index.html",
    "/socket.io//socket.io.js",
    "/socket.io/%2e%2e/index.html",
    "/socket.io/socket.io.js/",
    "/socket.iox/",
    "/SOCKET.IO/",
    "/files/",
    "/files/a",
    "/files/a/b/c",
    `/${"x".repeat(4_000)}`,
  ];
  return expect(t, 404, "not_found", [
    ...paths.map((path) => ["GET", path]),
    ["POST", "/nothing", { body: {} }],
    ["PUT", "/assets/x", { body: {} }],
    ["DELETE", "/anything"],
    ["GET", "/sign-in/1"],
    ["GET", "/sign-in/not-an-id"],
    ["DELETE", "/sign-in/not-an-id"],
  ]);
});

test("whoever comes back to a door where nobody knows of a knock is told that it has lapsed", (t) =>
  expect(t, 410, "gone", [["GET", "/sign-in/01a1f814-839a-7607-b775-3711be05a898"]]));

test("a path that does not take the method says so", (t) =>
  expect(t, 405, "bad_request", [
    ...["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"].map((method) => [method, "/sign-in"]),
    ...["GET", "PUT", "HEAD"].map((method) => [method, "/sign-out"]),
    ...["POST", "PUT", "PATCH", "DELETE", "OPTIONS"].map((method) => [method, "/"]),
    ...["POST", "PUT", "PATCH", "DELETE"].map((method) => [method, "/health"]),
    ...["POST", "DELETE"].map((method) => [method, "/api.json"]),
    ...["GET", "PUT", "HEAD"].map((method) => [method, "/files"]),
    ...["POST", "PUT", "DELETE"].map((method) => [method, "/files/a/b"]),
    ...["PUT", "PATCH"].map((method) => [method, "/sign-in/01a1f814-839a-7607-b775-3711be05a898"]),
    ...["POST", "PUT"].map((method) => [method, "/icon.svg"]),
    ["POST", "/socket.io/socket.io.js"],
  ]));

test("what is not Engine.IO 4 is a bad request", (t) => {
  const queries = [
    "",
    "?",
    "?EIO=4",
    "?transport=polling",
    "?EIO=3&transport=polling",
    "?EIO=5&transport=polling",
    "?EIO=x&transport=polling",
    "?EIO=&transport=polling",
    "?EIO=4&transport=",
    "?EIO=4&transport=carrier",
    "?EIO=4&transport=websocket",
    "?EIO=4&transport=websocket&sid=x",
    "?EIO=4&transport=polling&sid=",
    "?EIO=4&transport=polling&sid=x",
    `?EIO=4&transport=polling&sid=${"A".repeat(16)}`,
    `?EIO=4&transport=polling&sid=${"A".repeat(38)}`,
    `?EIO=4&transport=polling&sid=${"%C3".repeat(38)}`,
    `?EIO=4&transport=polling&sid=${"A".repeat(5_000)}`,
    "?&&&===",
    "?sid",
    "?EIO=4&EIO=3&transport=x",
  ];
  return expect(t, 400, "bad_request", [
    ...queries.map((query) => ["GET", `/socket.io/${query}`]),
    ["GET", "/socket.io?EIO=3&transport=polling"],
    ...["POST", "PUT", "DELETE", "PATCH"].map((method) => [method, ENGINE, { text: "40" }]),
    ...["POST", "PUT"].map((method) => [method, `${ENGINE}&sid=${"A".repeat(38)}`, { text: "40" }]),
  ]);
});

const head = (...lines) => `${["GET /health HTTP/1.1", ...lines].join("\r\n")}\r\n\r\n`;

const NO_HTTP = [
  "\r\n\r\n\r\n",
  "GARBAGE\r\n\r\n",
  "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001",
  "GET\r\n\r\n",
  "GET /\r\n\r\n",
  "GET / HTTP/9.9\r\n\r\n",
  "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "GET / HTTP/1.1\nHost localhost\n\n",
  head(),
  head("Host: a", "Host: b"),
  head("Host: localhost:99999"),
  head("Host: [::1"),
  head("Host: a@localhost"),
  head("Host: localhost", "Origin: http://localhost", "Origin: http://evil.example"),
  head("Host: local host"),
  head("Host: localhost", "Content-Length: -1"),
  head("Host: localhost", "Content-Length: x"),
  head("Host: localhost", "Content-Length: 1", "Content-Length: 2"),
  head("Host: localhost", ": x"),
  head("Host: localhost", "Transfer-Encoding: nonsense"),
  head("Host: localhost", `X: ${"x".repeat(70_000)}`),
  head("Host: localhost", ...Array.from({ length: 300 }, (_, number) => `X-${number}: x`)),
  `GET /${"x".repeat(70_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  "é".repeat(1_000),
  "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
];

test("what is not HTTP is refused or hung up on, and nobody else feels it", async (t) => {
  const host = await Host.start(t, UNLIMITED);
  const ann = await host.enter("Ann");
  for (const bytes of NO_HTTP) {
    const socket = (await connectTls(host)).setEncoding("latin1");
    let answer = "";
    socket.on("data", (text) => (answer += text));
    // Being hung up on may look like this, where the host had not read all of it.
    socket.on("error", () => {});
    socket.end(bytes, "latin1");
    await new Promise((closed) => socket.once("close", closed));
    assert.match(answer, /^($|HTTP\/1\.[01] 4\d\d )/, JSON.stringify(bytes.slice(0, 60)));
  }
  assert.ok((await ann.call("note:count")).count >= 0);
  assert.doesNotMatch(host.log, /panic/);
});
