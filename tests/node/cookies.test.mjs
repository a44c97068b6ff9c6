// The sign-in of a browser is a cookie that stays with its host and away from scripts; two sessions
// on one machine do not disturb each other; and whoever signs out, or is removed, is out at once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Host } from "./support/host.mjs";
import { GIF } from "./support/files.mjs";

const THIRTY_DAYS_S = 30 * 24 * 60 * 60;
const WITHIN_MS = 1_000;
const BODY = { name: "Ann", pin: "2468" };
const WAYS = [["websocket"], ["polling"], ["polling", "websocket"]];

/** The cookies of a browser, which know a machine by its name and not by its port. */
class Jar {
  #kept = new Map();

  take({ headers }) {
    for (const line of headers["set-cookie"] ?? []) {
      const [pair, ...attributes] = line.split("; ");
      const [name, value] = pair.split("=");
      if (attributes.includes("Max-Age=0")) this.#kept.delete(name);
      else this.#kept.set(name, value);
    }
  }

  get cookie() {
    return [...this.#kept].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  get headers() {
    return { cookie: this.cookie };
  }
}

/** Signs in with what the jar holds, as a browser would. */
async function signIn(host, jar, name = "Ann") {
  const body = { ...BODY, name };
  const answer = await host.http("POST", "/sign-in", { headers: jar.headers, body });
  assert.equal(answer.status, 201);
  jar.take(answer);
  host.secrets.add(answer.body.token);
  return answer.body;
}

/** Who a socket with these cookies is. */
async function whoIs(host, jar, transports = ["websocket"]) {
  const client = host.client({ extraHeaders: jar.headers, transports });
  await client.connected();
  return (await client.take("welcome")).you.id;
}

test("the cookie has exactly the attributes that keep it where it belongs", async (t) => {
  const host = await Host.start(t);
  const answer = await host.http("POST", "/sign-in", { body: BODY });
  const name = `__Host-hearth.sid.${host.session.replaceAll("-", "").slice(-8)}`;
  const attributes = `HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=${THIRTY_DAYS_S}`;
  assert.deepEqual(answer.headers["set-cookie"], [`${name}=${answer.body.token}; ${attributes}`]);
  assert.match(answer.body.token, /^[\w-]{43}$/, "256 bits");

  const headers = { cookie: `${name}=${answer.body.token}` };
  const out = await host.http("POST", "/sign-out", { headers });
  assert.deepEqual(out.headers["set-cookie"], [
    `${name}=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0`,
  ]);
});

test("opening the page renews the cookie, no other answer sets one, and none is made for strangers", async (t) => {
  const host = await Host.start(t);
  const jar = new Jar();
  await signIn(host, jar);
  const { headers } = jar;
  const [renewed, ...more] = (await host.http("GET", "/", { headers })).headers["set-cookie"];
  assert.deepEqual(more, []);
  const attributes = `HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=${THIRTY_DAYS_S}`;
  assert.equal(renewed, `${jar.cookie}; ${attributes}`);
  const made = { cookie: `${jar.cookie.split("=")[0]}=made-up` };
  const answers = [
    await host.http("GET", "/"),
    await host.http("GET", "/", { headers: made }),
    await host.http("GET", "/health", { headers }),
    await host.http("GET", "/socket.io/?EIO=4&transport=polling", { headers }),
    await host.http("POST", "/sign-in", { body: { name: "Ben", pin: "1111" } }),
    await host.http("POST", "/sign-in", { body: { name: "Ben", invite: "unknown" } }),
  ];
  for (const answer of answers) assert.equal(answer.headers["set-cookie"], undefined);
});

test("two sessions on one machine keep their sign-ins apart", async (t) => {
  const [first, second] = [await Host.start(t), await Host.start(t)];
  const jar = new Jar();
  const [one, other] = [await signIn(first, jar), await signIn(second, jar)];
  assert.notEqual(one.member.id, other.member.id);
  for (const transports of WAYS) {
    assert.equal(await whoIs(first, jar, transports), one.member.id);
    assert.equal(await whoIs(second, jar, transports), other.member.id);
  }
  // Whoever comes in again is the same person in each.
  assert.equal((await signIn(first, jar)).member.id, one.member.id);
  assert.equal((await signIn(second, jar)).member.id, other.member.id);

  const there = second.client({ extraHeaders: jar.headers });
  await there.connected();
  jar.take(await first.http("POST", "/sign-out", { headers: jar.headers }));
  assert.ok((await there.call("note:count")).count >= 0);
  await assert.rejects(whoIs(first, jar), /unauthorized/);
  assert.equal(await whoIs(second, jar), other.member.id);
});

test("a cookie is taken by the name of its session alone", async (t) => {
  const host = await Host.start(t);
  const { token, member } = await host.signIn("Ann");
  const short = host.session.slice(-8);
  const good = `__Host-hearth.sid.${short}=${token}`;
  const come = (cookie) => {
    const client = host.client({ extraHeaders: { cookie }, transports: ["websocket"] });
    return client.connected().then(
      () => client.take("welcome"),
      ({ message }) => message,
    );
  };
  for (const cookie of [good, `a=b; ${good}; c=d`, `${good};`, ` ${good}`]) {
    assert.equal((await come(cookie)).you.id, member.id, cookie);
  }
  for (const cookie of [
    `hearth.sid.${short}=${token}`,
    `__Host-hearth.sid.${short.toUpperCase()}X=${token}`,
    `__Host-hearth.sid.00000000=${token}`,
    `__host-hearth.sid.${short}=${token}`,
    `__Secure-hearth.sid.${short}=${token}`,
    `__Host-hearth.sid.${short}=${token}x`,
    `__Host-hearth.sid.${short}=${token.slice(0, -1)}`,
    `__Host-hearth.sid.${short}=`,
    `__Host-hearth.sid.${short}`,
  ]) {
    assert.equal(await come(cookie), "unauthorized", cookie);
  }
});

/** Every kind of connection that somebody with this jar may hold, all open. */
async function everyConnection(host, jar) {
  const open = ["/", "/home"].flatMap((namespace) =>
    [["websocket"], ["polling"]].map((transports) =>
      host.client({ namespace, transports, extraHeaders: jar.headers }),
    ),
  );
  for (const client of open) await client.connected();
  return open;
}

/** Fails unless all of them end within a second from now. */
async function endAtOnce(clients, end) {
  const ended = clients.map((client) => client.take("disconnect"));
  const from = performance.now();
  await end();
  await Promise.all(ended);
  const took = performance.now() - from;
  assert.ok(took < WITHIN_MS, `${took} ms`);
}

test("signing out closes every connection within a second, and nothing opens with it again", async (t) => {
  const host = await Host.start(t);
  const jar = new Jar();
  await signIn(host, jar);
  const bystander = await host.enter("Ben");
  const { rooms } = await bystander.call("room:list");
  const open = await everyConnection(host, jar);
  await endAtOnce(open, () => host.http("POST", "/sign-out", { headers: jar.headers }));
  await assert.rejects(whoIs(host, jar), /unauthorized/);
  const post = await host.http("POST", `/files?room=${rooms[0].id}`, {
    headers: jar.headers,
    text: GIF,
  });
  assert.equal(post.status, 401);
  assert.ok((await bystander.call("note:count")).count >= 0);
});

test("being removed closes every connection within a second, and the cookie stays outside", async (t) => {
  const host = await Host.start(t);
  const hostess = await host.enterAsHost();
  const jar = new Jar();
  const { member } = await signIn(host, jar);
  const open = await everyConnection(host, jar);
  await endAtOnce(open, () => hostess.call("member:remove", { member: member.id }));
  await assert.rejects(whoIs(host, jar), /removed/);
  const again = await host.http("POST", "/sign-in", { headers: jar.headers, body: BODY });
  assert.deepEqual([again.status, again.body.error.code], [403, "removed"]);
});
