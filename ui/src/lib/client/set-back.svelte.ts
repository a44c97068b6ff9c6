import type { MemberId, Message, NoteKey } from '../protocol';
import type { SessionState } from './session-state';
import type { Shelf } from './shelf';

/** What this page knew of a session and the host does not have any more. */
export interface Missing {
  /** Whose page it is: somebody else may use this browser later. */
  you: MemberId;
  rooms: string[];
  /** Notes that are not there or read otherwise; with their text, where this page had it. */
  notes: { title: string; text?: string }[];
  messages: { room: string; name: string; at: string; body: string }[];
}

/**
 * A host that goes back to an earlier state of its session takes back what everybody saw. A joined
 * app has a whole copy to bring things back from; a browser's page has what it showed, and offers
 * that to be copied.
 */
export class SetBack {
  /** Null while the host's history is the one that this page knows. */
  missing = $state.raw<Missing | null>(null);
  readonly #shelf: Shelf;

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  get count(): number {
    const { missing } = this;
    return missing ? missing.rooms.length + missing.notes.length + missing.messages.length : 0;
  }

  /** The host's history is another one: `texts` are those of open notes, as they were. */
  hear(before: SessionState, now: SessionState, texts: ReadonlyMap<NoteKey, string>) {
    this.missing = missingFrom(before, now, texts);
    this.#shelf.put('before', now.you, this.missing);
  }

  /** An earlier page of this person was told, and what it had is not done with. */
  remember(you: MemberId) {
    this.missing ??= this.#shelf.get<Missing>('before', you);
  }

  dismiss() {
    if (this.missing) this.#shelf.drop('before', this.missing.you);
    this.missing = null;
  }
}

export function missingFrom(
  before: SessionState,
  now: SessionState,
  texts: ReadonlyMap<NoteKey, string>,
): Missing {
  const rooms = [...before.rooms.values()].filter(
    ({ id, direct }) => !direct && !now.rooms.has(id),
  );
  const notes = [...before.notes.values()].filter((note) => {
    const there = now.notes.get(note.key);
    return there?.version !== note.version || there.updated_at !== note.updated_at;
  });
  const messages = [...before.messages.values()].flat().filter((one) => isMissing(one, now));
  return {
    you: now.you,
    rooms: rooms.map(({ name }) => name),
    notes: notes.map(({ key, title }) => ({ title, text: texts.get(key) })),
    messages: messages.map(({ room, by, at, body }) => ({
      room: before.rooms.get(room)?.name ?? '',
      name: before.members.get(by)?.name ?? '',
      at,
      body,
    })),
  };
}

/** Only the newest are known of the host's: what is older than those is the same in both. */
function isMissing({ id, room, seq, body }: Message, now: SessionState): boolean {
  const there = now.messages.get(room) ?? [];
  if (body === '' || there.some((one) => one.id === id)) return false;
  const [oldest] = there;
  return !oldest || seq >= oldest.seq;
}
