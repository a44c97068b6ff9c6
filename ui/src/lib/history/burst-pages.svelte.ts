import type { Connection } from '../client/connection.svelte';
import { PATIENCE_MS } from '../client/connection.svelte';
import type { Burst, NoteKey } from '../protocol';
import { Refusal } from '../shared/refusal';

/** Enough for a first look; what is asked for later comes in larger pages. */
const FIRST_PAGE = 50;
const LATER_PAGE = 200;

/** Who wrote what when in a note: pages of bursts, the newest first, one call on its way at most. */
export class BurstPages {
  list = $state.raw<readonly Burst[]>([]);
  status = $state<'loading' | 'ready' | 'failed'>('loading');
  failure = $state<Refusal | null>(null);
  /** The lowest version that the loaded bursts cover; 1 when all are loaded. */
  reach = $state(Number.POSITIVE_INFINITY);
  busy = $state(false);

  readonly #call: Connection['call'];
  readonly #key: NoteKey;
  #wanted = Number.POSITIVE_INFINITY;
  #stale = false;
  #closed = false;

  constructor(call: Connection['call'], key: NoteKey) {
    this.#call = call;
    this.#key = key;
  }

  get complete(): boolean {
    return this.reach <= 1;
  }

  /** The burst that a version belongs to: the one it ends, or the latest that was going on then. */
  at(version: number): Burst | undefined {
    const going = this.list.filter((one) => one.first <= version && version <= one.version);
    return (
      going.find((one) => one.version === version) ??
      going.reduce<Burst | undefined>((a, b) => (a && a.first > b.first ? a : b), undefined)
    );
  }

  /** Fetches what is newer than the loaded ones, or the first page. */
  refresh() {
    this.#stale = true;
    void this.#work();
  }

  /** Loads on until this version is covered. */
  cover(version: number) {
    this.#wanted = Math.max(1, version);
    void this.#work();
  }

  older() {
    if (!this.complete && Number.isFinite(this.reach)) this.cover(this.reach - 1);
  }

  close() {
    this.#closed = true;
  }

  async #work() {
    if (this.busy || this.#closed) return;
    this.busy = true;
    try {
      while (!this.#closed && (this.#stale || this.#wanted < this.reach)) await this.#loadOne();
      this.status = 'ready';
      this.failure = null;
    } catch (thrown) {
      this.failure = Refusal.from(thrown);
      if (this.list.length === 0) this.status = 'failed';
      this.#wanted = this.reach;
    } finally {
      this.busy = false;
    }
  }

  async #loadOne() {
    const newest = this.#stale || !Number.isFinite(this.reach);
    this.#stale = false;
    const first = this.list.length === 0;
    const before = newest ? undefined : this.reach;
    const limit = first ? FIRST_PAGE : LATER_PAGE;
    const payload = { key: this.#key, before, limit };
    const page = await this.#call('note:history', payload, { patience_ms: PATIENCE_MS });
    const lowest = page.next ?? 1;
    if (newest) this.#takeNewest(page.bursts, lowest);
    else this.#take([...this.list, ...page.bursts], lowest);
  }

  /** Older ones are kept unless so much was written meanwhile that something is missing between. */
  #takeNewest(bursts: readonly Burst[], lowest: number) {
    const newestKnown = this.list[0]?.version ?? 0;
    if (lowest > newestKnown + 1) return this.#take(bursts, lowest);
    const kept = this.list.filter((one) => one.version < lowest);
    this.#take([...bursts, ...kept], Math.min(lowest, this.reach));
  }

  #take(bursts: readonly Burst[], lowest: number) {
    this.list = bursts;
    this.reach = lowest;
  }
}
