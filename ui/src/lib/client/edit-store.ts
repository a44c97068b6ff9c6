import { newId } from '../shared/new-id';
import type { MemberId, NoteKey, RunId, SessionId } from '../protocol';
import { fromBase64, toBase64 } from './bytes';
import type { OwnEdits } from './edit-queue';
import type { Shelf } from './shelf';

/** One's own edits of a note that the host may lack, and what they were made on. */
export interface NoteDraft {
  key: NoteKey;
  run: RunId | undefined;
  /** The host's text that the edits began with, and its version: a state and what came since. */
  version: number;
  base: Uint8Array;
  since?: Uint8Array[];
  own: OwnEdits;
  /** Who wrote them: somebody else may use this browser by now. */
  member?: MemberId;
  /** Where it lies: one note may have several, of tabs that are gone. */
  slot?: string;
  /** It could not be read; it waits for the person to decide. */
  aside?: boolean;
}

/** What earlier pages left. */
export interface Leftovers {
  drafts: NoteDraft[];
  /** Some of it could not be fetched; it stays where it is. */
  unread: boolean;
}

/** Where unsent edits are kept for the case that the page is gone. */
export interface EditStore {
  /** What earlier pages left, several drafts of one note one behind the other; it is this tab's now. */
  take(): Promise<Leftovers>;
  /** False where this device could not keep it; the page then says so. */
  put(draft: NoteDraft): Promise<boolean>;
  /** Without a slot: what `put` wrote. */
  drop(key: NoteKey, slot?: string): Promise<void>;
  /** What this draft holds is in what `put` wrote by now. */
  merged(draft: NoteDraft): Promise<void>;
  /** Somebody else's draft: what is written from now on comes to lie beside it. */
  spare(draft: NoteDraft): void;
  /** Keeps what cannot be read out of the way of what is written from now on. */
  setAside(draft: NoteDraft): Promise<NoteDraft>;
}

/** Whose edits: those of one tab in one session. Tabs that are gone leave theirs to the next. */
export interface Place {
  session: SessionId;
  tab: string;
  /** The tabs that are there besides this one. */
  others: ReadonlySet<string>;
}

const DATABASE = 'hearth';
const EDITS = 'note-edits';
/** The texts that edits were made on: apart, because they are long and change seldom. */
const BASES = 'note-bases';
/** A browser that has not opened its database by then never will. */
const OPEN_WITHIN_MS = 3_000;

/** Slots of what could not be read begin with it. */
const ASIDE = '!';

type KeptEdits = Omit<NoteDraft, 'base' | 'slot' | 'aside'>;

/** Edits in the browser's own database, a record for each note of each tab. */
export class DatabaseEdits implements EditStore {
  #database: IDBDatabase;
  readonly #place: Place;
  /** The slot that is written to; another one where something lies there that cannot be read. */
  #main = '';
  /** The base that was written last, by place: it is long and need not be written again. */
  readonly #bases = new Map<string, Uint8Array>();

  private constructor(database: IDBDatabase, place: Place) {
    this.#database = database;
    this.#place = place;
  }

  /** Null where the browser has none, such as in some private windows. */
  static async open(place: Place): Promise<DatabaseEdits | null> {
    try {
      return new DatabaseEdits(await openDatabase(), place);
    } catch {
      return null;
    }
  }

  async take(): Promise<Leftovers> {
    try {
      return await this.#takeAll();
    } catch {
      // Whatever lies there must not be written over.
      this.#main = newId();
      return { drafts: [], unread: true };
    }
  }

  async put({ base, slot, aside: _aside, ...edits }: NoteDraft): Promise<boolean> {
    const place = this.#placeOf(edits.key, slot);
    try {
      const work = this.#begin();
      if (this.#bases.get(place) !== base) work.objectStore(BASES).put(base, place);
      work.objectStore(EDITS).put(edits, place);
      this.#bases.set(place, base);
      // At once: the page may be on its way out.
      work.commit();
      await ended(work);
      // The writing before that brought the base may have failed meanwhile.
      return this.#bases.has(place);
    } catch (thrown) {
      this.#bases.delete(place);
      if (thrown instanceof DOMException && thrown.name === 'InvalidStateError') this.#openAgain();
      return false;
    }
  }

  async drop(key: NoteKey, slot?: string): Promise<void> {
    const place = this.#placeOf(key, slot);
    this.#bases.delete(place);
    try {
      const work = this.#begin();
      work.objectStore(EDITS).delete(place);
      work.objectStore(BASES).delete(place);
      work.commit();
      await ended(work);
    } catch {
      // What stays there is sent once more by the next page, and changes nothing.
    }
  }

  async merged({ key, slot = '' }: NoteDraft): Promise<void> {
    if (slot !== this.#main) await this.drop(key, slot);
  }

  spare({ slot = '' }: NoteDraft) {
    if (slot === this.#main) this.#main = newId();
  }

  setAside(draft: NoteDraft): Promise<NoteDraft> {
    return setAside(this, draft);
  }

  async #takeAll(): Promise<Leftovers> {
    const { session, others } = this.#place;
    const work = this.#begin();
    const ofSession = IDBKeyRange.bound(`${session}.`, `${session}.\uffff`);
    const places = (await result(work.objectStore(EDITS).getAllKeys(ofSession))) as string[];
    const free = places.filter((place) => !others.has(place.split('.')[1]!)).sort();
    const taken = new Set(places);
    const drafts: NoteDraft[] = [];
    let unread = false;
    for (const place of free) {
      const [, tab, key, slot = ''] = place.split('.') as [string, string, NoteKey, string?];
      const kept = await quietly<KeptEdits>(work.objectStore(EDITS).get(place));
      const base = await quietly<Uint8Array>(work.objectStore(BASES).get(place));
      if (!kept || !base) {
        unread = true;
        if (tab === this.#place.tab) this.#main = newId();
        continue;
      }
      const here = tab === this.#place.tab ? slot : this.#move(work, { place, key, slot }, taken);
      if (here !== slot || tab !== this.#place.tab) {
        work.objectStore(EDITS).put(kept, this.#placeOf(key, here));
        work.objectStore(BASES).put(base, this.#placeOf(key, here));
      }
      drafts.push({ ...kept, base, slot: here, aside: here.startsWith(ASIDE) });
    }
    await ended(work);
    return { drafts: inOrder(drafts, this.#main), unread };
  }

  /** Takes a record away from where a tab that is gone left it; gives the slot it goes to. */
  #move(
    work: IDBTransaction,
    from: { place: string; key: NoteKey; slot: string },
    taken: Set<string>,
  ): string {
    work.objectStore(EDITS).delete(from.place);
    work.objectStore(BASES).delete(from.place);
    const isFree = !taken.has(this.#placeOf(from.key, from.slot));
    const slot = isFree ? from.slot : newId();
    taken.add(this.#placeOf(from.key, slot));
    return slot;
  }

  #placeOf(key: NoteKey, slot = this.#main): string {
    return this.#start + (slot ? `${key}.${slot}` : key);
  }

  /** A browser may close its database by itself, such as when somebody clears its data. */
  #openAgain() {
    openDatabase().then(
      (database) => {
        this.#database = database;
        // It may be an empty one by now.
        this.#bases.clear();
      },
      () => undefined,
    );
  }

  get #start(): string {
    return `${this.#place.session}.${this.#place.tab}.`;
  }

  #begin(): IDBTransaction {
    return this.#database.transaction([EDITS, BASES], 'readwrite');
  }
}

/** Edits as text on the shelf, for browsers without a database. */
export class ShelfEdits implements EditStore {
  readonly #shelf: Shelf;
  readonly #lasting: boolean;
  #main = '';

  /** `lasting`: whether what is on the shelf outlives the page. */
  constructor(shelf: Shelf, lasting: boolean) {
    this.#shelf = shelf;
    this.#lasting = lasting;
  }

  take(): Promise<Leftovers> {
    const drafts: NoteDraft[] = [];
    let unread = false;
    for (const [id, kept] of this.#shelf.entries<object>('note')) {
      const slot = id.split('/')[1] ?? '';
      try {
        drafts.push({ ...mapBytes(kept!, unpack), slot, aside: slot.startsWith(ASIDE) });
      } catch {
        unread = true;
        this.#main = newId();
      }
    }
    return Promise.resolve({ drafts: inOrder(drafts, this.#main), unread });
  }

  put(draft: NoteDraft): Promise<boolean> {
    const { slot, aside: _aside, ...edits } = draft;
    const packed = mapBytes(edits, pack);
    const kept = this.#shelf.put('note', this.#placeOf(draft.key, slot), packed);
    return Promise.resolve(kept && this.#lasting);
  }

  drop(key: NoteKey, slot?: string): Promise<void> {
    this.#shelf.drop('note', this.#placeOf(key, slot));
    return Promise.resolve();
  }

  async merged({ key, slot = '' }: NoteDraft): Promise<void> {
    if (slot !== this.#main) await this.drop(key, slot);
  }

  spare({ slot = '' }: NoteDraft) {
    if (slot === this.#main) this.#main = newId();
  }

  setAside(draft: NoteDraft): Promise<NoteDraft> {
    return setAside(this, draft);
  }

  #placeOf(key: NoteKey, slot = this.#main): string {
    return slot ? `${key}/${slot}` : key;
  }
}

/** What is written to now comes first: it is what goes on, and the others join it. */
function inOrder(drafts: readonly NoteDraft[], main: string): NoteDraft[] {
  return [...drafts].sort((a, b) => Number(a.slot !== main) - Number(b.slot !== main));
}

async function setAside(store: EditStore, draft: NoteDraft): Promise<NoteDraft> {
  if (draft.aside) return draft;
  const moved = { ...draft, slot: ASIDE + newId(), aside: true };
  if (await store.put(moved)) await store.drop(draft.key, draft.slot ?? '');
  return moved;
}

/** What a record holds; null if that cannot be read, which is no reason to give up the others. */
function quietly<T>(reading: IDBRequest): Promise<T | null> {
  return new Promise((resolve) => {
    reading.onsuccess = () => resolve(reading.result as T);
    reading.onerror = (event) => {
      event.preventDefault();
      resolve(null);
    };
  });
}

const pack = (bytes: Uint8Array | string) => toBase64(bytes as Uint8Array);
const unpack = (text: Uint8Array | string) => fromBase64(text as string);

function mapBytes(
  kept: object,
  change: (bytes: Uint8Array | string) => Uint8Array | string,
): NoteDraft {
  const { base, since, own, ...head } = kept as NoteDraft;
  const { onTheWay } = own;
  return {
    ...head,
    base: change(base),
    since: since?.map(change),
    own: {
      acknowledged: own.acknowledged.map(change),
      onTheWay: onTheWay && { ...onTheWay, update: change(onTheWay.update) },
      waiting: own.waiting.map(change),
    },
  } as NoteDraft;
}

function openDatabase(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(EDITS);
    opening.result.createObjectStore(BASES);
  };
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error('the database does not open')), OPEN_WITHIN_MS),
  );
  return Promise.race([result(opening), late]);
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the database refused'));
  });
}

function ended(work: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    work.oncomplete = () => resolve();
    work.onabort = () => reject(work.error ?? new Error('the database gave up'));
  });
}
