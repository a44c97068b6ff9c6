import type { ChangeSet } from '@codemirror/state';
import * as Y from 'yjs';
import { carryChanges } from './text-merge';

/** Where a change came from that is not to be sent. */
const FROM_HOST = Symbol('from the host');
const KEPT = Symbol('kept by an earlier page');
/** A change to the whole text that somebody asked for. */
const ASKED = Symbol('asked for');

export interface TextListener {
  /** The person changed something: this is what. */
  onEdit(update: Uint8Array): void;
  /** Anything changed. */
  onChange(): void;
}

/**
 * A note's text while it is open, twice: as the host has it, and as it stands in the editor with
 * one's own edits in it. What the two differ by is what the host lacks, whatever became of the
 * single edits.
 */
export class LiveText {
  readonly doc = new Y.Doc();
  readonly text = this.doc.getText('body');
  /** Undoes what was typed here, never what others wrote. */
  readonly undo = new Y.UndoManager(this.text, { trackedOrigins: new Set([ASKED]) });
  readonly #host = new Y.Doc();

  constructor(hostState: Uint8Array, listener: TextListener) {
    this.takeIn(hostState);
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== FROM_HOST && origin !== KEPT) listener.onEdit(update);
      listener.onChange();
    });
  }

  /** What stands in the editor. */
  get body(): string {
    return this.text.toJSON();
  }

  /** What the host has, as far as it was told. */
  get hostBody(): string {
    return this.#host.getText('body').toJSON();
  }

  /** All that the host has, as one update. */
  hostState(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#host);
  }

  /** An edit that the host has. */
  takeIn(update: Uint8Array) {
    Y.applyUpdate(this.#host, update, FROM_HOST);
    Y.applyUpdate(this.doc, update, FROM_HOST);
  }

  /** Whether the host's text has all of this in it. */
  hostHas(state: Uint8Array): boolean {
    const before = Y.encodeStateVector(this.#host);
    const both = new Y.Doc();
    Y.applyUpdate(both, Y.encodeStateAsUpdate(this.#host));
    Y.applyUpdate(both, state);
    const after = Y.encodeStateVector(both);
    const whole = both.store.pendingStructs === null;
    both.destroy();
    return (
      whole && before.length === after.length && before.every((byte, at) => byte === after[at])
    );
  }

  /** An edit of one's own that another tab made and did not send; it goes to the host from here. */
  join(update: Uint8Array) {
    Y.applyUpdate(this.doc, update);
  }

  /** An edit of one's own that an earlier page kept. */
  takeBack(update: Uint8Array) {
    Y.applyUpdate(this.doc, update, KEPT);
  }

  /**
   * Writes what `other` has and its host lacks, as a new edit. For what cannot be sent as it is:
   * the host refused it, or has another history by now.
   */
  offer(other: LiveText) {
    this.#write(carryChanges(this.body, other.hostBody, other.body));
  }

  /**
   * Writes what leads from one text to another into this one, which went on from the first; for
   * who undoes it, this is one step. What is given back undoes just that, as long as nothing was
   * typed here since: it says whether it did.
   */
  carryOver(from: string, to: string): () => boolean {
    this.undo.stopCapturing();
    this.#write(carryChanges(this.body, from, to), ASKED);
    this.undo.stopCapturing();
    const step = this.undo.undoStack.at(-1);
    return () => {
      if (this.undo.undoStack.at(-1) !== step) return false;
      return this.undo.undo() !== null;
    };
  }

  /** Puts words at a place, as one step to undo. */
  insert(at: number, words: string) {
    this.undo.stopCapturing();
    this.doc.transact(() => this.text.insert(at, words), ASKED);
    this.undo.stopCapturing();
  }

  /** Ticks the task whose box begins at a place, or takes the tick away; false if none is there. */
  tick(at: number, ticked: boolean): boolean {
    if (!/^\[[ xX]\]$/.test(this.body.slice(at, at + 3))) return false;
    this.undo.stopCapturing();
    this.doc.transact(() => {
      this.text.insert(at + 1, ticked ? 'x' : ' ');
      this.text.delete(at + 2, 1);
    }, ASKED);
    this.undo.stopCapturing();
    return true;
  }

  destroy() {
    this.undo.destroy();
    this.doc.destroy();
    this.#host.destroy();
  }

  #write(changes: ChangeSet, origin?: symbol) {
    if (changes.empty) return;
    this.doc.transact(() => {
      let moved = 0;
      changes.iterChanges((from, to, _fromB, _toB, inserted) => {
        const insert = inserted.toString();
        if (to > from) this.text.delete(from + moved, to - from);
        if (insert) this.text.insert(from + moved, insert);
        moved += insert.length - (to - from);
      });
    }, origin);
  }
}
