import type { Nearby } from '../protocol';

/** Sessions come and go at the pace of people. */
const ASK_AGAIN_MS = 1_000;

/** Whoever is there answers within this time: until then nothing found means nothing. */
const LOOK_FOR_MS = 4_000;

const DEAF: Nearby = { listening: false, sessions: [] };

/** What is nearby, as long as somebody looks. */
export class NearbyWatch {
  nearby = $state.raw<Nearby | null>(null);
  /** Everybody had time to answer. */
  settled = $state(false);
  readonly #ask: () => Promise<Nearby>;

  constructor(ask: () => Promise<Nearby>) {
    this.#ask = ask;
  }

  /** Looks around until the answer is called. */
  start(): () => void {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = setTimeout(() => (this.settled = true), LOOK_FOR_MS);
    const look = async () => {
      const found = await this.#ask().catch(() => DEAF);
      if (stopped) return;
      this.#take(found);
      timer = setTimeout(() => void look(), ASK_AGAIN_MS);
    };
    void look();
    return () => {
      stopped = true;
      clearTimeout(settle);
      clearTimeout(timer);
    };
  }

  /** What has not changed stays the same object, so that nothing is drawn anew for it. */
  #take(found: Nearby) {
    if (JSON.stringify(found) !== JSON.stringify(this.nearby)) this.nearby = found;
  }
}
