import { untrack } from 'svelte';
import type { Connection } from '../client/connection.svelte';
import type { Burst, MemberId, NoteKey } from '../protocol';
import { BurstPages } from './burst-pages.svelte';
import { VersionTexts } from './version-texts.svelte';

/** What the chosen version is compared with: the text before its burst, the newest, or any other. */
export type Against = 'before' | 'newest' | 'other';

/** Others type on; the newest bursts are fetched again when this much has passed. */
const REFRESH_MS = 1_500;

/** What a person looks at in a note's past: a version, and another one it is compared with. */
export class NoteHistory {
  readonly bursts: BurstPages;
  readonly texts: VersionTexts;
  /** The newest version there is. */
  newest = $state(0);
  chosen = $state(0);
  against = $state<Against>('before');
  /** The other version, where the person picks it. */
  other = $state(0);
  #refresh: ReturnType<typeof setTimeout> | undefined;

  constructor(call: Connection['call'], key: NoteKey) {
    this.bursts = new BurstPages(call, key);
    this.texts = new VersionTexts(call, key);
  }

  burst = $derived.by<Burst | undefined>(() => this.bursts.at(this.chosen));
  /** What it is compared with. */
  base = $derived.by(() => {
    if (this.against === 'newest') return this.newest;
    if (this.against === 'other') return this.other;
    return this.burst ? this.burst.first - 1 : Math.max(0, this.chosen - 1);
  });
  /** The two versions, the older first: a difference always tells what came later. */
  from = $derived(Math.min(this.chosen, this.base));
  to = $derived(Math.max(this.chosen, this.base));

  /** The note is at this version; the first time that is heard, it is the one shown. */
  reached(version: number) {
    untrack(() => {
      if (version <= this.newest) return;
      const first = this.newest === 0;
      this.newest = version;
      if (first) {
        this.chosen = version;
        this.bursts.refresh();
      } else {
        this.#refresh ??= setTimeout(() => {
          this.#refresh = undefined;
          this.bursts.refresh();
        }, REFRESH_MS);
      }
    });
  }

  choose(version: number) {
    this.chosen = Math.min(Math.max(version, 0), this.newest);
    if (this.chosen > 0) this.bursts.cover(this.chosen);
  }

  compare(against: Against) {
    if (against === 'other') this.other = this.base;
    this.against = against;
  }

  chooseOther(version: number) {
    this.other = Math.min(Math.max(version, 0), this.newest);
  }

  /** Whoever was writing when a version was made. */
  writers(version: number): MemberId[] {
    const exact = this.bursts.list.find((one) => one.version === version);
    if (exact) return [exact.by];
    const going = this.bursts.list.filter((one) => one.first <= version && version <= one.version);
    return [...new Set(going.map((one) => one.by))];
  }

  /** Everybody who wrote something between two versions, as far as that is loaded. */
  writersBetween(from: number, to: number): MemberId[] {
    const some = this.bursts.list.filter((one) => one.first <= to && one.version > from);
    return [...new Set(some.map((one) => one.by))];
  }

  /** The end of the burst after or before a version, for going on burst by burst. */
  step(version: number, forward: boolean): number {
    const ends = this.bursts.list.map((one) => one.version);
    if (forward) return Math.min(...ends.filter((end) => end > version), this.newest);
    const beyond = this.bursts.complete ? 0 : this.bursts.reach - 1;
    return Math.max(...ends.filter((end) => end < version), Math.min(beyond, version));
  }

  /** Tries again what failed, such as after the host was away. */
  retry() {
    if (this.bursts.failure) this.bursts.refresh();
    if (this.texts.failure) this.texts.retry();
  }

  close() {
    clearTimeout(this.#refresh);
    this.bursts.close();
    this.texts.close();
  }
}
