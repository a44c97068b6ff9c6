import { SvelteMap } from 'svelte/reactivity';
import type { CallId, Fact, NoteKey } from '../protocol';
import { type SessionState, WAITING_SEQ } from './session-state';

type EditFact = Extract<Fact, { name: 'noteedited' }>;

/**
 * In a joined app: what was written while the host is away. The app has it on its disk and tells it
 * as the facts it will become; each is replaced by the host's own, which has the same call and name.
 */
export class Waiting {
  /** What changes the lists, in the order it was made. */
  facts = $state.raw<readonly Fact[]>([]);
  /** Edits change the texts of open notes only, and may be thousands. */
  readonly #edits = new SvelteMap<NoteKey, ReadonlySet<CallId>>();

  /** Rooms, notes and messages that are not with the host as they are shown. */
  readonly #shown: ReadonlySet<string> = $derived(new Set(this.facts.map(subjectOf)));

  /** Rooms and notes that waited when the app was asked for everything: their calls are not known. */
  #marked: ReadonlySet<string> = $state.raw(new Set());

  /** Whether something of this room, note or message is not with the host. */
  has(id: string): boolean {
    return this.#shown.has(id) || this.#edits.has(id) || this.#marked.has(id);
  }

  /** What the app's lists say of rooms and notes. It holds until nothing waits any more. */
  mark({ rooms, notes }: Pick<SessionState, 'rooms' | 'notes'>) {
    const all = [...rooms.values(), ...notes.values()];
    this.#marked = new Set(all.filter(({ pending }) => pending).map(({ id }) => id));
  }

  hasMessage({ id, seq }: { id: string; seq: number }): boolean {
    return seq >= WAITING_SEQ || this.has(id);
  }

  /** Takes in what the app tells of what waits. */
  hear(facts: readonly Fact[]) {
    const shown = [...this.facts];
    for (const fact of facts) {
      if (fact.name === 'noteedited') {
        this.#hearEdit(fact);
        continue;
      }
      const at = shown.findIndex((other) => isSame(other, fact));
      if (at < 0) shown.push(fact);
      else shown[at] = fact;
    }
    this.facts = shown;
  }

  /** Lets go of what the host tells now. */
  settle(facts: readonly Fact[]) {
    if (this.facts.length > 0) {
      const settled = new Set(facts.map(keyOf));
      const left = this.facts.filter((fact) => !settled.has(keyOf(fact)));
      if (left.length < this.facts.length) this.facts = left;
    }
    for (const fact of facts) {
      if (fact.name === 'noteedited' && fact.id) this.#dropEdit(fact.key, fact.id);
    }
  }

  /** The call will never become anything. */
  drop(call: CallId) {
    this.facts = this.facts.filter((fact) => fact.id !== call);
    for (const key of [...this.#edits.keys()]) this.#dropEdit(key, call);
  }

  clear() {
    this.facts = [];
    this.#edits.clear();
    this.#marked = new Set();
  }

  #hearEdit({ key, id }: EditFact) {
    if (id) this.#edits.set(key, new Set(this.#edits.get(key)).add(id));
  }

  #dropEdit(key: NoteKey, call: CallId) {
    const edits = this.#edits.get(key);
    if (!edits?.has(call)) return;
    const left = new Set(edits);
    left.delete(call);
    if (left.size > 0) this.#edits.set(key, left);
    else this.#edits.delete(key);
  }
}

function keyOf({ id, name }: Fact): string {
  return `${id}/${name}`;
}

function isSame(one: Fact, other: Fact): boolean {
  return keyOf(one) === keyOf(other);
}

/** What a fact is about, as far as that is drawn. */
function subjectOf(fact: Fact): string {
  if ('message' in fact) return fact.message.id;
  if ('note' in fact) return fact.note.key;
  if ('key' in fact) return fact.key;
  if ('room' in fact) return typeof fact.room === 'string' ? fact.room : fact.room.id;
  return '';
}
