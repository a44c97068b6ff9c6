import { memberName, presentMembers, roomName } from '../client/naming';
import { noteOf, type Place } from '../client/route.svelte';
import type { SessionState } from '../client/session-state';
import type { MemberId, RoomId, SearchAnswer } from '../protocol';
import { t } from '../shared/messages/index.svelte';
import { ago } from '../shared/when';

/** Something one can go to: by its name, or by what was found in it. */
export interface Target {
  key: string;
  kind: 'room' | 'note' | 'person' | 'message' | 'history' | 'trash';
  name: string;
  /** What was found in its text. */
  piece?: { text: string; ranges: readonly (readonly [number, number])[] };
  /** Where it is, such as a note's room. */
  detail?: string;
  place?: Place;
  member?: MemberId;
}

const MOST = 40;

/** Everything with a name: rooms, notes, other people. */
export function allTargets(state: SessionState): Target[] {
  const rooms = [...state.rooms.values()]
    .filter((room) => !room.destroyed_at)
    .map((room): Target => {
      const place: Place = { kind: 'room', room: room.id };
      return { key: `room-${room.id}`, kind: 'room', name: roomName(state, room), place };
    });
  const notes = [...state.notes.values()]
    .filter((note) => !note.trashed_at)
    .map((note): Target => {
      const room = state.rooms.get(note.room);
      const place: Place = { kind: 'note', note: note.key };
      const detail = room ? roomName(state, room) : undefined;
      return { key: `note-${note.key}`, kind: 'note', name: note.title, detail, place };
    });
  const people = presentMembers(state)
    .filter(({ id }) => id !== state.you)
    .map(({ id, name }): Target => ({ key: `person-${id}`, kind: 'person', name, member: id }));
  return [...rooms, ...notes, ...people];
}

/** What can be done here. */
export function commandTargets(state: SessionState, place: Place): Target[] {
  const note = state.notes.get(noteOf(place) ?? '');
  const trash: Target = {
    key: 'trash',
    kind: 'trash',
    name: t('trash.title'),
    place: { kind: 'trash' },
  };
  if (!note || place.kind === 'history') return [trash];
  const name = t('palette.history', { title: note.title });
  return [
    { key: 'history', kind: 'history', name, place: { kind: 'history', note: note.key } },
    trash,
  ];
}

/** What the host found in texts, without the notes that are shown by their names already. */
export function foundTargets(
  state: SessionState,
  { notes, messages }: SearchAnswer,
  named: readonly Target[],
): { notes: Target[]; messages: Target[] } {
  const known = new Set(named.map((target) => target.key));
  const roomOf = (id: RoomId) => {
    const room = state.rooms.get(id);
    return room && roomName(state, room);
  };
  return {
    notes: notes
      .map((note): Target => {
        const piece = { text: note.excerpt, ranges: note.ranges };
        const place: Place = { kind: 'note', note: note.key };
        const detail = roomOf(note.room);
        return { key: `note-${note.key}`, kind: 'note', name: note.title, piece, detail, place };
      })
      .filter((target) => !known.has(target.key)),
    messages: messages.map((message): Target => {
      const piece = { text: message.excerpt, ranges: message.ranges };
      const place: Place = { kind: 'room', room: message.room, message: message.id };
      const name = memberName(state, message.by);
      const detail = [roomOf(message.room), ago(message.at)].filter(Boolean).join(' · ');
      return { key: `message-${message.id}`, kind: 'message', name, piece, detail, place };
    }),
  };
}

/** Those whose name has all the words, best first: at the beginning, at a word, anywhere. */
export function findTargets(targets: readonly Target[], query: string): Target[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  return targets
    .map((target) => ({ target, rank: rankOf(fold(target.name), words) }))
    .filter(({ rank }) => rank !== null)
    .sort((a, b) => a.rank! - b.rank! || a.target.name.localeCompare(b.target.name))
    .slice(0, MOST)
    .map(({ target }) => target);
}

function rankOf(name: string, words: readonly string[]): number | null {
  let rank = 0;
  for (const word of words) {
    const at = name.indexOf(word);
    if (at < 0) return null;
    rank += at === 0 ? 0 : /\s/.test(name[at - 1]!) ? 1 : 2;
  }
  return rank;
}

/** Without case and accents: "Cafe" finds "Café". */
function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase();
}
