// Whatever a member asks of a note, at its edges and beyond, is answered, and those who type in it
// meanwhile notice nothing.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";

import { base64, Editor } from "./support/editor.mjs";
import { forged } from "./support/forge.mjs";
import { Host } from "./support/host.mjs";

/** Rates are lifted, so that what is tried is heard; sizes are not. */
const OPEN = ["--admit", "anyone", "--limits", "off"];
const LAST = 2 ** 32 - 1;
const FAR = Number.MAX_SAFE_INTEGER;

async function start(t, options = OPEN) {
  const host = await Host.start(t, options);
  const eve = await host.enter("Eve");
  const { snapshot, run } = await eve.thanks();
  const room = snapshot.rooms[0].id;
  const { note } = await eve.call("note:create", { room, title: "Plan", body: "one 🎈" });
  const ada = await Editor.open(host, note.key, "Ada");
  /** What somebody else types arrives, and nothing has panicked. */
  const others = async () => {
    ada.type(0, ".");
    await ada.settled();
    assert.doesNotMatch(host.log, /panicked/);
  };
  return { host, eve, ada, key: note.key, room, run, others };
}

test("a note is opened from any version there was, and from none that there was not", async (t) => {
  const { eve, key, run, others } = await start(t);
  await others();
  for (const since_version of [0, 1, 2]) {
    const { version, update } = await eve.call("note:open", { key, since_version, run });
    assert.equal(version, 2);
    assert.ok(Buffer.from(update, "base64").length >= 2);
  }
  const unknown = { since_version: 1, run: randomUUID() };
  for (const odd of [{ since_version: 3 }, { since_version: FAR }, unknown]) {
    await assert.rejects(eve.call("note:open", { key, ...odd }), { code: "diverged" });
  }
  for (const odd of [{ since_version: -1 }, { since_version: 1.5 }, { run: "" }, { run: 7 }]) {
    await assert.rejects(eve.call("note:open", { key, ...odd }), { code: "bad_request" });
  }
  await others();
});

test("history is paged at its edges, and refuses what is no number of a version", async (t) => {
  const { eve, key, others } = await start(t);
  await others();
  const history = (more) => eve.call("note:history", { key, ...more });
  assert.equal((await history({ limit: 1 })).bursts.length, 1);
  assert.equal((await history({ limit: LAST })).bursts.length, 2);
  // None is not a page: whoever goes on by `next` would do so for ever.
  assert.equal((await history({ limit: 0 })).bursts.length, 1);
  assert.deepEqual(await history({ before: 0 }), { bursts: [] });
  assert.deepEqual(await history({ before: 1 }), { bursts: [] });
  assert.equal((await history({ before: FAR })).bursts.length, 2);
  for (const odd of [{ before: -1 }, { limit: -1 }, { limit: LAST + 1 }, { before: "2" }]) {
    await assert.rejects(history(odd), { code: "bad_request" });
  }
  await others();
});

test("as many notes are open as one may have, and closing any is answered", async (t) => {
  const { eve, key, room, others } = await start(t);
  const keys = [key];
  while (keys.length < 33) {
    const { note } = await eve.call("note:create", { room, title: `Note ${keys.length}` });
    keys.push(note.key);
  }
  for (const open of keys.slice(0, 32)) await eve.call("note:open", { key: open });
  await assert.rejects(eve.call("note:open", { key: keys[32] }), { code: "too_large" });
  await eve.call("note:open", { key });
  for (const closed of [keys[1], keys[1], keys[32], randomUUID()]) {
    await eve.call("note:close", { key: closed });
  }
  await eve.call("note:open", { key: keys[32] });
  await others();
});

test("cursors that make no sense, or fill megabytes, are dropped", async (t) => {
  const { eve, ada, key, others } = await start(t);
  await eve.call("note:open", { key });
  const deep = JSON.parse("[".repeat(100) + "]".repeat(100));
  const odd = [
    undefined,
    null,
    7,
    [],
    {},
    { key: 7 },
    { key: randomUUID(), position: 1 },
    { key, position: "x".repeat(3_000_000) },
    { key, position: new Array(100_000).fill(0) },
    { key, position: { anchor: "x".repeat(2_100) } },
  ];
  for (const payload of odd) eve.socket.emit("cursor", payload);
  // What fits is passed on as it is, whatever it means: it is the clients' own.
  for (const position of [deep, false, { anchor: { type: "__proto__" } }]) {
    eve.socket.emit("cursor", { key, position });
    await eve.call("note:count");
    const moved = ({ cursors }) => JSON.stringify(cursors[0].position) === JSON.stringify(position);
    const { cursors } = await ada.client.take("cursors", moved);
    assert.deepEqual([cursors.length, cursors[0].name], [1, "Eve"]);
  }
  const told = ada.client.pending("cursors").map(({ payload }) => JSON.stringify(payload).length);
  assert.ok(
    told.every((bytes) => bytes < 4_096),
    `${told} bytes were told`,
  );
  await others();
});

test("who keeps the host with hard work waits, and the others do not", async (t) => {
  const { host, ada, key } = await start(t, ["--admit", "anyone"]);
  const mallory = await host.enter("Mallory");
  await mallory.thanks();
  const crowd = (first) =>
    forged({
      sections: Array.from({ length: 3_000 }, (_, index) => ({
        client: first + 3_000 - index,
        clock: 0,
        pieces: [{ text: "x" }],
      })),
    });
  const ask = (update) => {
    const payload = { key, update: base64(update) };
    return mallory.socket.timeout(20_000).emitWithAck("note:edit", payload);
  };
  assert.ok((await ask(crowd(3_000_000))).ok);
  // Typed at the same place by clients with higher numbers: each is compared with all of those.
  const work = crowd(4_000_000);
  const isPutOff = ({ error }) => error?.code === "rate_limited" && /^That was/.test(error.message);
  let putOff = 0;
  let over = false;
  const attack = async () => {
    for (let sent = 0; sent < 60; sent += 1) if (isPutOff(await ask(work))) putOff += 1;
  };
  const attacked = attack().finally(() => (over = true));
  attacked.catch(() => {});
  const waits = [];
  while (!over) {
    const begun = Date.now();
    ada.type(0, "still here ");
    await ada.settled();
    waits.push(Date.now() - begun);
    // Faster than anybody types, and within what one may send.
    await pause(30);
  }
  await attacked;
  assert.ok(putOff > 10, `${putOff} of 60 had to wait`);
  assert.ok(Math.max(...waits) < 5_000, `others had to wait ${Math.max(...waits)} ms`);
});
