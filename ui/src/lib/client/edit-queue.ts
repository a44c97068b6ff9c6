import { mergeUpdates } from 'yjs';
import { newId } from '../shared/new-id';

/** An edit that was sent; sent again, it keeps its id. */
export interface Edit {
  id: string;
  update: Uint8Array;
}

/** One's own edits that the host's feed has not brought back yet, in the order they were made. */
export interface OwnEdits {
  /** Acknowledged, not come back yet. */
  acknowledged: Uint8Array[];
  onTheWay: Edit | null;
  waiting: Uint8Array[];
}

/** More than these are merged, so that hours of typing while away stay few. */
const MOST_WAITING = 64;

/**
 * One edit on its way at a time; what is typed meanwhile is merged behind it. An acknowledged edit
 * is kept until it has come back: only then is it part of what the page could begin from again.
 */
export class EditQueue {
  #acknowledged: { version: number; update: Uint8Array }[] = [];
  #onTheWay: Edit | null = null;
  #waiting: Uint8Array[] = [];

  /** Whether the host lacks something. */
  get unsent(): boolean {
    return this.#onTheWay !== null || this.#waiting.length > 0;
  }

  /** Whether everything has come back. */
  get done(): boolean {
    return !this.unsent && this.#acknowledged.length === 0;
  }

  /** What has to be kept in case the page is gone. */
  own(): OwnEdits {
    return {
      acknowledged: this.#acknowledged.map((edit) => edit.update),
      onTheWay: this.#onTheWay,
      waiting: [...this.#waiting],
    };
  }

  /** Goes on with what an earlier page kept. */
  resume(own: OwnEdits) {
    this.#onTheWay = own.onTheWay;
    this.#waiting = [...own.waiting];
  }

  add(update: Uint8Array) {
    this.#waiting.push(update);
    if (this.#waiting.length > MOST_WAITING) this.#waiting = [mergeUpdates(this.#waiting)];
  }

  /** The edit to send: the one that was not answered, or all that waits. */
  next(): Edit | null {
    if (!this.#onTheWay && this.#waiting.length > 0) {
      this.#onTheWay = { id: newId(), update: mergeUpdates(this.#waiting) };
      this.#waiting = [];
    }
    return this.#onTheWay;
  }

  /** The edit on its way is in this version. */
  acknowledge(version: number) {
    if (this.#onTheWay) this.#acknowledged.push({ version, update: this.#onTheWay.update });
    this.#onTheWay = null;
  }

  /** The edit on its way is somebody else's to send by now; gives what was in it. */
  handOver(): Uint8Array | null {
    const update = this.#onTheWay?.update ?? null;
    this.#onTheWay = null;
    return update;
  }

  /** The edit on its way was refused: it is sent again with what is typed next. */
  putBack() {
    if (this.#onTheWay) this.#waiting.unshift(this.#onTheWay.update);
    this.#onTheWay = null;
  }

  /** Everything up to this version has come. */
  reached(version: number) {
    this.#acknowledged = this.#acknowledged.filter((edit) => edit.version > version);
  }

  clear() {
    this.#acknowledged = [];
    this.#onTheWay = null;
    this.#waiting = [];
  }
}
