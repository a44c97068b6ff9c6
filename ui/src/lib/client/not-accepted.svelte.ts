import type { RefusedBundle } from '../protocol';
import type { Connection } from './connection.svelte';

/** A bundle of refusals comes one by one. */
const LIST_AFTER_MS = 100;

/** What the host did not accept; it is kept until the person has what they want of it. */
export class NotAccepted {
  entries = $state.raw<readonly RefusedBundle[]>([]);
  /** How many calls were refused since this page is open. */
  heard = $state(0);
  readonly #call: Connection['call'];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(call: Connection['call']) {
    this.#call = call;
  }

  /** Something was refused. */
  hear() {
    this.heard += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.list(), LIST_AFTER_MS);
  }

  async list(): Promise<void> {
    try {
      this.entries = (await this.#call('outbox:list', {})).refused;
    } catch {
      // The app keeps it; it is asked again with the next refusal or connection.
    }
  }

  /** Forgets it for good; the person decided so, or has it elsewhere. */
  async discard(entry: RefusedBundle): Promise<void> {
    await this.#call('outbox:discard', { id: entry.id });
    this.entries = this.entries.filter((other) => other !== entry);
  }
}
