import { tick } from 'svelte';
import { memberName, sortRooms } from '../../lib/client/naming';
import { noteOf, type Place, type Route } from '../../lib/client/route.svelte';
import type { SessionClient } from '../../lib/client/session-client.svelte';
import { t } from '../../lib/shared/messages/index.svelte';
import { toasts } from '../../lib/shared/toasts.svelte';

interface Around {
  /** Whether this computer hosts the session. */
  hosts(): boolean;
  notify(title: string, body: string): void;
  /** Another room or note is shown. */
  onmoved(): void;
}

/** Keeps what is around a session in step with it: place, title, presence, notices. */
export function followSession(client: SessionClient, route: Route, around: Around) {
  findFirstPlace(client, route, around);
  tellWhere(client, route);
  nameThePage(client, route);
  sayWhatWasSent(client);
  callThePerson(client, around);

  let before: Place = route.place;
  $effect(() => {
    if (route.place === before) return;
    const arrives = before.kind === 'none';
    before = route.place;
    around.onmoved();
    // Who has only just come has had the focus nowhere yet, and loses nothing.
    if (!arrives) void tick().then(keepFocus);
  });
}

/** Who comes in lands somewhere: the host at the invitation, everybody else in a room. */
function findFirstPlace(client: SessionClient, route: Route, around: Around) {
  $effect(() => {
    if (!client.state || route.place.kind !== 'none') return;
    if (around.hosts() && client.roster.people.size < 2) return route.replace({ kind: 'invite' });
    const first = sortRooms(client.state).joined[0];
    if (first) route.replace({ kind: 'room', room: first.id });
  });
}

function tellWhere(client: SessionClient, route: Route) {
  $effect(() => {
    const { place } = route;
    if (place.kind === 'room') return client.roster.moveTo({ room: place.room });
    const note = noteOf(place);
    if (!note) return client.roster.moveTo({});
    client.roster.moveTo({ room: client.state?.notes.get(note)?.room, note });
  });
}

function nameThePage(client: SessionClient, route: Route) {
  $effect(() => {
    const { state } = client;
    if (!state) return;
    const { place } = route;
    const note = state.notes.get(noteOf(place) ?? '')?.title;
    const room = place.kind === 'room' ? state.rooms.get(place.room)?.name : undefined;
    const unread = [...state.rooms.values()].reduce((sum, one) => sum + one.unread, 0);
    const waiting = unread + client.callers.requests.length + client.callers.knocks.length;
    const names = [note ?? room, state.session.name].filter(Boolean).join(' – ');
    document.title = waiting > 0 ? `(${waiting}) ${names}` : names;
  });
}

/** After an absence it is said once how much of one's own has arrived. */
function sayWhatWasSent(client: SessionClient) {
  let owed = 0;
  let wasAway = false;
  let refusedBefore = 0;
  $effect(() => {
    const { pending, live } = client;
    const refused = client.notAccepted.heard;
    if (client.reach === 'away') {
      if (!wasAway) refusedBefore = refused;
      wasAway = true;
      owed = Math.max(owed, pending);
    } else if (live && wasAway && pending === 0) {
      const sent = Math.max(0, owed - (refused - refusedBefore));
      const words = client.joined ? 'link.backChanges' : 'link.backSent';
      toasts.show(sent > 0 ? t(words, { count: sent }) : t('link.back'));
      wasAway = false;
      owed = 0;
    }
  });
}

/** Mentions, requests and people at the door, by the system's own notices. */
function callThePerson(client: SessionClient, around: Around) {
  const told = new Set<string>();
  const once = (key: string, title: string, body: string) => {
    if (told.has(key)) return;
    told.add(key);
    around.notify(title, body);
  };
  $effect(() => {
    const { state, calling, callers } = client;
    if (!state) return;
    if (calling) once(calling.id, memberName(state, calling.by), plain(calling.body));
    for (const { ask, from, message } of callers.requests) {
      once(ask, t('people.asks', { name: memberName(state, from) }), message);
    }
    for (const { knock, name, address } of callers.knocks) {
      once(knock, t('knock.title', { name }), t('knock.from', { address }));
    }
  });
}

/** A mention reads as a name there. */
function plain(body: string): string {
  return body.replace(/(@?)\[([^\]]+)\]\((?:member|note):[^)]+\)/g, '$1$2');
}

/** What had the focus may be gone with the place it was in; it is then put on the new one. */
function keepFocus() {
  const lost = document.activeElement === null || document.activeElement === document.body;
  if (lost) document.getElementById('main')?.focus({ preventScroll: true });
}
