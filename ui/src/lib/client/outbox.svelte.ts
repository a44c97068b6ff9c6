import { newId } from '../shared/new-id';
import { Refusal } from '../shared/refusal';
import type { Code, MessageSend, NoteKey, RoomId } from '../protocol';
import type { Answer } from './calls';
import { FINAL, type Connection } from './connection.svelte';
import type { Shelf } from './shelf';

/** A message on its way. */
export interface Unsent {
  /** Becomes the message's id. */
  id: string;
  room: RoomId;
  body: string;
  note?: NoteKey;
  made_at: string;
  /** Why the host did not take it; it waits for its author to decide. */
  refused?: { code: Code; message: string };
}

const TRY_AGAIN_MS = 3_000;

/** Messages that the host does not have yet: kept on this device, sent one after the other. */
export class Outbox {
  entries = $state.raw<readonly Unsent[]>([]);

  readonly #call: Connection['call'];
  readonly #shelf: Shelf;
  readonly #onSent: (answer: Answer<'message:send'>) => void;
  #sending = false;

  constructor(
    call: Connection['call'],
    shelf: Shelf,
    onSent: (answer: Answer<'message:send'>) => void,
  ) {
    this.#call = call;
    this.#shelf = shelf;
    this.#onSent = onSent;
    this.entries = shelf.all<Unsent>('message').sort((a, b) => (a.id < b.id ? -1 : 1));
    void this.#drain();
  }

  /** How many wait for nothing but the host. */
  get waiting(): number {
    return this.entries.filter((entry) => !entry.refused).length;
  }

  send(message: Pick<MessageSend, 'room' | 'body' | 'note'>) {
    const entry: Unsent = { ...message, id: newId(), made_at: new Date().toISOString() };
    this.#keep(entry);
    this.entries = [...this.entries, entry];
    void this.#drain();
  }

  /** Sends a refused message again, as a new one: the host may remember the old id otherwise. */
  retry(id: string) {
    const entry = this.entries.find((other) => other.id === id);
    if (!entry) return;
    this.discard(id);
    this.send({ room: entry.room, body: entry.body, note: entry.note });
  }

  discard(id: string) {
    this.#shelf.drop('message', id);
    this.entries = this.entries.filter((entry) => entry.id !== id);
  }

  async #drain() {
    if (this.#sending) return;
    this.#sending = true;
    for (let entry = this.#next(); entry; entry = this.#next()) await this.#sendOne(entry);
    this.#sending = false;
  }

  #next(): Unsent | undefined {
    return this.entries.find((entry) => !entry.refused);
  }

  async #sendOne({ id, room, body, note, made_at }: Unsent) {
    try {
      // A joined app whose host is away has it on its own disk then.
      this.#onSent(await this.#call('message:send', { id, room, body, note, made_at }));
      this.discard(id);
    } catch (thrown) {
      const { code, message } = Refusal.from(thrown);
      if (FINAL.has(code)) this.#refuse(id, { code, message });
      else await new Promise((done) => setTimeout(done, TRY_AGAIN_MS));
    }
  }

  #refuse(id: string, refused: Unsent['refused']) {
    this.entries = this.entries.map((entry) => {
      if (entry.id !== id) return entry;
      const changed = { ...entry, refused };
      this.#keep(changed);
      return changed;
    });
  }

  #keep(entry: Unsent) {
    this.#shelf.put('message', entry.id, entry);
  }
}
