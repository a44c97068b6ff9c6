import type { Fact, Message, Note, NoteVersion, RoomContents, RoomId, RoomView } from '../protocol';
import {
  apply,
  applyContents,
  applyMessages,
  applyNote,
  applyRoom,
  applyUnread,
  applyVersions,
  keepingOlder,
  type SessionState,
  withWaiting,
} from './session-state';
import { Waiting } from './waiting.svelte';

/** What a page knows of the session: what has come from the host, and what waits for it on top. */
export class Known {
  /** As the host told it; in a joined app, as the app's own copy has it. */
  #told = $state.raw<SessionState | null>(null);
  readonly waiting = new Waiting();
  /** Null until the first snapshot. */
  state: SessionState | null = $derived(this.#told && withWaiting(this.#told, this.waiting.facts));

  /** What has come from the host, without what waits. */
  get told(): SessionState | null {
    return this.#told;
  }

  /** Begins anew with a snapshot, in which is all that waits. */
  begin(state: SessionState) {
    this.waiting.clear();
    this.waiting.mark(state);
    this.#told = state;
  }

  /** Takes another snapshot of the history that is known. */
  renew(state: SessionState) {
    this.waiting.mark(state);
    this.#told = this.#told ? keepingOlder(state, this.#told) : state;
  }

  /** Everything up to this number has been heard. */
  reach(head: number, run: string) {
    this.#change((state) => ({ ...state, head, run }));
  }

  /** Takes in what happened, and in a joined app what waits to happen. */
  hear(facts: readonly Fact[]) {
    const numbered = facts.filter((fact) => !fact.pending);
    this.#change((state) => numbered.reduce(apply, state));
    this.waiting.settle(numbered);
    this.waiting.hear(facts.filter((fact) => fact.pending));
  }

  hearVersions(versions: NoteVersion[]) {
    this.#change((state) => applyVersions(state, versions));
  }

  learnMessages(messages: Message[]) {
    this.#change((state) => applyMessages(state, messages));
  }

  /** A message as a call answered it. */
  learnMessage(message: Message, pending?: boolean) {
    if (pending) this.#await({ name: 'messageposted', message, id: message.id });
    else this.learnMessages([message]);
  }

  /** A note as a call answered it. */
  learnNote(note: Note, pending?: boolean) {
    if (pending) this.#await({ name: 'notecreated', note, id: note.key });
    // An answer shows what waits as well, which may still be refused.
    else if (!this.waiting.has(note.key)) this.#change((state) => applyNote(state, note));
  }

  /** A room as a call answered it. */
  learnRoom(room: RoomView, pending?: boolean) {
    if (pending) this.#await({ name: 'roomcreated', room, id: room.id });
    else this.#change((state) => applyRoom(state, room));
  }

  learnContents(contents: RoomContents) {
    this.#change((state) => applyContents(state, contents));
  }

  learnUnread(room: RoomId, unread: number) {
    this.#change((state) => applyUnread(state, room, unread));
  }

  #change(change: (state: SessionState) => SessionState) {
    if (this.#told) this.#told = change(this.#told);
  }

  /** The answer says what the app will tell in a moment: nobody has to wait for that. */
  #await(fields: object) {
    const [at, by] = [new Date().toISOString(), this.#told?.you];
    this.waiting.hear([{ at, by, pending: true, ...fields } as Fact]);
  }
}
