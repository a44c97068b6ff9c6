// Whatever bytes a member sends as an edit of a note: it is answered, it leaves nothing behind
// that Yjs would read differently, and those who type meanwhile notice nothing.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import * as Y from "yjs";

import { bytes, Editor } from "./support/editor.mjs";
import { damaged, forged, number, typed } from "./support/forge.mjs";
import { Host } from "./support/host.mjs";
import { LONG } from "./support/long.mjs";
import { random } from "./support/random.mjs";

const OPEN = ["--admit", "anyone", "--limits", "off"];
const MUTATED = LONG ? 30_000 : 3_000;
/** The hostile member's client id. */
const E = 3_000_000;

test("edits made to do harm are refused by name, and those who type meanwhile go on", async (t) => {
  const people = await People.meet(t, "ab🎈cd");
  for (const [name, update] of Object.entries(hostileEdits(people.first))) {
    people.type();
    const code = await people.codeOf(update);
    assert.equal(code, "bad_request", `${name}: ${code}`);
  }
  await people.agree();
});

test("what is no base64 is refused, and an edit of some mebibytes at once", async (t) => {
  const people = await People.meet(t, "text");
  for (const update of ["", "?", "AAA", 5, null, {}, ["AAA="]]) {
    const { error } = await people.ask({ key: people.key, update });
    assert.equal(error?.code, "bad_request", JSON.stringify(update));
  }
  const many = Buffer.concat([number(400_000), Buffer.alloc(2_900_000, 1)]);
  assert.equal(await people.codeOf(many), "bad_request");
  const long = typed(E, 0, { text: "x".repeat(1_100_000) });
  assert.equal(await people.codeOf(long), "too_large");
  await people.agree();
});

test(`${MUTATED} mutated edits of others harm nobody, and the host does not grow by them`, async (t) => {
  const chances = random(t);
  const people = await People.meet(t, "ab🎈cd");
  const codes = { in: 0, bad_request: 0, rate_limited: 0 };
  const before = await people.hostsMemory();
  for (let count = 0; count < MUTATED; count++) {
    if (chances.chance(0.1)) people.type();
    const { sent } = chances.of([people.one, people.other]);
    const genuine = sent.length > 0 ? chances.of(sent.slice(-20)) : people.first;
    codes[await people.codeOf(damaged(genuine, chances))] += 1;
  }
  const grown = (await people.hostsMemory()) - before;
  t.diagnostic(`${JSON.stringify(codes)}; the host grew by ${grown} KiB`);
  assert.equal(codes.in + codes.bad_request + codes.rate_limited, MUTATED);
  assert.ok(grown < 100_000, `the host grew by ${grown} KiB`);
  await people.agree();
});

/** Two who type, and one who does harm. */
class People {
  static async meet(t, body) {
    const people = new People();
    const host = await Host.start(t, OPEN);
    const eve = await host.enter("Eve");
    const { rooms } = (await eve.thanks()).snapshot;
    const made = await eve.call("note:create", { room: rooms[0].id, title: "Note", body });
    const { key } = made.note;
    const { update } = await eve.call("note:open", { key });
    const open = () => Editor.open(host, key);
    const [one, other] = await Promise.all([open(), open()]);
    return Object.assign(people, { host, eve, key, one, other, first: bytes(update) });
  }

  type() {
    this.one.type(0, "1");
    this.other.type(this.other.text.length, "2");
    if (this.one.text.length > 200) this.one.remove(20, 50);
  }

  async ask(payload) {
    return this.eve.socket.timeout(20_000).emitWithAck("note:edit", payload);
  }

  /** What becomes of an edit that Eve sends: `in`, or the code of the refusal. */
  async codeOf(update) {
    const { ok, error } = await this.ask({ key: this.key, update: update.toString("base64") });
    return ok ? "in" : error.code;
  }

  /** What the host has in memory, in KiB; nothing where the system does not say. */
  async hostsMemory() {
    const status = await readFile(`/proc/${this.host.process.pid}/status`, "utf8").catch(() => "");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  }

  /** Everybody has one text: the host, also after it was killed, Yjs, and those who type. */
  async agree() {
    const { host, one, other, key } = this;
    this.type();
    await Promise.all([one.settled(), other.settled()]);
    const { note } = await this.eve.call("note:read", { key });
    await Promise.all([one.has(note.version), other.has(note.version)]);
    assert.ok(!host.log.includes("panicked"), host.log);
    await host.kill();
    await Promise.all([one.isLost(), other.isLost()]);
    await host.run(OPEN);
    await Promise.all([one.comeBack(), other.comeBack()]);
    const reader = await host.enter("Reader");
    await reader.thanks();
    const doc = new Y.Doc();
    Y.applyUpdate(doc, bytes((await reader.call("note:open", { key })).update));
    const { note: again } = await reader.call("note:read", { key });
    const texts = [again.body, one.text, other.text, doc.getText("body").toString()];
    for (const text of texts) assert.equal(text, note.body);
  }
}

/** One for each thing that may be wrong; `first` made the text `ab🎈cd`. */
function hostileEdits(first) {
  const [, section] = Y.decodeUpdate(first).structs.entries().next().value;
  const A = section.id.client;
  const at = (clock) => [A, clock];
  const letter = (origin, right) => ({ origin, right, text: "x" });
  const own = (...pieces) => ({ client: E, clock: 0, pieces });
  const end = letter(at(5));
  return {
    "nothing at all": Buffer.alloc(0),
    "only ones": Buffer.alloc(60, 0xff),
    "a number without an end": Buffer.alloc(9, 0x80),
    "what is there and a byte": Buffer.concat([first, Buffer.from([0])]),
    "a cut update": first.subarray(0, -3),
    "a padded number": Buffer.concat([Buffer.from([0x80, 0x00]), first]),
    "very many clients": Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]),
    "another root": typed(E, 0, { text: "x", root: "title" }),
    "an embedded object": typed(E, 0, { ...end, flags: 4 ^ 5 }),
    "a part skipped": typed(E, 0, { ...end, flags: 4 ^ 10 }),
    "a key": typed(E, 0, { ...end, flags: 0x20 }),
    "a carriage return": typed(E, 0, { ...end, text: "a\r\n" }),
    "no text": typed(E, 0, { ...end, text: "" }),
    "much that nobody has seen": typed(E, 0, { origin: at(5), unseen: 65_537 }),
    "a clock beyond all": typed(E, 2 ** 30, end),
    "a client twice": forged({ sections: [own(end), own(end)] }),
    "a client without pieces": forged({ sections: [own()] }),
    "clients in ascending order": forged({
      sections: [own(end), { client: E + 1, clock: 0, pieces: [end] }],
    }),
    "a gap": typed(E, 7, end),
    "the host's client id": typed(A, 6, end),
    "another id of the host's": typed(9, 0, end),
    "an origin that is not there": typed(E, 0, letter([A, 99])),
    "itself as its origin": typed(E, 0, letter([E, 0])),
    "a right origin that is not there": typed(E, 0, letter(at(5), [7, 7])),
    "a circle of two clients": forged({
      sections: [
        { client: E + 1, clock: 0, pieces: [letter([E, 0])] },
        { client: E, clock: 0, pieces: [letter([E + 1, 0])] },
      ],
    }),
    "an origin within a character": typed(E, 0, letter(at(2), at(3))),
    "half a character deleted": forged({ deleted: [[A, [[2, 1]]]] }),
    "deleted what is not there": forged({ deleted: [[A, [[5, 2]]]] }),
    "deleted in descending order": forged({
      deleted: [
        [
          A,
          [
            [4, 1],
            [0, 1],
          ],
        ],
      ],
    }),
    "deleted from a client twice": forged({
      deleted: [
        [A, [[0, 1]]],
        [A, [[4, 1]]],
      ],
    }),
    "an empty range deleted": forged({ deleted: [[A, [[0, 0]]]] }),
    "a right origin before the origin": typed(E, 0, letter(at(5), at(0))),
    "the origin before itself": typed(E, 0, letter(at(1), at(1))),
    "neighbours that never were": typed(E, 0, letter(at(0), at(4))),
  };
}
