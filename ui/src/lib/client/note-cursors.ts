import type { Cursor, Cursors, MemberId, NoteKey } from '../protocol';
import type { Connection } from './connection.svelte';

/** Where somebody is in a note: Yjs relative positions, which stay right whatever is typed. */
export interface CursorPlace {
  anchor: unknown;
  head: unknown;
}

/** What cursors need of the session around them. */
export interface CursorSurroundings {
  tell: Connection['tell'];
  you(): MemberId | undefined;
}

/** The host passes cursors on at this pace; more would be wasted. */
const TELL_EVERY_MS = 50;

/** Others' cursors in an open note, and one's own as the others see it. */
export class NoteCursors {
  /** By socket. */
  readonly others = new Map<string, Cursor>();
  readonly #key: NoteKey;
  readonly #around: CursorSurroundings;
  #listener: ((moved: readonly string[]) => void) | null = null;
  #mine: CursorPlace | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #late = false;

  constructor(key: NoteKey, around: CursorSurroundings) {
    this.#key = key;
    this.#around = around;
  }

  /** The editor that shows them; it is told whose moved. */
  show(listener: (moved: readonly string[]) => void): () => void {
    this.#listener = listener;
    return () => {
      if (this.#listener !== listener) return;
      this.#listener = null;
      this.move(null);
    };
  }

  hear({ cursors }: Pick<Cursors, 'cursors'>) {
    const others = cursors.filter((cursor) => cursor.member !== this.#around.you());
    for (const cursor of others) {
      if (cursor.position) this.others.set(cursor.socket, cursor);
      else this.others.delete(cursor.socket);
    }
    if (others.length) this.#listener?.(others.map((cursor) => cursor.socket));
  }

  /** The connection they were told on is gone; those who are still there are told anew. */
  forget() {
    this.others.clear();
    this.#listener?.([]);
  }

  /** One's own cursor is here now; null: nowhere. */
  move(place: CursorPlace | null) {
    this.#mine = place;
    if (this.#timer !== undefined) {
      this.#late = true;
      return;
    }
    this.#tell();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#late) this.move(this.#mine);
    }, TELL_EVERY_MS);
  }

  /** Tells a new connection where one is. */
  tellAgain() {
    if (this.#mine) this.#tell();
  }

  close() {
    clearTimeout(this.#timer);
    this.#late = false;
  }

  #tell() {
    this.#late = false;
    const position = this.#mine ?? undefined;
    this.#around.tell('cursor', { key: this.#key, position });
  }
}
