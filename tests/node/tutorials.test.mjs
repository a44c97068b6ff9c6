// What the tutorials of this field promise, each with the official client.

import assert from "node:assert/strict";
import { test } from "node:test";

import { io as io3 } from "socket.io-client-3";

import { Host } from "./support/host.mjs";

test("a newcomer is welcomed by name before anything else", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann");
  const welcome = await ann.take("welcome");
  assert.match(welcome.message, /Ann/);
  assert.deepEqual(welcome.you, ann.member);
  assert.equal(welcome.session.id, host.session);
  assert.deepEqual(welcome.protocol, [1, 1]);
});

test("a user count comes right after each connect and disconnect", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann");
  assert.deepEqual(await ann.take("user count"), { count: 1 });
  const ben = await host.enter("Ben");
  assert.deepEqual(await ann.take("user count"), { count: 2 });
  assert.deepEqual(await ben.take("user count"), { count: 2 });
  ben.close();
  assert.deepEqual(await ann.take("user count"), { count: 1 });
});

test("a person with several tabs counts once", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann");
  const tab = host.client({ auth: { token: ann.token } });
  await tab.connected();
  assert.deepEqual(await tab.take("user count"), { count: 1 });
  const ben = await host.enter("Ben");
  assert.deepEqual(await ben.take("user count"), { count: 2 });
});

test("an announcement reaches everybody, also on /home", async (t) => {
  const host = await Host.start(t);
  const [hostess, ann] = [await host.enterAsHost(), await host.enter("Ann")];
  const light = host.client({ namespace: "/home", auth: { token: ann.token } });
  await light.connected();
  await hostess.call("achtung:send", { warning: "Cake at four" });
  for (const client of [hostess, ann, light]) {
    const told = await client.take("achtung");
    assert.deepEqual(told, { warning: "Cake at four", by: hostess.member.id });
  }
  await assert.rejects(ann.call("achtung:send", { warning: "No" }), { code: "forbidden" });
});

test("a request reaches the one person chosen and comes back answered", async (t) => {
  const host = await Host.start(t);
  const [ann, ben, cleo] = [
    await host.enter("Ann"),
    await host.enter("Ben"),
    await host.enter("Cleo"),
  ];
  const asked = ann.call("member:ask", { member: ben.member.id, message: "Tea?" });
  const request = await ben.take("request");
  assert.equal(request.from, ann.member.id);
  assert.equal(request.message, "Tea?");
  ben.acknowledge({ answer: "Gladly" });
  assert.deepEqual(await asked, { answer: "Gladly" });
  await cleo.call("note:count");
  assert.deepEqual(cleo.pending("request"), []);
});

test("a request to one chosen socket reaches no other of the same person", async (t) => {
  const host = await Host.start(t);
  const [ann, ben] = [await host.enter("Ann"), await host.enter("Ben")];
  const tab = host.client({ auth: { token: ben.token } });
  await tab.connected();
  const asked = ann.call("member:ask", { socket: tab.id, message: "Here?" });
  const { ask } = await tab.take("request");
  await tab.call("member:answer", { ask, answer: { here: true } });
  assert.deepEqual(await asked, { answer: { here: true } });
  await ben.call("note:count");
  assert.deepEqual(ben.pending("request"), []);
});

test("asking somebody who is not there says so", async (t) => {
  const host = await Host.start(t);
  const [ann, ben] = [await host.enter("Ann"), await host.enter("Ben")];
  ann.forget();
  ben.close();
  await ann.take("user count", ({ count }) => count === 1);
  const asked = ann.call("member:ask", { member: ben.member.id, message: "Tea?" });
  await assert.rejects(asked, { code: "absent" });
});

test("the cookie of a sign-in by HTTP makes the socket's person known", async (t) => {
  const host = await Host.start(t);
  const { cookie, member } = await host.signIn("Ann");
  assert.match(cookie, new RegExp(`^__Host-hearth\\.sid\\.${host.session.slice(-8)}=`));
  for (const transports of [["websocket"], ["polling"]]) {
    const client = host.client({ extraHeaders: { cookie }, transports });
    await client.connected();
    const { you } = await client.take("welcome");
    assert.equal(you.id, member.id, transports[0]);
  }
});

test("a wrong or missing sign-in is refused with the reason", async (t) => {
  const host = await Host.start(t);
  const short = host.session.slice(-8);
  const wrong = [
    {},
    { auth: { token: "made up" } },
    { auth: { token: 7 } },
    { extraHeaders: { cookie: `__Host-hearth.sid.${short}=made-up` } },
    { extraHeaders: { cookie: "__Host-hearth.sid.00000000=other" } },
  ];
  for (const options of wrong) {
    const client = host.client(options);
    await assert.rejects(client.connected(), { message: "unauthorized" });
  }
  const { token } = await host.signIn("Ann");
  const future = host.client({ auth: { token, protocol: 99 } });
  await assert.rejects(future.connected(), { message: "version" });
});

test("a sign-in that was ended closes its sockets and opens no more", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann");
  const bearer = { authorization: `Bearer ${ann.token}` };
  assert.equal((await host.http("POST", "/sign-out", { headers: bearer })).status, 204);
  assert.equal(await ann.take("disconnect"), "io server disconnect");
  const again = host.client({ auth: { token: ann.token } });
  await assert.rejects(again.connected(), { message: "unauthorized" });
});

test("titles come on /home after a note is created, updated or destroyed", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann");
  const light = host.client({ namespace: "/home", auth: { token: ann.token } });
  const titles = (...wanted) =>
    light.take(
      "notetitles",
      ({ notelist }) =>
        wanted.every((title) => notelist.some((note) => note.title === title)) &&
        notelist.length === wanted.length,
    );
  const { notelist: before } = await light.take("notetitles");
  const old = before.map((note) => note.title);
  const { room } = await ann.call("room:create", { name: "Kitchen" });

  const { note } = await ann.call("note:create", { room: room.id, title: "Bread" });
  await titles(...old, "Bread");
  await ann.call("note:update", { key: note.key, title: "Rye bread" });
  await titles(...old, "Rye bread");
  await ann.call("note:destroy", { key: note.key });
  await titles(...old);
});

test("rooms are joined and left, and what is said in one stays in it", async (t) => {
  const host = await Host.start(t);
  const [ann, ben] = [await host.enter("Ann"), await host.enter("Ben")];
  await ann.thanks();
  await ben.thanks();
  const { room } = await ann.call("room:create", { name: "Kitchen" });
  await ben.call("room:join", { room: room.id });
  const joined = await ann.take("roomjoined", ({ member }) => member === ben.member.id);
  assert.equal(joined.room, room.id);

  await ann.call("message:send", { room: room.id, body: "First" });
  assert.equal((await ben.take("messageposted")).message.body, "First");
  await ben.call("room:leave", { room: room.id });
  await ann.take("roomleft", ({ member }) => member === ben.member.id);
  await ann.call("message:send", { room: room.id, body: "Second" });
  assert.equal(
    (await ann.take("messageposted", (it) => it.message.body === "Second")).by,
    ann.member.id,
  );
  await ben.call("note:count");
  assert.deepEqual(ben.pending("messageposted"), []);
});

test("a namespace is not a room: /home hears titles and nothing else", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann");
  const { rooms } = await ann.call("room:list");
  const light = host.client({ namespace: "/home", auth: { token: ann.token } });
  await light.connected();
  await ann.call("message:send", { room: rooms[0].id, body: "Not for /home" });
  await ann.call("note:create", { room: rooms[0].id, title: "For /home" });
  await light.take("notetitles", ({ notelist }) => notelist.some((it) => it.title === "For /home"));
  const others = light.pending().filter(({ event }) => !["connect", "notetitles"].includes(event));
  assert.deepEqual(others, []);

  const unknown = host.client({ namespace: "/kitchen", auth: { token: ann.token } });
  await assert.rejects(unknown.connected(), { message: "Invalid namespace" });
});

test("where WebSocket is blocked, polling does the same", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann", { transports: ["polling"] });
  const ben = await host.enter("Ben", { transports: ["polling"] });
  await ben.thanks();
  const { room } = await ann.call("room:create", { name: "Kitchen" });
  assert.equal((await ben.take("roomcreated")).room.id, room.id);
  assert.deepEqual([ann.transport, ben.transport], ["polling", "polling"]);
});

test("a client begins with polling and goes on by WebSocket, losing nothing", async (t) => {
  const host = await Host.start(t);
  const { token } = await host.signIn("Ann");
  const ann = host.client({ auth: { token } });
  // Called before it is connected, these go out while the transport is changed.
  const counts = Array.from({ length: 100 }, () => ann.call("note:count"));
  await ann.connected();
  await ann.upgraded();
  counts.push(ann.call("note:count"));
  for (const { count } of await Promise.all(counts)) assert.ok(count >= 0);
});

test("an older client, 3.1, connects and is answered", async (t) => {
  const host = await Host.start(t);
  const { token } = await host.signIn("Ann");
  const ann = host.client({ library: io3, auth: { token } });
  await ann.connected();
  await ann.take("welcome");
  const answer = await new Promise((resolve) => ann.socket.emit("member:list", {}, resolve));
  assert.ok(answer.ok.members.some((member) => member.name === "Ann"));
});

test("the official client bundle is served from the same address", async (t) => {
  const host = await Host.start(t);
  for (const name of [
    "socket.io.js",
    "socket.io.min.js",
    "socket.io.esm.min.js",
    "socket.io.js.map",
  ]) {
    const { status, text } = await host.http("GET", `/socket.io/${name}`);
    assert.equal(status, 200, name);
    assert.ok(text.length > 10_000, name);
  }
});

test("the official client bundle can be switched off, and the events stay", async (t) => {
  const host = await Host.start(t, ["--pin", "2468", "--no-serve-client"]);
  const { status, body } = await host.http("GET", "/socket.io/socket.io.js");
  assert.deepEqual([status, body.error.code], [404, "not_found"]);
  await host.enter("Ann");
});

test("plain HTTP routes answer beside it on the same port", async (t) => {
  const host = await Host.start(t);
  const health = await host.http("GET", "/health");
  assert.equal(health.status, 200);
  assert.equal(health.body.status, "ok");
  assert.equal(health.body.session, host.session);
  const api = await host.http("GET", "/api.json");
  assert.match(api.body.asyncapi, /^3\./);
  const page = await host.http("GET", "/");
  assert.equal(page.status, 200);
  assert.match(page.headers["content-type"], /^text\/html/);
});
