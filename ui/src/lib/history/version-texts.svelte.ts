import { SvelteMap } from 'svelte/reactivity';
import type { Connection } from '../client/connection.svelte';
import { PATIENCE_MS } from '../client/connection.svelte';
import type { NoteKey } from '../protocol';
import { Refusal } from '../shared/refusal';

/** A hand that moves over the slider asks for nothing; where it rests this long is fetched. */
const REST_MS = 120;
/** Texts that are kept, so that going back and forth is instant; less of them if they are long. */
const MOST_TEXTS = 40;
const MOST_CHARS = 8_000_000;

/** The text of a note at its versions: fetched when wanted, one at a time, the last ones kept. */
export class VersionTexts {
  /** Why what is wanted could not be fetched. */
  failure = $state<Refusal | null>(null);

  readonly #call: Connection['call'];
  readonly #key: NoteKey;
  /** Versions never change, so what is here is right for ever. Fetched last stands last. */
  readonly #texts = new SvelteMap<number, string>();
  #wanted: readonly number[] = [];
  #busy = false;
  #closed = false;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(call: Connection['call'], key: NoteKey) {
    this.#call = call;
    this.#key = key;
  }

  /** The text if it is here. */
  get(version: number): string | undefined {
    return version === 0 ? '' : this.#texts.get(version);
  }

  /** These are to be shown now; whatever was wanted before is not any more. */
  want(versions: readonly number[]) {
    this.#wanted = versions;
    this.failure = null;
    clearTimeout(this.#rest);
    if (this.#next() !== undefined) this.#rest = setTimeout(() => void this.#fetch(), REST_MS);
  }

  /** Tries what failed once more. */
  retry() {
    this.want(this.#wanted);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#rest);
  }

  #next(): number | undefined {
    return this.#wanted.find((version) => this.get(version) === undefined);
  }

  async #fetch() {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#next(); next !== undefined && !this.#closed; next = this.#next()) {
      if (!(await this.#fetchOne(next))) break;
    }
    this.#busy = false;
  }

  async #fetchOne(version: number): Promise<boolean> {
    try {
      const payload = { key: this.#key, version };
      const { note } = await this.#call('note:read', payload, { patience_ms: PATIENCE_MS });
      this.#keep(version, note.body ?? '');
      return true;
    } catch (thrown) {
      // What is not wanted any more may fail unseen; what is wanted now is fetched all the same.
      if (!this.#wanted.includes(version)) return true;
      this.failure = Refusal.from(thrown);
      return false;
    }
  }

  #keep(version: number, text: string) {
    this.#texts.set(version, text);
    let chars = [...this.#texts.values()].reduce((sum, one) => sum + one.length, 0);
    for (const [old, one] of this.#texts) {
      if (this.#texts.size <= MOST_TEXTS && chars <= MOST_CHARS) return;
      if (this.#wanted.includes(old)) continue;
      this.#texts.delete(old);
      chars -= one.length;
    }
  }
}
