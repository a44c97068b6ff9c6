import type { Connection } from '../client/connection.svelte';
import { PATIENCE_MS } from '../client/connection.svelte';
import type { SearchAnswer } from '../protocol';
import { Refusal } from '../shared/refusal';

/** Words are searched for when the hand pauses this long. */
const PAUSE_MS = 150;
/** The host's bound. */
const MOST_CHARS = 200;
const MOST_HITS = 12;
/** A host that is still reading what there is, is asked again after this long, so many times. */
const AGAIN_MS = 1_000;
const MOST_AGAIN = 20;
/** What was typed into a note a moment ago can be found once its writer has paused: that is looked
 * for once more, without anybody typing the words again. */
const FRESH_AFTER_MS = 2_500;

/** Looks for words in the texts of notes and messages, as they are typed. */
export class TextSearch {
  /** The last answer; it stays while the next one is on its way. */
  found = $state.raw<SearchAnswer | null>(null);
  failure = $state<Refusal | null>(null);
  /** An answer to what stands in the field is still to come. */
  busy = $state(false);

  readonly #call: Connection['call'];
  #query = '';
  #asking: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(call: Connection['call']) {
    this.#call = call;
  }

  /** This is what stands in the field now. */
  look(typed: string) {
    const query = [...typed.trim()].slice(0, MOST_CHARS).join('');
    if (query === this.#query) return;
    this.#query = query;
    this.#stop();
    this.failure = null;
    this.busy = query !== '';
    if (query) this.#timer = setTimeout(() => void this.#ask(query, MOST_AGAIN), PAUSE_MS);
    else this.found = null;
  }

  /** Tries what failed once more. */
  retry() {
    const query = this.#query;
    this.#query = '';
    this.look(query);
  }

  async #ask(query: string, again: number) {
    const asking = (this.#asking = new AbortController());
    try {
      const found = await this.#search(query, asking);
      if (asking !== this.#asking) return;
      this.found = found;
      this.busy = false;
      if (found.partial && again > 0) {
        this.#timer = setTimeout(() => void this.#ask(query, again - 1), AGAIN_MS);
      } else if (again > 0) {
        this.#timer = setTimeout(() => void this.#askAnew(query), FRESH_AFTER_MS);
      }
    } catch (thrown) {
      if (asking !== this.#asking) return;
      this.found = null;
      this.busy = false;
      this.failure = Refusal.from(thrown);
    }
  }

  /** Nobody asked for this look: whatever becomes of it, what is read stays until there is better. */
  async #askAnew(query: string) {
    const asking = (this.#asking = new AbortController());
    try {
      const found = await this.#search(query, asking);
      if (asking === this.#asking && !found.partial) this.found = found;
    } catch {
      // What was found before is still true enough to be read.
    }
  }

  #search(query: string, { signal }: AbortController) {
    return this.#call('search', { query, limit: MOST_HITS }, { patience_ms: PATIENCE_MS, signal });
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
  }
}
