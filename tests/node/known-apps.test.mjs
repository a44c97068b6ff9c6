// An app is known by its key: who was removed stays out by it and who was banned too, with or
// without a token; and whoever is remembered comes back without asking, whatever the door says now.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Host } from "./support/host.mjs";
import { App, Guest } from "./support/joining.mjs";

const ANYONE = ["--admit", "anyone"];

async function start(t, options = ANYONE) {
  const server = await Host.start(t, options);
  const host = await server.enterAsHost();
  return { server, host };
}

async function comeIn(who, more = {}) {
  const { status, body } = await who.http("POST", "/sign-in", { body: { name: "Ada", ...more } });
  return status === 201 ? body : [status, body.error?.code ?? "knock"];
}

const bearer = ({ token }) => ({ authorization: `Bearer ${token}` });

/** Comes with an earlier sign-in. */
async function comeBack(who, signedIn) {
  const options = { headers: bearer(signedIn), body: { name: "Ada" } };
  const { status, body } = await who.http("POST", "/sign-in", options);
  return status === 201 ? body.member.id : [status, body.error?.code];
}

const remove = (host, { member }, fields = {}) =>
  host.call("member:remove", { member: member.id, ...fields });
const invite = async (host) =>
  new URL((await host.call("session:invite")).invite.url).hash.slice(1);
const OUT = [403, "removed"];

test("a removed app needs an invitation, also without its old token", async (t) => {
  const { server, host } = await start(t);
  const app = new App(server);
  const first = await comeIn(app);
  assert.equal(first.member.guest, false);
  await remove(host, first);
  assert.deepEqual(await comeIn(app), OUT);
  assert.deepEqual(await comeBack(app, first), OUT);
  for (const other of [new App(server), new Guest(server)])
    assert.equal((await comeIn(other)).member.role, "editor");

  const again = await comeIn(app, { invite: await invite(host) });
  assert.notEqual(again.member.id, first.member.id);
  // Let in anew, it is as good as any.
  assert.equal((await comeIn(app)).member.role, "editor");
});

test("a banned app stays out by any way in, through a restart, until the ban is lifted", async (t) => {
  const { server, host } = await start(t);
  const app = new App(server);
  const first = await comeIn(app);
  await remove(host, first, { ban: true });
  const opens = await invite(host);
  const every = async () => [
    await comeIn(app),
    await comeIn(app, { invite: opens }),
    await comeBack(app, first),
  ];
  assert.deepEqual(await every(), [OUT, OUT, OUT]);
  await server.stop();
  await server.run(["--admit", "ask"]);
  assert.deepEqual(await every(), [OUT, OUT, OUT]);

  const back = await server.enterAsHost();
  await back.call("member:unban", { member: first.member.id });
  assert.deepEqual(await comeIn(app), [202, "knock"]);
  // The invitation was not used up by those who were refused.
  assert.equal((await comeIn(app, { invite: opens })).member.role, "editor");
});

test("neither signing out nor a revoked device shakes the key off", async (t) => {
  const { server, host } = await start(t);
  for (const forget of ["signs out", "is revoked"]) {
    const app = new App(server);
    const { member, token } = await comeIn(app);
    if (forget === "signs out") {
      const { status } = await app.http("POST", "/sign-out", { headers: bearer({ token }) });
      assert.equal(status, 204);
    } else {
      const { devices } = await host.call("session:devices");
      const device = devices.find((one) => one.member === member.id);
      assert.equal(device.kind, "app");
      await host.call("device:revoke", { device: device.id });
    }
    await remove(host, { member }, { ban: true });
    assert.deepEqual(await comeIn(app), OUT, forget);
  }
});

test("a ban finds the key of an app that came with a browser's sign-in", async (t) => {
  const { server, host } = await start(t);
  const [guest, app] = [new Guest(server), new App(server)];
  const signedIn = await comeIn(guest);
  assert.equal(await comeBack(app, signedIn), signedIn.member.id);
  await remove(host, signedIn, { ban: true });
  assert.deepEqual(await comeIn(app), OUT);
});

test("a ban counts for who waits at the door already", async (t) => {
  const { server, host } = await start(t);
  const app = new App(server);
  const { member } = await comeIn(app);
  await host.call("session:update", { admission: "ask" });
  const asked = await app.knock("Ada again");
  await remove(host, { member }, { ban: true });
  const letIn = { knock: asked.knock, admit: true };
  await assert.rejects(host.call("knock:answer", letIn), { code: "conflict", message: /ban/ });
  await host.call("knock:answer", { knock: asked.knock, admit: false });
  assert.equal((await app.wait(asked.knock)).status, 403);
});

test("remembered devices come back without asking, whatever the door says now", async (t) => {
  const { server, host } = await start(t);
  const [app, guest] = [new App(server), new Guest(server)];
  const known = [
    [app, await comeIn(app)],
    [guest, await comeIn(guest)],
  ];
  const all = () => Promise.all(known.map(([who, signedIn]) => comeBack(who, signedIn)));
  const ids = known.map(([, { member }]) => member.id);
  for (const admission of [{ admission: "ask" }, { admission: "pin", pin: "482915" }]) {
    await host.call("session:update", admission);
    assert.deepEqual(await all(), ids);
  }
  await server.stop();
  await server.run(["--admit", "ask"]);
  assert.deepEqual(await all(), ids);
  const back = await server.enterAsHost();
  assert.deepEqual((await back.call("session:knocks")).knocks, []);
});

test("an app's key alone signs nobody in", async (t) => {
  const { server, host } = await start(t);
  const app = new App(server);
  const first = await comeIn(app);
  await host.call("session:update", { admission: "ask" });
  assert.deepEqual(await comeIn(app), [202, "knock"]);
  assert.equal(await comeBack(app, first), first.member.id);
});

test("browsers that are switched off keep no app out", async (t) => {
  const { server } = await start(t, [...ANYONE, "--browsers", "off"]);
  assert.equal((await comeIn(new App(server))).member.guest, false);
  assert.deepEqual(await comeIn(new Guest(server)), [403, "forbidden"]);
});
