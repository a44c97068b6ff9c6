// Plain HTTP on the port that speaks TLS: who may use it is the host's choice. This file is about
// that, so it asks without TLS, on loopback and from the network; everything else here uses TLS.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Host } from "./support/host.mjs";
import { request } from "./support/request.mjs";
import { networkAddress } from "./support/tls.mjs";

const PIN = ["--pin", "2468"];
const BODY = { name: "Ann", pin: "2468" };

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
const plainly = (host) => host.url.replace("https:", "http:");

test("on loopback a script needs no TLS, and its cookie says so", async (t) => {
  const host = await Host.start(t);
  assert.equal(host.first.url, plainly(host));
  const signedIn = await request(plainly(host), "POST", "/sign-in", { body: BODY });
  assert.equal(signedIn.status, 201);
  const name = `hearth.sid.${host.session.slice(-8)}`;
  assert.deepEqual(signedIn.headers["set-cookie"], [
    `${name}=${signedIn.body.token}; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000`,
  ]);
  const extraHeaders = { cookie: `${name}=${signedIn.body.token}` };
  for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
    const client = host.plainClient({ extraHeaders, transports });
    await client.connected();
    const { you } = await client.take("welcome");
    assert.equal(you.id, signedIn.body.member.id, transports.join());
  }
});

test("an encrypted session shows a browser on the network the way to TLS, and tells programs", async (t) => {
  const host = await onNetwork(t, []);
  if (!host) return;
  assert.match(host.first.url, /^https:/);
  assert.match(host.sign_in_url, /^https:/);
  const plain = plainly(host);
  const page = await request(plain, "GET", "/?from=there");
  assert.equal(page.status, 307);
  assert.equal(page.headers.location, `${host.url}/?from=there`);
  const signIn = await request(plain, "POST", "/sign-in", { body: BODY });
  assert.equal(signIn.status, 403);
  assert.match(signIn.body.error.message, /https/);
  const { status } = await request(plain, "GET", "/socket.io/?EIO=4&transport=polling");
  assert.equal(status, 403);
  assert.equal((await host.http("GET", "/health")).status, 200);
});

test("a session that is not encrypted is read without TLS from the network", async (t) => {
  const host = await onNetwork(t, ["--browsers", "plain"]);
  if (!host) return;
  assert.match(host.first.url, /^http:/);
  assert.equal((await request(plainly(host), "GET", "/")).status, 200);
  assert.equal((await host.http("GET", "/health")).status, 200);
});

test("the host changes its mind about encryption while it hosts", async (t) => {
  const host = await onNetwork(t, ["--browsers", "plain"]);
  if (!host) return;
  const hostess = await host.enterAsHost();
  const { token } = await host.signIn("Ann");
  const ann = host.plainClient({ auth: { token } });
  await ann.connected();
  const changed = await hostess.call("session:update", { browsers: "encrypted" });
  assert.equal(changed.session.browsers, "encrypted");
  await ann.take("disconnect");
  assert.equal((await request(plainly(host), "GET", "/health")).status, 307);
  // Who came by TLS stays.
  assert.equal((await hostess.call("member:list")).members.length, 2);
});

test("browsers that are switched off get no page, by TLS neither", async (t) => {
  const host = await Host.start(t, [...PIN, "--browsers", "off"]);
  const headers = { "sec-fetch-site": "none" };
  assert.equal((await host.http("GET", "/", { headers })).status, 403);
  assert.equal((await request(plainly(host), "GET", "/", { headers })).status, 403);
});

test("when the host switches browsers off, those that are there are put out and scripts stay", async (t) => {
  const host = await Host.start(t);
  const hostess = await host.enterAsHost();
  const guests = [
    await host.enter("Ann", { extraHeaders: { origin: host.url } }),
    host.plainClient({
      auth: { token: (await host.signIn("Ben")).token },
      extraHeaders: { origin: plainly(host) },
    }),
  ];
  for (const guest of guests) await guest.upgraded();
  await hostess.call("session:update", { browsers: "off" });
  for (const guest of guests) await guest.take("disconnect");
  assert.equal((await hostess.call("member:list")).members.length, 3);
});

test("a cookie that was set without TLS does not sign anybody in under TLS", async (t) => {
  const host = await Host.start(t);
  const { body, headers } = await request(plainly(host), "POST", "/sign-in", { body: BODY });
  const [cookie] = headers["set-cookie"][0].split(";");
  const client = host.client({ extraHeaders: { cookie } });
  await assert.rejects(client.connected(), /unauthorized/);
  const again = await host.http("POST", "/sign-in", { headers: { cookie }, body: BODY });
  assert.notEqual(again.body.member.id, body.member.id);
});
