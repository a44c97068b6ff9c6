import type { MessageId, NoteKey, RoomId } from '../protocol';

/** What the middle of the window shows. */
export type Place =
  | { kind: 'none' }
  /** `message`: the one to go to in its conversation. */
  | { kind: 'room'; room: RoomId; message?: MessageId }
  | { kind: 'note'; note: NoteKey }
  | { kind: 'history'; note: NoteKey }
  | { kind: 'invite' }
  | { kind: 'trash' };

const MOST_RECENT = 8;

/** The place in the address's hash, so that a reload returns there and "back" goes back. */
export class Route {
  place = $state.raw<Place>(parsePlace(location.hash));
  /** Where one was before, newest first, without repeats. */
  recent = $state.raw<readonly Place[]>([]);

  /** Follows the address; the returned function ends that. */
  watch(): () => void {
    const follow = () => this.#show(parsePlace(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }

  go(place: Place) {
    const hash = formatPlace(place);
    if (location.hash !== hash) location.hash = hash;
    this.#show(place);
  }

  /** Goes there without leaving the present place behind in the history. */
  replace(place: Place) {
    history.replaceState(history.state, '', formatPlace(place));
    this.#show(place);
  }

  #show(place: Place) {
    if (formatPlace(place) === formatPlace(this.place)) return;
    const before = withoutMessage(this.place);
    this.place = place;
    if (before.kind !== 'room' && before.kind !== 'note') return;
    if (formatPlace(before) === formatPlace(withoutMessage(place))) return;
    const others = this.recent.filter((other) => formatPlace(other) !== formatPlace(before));
    this.recent = [before, ...others].slice(0, MOST_RECENT);
  }
}

function withoutMessage(place: Place): Place {
  return place.kind === 'room' ? { kind: 'room', room: place.room } : place;
}

/** The note that a place is about. */
export function noteOf(place: Place): NoteKey | undefined {
  return place.kind === 'note' || place.kind === 'history' ? place.note : undefined;
}

export function formatPlace(place: Place): string {
  switch (place.kind) {
    case 'room':
      return `#/room/${place.room}${place.message ? `/${place.message}` : ''}`;
    case 'note':
      return `#/note/${place.note}`;
    case 'history':
      return `#/note/${place.note}/history`;
    case 'none':
      return '#/';
    default:
      return `#/${place.kind}`;
  }
}

export function parsePlace(hash: string): Place {
  const [kind, id, part] = hash.replace(/^#\//, '').split('/');
  if (kind === 'room' && id) return { kind, room: id, ...(part ? { message: part } : {}) };
  if (kind === 'note' && id && part === 'history') return { kind: 'history', note: id };
  if (kind === 'note' && id) return { kind, note: id };
  if (kind === 'invite' || kind === 'trash') return { kind };
  return { kind: 'none' };
}

/**
 * Takes the invitation out of the address: what stands after `#` and is no place. It is good for
 * one use, and nobody should read or share it from the address bar.
 */
export function takeInvitation(): string | null {
  const token = location.hash.slice(1);
  if (!token || token.startsWith('/')) return null;
  history.replaceState(history.state, '', location.pathname + location.search);
  return token;
}
