import type { NearbySession, ProbeRequest, Probed } from '../protocol';

/** Looking at an address: what is asked, and what was found there. */
export class Looking {
  /** What was found, once it is known. */
  found = $state.raw<Probed | null>(null);
  /** What is looked for just now: the session's name, or nothing where only a place is known. */
  busy = $state.raw<{ name: string | null } | null>(null);
  readonly #probe: (request: ProbeRequest) => Promise<Probed>;
  #asked = 0;

  constructor(probe: (request: ProbeRequest) => Promise<Probed>) {
    this.#probe = probe;
  }

  /** What a person typed or pasted. */
  lookAt(place: string): Promise<void> {
    return this.#look({ places: [place] }, null);
  }

  /** A session that was announced, under the key that was announced with it. */
  lookFor(session: NearbySession): Promise<void> {
    return this.#look({ places: session.addresses, key: session.key }, session.name);
  }

  /** What was found is not about what stands there any more. */
  forget() {
    this.#asked += 1;
    this.found = null;
    this.busy = null;
  }

  async #look(request: ProbeRequest, name: string | null) {
    this.forget();
    const asked = this.#asked;
    this.busy = { name };
    try {
      const found = await this.#probe(request);
      if (asked === this.#asked) this.found = found;
    } finally {
      if (asked === this.#asked) this.busy = null;
    }
  }
}
