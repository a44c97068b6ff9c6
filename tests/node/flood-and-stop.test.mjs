// A flood of one client is not felt by the others, and nobody is left without word when the host
// stops.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Host } from "./support/host.mjs";

const LONG = "x".repeat(3_900);

/** Posts `count` long messages, at most 64 at a time. */
async function post(client, room, count) {
  let next = 0;
  const outstanding = Array.from({ length: 64 }, async () => {
    while (next < count) await client.call("message:send", { room, body: `${next++} ${LONG}` });
  });
  await Promise.all(outstanding);
}

test("a flood of events is cut, and the others do not feel it", async (t) => {
  const host = await Host.start(t);
  const [ann, mallory] = [await host.enter("Ann"), await host.enter("Mallory")];
  await ann.take("user count", ({ count }) => count === 2);
  ann.forget();
  for (let event = 0; event < 20_000; event += 1) mallory.socket.emit("member:list", {});
  await mallory.take("disconnect");
  assert.ok((await ann.call("note:count")).count >= 0);
  await ann.take("user count", ({ count }) => count === 1);
});

test("a host that stops finishes what it acknowledged, tells its clients and ends well", async (t) => {
  const host = await Host.start(t);
  const ann = await host.enter("Ann", { transports: ["websocket"] });
  const ben = await host.enter("Ben", { transports: ["polling"] });
  const { room } = await ann.call("room:create", { name: "Kept" });
  const begun = Date.now();
  const [code] = await Promise.all([
    host.stop(),
    ann.take("disconnect").then((reason) => assert.equal(reason, "transport close")),
    ben.take("disconnect"),
  ]);
  assert.equal(code, 0);
  assert.ok(Date.now() - begun < 5_000);

  await host.run(["--pin", "2468"]);
  const again = host.client({ auth: { token: ann.token } });
  await again.connected();
  const { rooms } = await again.call("room:list");
  assert.ok(rooms.some(({ id }) => id === room.id));
});

test("a host stops in time even when a client does not read", async (t) => {
  const host = await Host.start(t, ["--pin", "2468", "--limits", "off"]);
  const [ann, ben] = [await host.enter("Ann"), await host.enter("Ben")];
  const { snapshot } = await ben.thanks();
  await ben.upgraded();
  ben.socket.io.engine.transport.ws._socket.pause();
  await post(ann, snapshot.rooms[0].id, 2_500);
  const begun = Date.now();
  assert.equal(await host.stop(), 0);
  assert.ok(Date.now() - begun < 8_000);
});
