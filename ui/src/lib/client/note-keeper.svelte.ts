import type { NoteKey } from '../protocol';
import type { EditStore, NoteDraft } from './edit-store';

/**
 * An edit that is answered sooner is not written to the device at all. Once one is not, everything
 * is written as it is typed.
 */
const KEEP_MS = 20;

/** Keeps what the host lacks of a note on this device, as long as it lacks it. */
export class NoteKeeper {
  /** Whether this device has no room for it. */
  unkept = $state(false);
  readonly #edits: EditStore;
  readonly #key: NoteKey;
  /** What has to be kept now; null: nothing. */
  readonly #draft: () => NoteDraft | null;
  /** Whether something is on the device, or about to be. */
  #kept = false;
  #keeping: Promise<boolean> | null = null;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(edits: EditStore, key: NoteKey, draft: () => NoteDraft | null) {
    this.#edits = edits;
    this.#key = key;
    this.#draft = draft;
  }

  /** Something changed; the host may well have it in a moment. */
  soon() {
    if (this.#kept && !this.unkept) return void this.#keep();
    // Not put off by further typing: somebody who does not pause is kept all the same.
    this.#timer ??= setTimeout(() => this.now(), KEEP_MS);
  }

  /** Writes at once, or forgets what the host has by now: the page may be gone in a moment. */
  now() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const draft = this.#draft();
    if (draft) return void this.#write(draft);
    if (this.#kept) void this.#edits.drop(this.#key);
    this.#kept = false;
    this.unkept = false;
  }

  /** The host has everything: what is on the device is not needed any more. */
  rest() {
    if (this.#kept) this.now();
  }

  /** What a draft of an earlier page holds is part of the note now. */
  async inPlaceOf(draft: NoteDraft) {
    this.#kept = true;
    if (await this.#keep()) await this.#edits.merged(draft);
  }

  close() {
    clearTimeout(this.#timer);
  }

  /** One writing at a time; what changes meanwhile is in the next. */
  #keep(): Promise<boolean> {
    this.#again = this.#keeping !== null;
    return (this.#keeping ??= this.#keepAll());
  }

  async #keepAll(): Promise<boolean> {
    let kept = true;
    do {
      this.#again = false;
      const draft = this.#draft();
      if (draft) kept = await this.#write(draft);
    } while (this.#again);
    this.#keeping = null;
    return kept;
  }

  async #write(draft: NoteDraft): Promise<boolean> {
    this.#kept = true;
    const kept = await this.#edits.put(draft);
    this.unkept = !kept && this.#kept;
    return kept;
  }
}
