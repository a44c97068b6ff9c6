// Every character of a kind that is typed once: whether an edit is in, and how often, can be seen
// in the text.

import assert from "node:assert/strict";

/** Ideographs of one UTF-16 unit, and of two. */
const SINGLE = { first: 0x4e00, end: 0x9fff };
const DOUBLE = { first: 0x20000, end: 0x2a6df };

export class Marks {
  constructor(body) {
    this.typed = new Set();
    this.removed = new Set();
    /** Whether these were typed or removed nobody can know. */
    this.doubtful = new Set();
    for (const mark of body) if (mark !== "\n") this.typed.add(mark);
  }

  /** Something that was never typed before. */
  next() {
    const count = this.typed.size;
    const { first, end } = count % 3 === 0 ? DOUBLE : SINGLE;
    assert.ok(first + count < end, "too much is typed to tell it apart");
    const mark = String.fromCodePoint(first + count);
    this.typed.add(mark);
    return mark;
  }

  remove(text) {
    for (const mark of text) this.removed.add(mark);
  }

  /** Edits of which nobody knows whether they arrived. */
  doubt(edits) {
    for (const { added = "", removed = "" } of edits) {
      for (const mark of added + removed) this.doubtful.add(mark);
    }
  }

  /** Everything typed is in this text once, unless somebody removed it. */
  check(body) {
    const counts = new Map();
    for (const mark of body) counts.set(mark, (counts.get(mark) ?? 0) + 1);
    counts.delete("\n");
    for (const [mark, count] of counts) {
      assert.ok(this.typed.has(mark), `${mark} was never typed`);
      assert.equal(count, 1, `${mark} is there ${count} times`);
    }
    for (const mark of this.typed) {
      if (this.doubtful.has(mark)) continue;
      const isRemoved = this.removed.has(mark);
      assert.equal(counts.has(mark), !isRemoved, `${mark}, ${isRemoved ? "" : "not "}removed`);
    }
  }
}
