import { hostName, roomName } from '../client/naming';
import type { Route } from '../client/route.svelte';
import type { SessionClient } from '../client/session-client.svelte';
import type { Note, RoomId } from '../protocol';
import { newId } from '../shared/new-id';
import { t } from '../shared/messages/index.svelte';
import { toasts } from '../shared/toasts.svelte';

/** Makes a note and goes there; its title is given on the page. */
export async function createNote(session: SessionClient, route: Route, room: RoomId) {
  const id = newId();
  const title = t('notes.untitled');
  const away = t('notes.createAway', { host: hostName(session.state!) });
  const made = await toasts.attempt(session.do('note:create', { id, room, title }), away);
  if (made) {
    session.known.learnNote(made.note, made.pending);
    route.go({ kind: 'note', note: made.note.key });
  }
}

/** Leaves the first note in a new session, so that nobody meets an empty house. */
export async function leaveWelcomeNote(session: SessionClient, room: RoomId) {
  const texts = { title: t('notes.welcomeTitle'), body: t('notes.welcomeBody') };
  const made = await toasts.attempt(session.do('note:create', { id: newId(), room, ...texts }));
  if (made) session.known.learnNote(made.note, made.pending);
}

/** Puts a note into another room, with a way back at hand; says whether it is there. */
export async function moveNote(session: SessionClient, note: Note, room: RoomId): Promise<boolean> {
  const from = note.room;
  const moved = await toasts.attempt(session.do('note:move', { key: note.key, room }));
  if (!moved) return false;
  const known = session.state!;
  const target = known.rooms.get(room);
  const name = target ? roomName(known, target) : '';
  toasts.show(t('move.done', { title: note.title, room: name }), {
    action: {
      label: t('common.undo'),
      run: () => void toasts.attempt(session.do('note:move', { key: note.key, room: from })),
    },
  });
  return true;
}

/** Puts a note into the trash, with a way back at hand. */
export async function destroyNote(session: SessionClient, route: Route, note: Note) {
  const done = await toasts.attempt(session.do('note:destroy', { key: note.key }));
  if (!done) return;
  const { place } = route;
  if (place.kind === 'note' && place.note === note.key) route.go({ kind: 'room', room: note.room });
  toasts.show(t('notes.destroyed', { title: note.title }), {
    action: { label: t('common.undo'), run: () => void restoreNote(session, note) },
  });
}

export async function restoreNote(session: SessionClient, note: Pick<Note, 'key' | 'title'>) {
  const done = await toasts.attempt(session.do('note:restore', { key: note.key }));
  if (done) toasts.show(t('notes.restored', { title: note.title }));
}
