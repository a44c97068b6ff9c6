// However often the program that keeps a copy ends while it sends what had waited, the host has
// all of it in the end: each call once, and those that need each other in order.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";

import { Copy, everything, linked, patiently } from "./support/copy.mjs";
import { Host } from "./support/host.mjs";
import { random } from "./support/random.mjs";

const ANYONE = ["--admit", "anyone", "--limits", "off"];
const KILLS = 20;
/** What is written away at a time: each round a room, a note in it, edits, and what is said. */
const ROUNDS = 30;
const EDITS = 3;
/** A copy is in touch with its host, and has sent much, within this time. */
const LONGEST_MS = 400;
/** As many calls at most pass before a kill that counts them. */
const MOST_CALLS = 12;

test(`${KILLS} times ended while it sends, a copy sends each call once and in order`, async (t) => {
  const chances = random(t);
  const scene = await Scene.begin(t);
  await scene.writeAway();
  let drained = 0;
  for (let kills = 0; kills < KILLS; kills += 1) {
    if (scene.isDrained) {
      drained += 1;
      await scene.writeAway();
    }
    await scene.run();
    if (chances.chance(0.5)) await scene.arrives(1 + chances.below(MOST_CALLS));
    else await sleep(chances.below(LONGEST_MS));
    await scene.copy.kill();
  }
  t.diagnostic(`${scene.made.length} calls, of which all were sent ${drained} times`);
  await scene.run();
  const ben = await scene.copy.back(scene.ben.token, scene.ben.member);
  await linked(ben, ({ state, pending }) => state === "live" && pending === 0, 60_000);
  await isWhole(scene, ben);
});

/** A host, a copy, and all that was written into the copy while the host was away. */
class Scene {
  static async begin(t) {
    const scene = new Scene();
    scene.host = await Host.start(t, ANYONE);
    const { port } = new URL(scene.host.url);
    scene.port = port;
    scene.copy = await Copy.start(t, [`127.0.0.1:${port}`, "--name", "Ben"]);
    scene.ben = await scene.copy.own();
    const { rooms } = await scene.ben.call("room:list");
    scene.general = rooms[0].id;
    /** Ids of calls in the order they were made, and the text of each note. */
    scene.made = [];
    scene.texts = new Map();
    /** Those that the host has. */
    scene.arrived = new Set();
    await scene.copy.kill();
    await scene.hear();
    return scene;
  }

  /** Somebody at the host hears what arrives there. */
  async hear() {
    this.hostess ??= await this.host.enterAsHost();
    const { token } = this.hostess;
    this.hostess = Object.assign(this.host.client({ auth: { token } }), { token });
    await this.hostess.connected();
    this.hostess.socket.onAny((_, fact) => {
      if (fact?.seq) this.arrived.add(fact.id);
    });
    for (const { id } of await everything(this.hostess)) this.arrived.add(id);
  }

  get isDrained() {
    return this.made.every((id) => this.arrived.has(id));
  }

  run() {
    return this.copy.run([]);
  }

  /** Waits until so many more calls are at the host, or none is left. */
  async arrives(count) {
    const enough = this.arrived.size + count;
    for (const late = Date.now() + 20_000; this.arrived.size < enough && !this.isDrained;) {
      assert.ok(Date.now() < late, "nothing more arrives");
      await sleep(1);
    }
  }

  /** Much is written while the host is away; then it is back. */
  async writeAway() {
    await this.host.kill();
    await this.run();
    const ben = await this.copy.back(this.ben.token, this.ben.member);
    for (let round = 0; round < ROUNDS; round += 1) await this.#writeRound(ben);
    await this.copy.kill();
    await this.host.run(["--listen", `127.0.0.1:${this.port}`, ...ANYONE]);
    await this.hear();
  }

  async #writeRound(ben) {
    const number = this.made.length;
    const room = await this.#call(ben, "room:create", { name: `Room ${number}` });
    const key = await this.#call(ben, "note:create", { room, title: `Note ${number}` });
    let text = "";
    for (let edit = 0; edit < EDITS; edit += 1) {
      const { note } = await patiently(ben, "note:read", { key });
      text = `${text}<${number}.${edit}>`;
      await patiently(ben, "note:update", { key, version: note.version, body: text });
      // Between two edits of one note, which would go as one.
      await this.#call(ben, "room:update", { room, topic: `${number}.${edit}` });
    }
    this.texts.set(key, text);
    await this.#call(ben, "message:send", { room: this.general, note: key, body: `${number}` });
  }

  async #call(ben, name, payload) {
    const id = randomUUID();
    const answer = await patiently(ben, name, { id, ...payload });
    assert.equal(answer.pending, true, name);
    this.made.push(id);
    return id;
  }
}

/** Each call is at the host once, in order, its texts are whole, and the copy is as the host is. */
async function isWhole(scene, ben) {
  const { made, texts, hostess } = scene;
  assert.deepEqual((await ben.call("outbox:list")).refused, []);
  const facts = await everything(hostess);
  const own = new Set(made);
  const first = (fact) => fact.name !== "roomjoined" && own.has(fact.id);
  assert.deepEqual(
    facts.filter(first).map(({ id }) => id),
    made,
  );
  for (const [key, text] of texts) {
    assert.equal((await hostess.call("note:read", { key })).note.body, text);
    assert.equal((await ben.call("note:read", { key })).note.body, text);
  }
  assert.deepEqual(await everything(ben), facts);
}
