import type { Files } from '../platform';
import type {
  Code,
  Fact,
  MemberId,
  Note,
  NoteCheck,
  NoteKey,
  NoteOpened,
  RoomId,
  RunId,
} from '../protocol';
import { Refusal } from '../shared/refusal';
import { crc32, fromBase64 } from './bytes';
import type { Connection } from './connection.svelte';
import { FINAL, PATIENCE_MS } from './connection.svelte';
import type { EditStore, NoteDraft } from './edit-store';
import { LiveText } from './live-text';
import { NoteCursors } from './note-cursors';
import { NoteKeeper } from './note-keeper.svelte';
import { joinDraft, updatesOf } from './note-leftovers';
import { NoteSender } from './note-sender.svelte';
import { NoteUploads } from './note-uploads.svelte';

/** What an open note needs of the session around it. */
export interface NoteSurroundings {
  call: Connection['call'];
  /** Says something that may be lost. */
  tell: Connection['tell'];
  edits: EditStore;
  files: Files;
  roomOf(key: NoteKey): RoomId | undefined;
  /** The most bytes of a file that the host takes. */
  fileBytes(): number | undefined;
  /** The most bytes that the host takes at once. */
  messageBytes(): number | undefined;
  /** The history that what is heard now belongs to. */
  run(): RunId | undefined;
  you(): MemberId | undefined;
  /** Whether the host has at once what is sent; otherwise a joined app keeps it. */
  live(): boolean;
  /** Closes what needs not be open any more: the host lets only so many notes be. */
  makeRoom(): void;
  /** Every note the host answers, so that lists know its version. */
  onNote(note: Note): void;
}

export type NoteStatus = 'loading' | 'ready' | 'failed';
type EditFact = Extract<Fact, { name: 'noteedited' }>;

/** More than this is not kept beside the text that it changes; the text is then taken anew. */
const MOST_SINCE = 200;
const LONGEST_SINCE = 16_384;
const TRY_AGAIN_MS = 3_000;
/**
 * A note that is open for writing together. Every edit goes to the host at once, one on the way at
 * a time, and everything that others write comes in as it happens.
 */
export class OpenNote {
  readonly key: NoteKey;
  readonly cursors: NoteCursors;
  readonly uploads: NoteUploads;
  status = $state<NoteStatus>('loading');
  /** Why it could not be opened. */
  failure = $state<Refusal | null>(null);
  /** The text; another object when it had to be begun afresh. */
  live = $state.raw<LiveText | null>(null);
  /** What earlier pages kept and nobody can read in whole; it waits for the person to decide. */
  aside = $state.raw<readonly NoteDraft[]>([]);
  /** Whether a page shows it. */
  shown = false;

  readonly #around: NoteSurroundings;
  readonly #sender: NoteSender;
  #changes = $state(0);
  #version = 0;
  #run: RunId | undefined;
  /** The host's text for who comes after this page; made seldom, because it takes long of a long note. */
  #base: Uint8Array | null = null;
  /** What the host told since then. */
  #since: Uint8Array[] = [];
  #opening: AbortController | null = null;
  /** Edits that were told before the answer they follow was taken in. */
  #early: EditFact[] = [];
  /** What is known here has no meaning for the host any more. */
  #afresh = false;
  /** What other tabs left of this note; it joins once the host's text is there. */
  #later: NoteDraft[] = [];
  /** Nothing is sent before the note is open on this connection. */
  #held = false;
  readonly #keeper: NoteKeeper;
  #complained = false;
  #closed = false;
  #openTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(key: NoteKey, around: NoteSurroundings, drafts: readonly NoteDraft[] = []) {
    this.key = key;
    this.#around = around;
    this.cursors = new NoteCursors(key, around);
    this.uploads = new NoteUploads({
      files: around.files,
      room: () => around.roomOf(key),
      most: () => around.fileBytes(),
      live: () => this.live,
    });
    this.#keeper = new NoteKeeper(around.edits, key, () => this.#draft());
    this.#sender = new NoteSender({
      key,
      call: around.call,
      live: () => around.live(),
      messageBytes: () => around.messageBytes(),
      ready: () => !this.#held && !this.#opening,
      body: () => this.live?.body ?? '',
      offerAgain: () => this.#offerAgain(),
      onKept: (update) => this.#takeInBytes(update),
      onChange: () => this.#keeper.soon(),
      onSent: () => this.#onSent(),
    });
    this.aside = drafts.filter((draft) => draft.aside);
    this.#later = drafts.filter((draft) => !draft.aside);
    this.#resume();
    void this.#open();
  }

  /** The text as it stands in the editor. */
  get body(): string {
    return this.#changes >= 0 && this.live ? this.live.body : '';
  }

  /** Whether the host lacks something of it. */
  get dirty(): boolean {
    return this.#sender.dirty;
  }

  /** The host refuses it as it is; changing it tries again. */
  get refused(): NoteSender['refused'] {
    return this.#sender.refused;
  }

  /** The host could not take it just now, for a reason of its own; it is tried again. */
  get trouble(): Code | null {
    return this.#sender.trouble;
  }

  /** Whether something that earlier pages left has not found its way yet. */
  get waits(): boolean {
    return this.#later.length > 0 || this.aside.length > 0 || this.uploads.all.length > 0;
  }

  get version(): number {
    return this.#version;
  }

  /** Opens the note at the host again: the connection is another one, or the person asked. */
  refresh() {
    void this.#open();
  }

  /**
   * The connection is another one. What was on its way goes out again, under its id, once the note
   * is open: only then is it known that the host has the history that the edit was made in.
   */
  hold() {
    this.#held = true;
    this.#sender.interrupt();
  }

  /** The host's history is another one than before: one's own is offered to it as a difference. */
  startOver() {
    this.hold();
    this.#afresh = true;
    void this.#open();
  }

  /**
   * The host did not accept what a joined app had kept for it, and the app has taken it out of the
   * text; what was typed since is still there to be sent.
   */
  takeOut() {
    this.startOver();
  }

  /** An edit as the host tells it, one's own included. */
  hear(fact: EditFact) {
    if (this.#opening) this.#early.push(fact);
    else this.#takeIn(fact);
  }

  /** The host says what the text must come to. */
  check({ version, crc32: expected }: NoteCheck) {
    if (!this.live || this.#opening || version !== this.#version || !this.#sender.done) return;
    if (crc32(this.live.body) === expected) return;
    if (!this.#complained) {
      this.#complained = true;
      // eslint-disable-next-line no-console -- whoever looks for the cause has nothing else to go by
      console.warn(`Note ${this.key} differs from the host's at version ${version}.`);
    }
    this.#afresh = true;
    void this.#open();
  }

  /** The note is out of sight; what the host lacks of it can only be copied. */
  lose(refusal: Refusal) {
    for (const draft of this.#later.splice(0)) this.#setAside(draft);
    if (this.dirty) this.#sender.refuse(refusal);
    else {
      this.failure = refusal;
      this.status = 'failed';
    }
  }

  /** Writes what is unsent to this device at once: the page may be gone in a moment. */
  keepNow() {
    if (this.live && !this.#closed) this.#keeper.now();
  }

  /** Whether this device has no room to keep what is unsent. */
  get unkept(): boolean {
    return this.#keeper.unkept;
  }

  /** Something that could not be read; the person has what they want of it. */
  dropAside(draft: NoteDraft) {
    this.aside = this.aside.filter((other) => other !== draft);
    void this.#around.edits.drop(this.key, draft.slot);
  }

  /** Forgets what is unsent; the person decided so. */
  discard() {
    this.close();
    void this.#around.edits.drop(this.key);
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#opening?.abort();
    this.#sender.close();
    this.cursors.close();
    this.uploads.close();
    this.#keeper.close();
    clearTimeout(this.#openTimer);
  }

  /** Goes on with what this tab, or one that is gone, left. */
  #resume() {
    const draft = this.#later[0];
    if (!draft || !this.#isMine(draft)) return;
    this.#later.shift();
    try {
      this.#version = draft.version;
      this.#run = draft.run;
      const live = this.#begin(draft.base);
      for (const update of draft.since ?? []) live.takeIn(update);
      for (const update of updatesOf(draft)) live.takeBack(update);
      this.#sender.resume(draft.own);
      this.status = 'ready';
      void this.#keeper.inPlaceOf(draft);
    } catch {
      // What cannot be read must not keep the note from opening.
      this.#sender.clear();
      this.live = null;
      this.#version = 0;
      this.#setAside(draft);
      this.#resume();
    }
  }

  /** What other tabs left comes to the host as this one's. */
  #joinLater() {
    for (const draft of this.#later.splice(0)) {
      try {
        joinDraft(this.live!, draft, this.#isMine(draft));
      } catch {
        this.#setAside(draft);
        continue;
      }
      if (this.#sender.done) void this.#around.edits.drop(this.key, draft.slot);
      else void this.#keeper.inPlaceOf(draft);
    }
  }

  #isMine(draft: NoteDraft): boolean {
    return draft.member === undefined || draft.member === this.#around.you();
  }

  #setAside(draft: NoteDraft) {
    void this.#around.edits.setAside(draft).then((moved) => (this.aside = [...this.aside, moved]));
  }

  async #open() {
    if (this.#closed) return;
    clearTimeout(this.#openTimer);
    this.#opening?.abort();
    const opening = (this.#opening = new AbortController());
    this.#early = [];
    this.cursors.forget();
    const known = this.live && !this.#afresh && this.#version > 0;
    const since = known ? { since_version: this.#version, run: this.#run } : {};
    try {
      const options = { patience_ms: PATIENCE_MS, signal: opening.signal };
      const opened = await this.#around.call('note:open', { key: this.key, ...since }, options);
      if (opening === this.#opening && !this.#closed) this.#onOpened(opened);
    } catch (thrown) {
      if (opening === this.#opening && !this.#closed) this.#onNotOpened(Refusal.from(thrown));
    }
  }

  #onOpened({ note, version, update }: NoteOpened) {
    this.#sender.refused = null;
    this.#opening = null;
    this.#held = false;
    this.#around.onNote(note);
    const bytes = fromBase64(update);
    if (!this.live || this.#afresh) this.#beginAfresh(bytes);
    else this.#takeInBytes(bytes);
    this.#afresh = false;
    this.#reach(version);
    for (const fact of this.#early.splice(0)) this.hear(fact);
    this.failure = null;
    this.status = 'ready';
    this.cursors.tellAgain();
    this.#joinLater();
    this.#sender.send();
    void this.uploads.go();
  }

  #onNotOpened(refusal: Refusal) {
    this.#opening = null;
    if (refusal.code === 'diverged' && !this.#afresh) return this.startOver();
    // Not the note: too many are open.
    const isCrowded = refusal.code === 'too_large';
    const isFinal = FINAL.has(refusal.code) && !isCrowded;
    if (this.live && isFinal) return this.lose(refusal);
    this.failure = refusal;
    if (this.status === 'loading') this.status = 'failed';
    clearTimeout(this.#openTimer);
    if (isCrowded) this.#around.makeRoom();
    if (!isFinal) {
      this.#openTimer = setTimeout(() => void this.#open(), TRY_AGAIN_MS);
    }
  }

  #takeIn(fact: EditFact) {
    if (!this.live || this.#opening) return;
    // In the app's text, and in no version of the host's yet.
    if (fact.pending) return this.#takeInBytes(fromBase64(fact.update));
    if (fact.version <= this.#version) return;
    // Something is missing in between: the host tells all since then.
    if (fact.version > this.#version + 1) return void this.#open();
    this.#takeInBytes(fromBase64(fact.update));
    this.#reach(fact.version);
  }

  #takeInBytes(bytes: Uint8Array) {
    this.live?.takeIn(bytes);
    if (!this.#base) return;
    this.#since.push(bytes);
    if (this.#since.length > MOST_SINCE || bytes.length > LONGEST_SINCE) this.#base = null;
  }

  #reach(version: number) {
    this.#version = version;
    this.#run = this.#around.run();
    this.#sender.reached(version);
    if (this.#sender.done) this.#keeper.rest();
  }

  #begin(hostState: Uint8Array): LiveText {
    const live = new LiveText(hostState, {
      onEdit: (update) => {
        if (live === this.live) this.#sender.add(update);
      },
      onChange: () => (this.#changes += 1),
    });
    this.live = live;
    this.#base = null;
    this.#changes += 1;
    return live;
  }

  /** Takes the host's text, and offers it what only stands here. */
  #beginAfresh(hostState: Uint8Array) {
    const before = this.live;
    this.#sender.clear();
    const live = this.#begin(hostState);
    if (before) {
      live.offer(before);
      before.destroy();
    }
    this.#keeper.soon();
  }

  /** As `#beginAfresh`, where the host's text is known already. */
  #offerAgain() {
    if (this.live) this.#beginAfresh(this.live.hostState());
  }

  #onSent() {
    this.#sender.reached(this.#version);
    if (this.#sender.done) this.#keeper.now();
  }

  #hostState(): Uint8Array {
    if (this.#base) return this.#base;
    this.#since = [];
    return (this.#base = this.live!.hostState());
  }

  /** What has to be kept; null where the host has everything. */
  #draft(): NoteDraft | null {
    if (!this.live || this.#closed || this.#sender.done) return null;
    const [key, run, version] = [this.key, this.#run, this.#version];
    const member = this.#around.you();
    const base = this.#hostState();
    const own = this.#sender.own();
    return { key, run, version, member, base, since: [...this.#since], own };
  }
}
