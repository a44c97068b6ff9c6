// A host goes back to an earlier state: `hearthd join` says where the copy from before is, and its
// page offers what that has and the new one lacks.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Copy, backup, linked, within } from "./support/copy.mjs";
import { Host } from "./support/host.mjs";

const ANYONE = ["--admit", "anyone"];

/** A copy whose host went back to before `diverge` had been done at the copy. */
async function gone_back(t, diverge) {
  const host = await Host.start(t, ANYONE);
  const { port } = new URL(host.url);
  const copy = await Copy.start(t, [`127.0.0.1:${port}`, "--name", "Ben"]);
  const ben = await copy.own();
  const { rooms } = (await ben.thanks()).snapshot;
  await linked(ben, "live");
  const goBack = await backup(host);
  await diverge(ben, rooms[0].id);
  await goBack();
  await host.run(["--listen", `127.0.0.1:${port}`, ...ANYONE]);
  await copy.begunAnew();
  return { host, copy, room: rooms[0].id };
}

/** What is offered to the person whose copy it is, once the new copy is whole. */
function offered(client) {
  return within("a list", async () => {
    const list = await client.call("earlier:list");
    return !list.waits && list;
  });
}

/** As `own`, once the new copy knows its person. */
function own(copy) {
  return within("somebody to sign in", () => copy.own().catch(() => null));
}

test("an always-on copy says where the old one is, and its page offers what that had", async (t) => {
  const { host, copy, room } = await gone_back(t, async (ben, room) => {
    await ben.call("message:send", { room, body: "said before" });
  });
  const ben = await own(copy);
  await ben.thanks();
  await linked(ben, "live");
  const { items } = await offered(ben);
  assert.deepEqual(
    items.map(({ kind, text, best }) => ({ kind, text, best })),
    [{ kind: "message", text: "said before", best: "again" }],
  );
  const { again } = await ben.call("earlier:read", { item: items[0].item });
  for (const { name, payload } of again) await ben.call(name, payload);
  const ann = await host.enter("Ann", {});
  await ann.thanks();
  const { messages } = await ann.call("message:list", { room });
  assert.deepEqual(
    messages.map(({ body }) => body),
    ["said before"],
  );
  assert.deepEqual((await offered(ben)).items, []);
  // Nothing of it is a secret's place: not the log, which names the file alone.
  assert.ok(!copy.log.includes("said before"));
});

test("what cannot be named any more is not found, and a host offers nothing", async (t) => {
  const host = await Host.start(t, ANYONE);
  const client = await host.enterAsHost("Mina");
  await client.thanks();
  const nothing = { items: [], more: false, waits: false };
  assert.deepEqual(await client.call("earlier:list"), nothing);
  for (const name of ["earlier:read", "earlier:discard"]) {
    for (const item of ["", "note", "note/x@y", "@", "note/../../etc/passwd@../x"]) {
      await assert.rejects(client.call(name, { item }), { code: "not_found" });
    }
  }
});
