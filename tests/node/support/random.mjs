// Random choices that can be made again: the seed is printed, and `HEARTH_SEED=…` brings it back.

export const SEED = Number(process.env.HEARTH_SEED ?? Math.floor(Math.random() * 2 ** 32));

/** Random numbers of one test; says in its report where they began. */
export function random(t) {
  t.diagnostic(`again with HEARTH_SEED=${SEED}`);
  return new Random(SEED);
}

/** Numbers that follow from a seed (mulberry32). */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below `end`. */
  below(end) {
    return Math.floor(this.next() * end);
  }

  /** One of `list`. */
  of(list) {
    return list[this.below(list.length)];
  }

  /** True in `share` of all cases. */
  chance(share) {
    return this.next() < share;
  }
}
