import { SvelteMap } from 'svelte/reactivity';
import type { Cursors, Fact, MemberId, NoteCheck, NoteKey, RefusedCall } from '../protocol';
import { Refusal } from '../shared/refusal';
import type { Leftovers, NoteDraft } from './edit-store';
import { OpenNote, type NoteSurroundings } from './open-note.svelte';
import { salvage } from './salvage';

/** The notes that are open or have unsent edits. One that is left unsent goes on sending. */
export class NoteDesk {
  readonly #around: NoteSurroundings;
  readonly #notes = new SvelteMap<NoteKey, OpenNote>();
  /** What earlier pages left, until it is known who is here. */
  #left = $state.raw<readonly NoteDraft[]>([]);
  /** Something that earlier pages left could not be fetched. */
  readonly unread: boolean;

  constructor(around: Omit<NoteSurroundings, 'makeRoom'>, { drafts, unread }: Leftovers) {
    this.#around = { ...around, makeRoom: () => this.#clear() };
    this.#left = drafts;
    this.unread = unread;
  }

  /** How many have something that the host lacks. */
  get unsaved(): number {
    const left = new Set(this.#left.map((draft) => draft.key));
    return left.size + [...this.#notes.values()].filter((note) => note.dirty).length;
  }

  /**
   * Goes on with what earlier pages of this person left. What others left, who used this browser
   * before, stays where it is: it may be of rooms that this person cannot see.
   */
  takeOver(isMine: (member: MemberId | undefined) => boolean) {
    const mine = new Map<NoteKey, NoteDraft[]>();
    for (const draft of this.#left) {
      if (isMine(draft.member)) mine.set(draft.key, [...(mine.get(draft.key) ?? []), draft]);
      else this.#around.edits.spare(draft);
    }
    this.#left = [];
    for (const [key, drafts] of mine) this.#place(key, drafts);
  }

  /** Notes whose text the host refuses as it is. */
  get refused(): OpenNote[] {
    return [...this.#notes.values()].filter((note) => note.refused);
  }

  /** Whether files are on their way, which no device keeps. */
  get uploading(): boolean {
    return [...this.#notes.values()].some((note) => note.uploads.all.length > 0);
  }

  /** Whether this device has no room for what is unsent. */
  get unkept(): boolean {
    return [...this.#notes.values()].some((note) => note.unkept);
  }

  /** The note if it is open or has unsent edits. */
  find(key: NoteKey): OpenNote | null {
    return this.#notes.get(key) ?? null;
  }

  /** The texts of the notes that are here. */
  texts(): Map<NoteKey, string> {
    const ready = [...this.#notes].filter(([, note]) => note.status === 'ready');
    return new Map(ready.map(([key, note]) => [key, note.body]));
  }

  unsavedTexts(): string[] {
    const dirty = [...this.#notes.values()].filter((note) => note.dirty);
    return [...dirty.map((note) => note.body), ...this.#left.map(salvage)];
  }

  /** Opens a note for a page that shows it, until `leave`. */
  open(key: NoteKey): OpenNote {
    const note = this.#notes.get(key) ?? this.#place(key, []);
    if (note.status === 'failed') note.refresh();
    note.shown = true;
    this.#clear();
    return note;
  }

  /** The page does not show it any more. */
  leave(note: OpenNote) {
    note.shown = false;
    note.keepNow();
    // Its text and its history are two views of one note: the next one goes on with it, undo
    // included.
    setTimeout(() => this.#clear());
  }

  hear(fact: Fact) {
    switch (fact.name) {
      case 'noteedited':
        return this.#notes.get(fact.key)?.hear(fact);
      case 'noterestored':
      case 'notemoved':
        return this.#notes.get(fact.note.key)?.refresh();
      case 'noteleft':
      case 'notepurged':
        return this.#notes.get(fact.key)?.lose(outOfSight());
    }
  }

  /** The host did not accept what waited: a call that made this note, or wrote into it. */
  takeOut({ name, payload }: RefusedCall, id: string) {
    const { key } = payload as { key?: NoteKey };
    if (name === 'note:edit' && key) this.#notes.get(key)?.takeOut();
    if (name === 'note:create') this.#notes.get(id)?.lose(outOfSight());
  }

  hearCursors(cursors: Cursors) {
    this.#notes.get(cursors.key)?.cursors.hear(cursors);
  }

  check(check: NoteCheck) {
    this.#notes.get(check.key)?.check(check);
  }

  /** The connection is another one; nothing is sent until `refresh`. */
  hold() {
    for (const note of this.#notes.values()) note.hold();
  }

  /** The connection is back: what others wrote meanwhile is fetched. */
  refresh() {
    this.#clear();
    for (const note of this.#notes.values()) note.refresh();
  }

  /** The host's history is another one than before. */
  startOver() {
    for (const note of this.#notes.values()) note.startOver();
  }

  discard(key: NoteKey) {
    this.#notes.get(key)?.discard();
    this.#notes.delete(key);
  }

  /** The page may be gone in a moment. */
  keepAll() {
    for (const note of this.#notes.values()) note.keepNow();
  }

  close() {
    for (const note of this.#notes.values()) note.close();
  }

  #place(key: NoteKey, drafts: readonly NoteDraft[]): OpenNote {
    const note = new OpenNote(key, this.#around, drafts);
    this.#notes.set(key, note);
    return note;
  }

  /** Lets go of what no page shows and has nothing left to send. */
  #clear() {
    for (const [key, note] of this.#notes) {
      if (note.dirty || note.shown || note.waits) continue;
      note.close();
      this.#notes.delete(key);
      this.#around.call('note:close', { key }).catch(() => undefined);
    }
  }
}

function outOfSight(): Refusal {
  return new Refusal({ code: 'not_found', message: 'The note is not here any more.' });
}
