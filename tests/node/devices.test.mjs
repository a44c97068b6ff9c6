// Every sign-in is a device that the host sees and can end; ended ones are out at once.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { Host } from "./support/host.mjs";

const WITHIN_MS = 1000;

const devicesOf = async (host, { member }) => {
  const { devices } = await host.call("session:devices");
  return devices.filter((device) => device.member === member.id);
};

test("the host sees who signed in with what, from where and when", async (t) => {
  const server = await Host.start(t);
  const before = Date.now();
  const host = await server.enterAsHost();
  const ada = await server.enter("Ada");
  const [device, ...more] = await devicesOf(host, ada);
  assert.deepEqual(more, []);
  assert.deepEqual(Object.keys(device).sort(), [
    "address",
    "created_at",
    "id",
    "kind",
    "member",
    "used_at",
  ]);
  assert.deepEqual([device.kind, device.address], ["browser", "127.0.0.1"]);
  for (const at of [device.created_at, device.used_at])
    assert.ok(Date.parse(at) >= before - 1000 && Date.parse(at) <= Date.now() + 1000);
  assert.equal((await devicesOf(host, host)).length, 1);
  await server.stop();
  await server.run(["--pin", "2468"]);
  const again = await server.enterAsHost();
  assert.deepEqual(await devicesOf(again, ada), [device]);
});

test("a revoked device's connections end within a second, and nobody else's", async (t) => {
  const server = await Host.start(t);
  const host = await server.enterAsHost();
  const [one, other] = [await server.signIn("Ada"), await server.enter("Ada")];
  const auth = { token: one.token };
  const ways = [
    { transports: ["websocket"] },
    { transports: ["polling"] },
    { namespace: "/home", transports: ["websocket"] },
    { namespace: "/home", transports: ["polling"] },
  ];
  const sockets = ways.map((way) => server.client({ auth, ...way }));
  for (const socket of sockets) await socket.connected();
  await host.call("thanks");

  const [device] = await devicesOf(host, one);
  const id = randomUUID();
  const from = Date.now();
  const { seq } = await host.call("device:revoke", { id, device: device.id });
  await Promise.all(sockets.map((socket) => socket.take("disconnect")));
  assert.ok(Date.now() - from < WITHIN_MS, `${Date.now() - from} ms`);
  const heard = await host.take("devicerevoked");
  assert.deepEqual(
    [heard.device, heard.id, heard.by, heard.seq],
    [device.id, id, host.member.id, seq],
  );
  for (const way of ways) {
    const client = server.client({ auth, ...way });
    assert.equal((await client.take("connect_error")).message, "unauthorized");
  }
  assert.deepEqual(await devicesOf(host, one), []);
  assert.ok((await other.call("note:count")).count >= 0);

  assert.equal((await host.call("device:revoke", { id, device: device.id })).seq, seq);
  const twice = host.call("device:revoke", { device: device.id });
  await assert.rejects(twice, { code: "not_found" });
});

test("signing out and being removed end devices too", async (t) => {
  const server = await Host.start(t);
  const host = await server.enterAsHost();
  const [ada, ben] = [await server.enter("Ada"), await server.enter("Ben")];
  const headers = { authorization: `Bearer ${ada.token}` };
  assert.equal((await server.http("POST", "/sign-out", { headers })).status, 204);
  await ada.take("disconnect");
  await host.call("member:remove", { member: ben.member.id });
  const { devices } = await host.call("session:devices");
  assert.deepEqual(
    devices.map(({ member }) => member),
    [host.member.id],
  );
});

test("whoever is signed out while connecting does not slip in", async (t) => {
  const server = await Host.start(t, ["--pin", "2468", "--limits", "off"]);
  for (let round = 0; round < 20; round += 1) {
    const { token } = await server.signIn("Ada");
    const sockets = Array.from({ length: 4 }, () =>
      server.client({ auth: { token }, transports: ["websocket"] }),
    );
    const headers = { authorization: `Bearer ${token}` };
    const out = server.http("POST", "/sign-out", { headers });
    const ended = sockets.map((socket) =>
      Promise.race([socket.take("disconnect"), socket.take("connect_error")]),
    );
    await Promise.all([out, ...ended]);
  }
});
