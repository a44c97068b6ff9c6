// One port speaks TLS and plain HTTP; who may use which is the host's choice.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { Host } from "./support/host.mjs";
import {
  ask,
  connectTls,
  fingerprint,
  https,
  LINK,
  makeApp,
  networkAddress,
} from "./support/tls.mjs";

const PIN = ["--pin", "2468"];

/** A host that a network can reach, with its address there. */
async function onNetwork(t, options) {
  const address = networkAddress();
  if (!address) {
    t.skip("this computer is on no network");
    return null;
  }
  const host = await Host.start(t, [...PIN, "--listen", "0.0.0.0:0", ...options]);
  assert.equal(new URL(host.url).hostname, address);
  return host;
}

/** The same host, asked without TLS. */
const plainly = (host) => {
  const asked = new Host(host.t, host.data);
  asked.url = host.url.replace("https:", "http:");
  return asked;
};

test("the key behind the certificate is the one the host says it has, also after a restart", async (t) => {
  const host = await Host.start(t);
  const socket = await connectTls(host);
  const shown = socket.getPeerCertificate();
  assert.equal(fingerprint(shown), host.fingerprint);
  socket.destroy();
  await host.stop();
  await host.run(PIN);
  assert.equal(fingerprint((await connectTls(host)).getPeerCertificate()), host.fingerprint);
  assert.equal(host.fingerprint, fingerprint(shown));
  const kept = await readFile(join(host.data, "identity.crt"));
  assert.equal(fingerprint(kept), host.fingerprint);
});

test("somebody signs in by TLS, starts by polling and goes on by WebSocket", async (t) => {
  const host = await Host.start(t);
  const body = { name: "Ann", pin: "2468" };
  const signedIn = await https(host, "POST", "/sign-in", { body });
  assert.equal(signedIn.status, 201);
  const [cookie] = signedIn.headers["set-cookie"];
  const name = `__Host-hearth.sid.${host.session.slice(-8)}`;
  assert.match(cookie, new RegExp(`^${name}=[^;]+; HttpOnly; SameSite=Strict; Secure; Path=/;`));

  const secure = new Host(t, host.data);
  secure.url = host.url.replace("http:", "https:");
  const [ours] = cookie.split(";");
  const client = secure.client({ rejectUnauthorized: false, extraHeaders: { cookie: ours } });
  await client.connected();
  await client.upgraded();
  const { you } = await client.take("welcome");
  assert.equal(you.id, signedIn.body.member.id);
});

test("a cookie that was set without TLS does not sign anybody in under TLS", async (t) => {
  const host = await Host.start(t);
  const { cookie } = await host.signIn("Ann");
  const secure = new Host(t, host.data);
  secure.url = host.url.replace("http:", "https:");
  const client = secure.client({ rejectUnauthorized: false, extraHeaders: { cookie } });
  await assert.rejects(client.connected(), /unauthorized/);
});

test("pages from elsewhere are refused under TLS too, and the same page without TLS is elsewhere", async (t) => {
  const host = await Host.start(t);
  const { host: authority } = new URL(host.url);
  for (const [origin, status] of [
    [`https://${authority}`, 200],
    [`http://${authority}`, 403],
    ["https://evil.example", 403],
    ["null", 403],
  ]) {
    const answer = await https(host, "GET", "/health", { headers: { origin } });
    assert.equal(answer.status, status, origin);
  }
  const headers = { host: "evil.example" };
  assert.equal((await https(host, "GET", "/health", { headers })).status, 403);
});

test("an encrypted session shows a browser on the network the way to TLS, and tells programs", async (t) => {
  const host = await onNetwork(t, []);
  if (!host) return;
  assert.match(host.url, /^https:/);
  assert.match(host.sign_in_url, /^https:/);
  const plain = plainly(host);
  const page = await plain.http("GET", "/?from=there");
  assert.equal(page.status, 307);
  assert.equal(page.headers.location, `${host.url}/?from=there`);
  const signIn = await plain.http("POST", "/sign-in", { body: { name: "Ann", pin: "2468" } });
  assert.equal(signIn.status, 403);
  assert.match(signIn.body.error.message, /https/);
  const { status } = await plain.http("GET", "/socket.io/?EIO=4&transport=polling");
  assert.equal(status, 403);
  assert.equal((await https(host, "GET", "/health")).status, 200);
});

test("a session that is not encrypted is read without TLS from the network", async (t) => {
  const host = await onNetwork(t, ["--browsers", "plain"]);
  if (!host) return;
  assert.match(host.url, /^http:/);
  assert.equal((await host.http("GET", "/")).status, 200);
  assert.equal((await https(host, "GET", "/health")).status, 200);
});

test("the host changes its mind about encryption while it hosts", async (t) => {
  const host = await onNetwork(t, ["--browsers", "plain"]);
  if (!host) return;
  const hostess = await host.enterAsHost();
  const changed = await hostess.call("session:update", { browsers: "encrypted" });
  assert.equal(changed.session.browsers, "encrypted");
  await hostess.take("disconnect");
  assert.equal((await host.http("GET", "/health")).status, 307);
});

test("when the host switches browsers off, those that are there are put out and scripts stay", async (t) => {
  const host = await Host.start(t);
  const hostess = await host.enterAsHost();
  const origin = host.url;
  const guest = await host.enter("Ann", { extraHeaders: { origin } });
  await guest.upgraded();
  await hostess.call("session:update", { browsers: "off" });
  await guest.take("disconnect");
  assert.equal((await hostess.call("member:list")).members.length, 2);
});

test("browsers that are switched off get no page, by TLS neither", async (t) => {
  const host = await Host.start(t, [...PIN, "--browsers", "off"]);
  assert.equal((await https(host, "GET", "/")).status, 403);
  assert.equal((await host.http("GET", "/")).status, 403);
});

test("an app shows its own key, and only an app is asked for one", async (t) => {
  const host = await Host.start(t);
  const browser = await connectTls(host, { ALPNProtocols: ["h2", "http/1.1"] });
  assert.equal(browser.alpnProtocol, "http/1.1");
  assert.equal(await ask(browser, "127.0.0.1"), "HTTP/1.1 200 OK");

  const app = await connectTls(host, { ALPNProtocols: [LINK], ...makeApp() });
  assert.equal(app.alpnProtocol, LINK);
  assert.equal(app.getProtocol(), "TLSv1.3");
  // It comes through a tunnel of its own, where the name says nothing.
  assert.equal(await ask(app, "tunnel.example"), "HTTP/1.1 200 OK");

  const keyless = await connectTls(host, { ALPNProtocols: [LINK] }).catch(() => null);
  if (keyless) await assert.rejects(Promise.race([ask(keyless, "127.0.0.1"), closed(keyless)]));
});

async function closed(socket) {
  await once(socket, "close");
  throw new Error("closed");
}

test("handshakes that never end, and connections that say nothing, do not keep others out", async (t) => {
  const host = await Host.start(t, [...PIN, "--limits", "connections_per_address=600,sockets=600"]);
  const { port } = new URL(host.url);
  const beginning = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);
  const silent = Array.from({ length: 500 }, (_, number) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    if (number % 2) socket.write(beginning);
    return socket;
  });
  t.after(() => silent.forEach((socket) => socket.destroy()));
  await Promise.all(silent.map((socket) => once(socket, "connect")));
  assert.equal((await https(host, "GET", "/health")).status, 200);
  assert.equal((await host.http("GET", "/health")).status, 200);
  const ended = silent.map((socket) => once(socket.resume(), "close"));
  await Promise.all(ended);
});

test("nonsense instead of a handshake ends that connection and no other", async (t) => {
  const host = await Host.start(t);
  const { port } = new URL(host.url);
  for (const bytes of [
    "\x16",
    "\x16\x03\x01\x00\x05hello",
    "\x16".repeat(70_000),
    "\x00",
    "\r\n",
  ]) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.end(Buffer.from(bytes, "latin1"));
    await once(socket.resume(), "close");
  }
  assert.equal((await https(host, "GET", "/health")).status, 200);
  assert.doesNotMatch(host.log, /panic/);
});
