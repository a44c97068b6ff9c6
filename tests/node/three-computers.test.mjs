// Three computers: a host, and two that keep copies. Whatever happens to one of them, in the end
// all have the same, unless the host is another one than it was: that is noticed, and said.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";

import { Copy, backup, everything, linked, patiently } from "./support/copy.mjs";
import { Host } from "./support/host.mjs";

const ANYONE = ["--admit", "anyone", "--limits", "off"];
const SETTLED_MS = 30_000;

test("one is absent, the host is frozen, killed and started again: all come to the same", async (t) => {
  const three = await Three.begin(t);
  const { ben, cleo } = three;
  await three.everybodyWrites();
  await cleo.copy.stop();
  await three.everybodyWrites([three.mina, ben]);

  three.host.process.kill("SIGSTOP");
  t.after(() => three.host.process.kill("SIGCONT"));
  await linked(ben, "away");
  await three.everybodyWrites([ben]);
  three.host.process.kill("SIGCONT");
  await linked(ben, "live");
  // Also while what had waited is still being sent.
  await three.everybodyWrites([three.mina, ben]);

  await three.host.kill();
  await linked(ben, "away");
  // The absent one comes back while nobody is there, and writes.
  await three.open(cleo);
  await three.everybodyWrites([ben, three.cleo]);
  await three.hostAgain();
  await three.isOne();
});

test("both copies of a host that went back set aside what they had, and nothing mixes", async (t) => {
  const three = await Three.begin(t);
  const { host, ben, cleo } = three;
  await three.everybodyWrites();
  const goBack = await backup(host);
  const kept = [...three.written];
  const ended = await three.everybodyWrites();
  await three.isOne();
  three.written = kept;
  await goBack();
  // One of them sees the host go back, the other comes later.
  await cleo.copy.stop();
  await three.hostAgain();
  await ben.copy.setAside();
  const goesOn = await three.everybodyWrites([three.mina]);
  await cleo.copy.run([]);
  await cleo.copy.setAside();
  for (const one of [ben, cleo]) {
    await one.copy.stop();
    await three.open(one);
  }
  await three.everybodyWrites();
  await three.isOne();
  const facts = await everything(three.mina);
  const known = new Set(facts.map(({ id }) => id));
  for (const id of ended) assert.ok(!known.has(id), "of the history that ended");
  for (const id of goesOn) assert.ok(known.has(id));
});

test("somebody else where the host was is told nothing, and both copies say who it is not", async (t) => {
  const three = await Three.begin(t);
  const { ben, cleo, room, port } = three;
  await three.everybodyWrites();
  await three.host.stop();
  const other = await Host.prepare(t);
  await other.run(["--listen", `127.0.0.1:${port}`, ...ANYONE]);
  const stranger = await other.enterAsHost();
  for (const one of [ben, cleo]) {
    const { state } = await linked(one, ({ why }) => why === "other_key");
    assert.equal(state, "away");
    await one.copy.said(/another key/);
    const body = `${one.member.name} to the host alone`;
    assert.ok((await patiently(one, "message:send", { room, body })).pending);
    const found = await one.call("search", { query: "writes" });
    assert.ok(found.messages.length > 0, "everything is here as before");
  }
  // Nobody has come in there, under whatever name.
  assert.equal((await stranger.call("member:list")).members.length, 1);
  assert.ok(!other.log.includes(ben.member.id));
  await other.stop();
  await three.hostAgain();
  await three.isOne();
});

/** The host and two copies, with somebody at each. */
class Three {
  static async begin(t) {
    const three = new Three();
    three.t = t;
    three.host = await Host.start(t, ANYONE);
    three.port = new URL(three.host.url).port;
    three.mina = await three.host.enterAsHost("Mina");
    const { rooms } = await three.mina.call("room:list");
    three.room = rooms[0].id;
    const { note } = await three.mina.call("note:create", { room: three.room, title: "Shared" });
    three.key = note.key;
    three.marks = 0;
    /** What stands in the note that all have. */
    three.written = [];
    for (const name of ["Ben", "Cleo"]) {
      const copy = await Copy.start(t, [`127.0.0.1:${three.port}`, "--name", name]);
      const client = Object.assign(await copy.own(), { copy });
      await client.thanks();
      await linked(client, "live");
      three[name.toLowerCase()] = client;
    }
    return three;
  }

  /** Runs the host again on its port; its person is there too. */
  async hostAgain() {
    await this.host.run(["--listen", `127.0.0.1:${this.port}`, ...ANYONE]);
    const { token, member } = this.mina;
    this.mina = Object.assign(this.host.client({ auth: { token } }), { token, member });
    await this.mina.connected();
  }

  /** Opens a copy that was closed, and its window. */
  async open(one) {
    const { copy, token, member } = one;
    await copy.run([]);
    const client = await copy.back(token, member).catch(() => copy.own());
    await client.thanks();
    this[member.name.toLowerCase()] = Object.assign(client, { copy });
  }

  /** Each says something, makes a note, and writes into the note that all have; answers the ids. */
  async everybodyWrites(who = [this.mina, this.ben, this.cleo]) {
    const { room, key } = this;
    const ids = [];
    for (const one of who) {
      const mark = `<${this.marks++}>`;
      const calls = {
        "message:send": { room, body: `${one.member.name} writes ${mark}` },
        "note:create": { room, title: `Note ${mark}`, body: mark },
      };
      for (const [name, payload] of Object.entries(calls)) {
        const id = randomUUID();
        await patiently(one, name, { id, ...payload });
        ids.push(id);
      }
      ids.push(await append(one, key, mark));
      this.written.push(mark);
    }
    return ids;
  }

  /** Waits until everybody has the same, with all that was written in it once. */
  async isOne() {
    for (const late = Date.now() + SETTLED_MS; ; await sleep(100)) {
      try {
        return await this.#isOneNow();
      } catch (error) {
        if (Date.now() > late) throw error;
      }
    }
  }

  async #isOneNow() {
    const facts = await everything(this.mina);
    const { note } = await this.mina.call("note:read", { key: this.key });
    for (const one of [this.ben, this.cleo]) {
      const { waiting, refused } = await one.call("outbox:list");
      assert.deepEqual({ waiting, refused }, { waiting: 0, refused: [] });
      assert.deepEqual(await everything(one), facts);
      assert.equal((await one.call("note:read", { key: this.key })).note.body, note.body);
    }
    const ids = facts.filter(({ name }) => name === "messageposted").map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const mark of this.written) {
      assert.equal(note.body.split(mark).length, 2, `${mark} stands in it once`);
    }
  }
}

/** Writes at a note's end; reads it again where that was asked for. Answers the call's id. */
async function append(client, key, mark) {
  for (;;) {
    const id = randomUUID();
    const { note } = await patiently(client, "note:read", { key });
    const { version } = note;
    try {
      await patiently(client, "note:update", { id, key, version, body: `${note.body}${mark}` });
      return id;
    } catch (error) {
      if (error.code !== "conflict") throw error;
    }
  }
}
