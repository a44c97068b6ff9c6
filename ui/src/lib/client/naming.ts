import { t } from '../shared/messages/index.svelte';
import type { Member, MemberId, RoomView } from '../protocol';
import type { SessionState } from './session-state';

/** Somebody's present name; a member this page does not know is somebody. */
export function memberName(state: SessionState, id: MemberId | undefined): string {
  return (id && state.members.get(id)?.name) || t('common.somebody');
}

/** Who hosts, as far as this page knows. */
export function hostName(state: SessionState): string {
  const host = [...state.members.values()].find((member) => member.role === 'host');
  return host?.name ?? t('link.theHost');
}

/** Everybody in the session. Whom a host took out is known only by what they wrote. */
export function presentMembers(state: SessionState): Member[] {
  return [...state.members.values()].filter((member) => !member.removed);
}

/** A room's name; a direct conversation is called after the other person. */
export function roomName(state: SessionState, room: RoomView): string {
  const partner = partnerOf(state, room);
  return partner ? partner.name : room.name;
}

/** The other person of a direct conversation. */
export function partnerOf(state: SessionState, room: RoomView): Member | undefined {
  const id = room.direct?.find((member) => member !== state.you);
  return id === undefined ? undefined : state.members.get(id);
}

/** Rooms one is in and can see, by name; direct conversations apart. */
export function sortRooms(state: SessionState) {
  const all = [...state.rooms.values()].filter((room) => !room.destroyed_at);
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  const byName = (a: RoomView, b: RoomView) =>
    collator.compare(roomName(state, a), roomName(state, b));
  return {
    joined: all.filter((room) => room.joined && !room.direct).sort(byName),
    others: all.filter((room) => !room.joined && !room.direct).sort(byName),
    direct: all.filter((room) => room.direct).sort(byName),
  };
}

/** A room's notes that are not in the trash, by title. */
export function notesOf(state: SessionState, room: string) {
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  return [...state.notes.values()]
    .filter((note) => note.room === room && !note.trashed_at)
    .sort((a, b) => collator.compare(a.title, b.title));
}
