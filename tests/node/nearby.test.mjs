// Sessions are found by those who are on the same network, and nobody on it can spoil that.

import assert from "node:assert/strict";
import { test } from "node:test";

import { announcement, overhear, properties, response, send, txt } from "./support/announce.mjs";
import { Host } from "./support/host.mjs";
import { Onlooker } from "./support/nearby.mjs";
import { join, layCable } from "./support/network.mjs";
import { Random } from "./support/random.mjs";

const EVERYWHERE = ["--listen", "0.0.0.0:0"];
const port = (host) => new URL(host.url).port;

test("on one computer a session is found, and what becomes of it is followed", async (t) => {
  const onlooker = Onlooker.start(t);
  const host = await Host.start(t, ["--name", "Tea", "--pin", "2468"]);
  const found = await onlooker.find(host);
  assert.equal(found.name, "Tea");
  assert.equal(found.admission, "pin");
  assert.equal(found.people, 0);
  assert.deepEqual(found.protocol, [1, 1]);
  assert.ok(found.fits);
  assert.equal(found.key, host.fingerprint.slice(0, 16));
  assert.deepEqual(found.addresses, [`127.0.0.1:${port(host)}`]);

  const hostess = await host.enterAsHost();
  await host.enter("Ann");
  await onlooker.find(host, ({ people }) => people === 2);
  await hostess.call("session:update", { name: "Coffee", admission: "anyone" });
  const changed = await onlooker.find(host, ({ name }) => name === "Coffee");
  assert.equal(changed.admission, "anyone");
  assert.equal(changed.id, found.id);

  await host.stop();
  await onlooker.lose(host);
});

test("two computers find each other, lose each other and find each other again", async (t) => {
  const cable = layCable(t);
  if (!cable) return;
  const { a, b } = cable;
  const hosts = await Promise.all([Host.start(t, EVERYWHERE, a), Host.start(t, EVERYWHERE, b)]);
  const [fromA, fromB] = [Onlooker.start(t, a), Onlooker.start(t, b)];
  for (const onlooker of [fromA, fromB]) {
    for (const [number, host] of hosts.entries()) {
      // Its addresses come one by one, and loopback is often the first.
      const place = `10.77.0.${number + 1}:${port(host)}`;
      await onlooker.find(host, ({ addresses }) => addresses.join() === place);
    }
  }

  a.ip("link set lan0 down");
  await Promise.all([fromA.lose(hosts[1]), fromB.lose(hosts[0])]);
  a.ip("link set lan0 up");
  await Promise.all([fromA.find(hosts[1]), fromB.find(hosts[0])]);

  await hosts[0].kill();
  await fromB.lose(hosts[0]);
  await hosts[0].run(EVERYWHERE);
  await fromB.find(hosts[0]);
});

test("a host with several adapters is one entry, its virtual ones last, and a new address is told", async (t) => {
  const cable = layCable(t);
  if (!cable) return;
  const { a, b } = cable;
  join(a, b, "docker0", "10.66.0");
  const onlooker = Onlooker.start(t, b);
  const host = await Host.start(t, EVERYWHERE, a);
  const at = (...addresses) => addresses.map((address) => `${address}:${port(host)}`).join();
  const isAt =
    (...addresses) =>
    (found) =>
      found.addresses.join() === at(...addresses);
  await onlooker.find(host, isAt("10.77.0.1", "10.66.0.1"));

  a.ip("address add 10.77.0.9/24 dev lan0");
  a.ip("address delete 10.77.0.1/24 dev lan0");
  // Deleting the first address of a network deletes the others unless it is put back.
  if (!a.ip("address show lan0").includes("10.77.0.9")) a.ip("address add 10.77.0.9/24 dev lan0");
  await onlooker.find(host, isAt("10.77.0.9", "10.66.0.1"));
  assert.equal(onlooker.sessions.size, 1);
});

test("a session that is not to be announced sends not one packet that does", async (t) => {
  const cable = layCable(t);
  if (!cable) return;
  const { a, b } = cable;
  const spoken = (packets, host) => packets.filter((packet) => packet.includes(host.session));
  let loud;
  const isLoud = (packets) => loud !== undefined && spoken(packets, loud).length >= 2;
  const { all } = await overhear(t, b, "10.77.0.2", isLoud);
  const silent = await Host.start(t, [...EVERYWHERE, "--no-announce"], a);
  // Announced twice, a second apart: what the silent one says would long have come.
  loud = await Host.start(t, EVERYWHERE, a);
  const packets = await all;
  assert.ok(spoken(packets, loud).length >= 2);
  assert.equal(spoken(packets, silent).length, 0);
  assert.equal(new Set(packets.flatMap(instances)).size, 1);
});

/** The instances that a packet speaks of. */
const instances = (packet) => packet.toString("latin1").match(/hearth-[0-9a-f]{12}/g) ?? [];

test("200 malformed announcements are ignored without a word, and a flood is bounded", async (t) => {
  const cable = layCable(t);
  if (!cable) return;
  const { a, b } = cable;
  const onlooker = Onlooker.start(t, b);
  const host = await Host.start(t, EVERYWHERE, a);
  await onlooker.find(host);
  const quiet = onlooker.log;

  const malformed = [...manglings()];
  assert.ok(malformed.length >= 200, `${malformed.length}`);
  await send(a, "10.77.0.1", malformed);
  // Whatever is sent afterwards is heard afterwards: these were all looked at.
  const last = properties({ id: crypto.randomUUID(), name: "The last" });
  const tell = { instance: "last", id: last.id, address: "10.77.0.30", data: txt(last) };
  await send(a, "10.77.0.1", [announcement(tell)]);
  const seen = await onlooker.until("the last is seen", (all) =>
    all.some(({ name }) => name === "The last"),
  );
  assert.deepEqual(seen.map(({ session }) => session).sort(), [host.session, last.session].sort());
  assert.equal(onlooker.log, quiet);

  const flood = Array.from({ length: 1_000 }, (_, number) => {
    const id = crypto.randomUUID();
    const data = txt(properties({ id, name: `Flood ${number}` }));
    return announcement({ instance: `flood-${number}`, id, address: "10.77.0.66", data });
  });
  await send(a, "10.77.0.1", flood);
  const all = await onlooker.until("many are there", (sessions) => sessions.length >= 200);
  assert.ok(all.length <= 256, `${all.length}`);
  assert.ok(all.some(({ session }) => session === host.session));
  assert.equal(onlooker.log, quiet);
  assert.ok(onlooker.isAlive());
});

/** Announcements that are none: bent by hand and at random. */
function* manglings() {
  const id = () => crypto.randomUUID();
  let number = 0;
  const bent = (data, more = {}) => {
    number += 1;
    return announcement({ instance: `bent-${number}`, address: "10.77.0.40", data, ...more });
  };
  for (const wrong of [
    { name: "" },
    { name: "turn\u202ed" },
    { name: "a\nb" },
    { name: "\u0000" },
    { name: "x".repeat(41) },
    { name: Buffer.from([0xff, 0xfe]) },
    { id: "1" },
    { id: "x".repeat(240) },
    { session: "" },
    { people: "-1" },
    { people: "99999999999999999999" },
    { admission: "everybody" },
    { protocol: "2-1" },
    { protocol: "1" },
    { key: "short" },
    { key: "Z".repeat(64) },
  ]) {
    const said = properties({ id: id(), ...wrong });
    yield bent(txt(said), { id: said.id.slice(0, 36) });
  }
  for (const missing of Object.keys(properties())) {
    const rest = properties({ id: id() });
    delete rest[missing];
    yield bent(txt(rest), { id: rest.id });
  }
  // What says where is of somebody else than what says who.
  yield bent(txt(properties({ id: id() })), { id: id() });
  yield bent(txt({}));
  yield bent(Buffer.from([255, 1, 2]));
  yield bent(Buffer.alloc(0));
  const nowhere = id();
  yield bent(txt(properties({ id: nowhere })), { id: nowhere, port: 0 });
  const cut = id();
  const whole = bent(txt(properties({ id: cut, name: "Cut" })), { id: cut, port: 0 });
  for (let length = 1; length < whole.length; length += 5) yield whole.subarray(0, length);
  // Names that point to themselves, and numbers of answers that are not there.
  for (let at = 0; at < 20; at += 1) yield response(at * 3_000, Buffer.from([0xc0, at]));
  yield response(65_535, Buffer.alloc(0));
  yield response(1, Buffer.alloc(8_000, 63));
  const random = new Random(7);
  for (let count = 0; count < 150; count += 1) {
    const length = random.below(400);
    const noise = Buffer.from(Array.from({ length }, () => random.below(256)));
    yield count % 2 ? response(1 + random.below(9), noise) : noise;
  }
}
