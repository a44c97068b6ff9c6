// Whoever the host removes is out at once, by every way in and on every connection, and stays out;
// what they wrote stays with their name.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { Host } from "./support/host.mjs";

const WITHIN_MS = 1000;

/** A host's call that takes somebody out, or lets them in again. */
const remove = (host, { member }, fields = {}) =>
  host.call("member:remove", { member: member.id, ...fields });
const unban = (host, { member }) => host.call("member:unban", { member: member.id });

/** What the way in answers: status and code. */
async function atTheDoor(server, body, headers = {}) {
  const answer = await server.http("POST", "/sign-in", { headers, body });
  return [answer.status, answer.body.error?.code ?? answer.body.member.name];
}

/** Why a socket is not let in. */
async function refusal(server, options) {
  const client = server.client(options);
  const { message } = await client.take("connect_error");
  client.close();
  return message;
}

test("a removed member's connections end within a second, whatever they are", async (t) => {
  const server = await Host.start(t);
  const host = await server.enterAsHost();
  const signedIn = await server.signIn("Ada");
  const auth = { token: signedIn.token };
  const ways = [
    { transports: ["websocket"] },
    { transports: ["polling"] },
    { namespace: "/home", transports: ["websocket"] },
    { namespace: "/home", transports: ["polling"] },
  ];
  const sockets = ways.map((way) => server.client({ auth, ...way }));
  for (const socket of sockets) await socket.connected();

  const from = Date.now();
  await remove(host, signedIn);
  await Promise.all(sockets.map((socket) => socket.take("disconnect")));
  assert.ok(Date.now() - from < WITHIN_MS, `${Date.now() - from} ms`);
  for (const way of ways) assert.equal(await refusal(server, { auth, ...way }), "removed");
  const extraHeaders = { cookie: signedIn.cookie };
  assert.equal(await refusal(server, { transports: ["polling"], extraHeaders }), "removed");
});

test("everybody hears who was removed, and what they wrote keeps their name", async (t) => {
  const server = await Host.start(t);
  const [host, ada, ben] = [
    await server.enterAsHost(),
    await server.enter("Ada"),
    await server.enter("Ben"),
  ];
  const { snapshot } = await ben.call("thanks");
  const room = snapshot.rooms[0].id;
  await ada.call("message:send", { room, body: "I was here" });
  const id = randomUUID();
  const gone = { ...ada.member, removed: "removed" };
  const answer = await remove(host, ada, { id });
  assert.deepEqual(answer.member, gone);
  const heard = await ben.take("memberremoved");
  assert.deepEqual([heard.id, heard.by, heard.member], [id, host.member.id, gone]);
  assert.deepEqual(await remove(host, ada, { id }), answer);

  const left = await ben.take("roomleft");
  assert.deepEqual([left.id, left.room, left.member], [id, room, ada.member.id]);
  const listed = async (fields) => (await ben.call("member:list", fields)).members;
  assert.deepEqual(await listed({ removed: true }), [gone]);
  assert.ok(!(await listed({})).some((member) => member.id === gone.id));
  const { members, messages } = (await ben.call("thanks")).snapshot;
  assert.equal(messages.at(-1).by, gone.id);
  assert.deepEqual(
    members.find((member) => member.id === gone.id),
    gone,
  );
  const away = [
    ben.call("room:direct", { member: gone.id }),
    host.call("member:role", { member: gone.id, role: "host" }),
    host.call("room:invite", { room, member: gone.id }),
  ];
  await Promise.all(away.map((call) => assert.rejects(call, { code: "not_found" })));
});

test("private rooms end for who is removed, and only their members hear of it", async (t) => {
  const server = await Host.start(t);
  const host = await server.enterAsHost();
  const [ada, ben] = [await server.enter("Ada"), await server.enter("Ben")];
  const { room } = await ben.call("room:create", { name: "Quiet", private: true });
  await ben.call("room:invite", { room: room.id, member: ada.member.id });
  const { room: direct } = await ben.call("room:direct", { member: ada.member.id });
  for (const client of [host, ben]) await client.call("thanks");
  await remove(host, ada);
  for (const left of [room.id, direct.id]) {
    await ben.take("roomleft", (fact) => fact.room === left && fact.member === ada.member.id);
  }
  const { members } = await ben.call("room:open", { room: room.id });
  assert.deepEqual(
    members.map(({ id }) => id),
    [ben.member.id],
  );
  await host.take("memberremoved");
  await host.call("room:list");
  assert.doesNotMatch(JSON.stringify(host.pending()), new RegExp(`${room.id}|${direct.id}`));
});

test("who was removed needs an invitation, and who was banned not even that helps", async (t) => {
  const server = await Host.start(t);
  const host = await server.enterAsHost();
  const known = { ...(await server.signIn("Ada")) };
  const byCookie = { cookie: known.cookie };
  const byToken = { authorization: `Bearer ${known.token}` };
  const pin = { name: "Ada", pin: "2468" };
  await remove(host, known);
  for (const headers of [byCookie, byToken]) {
    assert.deepEqual(await atTheDoor(server, pin, headers), [403, "removed"]);
    assert.deepEqual(await atTheDoor(server, { name: "Ada" }, headers), [403, "removed"]);
    const files = await server.http("POST", `/files?room=${randomUUID()}`, { headers, text: "x" });
    assert.deepEqual([files.status, files.body.error.code], [403, "removed"]);
  }
  assert.deepEqual(await atTheDoor(server, { name: "Ada", invite: "wrong" }, byCookie), [
    403,
    "forbidden",
  ]);

  await remove(host, known, { ban: true });
  assert.equal((await host.call("member:list", { removed: true })).members[0].removed, "banned");
  const { hash } = new URL(server.sign_in_url);
  for (const body of [pin, { name: "Ada", invite: hash.slice(1) }]) {
    assert.deepEqual(await atTheDoor(server, body, byCookie), [403, "removed"]);
  }

  await server.stop();
  await server.run(["--pin", "2468"]);
  assert.deepEqual(await atTheDoor(server, pin, byCookie), [403, "removed"]);
  const back = await server.enterAsHost();
  const { member } = await unban(back, known);
  assert.equal(member.removed, "removed");
  const again = await server.http("POST", "/sign-in", { headers: byCookie, body: pin });
  assert.equal(again.status, 201);
  assert.notEqual(again.body.member.id, known.member.id);
});

test("what a removed member had on its way is not carried out", async (t) => {
  const server = await Host.start(t, ["--pin", "2468", "--limits", "off"]);
  const [host, ada] = [await server.enterAsHost(), await server.enter("Ada")];
  const { rooms } = await host.call("room:list");
  const room = rooms[0].id;
  let writing = true;
  let onTheWay = 0;
  const write = async () => {
    for (let n = 0; writing;) {
      // Always some, and no more than a slow machine holds.
      for (; onTheWay < 200; n += 1, onTheWay += 1) {
        ada.socket.emit("message:send", { room, body: `${n}` }, () => (onTheWay -= 1));
      }
      await new Promise(setImmediate);
    }
  };
  const written = write();
  await host.take("user count");
  const { seq } = await remove(host, ada);
  await ada.take("disconnect");
  writing = false;
  await written;
  await host.call("message:send", { room, body: "last" });
  const { messages } = await host.call("message:list", { room, limit: 500 });
  const late = messages.filter((message) => message.by === ada.member.id && message.seq > seq);
  assert.deepEqual(late, []);
});

test("the host who acts cannot be the one removed, and another host can be", async (t) => {
  const server = await Host.start(t);
  const [host, ada] = [await server.enterAsHost(), await server.enter("Ada")];
  await assert.rejects(remove(host, host), { code: "forbidden" });
  await host.call("member:role", { member: ada.member.id, role: "host" });
  await remove(ada, host);
  await host.take("disconnect");
  await assert.rejects(remove(ada, ada), { code: "forbidden" });
  const abdicate = ada.call("member:role", { member: ada.member.id, role: "editor" });
  await assert.rejects(abdicate, { code: "forbidden" });
});
