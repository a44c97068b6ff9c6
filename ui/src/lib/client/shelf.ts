import { newId } from '../shared/new-id';

/** What is kept on this device until the host has it. */
export type Kind = 'note' | 'message' | 'writing' | 'title' | 'before';

/** The part of `Storage` that is used; tests and private windows bring their own. */
export interface Store {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * Unsaved notes and titles, unsent messages and half-written ones of one session, on this device.
 *
 * In local storage, because it is written before the page is gone, whatever ends it. Every tab
 * has a part of its own, so that two tabs never send one thing twice; what a closed tab left is
 * taken over by the next one (`adopt`).
 */
export class Shelf {
  readonly #store: Store;
  readonly #session: string;
  readonly #tab: string;

  constructor(store: Store, session: string, tab: string) {
    this.#store = store;
    this.#session = session;
    this.#tab = tab;
  }

  /** False where the device has no room; the page then says so. */
  put(kind: Kind, id: string, value: unknown): boolean {
    try {
      this.#store.setItem(this.#place(this.#tab, kind, id), JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  drop(kind: Kind, id: string) {
    this.#store.removeItem(this.#place(this.#tab, kind, id));
  }

  get<T>(kind: Kind, id: string): T | null {
    return parse<T>(this.#store.getItem(this.#place(this.#tab, kind, id)));
  }

  all<T>(kind: Kind): T[] {
    return this.entries<T>(kind).flatMap(([, value]) => (value === null ? [] : [value]));
  }

  /** With their ids; null for what cannot be read. */
  entries<T>(kind: Kind): [string, T | null][] {
    const start = this.#place(this.#tab, kind, '');
    return this.#keys(start).map((key) => [
      key.slice(start.length),
      parse<T>(this.#store.getItem(key)),
    ]);
  }

  /**
   * Takes over what tabs left that are not alive. Where this tab has something for the same
   * place already, a note's edits come to lie beside it; anything else stays where it is.
   */
  adopt(alive: ReadonlySet<string>) {
    const start = `hearth.kept.${this.#session}.`;
    for (const key of this.#keys(start)) {
      const [tab, kind, id] = key.slice(start.length).split('.') as [string, Kind, string];
      let mine = this.#place(this.#tab, kind, id);
      const value = this.#store.getItem(key);
      if (tab === this.#tab || alive.has(tab) || value === null) continue;
      const isTaken = this.#store.getItem(mine) !== null;
      if (isTaken && kind !== 'note') continue;
      if (isTaken) mine = this.#place(this.#tab, kind, `${id.split('/')[0]}/${newId()}`);
      // Taken away first: storage may be too full to hold it twice.
      this.#store.removeItem(key);
      try {
        this.#store.setItem(mine, value);
      } catch {
        // Where it was there is room for it.
        this.#store.setItem(key, value);
      }
    }
  }

  #place(tab: string, kind: Kind, id: string): string {
    return `hearth.kept.${this.#session}.${tab}.${kind}.${id}`;
  }

  #keys(start: string): string[] {
    const keys = Array.from({ length: this.#store.length }, (_, index) => this.#store.key(index));
    return keys.filter((key) => key !== null && key.startsWith(start)) as string[];
  }
}

/** A store that lasts as long as the page, where the browser gives none. */
export function memoryStore(): Store {
  const values = new Map<string, string>();
  return {
    get length() {
      return values.size;
    },
    key: (index) => [...values.keys()][index] ?? null,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

/** How long other tabs have to say that they are there. */
const ROLL_CALL_MS = 150;

/**
 * This tab's name, kept over a reload, and the names of the session's other tabs. A tab that was
 * duplicated brings its original's name along and takes a new one.
 */
export async function rollCall(session: string): Promise<{ tab: string; others: Set<string> }> {
  const others = new Set<string>();
  let tab = sessionTab.read() ?? newId();
  if (typeof BroadcastChannel === 'undefined') return { tab, others };
  const channel = new BroadcastChannel(`hearth.tabs.${session}`);
  channel.onmessage = ({ data }: MessageEvent<{ here?: string }>) => {
    if (data.here) others.add(data.here);
    else channel.postMessage({ here: tab });
  };
  channel.postMessage({});
  await new Promise((done) => setTimeout(done, ROLL_CALL_MS));
  if (others.has(tab)) tab = newId();
  sessionTab.write(tab);
  return { tab, others };
}

const sessionTab = {
  read: () => {
    try {
      return sessionStorage.getItem('hearth.tab');
    } catch {
      return null;
    }
  },
  write: (tab: string) => {
    try {
      sessionStorage.setItem('hearth.tab', tab);
    } catch {
      // The tab is then a new one after a reload, and adopts what it left.
    }
  },
};

function parse<T>(text: string | null): T | null {
  try {
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}
