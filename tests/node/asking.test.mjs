// Who asks to join shows the host six digits, the same on both screens and no others: nobody in
// between can make them match, and nobody is let in before they are there.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { Between } from "./support/between.mjs";
import { Host } from "./support/host.mjs";
import { App, Guest, Nonce } from "./support/joining.mjs";

const ASK = ["--admit", "ask"];

async function start(t, options = ASK) {
  const server = await Host.start(t, options);
  const host = await server.enterAsHost();
  return { server, host };
}

/** The digits as the host is told them. */
async function seenByHost(host, { knock }) {
  const told = await host.take("knock", (heard) => heard.knock === knock && heard.code);
  assert.equal(told.state, "waiting");
  return told.code;
}

const gone = (host, { knock }) =>
  host.take("knock", (heard) => heard.knock === knock && heard.state === "gone");
const answer = (host, { knock }, fields) => host.call("knock:answer", { knock, ...fields });
const knocks = async (host) => (await host.call("session:knocks")).knocks;
const outcome = ({ status, body }) => [status, body?.error?.code ?? body?.member?.role];

test("an app and its host show the same six digits, and the host lets it in by them", async (t) => {
  const { server, host } = await start(t);
  const app = new App(server);
  const asked = await app.knock("Ada");
  assert.equal(app.hostKey, server.fingerprint);
  assert.match(asked.digits, /^\d{6}$/);
  assert.equal(await seenByHost(host, asked), asked.digits);
  const waiting = app.wait(asked.knock);
  await answer(host, asked, { admit: true, role: "viewer" });
  assert.deepEqual(outcome(await waiting), [201, "viewer"]);
  assert.equal((await waiting).body.member.guest, false);
  await gone(host, asked);
  const { devices } = await host.call("session:devices");
  const kinds = devices.map(({ kind, member }) => [kind, member === host.member.id]);
  assert.deepEqual(kinds.sort(), [
    ["app", false],
    ["browser", true],
  ]);
});

test("a browser's digits are its own too, and it comes in as a guest", async (t) => {
  const { server, host } = await start(t);
  const guest = new Guest(server);
  const asked = await guest.knock("Ada");
  assert.equal(await seenByHost(host, asked), asked.digits);
  await answer(host, asked, { admit: true });
  const { body } = await guest.wait(asked.knock);
  assert.deepEqual([body.member.role, body.member.guest], ["editor", true]);
});

test("somebody in between never shows both sides the same digits", async (t) => {
  const { server, host } = await start(t);
  for (const meddles of [false, true]) {
    for (let round = 0; round < 5; round += 1) {
      const between = await Between.start(t, server, { meddles });
      const app = new App(between);
      const asked = await app.knock("Ada");
      assert.notEqual(app.hostKey, server.fingerprint);
      assert.notEqual(await seenByHost(host, asked), asked.digits, `meddles: ${meddles}`);
      await app.leave(asked.knock);
    }
  }
});

test("nobody is let in before the digits are there, and anybody can be declined", async (t) => {
  const { server, host } = await start(t);
  const app = new App(server);
  const nonce = new Nonce();
  const asked = await app.ask("Ada", nonce);
  const told = await host.take("knock");
  assert.deepEqual([told.knock, told.code], [asked.knock, undefined]);
  await assert.rejects(answer(host, asked, { admit: true }), { code: "conflict" });
  assert.equal((await app.reveal(asked.knock, nonce)).status, 204);
  await answer(host, asked, { admit: true });
  assert.equal((await app.wait(asked.knock)).status, 201);

  const other = await app.ask("Ben", new Nonce());
  await answer(host, other, { admit: false });
  assert.deepEqual(outcome(await app.wait(other.knock)), [403, "forbidden"]);
  assert.deepEqual(outcome(await app.reveal(other.knock, nonce)), [410, "gone"]);
});

test("who reveals another nonce than was committed to is out, for both sides at once", async (t) => {
  const { server, host } = await start(t);
  const guest = new Guest(server);
  const nonce = new Nonce();
  const asked = await guest.ask("Mallory", nonce);
  const waiting = guest.wait(asked.knock);
  assert.deepEqual(outcome(await guest.reveal(asked.knock, new Nonce())), [403, "forbidden"]);
  assert.deepEqual(outcome(await waiting), [403, "forbidden"]);
  assert.match((await waiting).body.error.message, /committed/);
  await gone(host, asked);
  assert.deepEqual(await knocks(host), []);
  await assert.rejects(answer(host, asked, { admit: true }), { code: "gone" });
  // The right one comes too late.
  assert.deepEqual(outcome(await guest.reveal(asked.knock, nonce)), [403, "forbidden"]);
});

test("revealing once more changes nothing, and something else ends the knock", async (t) => {
  const { server, host } = await start(t);
  const app = new App(server);
  const nonce = new Nonce();
  const asked = await app.ask("Ada", nonce);
  for (let times = 0; times < 3; times += 1)
    assert.equal((await app.reveal(asked.knock, nonce)).status, 204);
  const code = await seenByHost(host, asked);
  assert.deepEqual(
    (await knocks(host)).map((knock) => knock.code),
    [code],
  );
  assert.equal(host.pending("knock").length, 1, "only the first is told to the host");
  assert.deepEqual(outcome(await app.reveal(asked.knock, new Nonce())), [403, "forbidden"]);
  await gone(host, asked);
  assert.deepEqual(outcome(await app.wait(asked.knock)), [403, "forbidden"]);
});

test("what is no nonce, no commitment or no knock is told so and ends nothing", async (t) => {
  const { server, host } = await start(t);
  const guest = new Guest(server);
  const nonce = new Nonce();
  const asked = await guest.ask("Ada", nonce);
  const wrong = ["", "AA".repeat(32), "a".repeat(63), 7, null, undefined];
  for (const hex of wrong) {
    const answered = await guest.reveal(asked.knock, { hex });
    assert.deepEqual(outcome(answered), [400, "bad_request"], String(hex));
  }
  for (const commit of ["", "AA".repeat(32), "a".repeat(65), 7]) {
    const answered = await guest.http("POST", "/sign-in", { body: { name: "Ada", commit } });
    assert.deepEqual(outcome(answered), [400, "bad_request"], String(commit));
  }
  const plain = await guest.http("POST", "/sign-in", { body: { name: "Ben" } });
  assert.deepEqual(Object.keys(plain.body), ["knock"]);
  const early = await guest.reveal(plain.body.knock, nonce);
  assert.deepEqual(outcome(early), [400, "bad_request"]);
  assert.deepEqual(outcome(await guest.reveal(randomUUID(), nonce)), [410, "gone"]);
  assert.deepEqual(outcome(await guest.reveal("nobody", nonce)), [404, "not_found"]);
  assert.equal((await guest.reveal(asked.knock, nonce)).status, 204);
  assert.equal((await knocks(host)).length, 2);
});

test("of three who ask at once each has digits of their own and the answer meant for them", async (t) => {
  const { server, host } = await start(t);
  const apps = [new App(server), new App(server), new Guest(server)];
  const names = ["Ada", "Ben", "Cleo"];
  const asked = await Promise.all(apps.map((app, at) => app.knock(names[at])));
  assert.equal(new Set(asked.map(({ digits }) => digits)).size, 3);
  for (const one of asked) assert.equal(await seenByHost(host, one), one.digits);
  const listed = new Map((await knocks(host)).map(({ name, code }) => [name, code]));
  asked.forEach(({ digits }, at) => assert.equal(listed.get(names[at]), digits));

  const waiting = apps.map((app, at) => app.wait(asked[at].knock));
  await answer(host, asked[0], { admit: true, role: "editor" });
  await answer(host, asked[1], { admit: true, role: "viewer" });
  await answer(host, asked[2], { admit: false });
  assert.deepEqual((await Promise.all(waiting)).map(outcome), [
    [201, "editor"],
    [201, "viewer"],
    [403, "forbidden"],
  ]);
  assert.equal((await waiting[0]).body.member.name, "Ada");
});

test("a host who comes back finds those who wait, with their digits", async (t) => {
  const { server, host } = await start(t);
  const [app, guest] = [new App(server), new Guest(server)];
  const asked = [await app.knock("Ada"), await guest.knock("Ben")];
  host.close();
  const back = server.client({ auth: { token: host.token } });
  await back.connected();
  const listed = (await knocks(back)).map(({ knock, code }) => [knock, code]);
  assert.deepEqual(
    listed,
    asked.map(({ knock, digits }) => [knock, digits]),
  );
  await answer(back, asked[0], { admit: true });
  assert.equal((await app.wait(asked[0].knock)).status, 201);
});

test("who gives up is gone from the host's screen, digits or not", async (t) => {
  const { server, host } = await start(t);
  const app = new App(server);
  for (const asked of [await app.knock("Ada"), await app.ask("Ben", new Nonce())]) {
    assert.equal((await app.leave(asked.knock)).status, 204);
    await gone(host, asked);
    assert.deepEqual(outcome(await app.wait(asked.knock)), [410, "gone"]);
    await assert.rejects(answer(host, asked, { admit: true }), { code: "gone" });
  }
  assert.deepEqual(await knocks(host), []);
});

test("whom nobody answers is told so, and who went away is forgotten", async (t) => {
  for (const limits of ["knock_lapses_ms=500", "knock_silent_ms=500"]) {
    const { server, host } = await start(t, [...ASK, "--limits", limits]);
    const app = new App(server);
    const asked = await app.knock("Ada");
    // Whoever waits is not silent: only lapsing ends that.
    const waiting = limits.includes("lapses") && app.wait(asked.knock);
    await gone(host, asked);
    if (waiting) assert.deepEqual(outcome(await waiting), [410, "gone"]);
    assert.deepEqual(outcome(await app.wait(asked.knock)), [410, "gone"]);
    await assert.rejects(answer(host, asked, { admit: true }), { code: "gone" });
  }
});

test("asking again under the same id is the same knock with the same nonce", async (t) => {
  const { server, host } = await start(t);
  const app = new App(server);
  const [nonce, id] = [new Nonce(), randomUUID()];
  const asked = await app.ask("Ada", nonce, { id });
  assert.deepEqual(await app.ask("Ada", nonce, { id }), asked);
  assert.equal((await knocks(host)).length, 1);
  // Another commitment cannot be answered with a nonce that was shown already.
  const other = await app.ask("Ada", new Nonce(), { id });
  assert.notEqual(other.knock, asked.knock);
  assert.notEqual(other.nonce, asked.nonce);
});

test("nobody gets to see number after number until one fits", async (t) => {
  const limits = "knocks_with_digits=3,knocks_with_digits_in_all=5";
  const { server } = await start(t, [...ASK, "--limits", limits]);
  const from = (localAddress) => async () => {
    const { commit } = new Nonce();
    const body = { name: "Mallory", commit };
    const answered = await server.http("POST", "/sign-in", { body, localAddress });
    if (answered.status === 202) {
      const path = `/sign-in/${answered.body.knock}`;
      await server.http("DELETE", path, { localAddress });
    }
    return answered;
  };
  const [one, other] = [from("127.0.0.1"), from("127.0.0.2")];
  for (let times = 0; times < 3; times += 1) assert.equal((await one()).status, 202);
  const { status, body } = await one();
  assert.deepEqual([status, body.error.code], [429, "rate_limited"]);
  assert.ok(body.error.retry_after_ms > 0 && body.error.retry_after_ms <= 600_000);
  assert.equal((await other()).status, 202);
  assert.equal((await other()).status, 202);
  assert.equal((await other()).status, 429);
  // Without digits there is nothing to hit.
  const plain = await server.http("POST", "/sign-in", { body: { name: "Ada" } });
  assert.equal(plain.status, 202);
});
