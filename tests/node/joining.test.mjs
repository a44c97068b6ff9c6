// Coming into somebody else's session with an app of one's own: by each way in, and why not.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";

import { Copy } from "./support/copy.mjs";
import { Host } from "./support/host.mjs";

const ANYONE = ["--admit", "anyone"];

/** The same address without TLS, which is possible on one computer. */
const plain = (host) => host.url.replace("https:", "http:");

/** An invitation of the host's, as it is copied from its screen. */
async function invitation(host, fields = {}) {
  const hostess = await host.enterAsHost();
  const { invite } = await hostess.call("session:invite", fields);
  return { hostess, url: invite.url };
}

/** The session's one room. */
async function room(client) {
  const { rooms } = await client.call("room:list");
  return rooms[0].id;
}

test("an invitation brings a copy, whose first line says how to use it", async (t) => {
  const host = await Host.start(t);
  const { hostess, url } = await invitation(host, { role: "viewer" });
  const { note } = await hostess.call("note:create", {
    room: await room(hostess),
    title: "Plan",
    body: "Tea at five",
  });
  const copy = await Copy.start(t, [url, "--name", "Ben"]);
  const names = ["url", "sign_in_url", "fingerprint", "session", "head"];
  assert.deepEqual(Object.keys(copy.first), names);
  assert.match(copy.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(copy.fingerprint, host.fingerprint);
  assert.equal(copy.session, host.session);
  const ben = await copy.own();
  assert.equal(ben.member.name, "Ben");
  assert.equal(ben.member.role, "viewer");
  const read = await ben.call("note:read", { key: note.key });
  assert.equal(read.note.body, "Tea at five");
  const { members } = await hostess.call("member:list");
  assert.ok(members.some(({ id }) => id === ben.member.id));
  await copy.stop();
  assert.equal(copy.output, `${JSON.stringify(copy.first)}\n`, "nothing follows the first line");
});

test("the one who started a copy comes in once, and nobody else does", async (t) => {
  const host = await Host.start(t, ANYONE);
  const copy = await Copy.start(t, [host.url]);
  const stranger = await copy.http("POST", "/sign-in", { body: { name: "Eve" } });
  assert.equal(stranger.status, 403);
  await copy.own();
  const invite = new URL(copy.sign_in_url).hash.slice(1);
  const again = await copy.http("POST", "/sign-in", { body: { name: "Eve", invite } });
  assert.equal(again.status, 410);
});

test("who knows the PIN comes in, and who does not is told how often they may try", async (t) => {
  const host = await Host.start(t);
  const wrong = await Copy.begin(t, [host.url, "--pin", "1111"]);
  assert.equal(await wrong.refused(), 8);
  assert.match(wrong.log, /Wrong PIN\. \d tries left\./);
  const without = await Copy.begin(t, [host.url]);
  assert.equal(await without.refused(), 8);
  assert.match(without.log, /asks for a PIN/);
  const right = await Copy.start(t, [host.url, "--pin", "2468", "--name", "Ann"]);
  assert.equal((await right.own()).member.name, "Ann");
});

test("a host on this computer is joined without TLS when the address says so", async (t) => {
  const host = await Host.start(t, ANYONE);
  const copy = await Copy.start(t, [plain(host)]);
  assert.equal(copy.fingerprint, null);
  const { port } = new URL(host.url);
  const encrypted = await Copy.start(t, [`127.0.0.1:${port}`]);
  assert.equal(encrypted.fingerprint, host.fingerprint);
});

test("who asks to join is let in, and both screens show the same digits", async (t) => {
  const host = await Host.start(t, []);
  const hostess = await host.enterAsHost();
  await hostess.thanks();
  const { port } = new URL(host.url);
  const copy = await Copy.begin(t, [`127.0.0.1:${port}`, "--name", "Ben"]);
  const [, digits] = await copy.said(/Both screens show (\d{6})\./);
  const knock = await hostess.take("knock", ({ code }) => code !== undefined);
  assert.equal(knock.name, "Ben");
  assert.equal(knock.code, digits);
  await hostess.call("knock:answer", { knock: knock.knock, admit: true, role: "viewer" });
  await copy.started;
  assert.equal((await copy.own()).member.role, "viewer");
});

test("8: whom the host does not let in is told so", async (t) => {
  const host = await Host.start(t, []);
  const hostess = await host.enterAsHost();
  await hostess.thanks();
  const { port } = new URL(host.url);
  const copy = await Copy.begin(t, [`127.0.0.1:${port}`]);
  const { knock } = await hostess.take("knock", ({ code }) => code !== undefined);
  await hostess.call("knock:answer", { knock, admit: false });
  assert.equal(await copy.refused(), 8);
  assert.match(copy.log, /declined/);
});

test("a copy that is stopped while it waits at the door is not waited for", async (t) => {
  const host = await Host.start(t, []);
  const hostess = await host.enterAsHost();
  await hostess.thanks();
  const copy = await Copy.begin(t, [`127.0.0.1:${new URL(host.url).port}`]);
  const { knock } = await hostess.take("knock", ({ code }) => code !== undefined);
  await copy.said(/Both screens show/);
  assert.equal(await copy.stop(), 0);
  await hostess.take("knock", (told) => told.knock === knock && told.state === "gone");
});

test("8: an invitation that was used is of no use, and says so", async (t) => {
  const host = await Host.start(t);
  const { url } = await invitation(host);
  await Copy.start(t, [url]);
  const second = await Copy.begin(t, [url]);
  assert.equal(await second.refused(), 8);
  assert.match(second.log, /used/);
});

test("8: a host with another key than the invitation's is told nothing", async (t) => {
  const host = await Host.start(t);
  const { url } = await invitation(host);
  const other = await Host.start(t);
  const { port } = new URL(other.url);
  const elsewhere = new URL(url);
  elsewhere.port = port;
  const copy = await Copy.begin(t, [elsewhere.href]);
  assert.equal(await copy.refused(), 8);
  assert.match(copy.log, /another key/);
  // It was not even used up there, where somebody could have listened.
  await Copy.start(t, [url]);
});

test("8: what does not answer, and what is not Hearth, are told apart", async (t) => {
  const mute = createServer((socket) =>
    socket
      .on("error", () => {})
      .resume()
      .end("220 hello\r\n"),
  );
  mute.listen(0, "127.0.0.1");
  await once(mute, "listening");
  const { port } = mute.address();
  const stranger = await Copy.begin(t, [`127.0.0.1:${port}`]);
  assert.equal(await stranger.refused(), 8);
  assert.match(stranger.log, /isn't a session of Hearth/);
  await new Promise((closed) => mute.close(closed));
  const nobody = await Copy.begin(t, [`127.0.0.1:${port}`]);
  assert.equal(await nobody.refused(), 8);
  assert.match(nobody.log, /doesn't answer/);
});

test("2: what makes no sense is said before anybody is asked", async (t) => {
  const cases = [
    [[], /no copy in this folder yet/],
    [["ftp://a"], /address looks like/],
    [["127.0.0.1", "--listen", "0.0.0.0:0"], /person at this computer/],
  ];
  for (const [options, said] of cases) {
    const copy = await Copy.begin(t, options);
    assert.equal(await copy.refused(), 2, options.join(" "));
    assert.match(copy.log, said);
  }
});

test("2: a session that is hosted here is not joined from here", async (t) => {
  const host = await Host.start(t, ANYONE);
  const second = await Host.start(t, ANYONE);
  await host.stop();
  const copy = new Copy(t, host.data);
  copy.started = copy.run([second.url]);
  assert.equal(await copy.refused(), 2);
  assert.match(copy.log, /hosted on this computer/);
});

test("3: one program at a time keeps a copy", async (t) => {
  const host = await Host.start(t, ANYONE);
  const copy = await Copy.start(t, [host.url]);
  const second = new Copy(t, copy.data);
  second.started = second.run([]);
  assert.equal(await second.refused(), 3);
});

test("joining again with another invitation goes on in the same copy, as the same person", async (t) => {
  const host = await Host.start(t);
  const { hostess, url } = await invitation(host, { uses: 5 });
  const copy = await Copy.start(t, [url, "--name", "Ben"]);
  const ben = await copy.own();
  await copy.stop();
  await copy.run([url]);
  assert.equal((await copy.own()).member.id, ben.member.id);
  const { members } = await hostess.call("member:list");
  assert.equal(members.length, 2);
});

test("2: a folder that holds a copy of another session is left alone", async (t) => {
  const [first, second] = [await Host.start(t, ANYONE), await Host.start(t, ANYONE)];
  const copy = await Copy.start(t, [first.url]);
  await copy.stop();
  copy.started = copy.run([second.url]);
  assert.equal(await copy.refused(), 2);
  assert.match(copy.log, /another session here/);
  await copy.run([first.url]);
  assert.equal(copy.session, first.session);
});
