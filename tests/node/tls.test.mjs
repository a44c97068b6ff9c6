// The key is the host: it stays while its certificate is renewed, whatever the clocks say; an app
// shows a key of its own, and only where it asked to.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { certify, makeApp } from "./support/certify.mjs";
import { Host } from "./support/host.mjs";
import { ask, connectTls, LINK } from "./support/tls.mjs";
import { fingerprint, trust } from "./support/trust.mjs";

const PIN = ["--pin", "2468"];
const DAY_MS = 24 * 60 * 60 * 1_000;
const [KEY, CERTIFICATE] = ["identity.key", "identity.crt"];

/** For a connection that looks at nothing, so that the test can. */
const ANYBODY = { rejectUnauthorized: false, ca: undefined };

async function shownBy(host) {
  const socket = await connectTls(host, ANYBODY);
  const shown = socket.getPeerX509Certificate();
  socket.destroy();
  return shown;
}

test("the key behind the certificate is the one the host says it has, also after a restart", async (t) => {
  const host = await Host.start(t);
  const before = await shownBy(host);
  assert.equal(fingerprint(before), host.first.fingerprint);
  const kept = await readFile(join(host.data, CERTIFICATE));
  assert.equal(fingerprint(kept), host.fingerprint);
  await host.stop();
  await host.run(PIN);
  assert.ok((await shownBy(host)).raw.equals(before.raw));
  assert.equal(host.first.fingerprint, fingerprint(before));
});

test("whoever has another key is refused in the handshake", async (t) => {
  const [host, other] = [await Host.start(t), await Host.start(t)];
  // The address now leads to somebody else, as when the network gives it to another computer.
  await assert.rejects(trust(other.url, host.fingerprint), /the key is/);
  const { raw } = await shownBy(host);
  const ca = `-----BEGIN CERTIFICATE-----\n${raw.toString("base64")}\n-----END CERTIFICATE-----`;
  await assert.rejects(connectTls(other, { ca }), /self-signed certificate/);
  assert.equal((await other.http("GET", "/health")).status, 200);
});

test("a certificate that is renewed with the same key is the same host, and people stay signed in", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann");
  const before = await shownBy(host);
  await host.stop();
  const soon = { begins: Date.now() - 700 * DAY_MS, ends: Date.now() + 20 * DAY_MS };
  await writeFile(join(host.data, CERTIFICATE), certify(join(host.data, KEY), soon));
  // The harness takes no other key: it would fail here.
  await host.run(PIN);
  const renewed = await shownBy(host);
  assert.equal(fingerprint(renewed), fingerprint(before));
  assert.notEqual(renewed.serialNumber, before.serialNumber);
  const lasts = Date.parse(renewed.validTo) - Date.now();
  assert.ok(lasts > 700 * DAY_MS && lasts <= 800 * DAY_MS, `${lasts / DAY_MS} days`);
  const again = host.client({ auth: { token: ann.token } });
  await again.connected();
});

test("a certificate that is lost, or cannot be read, is made anew with the same key", async (t) => {
  const host = await Host.start(t);
  const { fingerprint: key } = host;
  const path = join(host.data, CERTIFICATE);
  for (const damage of [() => rm(path), () => writeFile(path, "no certificate")]) {
    await host.stop();
    await damage();
    await host.run(PIN);
    assert.equal(host.fingerprint, key);
    assert.equal((await host.http("GET", "/health")).status, 200);
  }
});

test("a host whose clock is behind its own certificate says so and serves all the same", async (t) => {
  const host = await Host.start(t);
  const { fingerprint: key } = host;
  await host.stop();
  const future = { begins: Date.now() + 30 * DAY_MS, ends: Date.now() + 400 * DAY_MS };
  const written = certify(join(host.data, KEY), future);
  await writeFile(join(host.data, CERTIFICATE), written);
  assert.doesNotMatch(host.log, /clock/);
  await host.run(PIN);
  assert.ok((await shownBy(host)).raw.equals(written), "it is not changed for a wrong clock");
  assert.equal(host.fingerprint, key);
  const socket = await connectTls(host, ANYBODY);
  assert.equal(await ask(socket, "127.0.0.1"), "HTTP/1.1 200 OK");
  assert.match(host.log, /WARN.*certificate is not valid yet.*clock/);
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
});

test("an app whose certificate is over or not valid yet is known by its key", async (t) => {
  const host = await Host.start(t);
  for (const days of [-100, 100]) {
    const begins = Date.now() + days * DAY_MS;
    const app = makeApp({ begins, ends: begins + 10 * DAY_MS });
    const link = await connectTls(host, { ALPNProtocols: [LINK], ...app });
    assert.equal(await ask(link, "tunnel.example"), "HTTP/1.1 200 OK", `${days} days`);
  }
});

test("a link without a key is not answered one byte of HTTP", async (t) => {
  const host = await Host.start(t);
  for (const more of [{}, { maxVersion: "TLSv1.2" }, { maxVersion: "TLSv1.2", ...makeApp() }]) {
    // With TLS 1.3 a client believes to be done before the host has looked at its certificate.
    const link = await connectTls(host, { ALPNProtocols: [LINK], ...more }).catch(() => null);
    if (!link) continue;
    let heard = "";
    link.on("data", (text) => (heard += text));
    const closed = new Promise((resolve) => link.once("close", resolve));
    link.write("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    await closed;
    assert.equal(heard, "");
  }
  assert.match(host.log, /a connection ended before it began/);
  assert.equal((await host.http("GET", "/health")).status, 200);
});

test("openssl, an independent client, finds the same key and TLS 1.2 and 1.3", async (t) => {
  const host = await Host.start(t);
  const { host: address } = new URL(host.url);
  for (const version of ["-tls1_2", "-tls1_3"]) {
    const said = execFileSync("openssl", ["s_client", "-connect", address, version], {
      input: "",
      stdio: ["pipe", "pipe", "ignore"],
    }).toString();
    const [certificate] = /-----BEGIN CERT[^]*?-----END CERTIFICATE-----/.exec(said);
    assert.equal(fingerprint(Buffer.from(certificate)), host.fingerprint, version);
  }
});
