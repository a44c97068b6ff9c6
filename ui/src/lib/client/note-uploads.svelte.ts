import * as Y from 'yjs';
import type { Files } from '../platform';
import type { Code, RoomId, StoredFile } from '../protocol';
import { newId } from '../shared/new-id';
import { Refusal } from '../shared/refusal';
import { FINAL } from './connection.svelte';
import type { LiveText } from './live-text';

/** What uploads need of the note and the session around them. */
export interface UploadSurroundings {
  files: Files;
  /** The room that the note is in now. */
  room(): RoomId | undefined;
  /** The most bytes that the host takes. */
  most(): number | undefined;
  live(): LiveText | null;
}

const TRY_AGAIN_MS = 4_000;

/** A file on its way into a note; it stands for itself in the text until it is there. */
export class Upload {
  readonly id = newId();
  readonly name: string;
  readonly file: Blob;
  readonly isPicture: boolean;
  /** It is to have a line to itself. */
  readonly ownLine: boolean;
  /** Between which letters it belongs, whatever is typed around it. */
  place: Y.RelativePosition;
  state = $state<'waiting' | 'sending' | 'failed'>('waiting');
  /** How much of it the host has, of 1. */
  progress = $state(0);
  /** Why the host does not take it. */
  refused = $state<{ code: Code; message: string } | null>(null);
  readonly ending = new AbortController();

  constructor(file: File, place: Y.RelativePosition, ownLine: boolean) {
    this.file = file;
    this.place = place;
    this.ownLine = ownLine;
    this.isPicture = file.type.startsWith('image/');
    this.name = file.name || (this.isPicture ? 'picture' : 'file');
  }
}

/** Pictures and files that were pasted or dropped into a note: sent one after the other. */
export class NoteUploads {
  all = $state.raw<readonly Upload[]>([]);
  /** Where a link comes into the text in this moment. */
  landing: { at: number; end: number } | null = null;
  readonly #around: UploadSurroundings;
  #busy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(around: UploadSurroundings) {
    this.#around = around;
  }

  /** How large a file may be. */
  get most_mib(): number {
    return Math.floor((this.#around.most() ?? 0) / 1_048_576);
  }

  /** Files go where `at` is in the text now, each on a line of its own if `ownLine`. */
  add(files: readonly File[], at: number, ownLine = false) {
    const live = this.#around.live();
    if (!live) return;
    const place = placeAt(live, at);
    const added = files.map((file) => new Upload(file, place, ownLine));
    for (const upload of added) this.#checkSize(upload);
    this.all = [...this.all, ...added];
    void this.go();
  }

  /** Where it belongs in the text now. */
  indexOf(upload: Upload): number {
    const live = this.#around.live();
    if (!live) return 0;
    const found = Y.createAbsolutePositionFromRelativePosition(upload.place, live.doc);
    return found?.type === live.text ? found.index : live.text.length;
  }

  /** Goes on with what waits: the host may be back. */
  async go() {
    clearTimeout(this.#timer);
    if (this.#busy) return;
    this.#busy = true;
    for (let upload = this.#next(); upload; upload = this.#next()) {
      if (!(await this.#send(upload))) break;
    }
    this.#busy = false;
    if (this.#next()) this.#timer = setTimeout(() => void this.go(), TRY_AGAIN_MS);
  }

  retry(upload: Upload) {
    upload.refused = null;
    upload.state = 'waiting';
    void this.go();
  }

  discard(upload: Upload) {
    upload.ending.abort();
    this.all = this.all.filter((other) => other !== upload);
  }

  close() {
    clearTimeout(this.#timer);
    for (const upload of this.all) upload.ending.abort();
  }

  #next(): Upload | undefined {
    return this.all.find((upload) => upload.state === 'waiting');
  }

  #checkSize(upload: Upload) {
    const most = this.#around.most();
    if (most === undefined || upload.file.size <= most) return;
    upload.state = 'failed';
    upload.refused = { code: 'too_large', message: '' };
  }

  /** False if it has to wait, and all behind it too. */
  async #send(upload: Upload): Promise<boolean> {
    const room = this.#around.room();
    if (room === undefined) return false;
    const { id, name, file: bytes, ending } = upload;
    upload.state = 'sending';
    const onprogress = (progress: number) => (upload.progress = progress);
    try {
      const sending = { room, name, id, bytes, signal: ending.signal, onprogress };
      const stored = await this.#around.files.send(sending);
      if (this.all.includes(upload)) this.#finish(upload, room, stored);
      return true;
    } catch (thrown) {
      return this.#onFailed(upload, Refusal.from(thrown));
    }
  }

  #onFailed(upload: Upload, { code, message }: Refusal): boolean {
    upload.progress = 0;
    upload.state = 'waiting';
    if (!this.all.includes(upload)) return true;
    if (code === 'offline' || code === 'rate_limited') return false;
    if (FINAL.has(code) || code === 'storage_full' || code === 'internal') {
      upload.state = 'failed';
      upload.refused = { code, message };
      return true;
    }
    return false;
  }

  #finish(upload: Upload, room: RoomId, { hash, name, type }: StoredFile) {
    const words = name.replace(/[[\]\\\n]/g, ' ');
    const mark = type.startsWith('image/') ? '!' : '';
    const link = `${mark}[${words}](/files/${room}/${hash})`;
    const live = this.#around.live();
    const at = this.indexOf(upload);
    this.all = this.all.filter((other) => other !== upload);
    if (!live) return;
    const written = upload.ownLine ? asLine(link, live.body, at) : link;
    const behind = this.all.filter((other) => this.indexOf(other) === at);
    this.landing = { at, end: at + written.length };
    live.insert(at, written);
    this.landing = null;
    for (const other of behind) other.place = placeAt(live, at + written.length);
  }
}

/** With the breaks that it lacks at this place of `text` to be a line of its own. */
function asLine(link: string, text: string, at: number): string {
  const before = at > 0 && text[at - 1] !== '\n' ? '\n' : '';
  const after = at < text.length && text[at] !== '\n' ? '\n' : '';
  return before + link + after;
}

/** Bound to what stands before: what is typed on comes behind the file. */
function placeAt(live: LiveText, at: number): Y.RelativePosition {
  return Y.createRelativePositionFromTypeIndex(live.text, at, -1);
}
