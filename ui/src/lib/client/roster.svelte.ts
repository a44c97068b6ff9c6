import { SvelteMap } from 'svelte/reactivity';
import type { MemberId, NoteKey, Presence, PresenceReport, RoomId } from '../protocol';

/** What is known of where one person is, over all of that person's tabs. */
export interface Whereabouts {
  member: MemberId;
  state: 'active' | 'idle';
  room?: RoomId;
  note?: NoteKey;
}

/** "Writing…" that was not renewed is over. */
const TYPING_ENDS_MS = 5_000;
/** Renewed in time, so that it does not flicker. */
const RENEW_MS = 3_000;
/** A pause this long ends one's own "writing…". */
const PAUSE_MS = 3_000;
const IDLE_AFTER_MS = 120_000;

/** Who is here and where, and what this page says of itself. */
export class Roster {
  /** How many people are connected. */
  count = $state(0);

  readonly #tell: (report: PresenceReport) => void;
  readonly #entries = new SvelteMap<string, Presence>();
  readonly #typingEnds = new Map<string, ReturnType<typeof setTimeout>>();
  #place: Pick<PresenceReport, 'room' | 'note'> = {};
  #state: 'active' | 'idle' = 'active';
  #typing = false;
  #typedAt = 0;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (report: PresenceReport) => void) {
    this.#tell = tell;
  }

  /** Everybody connected, once each, at the place where they were active last. */
  people = $derived.by(() => {
    const people = new Map<MemberId, Whereabouts>();
    for (const { member, state, room, note } of this.#entries.values()) {
      if (state === 'gone') continue;
      const known = people.get(member);
      if (!known || (known.state === 'idle' && state === 'active')) {
        people.set(member, { member, state, room, note });
      }
    }
    return people;
  });

  /** Who writes in a room's conversation, or in a note. */
  typing(place: { room: RoomId } | { note: NoteKey }): MemberId[] {
    const here = [...this.#entries.values()].filter(
      (entry) =>
        entry.typing &&
        ('note' in place ? entry.note === place.note : entry.room === place.room && !entry.note),
    );
    return [...new Set(here.map((entry) => entry.member))];
  }

  /** Begins anew with everybody whom `welcome` names. */
  reset(people: Presence[]) {
    for (const timer of this.#typingEnds.values()) clearTimeout(timer);
    this.#typingEnds.clear();
    this.#entries.clear();
    this.hear(people);
  }

  hear(people: Presence[]) {
    for (const entry of people) {
      clearTimeout(this.#typingEnds.get(entry.socket));
      if (entry.state === 'gone') {
        this.#entries.delete(entry.socket);
        continue;
      }
      this.#entries.set(entry.socket, entry);
      if (entry.typing) this.#endTypingLater(entry.socket);
    }
  }

  /** This page shows another room or note. */
  moveTo(place: Pick<PresenceReport, 'room' | 'note'>) {
    if (place.room === this.#place.room && place.note === this.#place.note) return;
    this.#place = place;
    this.#typing = false;
    clearTimeout(this.#typingTimer);
    this.report();
  }

  /** The person wrote something. */
  wrote() {
    const now = Date.now();
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => this.stopWriting(), PAUSE_MS);
    if (this.#typing && now - this.#typedAt < RENEW_MS) return;
    this.#typing = true;
    this.#typedAt = now;
    this.report();
  }

  stopWriting() {
    clearTimeout(this.#typingTimer);
    if (!this.#typing) return;
    this.#typing = false;
    this.report();
  }

  /** The person did something; without that, this page is idle after a while. */
  touch() {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.#become('idle'), IDLE_AFTER_MS);
    this.#become('active');
  }

  /** The page is not looked at. */
  rest() {
    clearTimeout(this.#idleTimer);
    this.#become('idle');
  }

  /** Says where this page is, such as after coming back. */
  report() {
    this.#tell({ ...this.#place, state: this.#state, typing: this.#typing });
  }

  #become(state: 'active' | 'idle') {
    if (this.#state === state) return;
    this.#state = state;
    this.report();
  }

  #endTypingLater(socket: string) {
    const timer = setTimeout(() => {
      const entry = this.#entries.get(socket);
      if (entry) this.#entries.set(socket, { ...entry, typing: false });
    }, TYPING_ENDS_MS);
    this.#typingEnds.set(socket, timer);
  }
}
