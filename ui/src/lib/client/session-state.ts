import type {
  Fact,
  Member,
  MemberId,
  Message,
  Note,
  NoteKey,
  NoteVersion,
  RoomContents,
  RoomId,
  RoomView,
  RunId,
  Session,
  Snapshot,
} from '../protocol';

/** In a joined app, messages that wait for the host are numbered from here on and so stand last. */
export const WAITING_SEQ = 2 ** 52;

/** What this page knows of the session. Never changed in place: every fact makes a new one. */
export interface SessionState {
  readonly session: Session;
  /** Who this page belongs to. */
  readonly you: MemberId;
  /** The last number heard, and the run it belongs to. */
  readonly head: number;
  readonly run: RunId;
  readonly members: ReadonlyMap<MemberId, Member>;
  /** Every room in sight, destroyed ones that can be restored included. */
  readonly rooms: ReadonlyMap<RoomId, RoomView>;
  /** Notes of joined rooms, the trash included; never with bodies. */
  readonly notes: ReadonlyMap<NoteKey, Note>;
  /** Of each joined room the newest messages, and what was scrolled back to; oldest first. */
  readonly messages: ReadonlyMap<RoomId, readonly Message[]>;
  /** Who has joined a room, where that was asked. */
  readonly joined: ReadonlyMap<RoomId, ReadonlySet<MemberId>>;
}

/** The state of a session just entered. */
export function fromSnapshot(
  session: Session,
  you: MemberId,
  snapshot: Snapshot,
  head: number,
  run: RunId,
): SessionState {
  return {
    session,
    you,
    head,
    run,
    members: byId(snapshot.members),
    rooms: byId(snapshot.rooms),
    notes: byId(snapshot.notes),
    messages: byRoom(snapshot.messages),
    joined: new Map(),
  };
}

/**
 * The state after `fact`. The one place where what happened becomes what is shown; a fact that was
 * heard before changes nothing.
 */
export function apply(state: SessionState, fact: Fact): SessionState {
  if (fact.seq !== undefined && fact.seq <= state.head) return state;
  const next = change(state, fact);
  return fact.seq === undefined ? next : { ...next, head: fact.seq };
}

/** The state with what waits for the host on top: as it will be, unless the host refuses it. */
export function withWaiting(state: SessionState, facts: readonly Fact[]): SessionState {
  let next = state;
  let posted: Message[] = [];
  for (const fact of facts) {
    if (fact.name === 'messageposted') {
      posted.push(fact.message);
      continue;
    }
    next = change(applyMessages(next, posted), keepingNewer(fact, next));
    posted = [];
  }
  return applyMessages(next, posted);
}

/**
 * The state taken anew of the same history, with the older messages that were scrolled back to.
 * They go on where the new ones begin, or there is none of them.
 */
export function keepingOlder(state: SessionState, before: SessionState): SessionState {
  const messages = new Map(state.messages);
  for (const [room, newest] of messages) {
    const known = before.messages.get(room) ?? [];
    const at = known.findIndex((message) => message.id === newest[0]?.id);
    if (at > 0) messages.set(room, [...known.slice(0, at), ...newest]);
  }
  return { ...state, messages };
}

/** The state with what `room:open` or `room:join` answered. */
export function applyContents(state: SessionState, contents: RoomContents): SessionState {
  const room = contents.room.id;
  const notes = new Map(state.notes);
  for (const note of contents.notes) notes.set(note.key, note);
  return {
    ...state,
    notes,
    rooms: put(state.rooms, room, contents.room),
    members: new Map([...state.members, ...byId(contents.members)]),
    messages: put(state.messages, room, mergeMessages(state.messages.get(room), contents.messages)),
    joined: put(state.joined, room, new Set(contents.members.map((member) => member.id))),
  };
}

/** The state with older or newer messages of a room. */
export function applyMessages(state: SessionState, messages: Message[]): SessionState {
  if (messages.length === 0) return state;
  const all = new Map(state.messages);
  for (const [room, more] of byRoom(messages)) all.set(room, mergeMessages(all.get(room), more));
  return { ...state, messages: all };
}

/** The state with a note as the host answered it. */
export function applyNote(state: SessionState, note: Note): SessionState {
  const { body: _, ...head } = note;
  const known = state.notes.get(note.key);
  if (known && known.version > note.version) return state;
  return { ...state, notes: put(state.notes, note.key, head) };
}

/** The state with a room as the host answered it. */
export function applyRoom(state: SessionState, room: RoomView): SessionState {
  return { ...state, rooms: put(state.rooms, room.id, room) };
}

/** The state with the signal `note versions`. */
export function applyVersions(state: SessionState, versions: NoteVersion[]): SessionState {
  const notes = new Map(state.notes);
  for (const { key, version, updated_at, updated_by } of versions) {
    const note = notes.get(key);
    if (note && note.version < version)
      notes.set(key, { ...note, version, updated_at, updated_by });
  }
  return { ...state, notes };
}

/** The state with a room read up to where `unread` are left. */
export function applyUnread(state: SessionState, id: RoomId, unread: number): SessionState {
  const room = state.rooms.get(id);
  return room ? { ...state, rooms: put(state.rooms, id, { ...room, unread }) } : state;
}

function change(state: SessionState, fact: Fact): SessionState {
  switch (fact.name) {
    case 'sessionhosted':
      return { ...state, run: fact.run, session: { ...state.session, run: fact.run } };
    case 'sessionupdated':
      return { ...state, session: fact.session };
    case 'memberjoined':
    case 'memberupdated':
    case 'rolechanged':
    case 'memberremoved':
    case 'memberunbanned':
      return { ...state, members: put(state.members, fact.member.id, fact.member) };
    case 'roomcreated':
    case 'roomupdated':
    case 'roomdestroyed':
    case 'roomrestored':
      return changeRoom(state, fact.room.id, fact.room);
    case 'roompurged':
      return loseRoom(state, fact.room);
    case 'roomjoined':
      return comeIntoRoom(state, fact.room, fact.member);
    case 'roomleft':
      return goOutOfRoom(state, fact.room, fact.member);
    case 'notecreated':
    case 'noteupdated':
    case 'notedestroyed':
    case 'noterestored':
    case 'notemoved':
      return { ...state, notes: put(state.notes, fact.note.key, fact.note) };
    case 'noteedited':
      return applyVersions(state, [
        {
          key: fact.key,
          version: fact.version,
          updated_at: fact.at,
          updated_by: fact.by ?? state.you,
        },
      ]);
    case 'notepurged':
    case 'noteleft':
      return { ...state, notes: without(state.notes, fact.key) };
    case 'messageposted':
      return hearMessage(state, fact.message);
    case 'messageedited':
    case 'messagedestroyed':
      return replaceMessage(state, fact.message);
    default:
      // A newer host may tell facts that this page does not know.
      return state;
  }
}

/** What waits names the version it was made at; others may have gone on since. */
function keepingNewer(fact: Fact, { notes }: SessionState): Fact {
  if (!('note' in fact)) return fact;
  const known = notes.get(fact.note.key);
  if (!known || known.version <= fact.note.version) return fact;
  const { version, updated_at, updated_by } = known;
  return { ...fact, note: { ...fact.note, version, updated_at, updated_by } };
}

function changeRoom(
  state: SessionState,
  id: RoomId,
  room: Omit<RoomView, 'joined' | 'members' | 'unread'>,
): SessionState {
  const known = state.rooms.get(id);
  // A direct conversation has its two members from the start; nobody joins it.
  const mine = known?.joined ?? room.direct?.includes(state.you) ?? false;
  const view = {
    ...room,
    joined: mine,
    members: known?.members ?? (room.direct ? 2 : 0),
    unread: known?.unread ?? 0,
  };
  return { ...state, rooms: put(state.rooms, id, view) };
}

function comeIntoRoom(state: SessionState, id: RoomId, member: MemberId): SessionState {
  const room = state.rooms.get(id);
  if (!room) return state;
  const people = state.joined.get(id);
  if (people?.has(member)) return state;
  const view = {
    ...room,
    joined: room.joined || member === state.you,
    members: room.members + 1,
  };
  return {
    ...state,
    rooms: put(state.rooms, id, view),
    joined: people ? put(state.joined, id, new Set([...people, member])) : state.joined,
  };
}

function goOutOfRoom(state: SessionState, id: RoomId, member: MemberId): SessionState {
  const room = state.rooms.get(id);
  if (!room) return state;
  const people = new Set(state.joined.get(id));
  people.delete(member);
  const joined = state.joined.has(id) ? put(state.joined, id, people) : state.joined;
  if (member === state.you && room.private) return loseRoom({ ...state, joined }, id);
  const view = {
    ...room,
    joined: room.joined && member !== state.you,
    members: Math.max(0, room.members - 1),
    unread: member === state.you ? 0 : room.unread,
  };
  return { ...state, joined, rooms: put(state.rooms, id, view) };
}

function loseRoom(state: SessionState, id: RoomId): SessionState {
  const notes = new Map([...state.notes].filter(([, note]) => note.room !== id));
  return {
    ...state,
    notes,
    rooms: without(state.rooms, id),
    messages: without(state.messages, id),
    joined: without(state.joined, id),
  };
}

function hearMessage(state: SessionState, message: Message): SessionState {
  const known = state.messages.get(message.room) ?? [];
  const isNew = !known.some((other) => other.id === message.id);
  const messages = put(state.messages, message.room, mergeMessages(known, [message]));
  const room = state.rooms.get(message.room);
  if (!room || !isNew || message.by === state.you) return { ...state, messages };
  const rooms = put(state.rooms, room.id, { ...room, unread: room.unread + 1 });
  return { ...state, messages, rooms };
}

/** Only what is loaded is replaced: an old message that was edited is not put among the newest. */
function replaceMessage(state: SessionState, message: Message): SessionState {
  const known = state.messages.get(message.room);
  if (!known?.some((other) => other.id === message.id)) return state;
  return { ...state, messages: put(state.messages, message.room, mergeMessages(known, [message])) };
}

function mergeMessages(known: readonly Message[] = [], more: readonly Message[]): Message[] {
  const merged = new Map(known.map((message) => [message.id, message]));
  for (const message of more) merged.set(message.id, message);
  return [...merged.values()].sort((a, b) => a.seq - b.seq);
}

function byRoom(messages: readonly Message[]): Map<RoomId, Message[]> {
  const rooms = new Map<RoomId, Message[]>();
  for (const message of messages) {
    const room = rooms.get(message.room);
    if (room) room.push(message);
    else rooms.set(message.room, [message]);
  }
  return rooms;
}

function byId<T extends { id: string }>(things: readonly T[]): Map<string, T> {
  return new Map(things.map((thing) => [thing.id, thing]));
}

function put<V>(map: ReadonlyMap<string, V>, key: string, value: V): Map<string, V> {
  return new Map(map).set(key, value);
}

function without<V>(map: ReadonlyMap<string, V>, key: string): Map<string, V> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
