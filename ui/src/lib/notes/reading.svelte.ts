import { type ChangeDesc, ChangeSet, MapMode } from '@codemirror/state';
import type * as Y from 'yjs';
import type { LiveText } from '../client/live-text';

/** A text that is looked at somewhere, and what has become of its places since. */
class Sight {
  readonly source: string;
  #since: ChangeDesc;

  constructor(source: string) {
    this.source = source;
    this.#since = ChangeSet.empty(source.length).desc;
  }

  change(delta: Y.YTextEvent['delta']) {
    const changes = [];
    let at = 0;
    for (const { retain, delete: removed, insert } of delta) {
      if (typeof insert === 'string') changes.push({ from: at, insert });
      else if (removed) changes.push({ from: at, to: at + removed });
      at += (retain ?? 0) + (removed ?? 0);
    }
    this.#since = this.#since.composeDesc(ChangeSet.of(changes, this.#since.newLength).desc);
  }

  /** Where a place is now; null if what stood there is gone. */
  now(at: number): number | null {
    return this.#since.mapPos(at, 1, MapMode.TrackAfter);
  }
}

/** Typing goes on undisturbed while drawing a page takes at most this share of the time. */
const SHARE = 8;
const SOONEST_MS = 50;
const LATEST_MS = 2_000;
/** Somebody who has not typed for this long has paused. */
const QUIET_MS = 300;

/**
 * A note as it is read while it changes: drawn now and then, less often where that takes long, and
 * what is ticked in it is found in the text of now.
 */
export class Reading {
  /** The text to be drawn. */
  source = $state.raw('');
  readonly #live: LiveText;
  readonly #hear: (event: Y.YTextEvent) => void;
  #drawing: Sight;
  #shown: Sight;
  #begunAt = 0;
  /** A page takes as long as it takes: another one is begun when it is there. */
  #busy = false;
  #cost_ms = 0;
  #changedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(live: LiveText) {
    this.#live = live;
    this.#drawing = this.#shown = this.#look();
    this.#hear = (event) => this.#onChange(event);
    live.text.observe(this.#hear);
  }

  /** What `source` is now is what is seen. */
  shown() {
    if (this.#busy) this.#cost_ms = performance.now() - this.#begunAt;
    this.#busy = false;
    this.#shown = this.#drawing;
  }

  /** Ticks the task whose box is seen at a place; false if it is not there any more. */
  tick(at: number, ticked: boolean): boolean {
    const now = this.#shown.now(at);
    return now !== null && this.#live.tick(now, ticked);
  }

  end() {
    clearTimeout(this.#timer);
    this.#live.text.unobserve(this.#hear);
  }

  #look(): Sight {
    this.#begunAt = performance.now();
    const sight = new Sight(this.#live.body);
    // Nothing is drawn of an empty page, nor of one that is the same.
    this.#busy = sight.source !== this.source && sight.source !== '';
    this.source = sight.source;
    return sight;
  }

  #onChange({ delta }: Y.YTextEvent) {
    this.#shown.change(delta);
    if (this.#drawing !== this.#shown) this.#drawing.change(delta);
    this.#changedAt = performance.now();
    this.#timer ??= setTimeout(() => this.#draw(), this.#pause());
  }

  /** A long page waits for a pause in typing, but not for ever. */
  #draw() {
    const now = performance.now();
    const quiet = this.#cost_ms < SOONEST_MS || now - this.#changedAt >= QUIET_MS;
    const late = now - this.#begunAt > this.#pause() + LATEST_MS;
    if (this.#busy || (!quiet && !late)) {
      this.#timer = setTimeout(() => this.#draw(), this.#pause());
      return;
    }
    this.#timer = undefined;
    this.#drawing = this.#look();
    if (!this.#busy) this.#shown = this.#drawing;
  }

  #pause(): number {
    return Math.min(LATEST_MS, Math.max(SOONEST_MS, this.#cost_ms * SHARE));
  }
}
