import type { CallError, CallId } from '../protocol';
import type { Connection } from './connection.svelte';

/** A call that the host did not accept, as a joined app keeps it. */
export interface RefusedEntry {
  id: CallId;
  name: string;
  payload: unknown;
  error: CallError;
  made_at: string;
  /** What built on it and could not be sent either, in the order it was made. */
  with: { id: CallId; name: string; payload: unknown }[];
}

interface OutboxList {
  refused: RefusedEntry[];
  waiting: number;
}

/** Calls about what only a joined app has. */
type OutboxCall = (name: string, payload: object) => Promise<unknown>;

/** A bundle of refusals comes one by one. */
const LIST_AFTER_MS = 100;

/** What the host did not accept; it is kept until the person has what they want of it. */
export class NotAccepted {
  entries = $state.raw<readonly RefusedEntry[]>([]);
  /** How many calls were refused since this page is open. */
  heard = $state(0);
  readonly #call: OutboxCall;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(call: Connection['call']) {
    this.#call = call as unknown as OutboxCall;
  }

  /** Something was refused. */
  hear() {
    this.heard += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.list(), LIST_AFTER_MS);
  }

  async list(): Promise<void> {
    try {
      const { refused } = (await this.#call('outbox:list', {})) as OutboxList;
      this.entries = refused ?? [];
    } catch {
      // The app keeps it; it is asked again with the next refusal or connection.
    }
  }

  /** Forgets it for good; the person decided so, or has it elsewhere. */
  async discard(entry: RefusedEntry): Promise<void> {
    await this.#call('outbox:discard', { id: entry.id });
    this.entries = this.entries.filter((other) => other !== entry);
  }
}
