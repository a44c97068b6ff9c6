import type { Route } from '../client/route.svelte';
import type { SessionClient } from '../client/session-client.svelte';
import type { MemberId, RoomId, RoomView } from '../protocol';
import { toasts } from '../shared/toasts.svelte';

export async function joinRoom(session: SessionClient, room: RoomId) {
  await toasts.attempt(session.enterRoom(room, true));
}

export async function leaveRoom(session: SessionClient, route: Route, room: RoomView) {
  const done = await toasts.attempt(session.do('room:leave', { room: room.id }));
  if (done && room.private) leavePlace(route, room.id);
}

export async function destroyRoom(session: SessionClient, route: Route, room: RoomId) {
  const done = await toasts.attempt(session.do('room:destroy', { room }));
  if (done) leavePlace(route, room);
}

/** Opens the conversation of two, which is made if there is none yet. */
export async function talkTo(session: SessionClient, route: Route, member: MemberId) {
  const known = [...(session.state?.rooms.values() ?? [])].find((room) =>
    room.direct?.includes(member),
  );
  if (known) return route.go({ kind: 'room', room: known.id });
  const made = await toasts.attempt(session.do('room:direct', { member }));
  if (!made) return;
  session.known.learnRoom(made.room, made.pending);
  route.go({ kind: 'room', room: made.room.id });
}

function leavePlace(route: Route, room: RoomId) {
  const { place } = route;
  if (place.kind === 'room' && place.room === room) route.go({ kind: 'none' });
}
