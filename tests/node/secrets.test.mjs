// Nothing that is nobody else's business stands in a log, however much is logged: no token, PIN or
// invitation, and nothing that people write. Every host of these tests logs all it can and is held
// to that when it stops; here one lives through everything that goes through its hands.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";

import * as Y from "yjs";

import { Raw } from "./support/engine.mjs";
import { Files, GIF } from "./support/files.mjs";
import { Host } from "./support/host.mjs";
import { Secrets } from "./support/secrets.mjs";
import { connectTls } from "./support/tls.mjs";

/** Of every dependency too, as far as it is built in. */
const EVERYTHING = { env: { HEARTH_LOG: "trace" } };

/** Words that are written nowhere but where the test writes them. */
const marked = (host, what) => {
  const mark = `${what}-${randomBytes(9).toString("hex")}`;
  host.secrets.add(mark);
  return mark;
};

test("a secret is found however a log may spell it", () => {
  const secret = 'wörd "with" a\\slash';
  const secrets = new Secrets();
  secrets.add(secret);
  secrets.assertNotIn("nothing of it");
  const bytes = Buffer.from(secret);
  for (const written of [
    secret,
    JSON.stringify(["message:send", { body: secret }]),
    JSON.stringify(JSON.stringify(secret)),
    bytes.toString("hex"),
    bytes.toString("base64"),
    encodeURIComponent(secret),
    `[${[...bytes].join(", ")}]`,
  ]) {
    assert.throws(
      () => secrets.assertNotIn(`TRACE it was: ${written}.`),
      /a secret stands/,
      written,
    );
  }
  const invited = new Secrets();
  invited.addInvitation("https://127.0.0.1/#the-secret-part.0a1b2c");
  invited.assertNotIn("0a1b2c is the key");
  assert.throws(() => invited.assertNotIn("invite the-secret-part"));
});

test("somebody who comes in by PIN, invitation, knock, cookie or token leaves none of them in the log", async (t) => {
  const host = await Host.start(t, ["--admit", "ask"], EVERYTHING);
  const hostess = await host.enterAsHost();
  const pin = marked(host, "pin");
  await hostess.call("session:update", { pin, admission: "pin" });

  const byPin = await host.signIn("Ann", { pin });
  const wrong = marked(host, "wrong-pin");
  assert.equal((await signIn(host, { pin: wrong })).status, 401);
  for (const more of [{ uses: 3 }, { role: "viewer" }]) {
    const { invite } = await hostess.call("session:invite", more);
    await host.signIn("Ben", { invite: new URL(invite.url).hash.slice(1) });
    await hostess.call("session:uninvite", { invite: invite.id });
  }
  assert.equal((await signIn(host, { invite: marked(host, "no-invite") })).status, 403);

  await hostess.call("session:update", { admission: "ask" });
  const { knock } = (await signIn(host, {})).body;
  const waiting = host.http("GET", `/sign-in/${knock}`);
  await hostess.take("knock");
  await hostess.call("knock:answer", { knock, admit: true });
  const admitted = await waiting;
  host.secrets.add(admitted.body.token);

  await come(host, { auth: { token: byPin.token } });
  await come(host, { extraHeaders: { cookie: byPin.cookie } });
  await come(host, { auth: { token: admitted.body.token }, transports: ["polling"] });
  const made = marked(host, "made-up-token");
  for (const options of [
    { auth: { token: made } },
    { auth: { token: { made } } },
    { extraHeaders: { cookie: `__Host-hearth.sid.${host.session.slice(-8)}=${made}` } },
  ]) {
    await assert.rejects(host.client(options).connected());
  }
  const bearer = { headers: { authorization: `Bearer ${byPin.token}` } };
  assert.equal((await host.http("POST", "/sign-out", bearer)).status, 204);
  await hostess.call("member:remove", { member: admitted.body.member.id, ban: true });
  const { token } = admitted.body;
  await assert.rejects(host.client({ auth: { token } }).connected(), /removed/);
  await holds(host);
});

test("what people write, bring and look for stands in no log", async (t) => {
  const files = await Files.open(t, ["--admit", "anyone"], EVERYTHING);
  const { host, ann, ben } = files;
  const word = (what) => marked(host, what);
  const { room } = await ann.call("room:create", {
    name: word("room"),
    topic: word("topic"),
    private: true,
  });
  const { message } = await ann.call("message:send", { room: room.id, body: word("message") });
  await ann.call("message:edit", { message: message.id, body: word("edited") });
  await ann.call("message:destroy", { message: message.id });

  const { note } = await ann.call("note:create", {
    room: room.id,
    title: word("title"),
    body: word("body"),
  });
  const whole = { key: note.key, version: 1, body: word("whole") };
  await ann.call("note:update", whole);
  const changes = [{ from: 0, insert: word("inserted") }];
  await ann.call("note:update", { key: note.key, version: 2, changes });
  const opened = await ann.call("note:open", { key: note.key });
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Buffer.from(opened.update, "base64"));
  const before = Y.encodeStateVector(doc);
  doc.getText("body").insert(0, word("typed"));
  const update = Buffer.from(Y.encodeStateAsUpdate(doc, before)).toString("base64");
  await ann.call("note:edit", { key: note.key, update });
  await ann.call("note:read", { key: note.key });
  await ann.call("note:history", { key: note.key });
  await ann.call("search", { query: word("query") });

  const bytes = Buffer.concat([GIF, Buffer.from(word("picture"))]);
  const added = await files.add(ann, room.id, bytes, { name: `${word("file")}.gif` });
  await files.get(ann, room.id, added.body.hash);
  await files.add(ann, room.id, Buffer.from(word("large")), { id: "not an id" });

  await ann.call("member:update", { name: word("name") });
  await host.hostess.call("achtung:send", { warning: word("warning") });
  const asking = ann.call("member:ask", { member: ben.member.id, message: word("asked") });
  await ben.take("request");
  ben.acknowledge({ answer: word("answered") });
  await asking;
  await unreadable(t, host, ann, word);
  await host.kill();
  await host.run(["--admit", "anyone"]);
  await holds(host);
});

/** What nobody can read has words in it too. */
async function unreadable(t, host, { token }, word) {
  const raw = await Raw.open(t, host);
  await raw.join(token);
  for (const [number, payload] of [
    word("text"),
    { room: word("no-id"), body: 7 },
    { [word("field")]: 1 },
    [word("list")],
  ].entries()) {
    raw.send(`42${number}${JSON.stringify(["message:send", payload])}`);
    await raw.frame(`43${number}`);
  }
  raw.send(`429["${word("call")}",{}]`);
  await raw.frame("439");
  raw.send(`42["message:send",{"body":"${word("cut-off")}`);
  await raw.ended();
  const text = `{"name": "${word("no-name")}", "pin": ${word("no-json")}}`;
  const headers = { "content-type": "application/json" };
  assert.equal((await host.http("POST", "/sign-in", { headers, text })).status, 400);
  assert.equal(
    (await host.http("GET", `/${word("path")}?invite=${word("asked-for")}`)).status,
    404,
  );
  const socket = await connectTls(host);
  socket.end(`${word("no-http")}\r\n\r\n`);
  await new Promise((resolve) => socket.resume().once("close", resolve));
}

function signIn(host, more) {
  return host.http("POST", "/sign-in", { body: { name: "Cleo", ...more } });
}

async function come(host, options) {
  const client = host.client(options);
  await client.connected();
  await client.call("thanks");
  return client;
}

/** Everything was logged, and none of it is in there. */
async function holds(host) {
  assert.equal(await host.stop(), 0);
  const { log } = host;
  assert.match(log, /DEBUG hearth_server/);
  // What outside crates say in detail is left out of the program when it is built.
  assert.doesNotMatch(log, /(DEBUG|TRACE) (?!hearth_)/);
  assert.ok(host.secrets.count > 5);
  host.secrets.assertNotIn(log);
}
