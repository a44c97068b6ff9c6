import type { Code, NoteKey } from '../protocol';
import { Refusal } from '../shared/refusal';
import { toBase64 } from './bytes';
import type { Connection } from './connection.svelte';
import { FINAL } from './connection.svelte';
import { EditQueue, type OwnEdits } from './edit-queue';

/** What sending needs of the note whose edits it sends. */
export interface SenderSurroundings {
  key: NoteKey;
  call: Connection['call'];
  /** Whether the host has at once what is sent; otherwise a joined app keeps it. */
  live(): boolean;
  /** The most bytes that the host takes at once. */
  messageBytes(): number | undefined;
  /** Whether the note is open on this connection. */
  ready(): boolean;
  /** The text as it stands in the editor. */
  body(): string;
  /** Every later edit under this client id would be a gap: the text goes under another. */
  offerAgain(): void;
  /** A joined app has this by now, and sends it on itself. */
  onKept(update: Uint8Array): void;
  /** What has to be kept on this device is another. */
  onChange(): void;
  /** The host has something by now. */
  onSent(): void;
}

/** Two edits are at least this far apart, so that fast typing stays below the host's limits. */
const PACE_MS = 50;
/** What a joined app keeps for its host is sent on one by one; hours of writing are to stay few. */
const PACE_AWAY_MS = 1_000;
const TRY_AGAIN_MS = 3_000;
/** The host refused what was typed, then its difference; the next difference would be the same. */
const MOST_OFFERS = 2;
/** What a call is beside the update that it carries. */
const AROUND_UPDATE_BYTES = 1_024;

/** Sends one's own edits of a note: one is on its way at a time, and what is typed meanwhile waits. */
export class NoteSender {
  /** Whether the host lacks something. */
  dirty = $state(false);
  /** The host refuses it as it is; changing it tries again. */
  refused = $state<{ code: Code; message: string } | null>(null);
  /** The host could not take it just now, for a reason of its own; it is tried again. */
  trouble = $state<Code | null>(null);

  readonly #around: SenderSurroundings;
  readonly #queue = new EditQueue();
  #sending: AbortController | null = null;
  #offers = 0;
  /** What is to be sent is the difference already. */
  #shortest = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(around: SenderSurroundings) {
    this.#around = around;
  }

  /** Whether everything has come back. */
  get done(): boolean {
    return this.#queue.done;
  }

  /** What has to be kept in case the page is gone. */
  own(): OwnEdits {
    return this.#queue.own();
  }

  /** Goes on with what an earlier page kept. */
  resume(own: OwnEdits) {
    this.#queue.resume(own);
    this.dirty = this.#queue.unsent;
  }

  /** The text begins anew: what is unsent comes again as its difference. */
  clear() {
    this.#queue.clear();
    this.dirty = false;
  }

  add(update: Uint8Array) {
    this.#queue.add(update);
    this.#shortest = false;
    this.refused = null;
    this.dirty = true;
    this.#around.onChange();
    this.send();
  }

  /** Everything up to this version has come. */
  reached(version: number) {
    this.#queue.reached(version);
  }

  /** The connection is another one: what was on its way goes out again, under its id. */
  interrupt() {
    this.#sending?.abort();
    this.#sending = null;
  }

  /** Sends what waits, if that may be now. */
  send() {
    if (this.#sending || this.#timer || this.refused) return;
    if (this.#closed || !this.#around.ready()) return;
    const edit = this.#queue.next();
    if (!edit) return;
    const sending = (this.#sending = new AbortController());
    this.#later(this.#around.live() ? PACE_MS : PACE_AWAY_MS);
    const payload = { id: edit.id, key: this.#around.key, update: toBase64(edit.update) };
    if (!this.#fits(payload.update)) return this.#onTooLong();
    this.#around.call('note:edit', payload, { signal: sending.signal }).then(
      ({ version, pending }) => {
        if (sending !== this.#sending) return;
        if (pending) this.#onKept();
        else this.#onAcknowledged(version);
      },
      (thrown: unknown) => {
        if (sending === this.#sending && !this.#closed) this.#onRefused(Refusal.from(thrown));
      },
    );
  }

  /** What is unsent stays here and is not sent as it is. */
  refuse({ code, message }: Pick<Refusal, 'code' | 'message'>) {
    this.#queue.putBack();
    this.refused = { code, message };
    this.#around.onChange();
  }

  close() {
    this.#closed = true;
    this.#sending?.abort();
    clearTimeout(this.#timer);
  }

  #later(after_ms: number) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.send();
    }, after_ms);
  }

  #fits(update: string): boolean {
    return update.length + AROUND_UPDATE_BYTES <= (this.#around.messageBytes() ?? Infinity);
  }

  /**
   * The host would end the connection over it, each time anew. Long pastes that were taken back are
   * still in the edits, but not in the difference.
   */
  #onTooLong() {
    this.#sending = null;
    if (this.#shortest || !this.#fits(this.#around.body())) {
      return this.refuse({ code: 'too_large', message: '' });
    }
    this.#around.offerAgain();
    this.#shortest = true;
  }

  /**
   * A joined app has it on its disk, sends it on itself, and has it in the text it answers: nothing
   * of it needs to be kept here. It becomes part of what the next edits are kept with.
   */
  #onKept() {
    const update = this.#queue.handOver();
    if (update) this.#around.onKept(update);
    this.#onSent();
  }

  #onAcknowledged(version: number) {
    this.#queue.acknowledge(version);
    this.#onSent();
  }

  #onSent() {
    this.#sending = null;
    this.#offers = 0;
    this.trouble = null;
    this.#around.onSent();
    this.dirty = this.#queue.unsent;
    this.send();
  }

  #onRefused(refusal: Refusal) {
    this.#sending = null;
    const { code } = refusal;
    const unplaced = code === 'bad_request' || code === 'conflict' || code === 'diverged';
    if (unplaced && this.#offers < MOST_OFFERS) return this.#offerAgain();
    if (FINAL.has(code) || code === 'diverged') return this.refuse(refusal);
    this.trouble = code === 'offline' || code === 'rate_limited' ? null : code;
    this.#later(refusal.retry_after_ms ?? TRY_AGAIN_MS);
  }

  #offerAgain() {
    this.#offers += 1;
    this.#around.offerAgain();
    this.send();
  }
}
