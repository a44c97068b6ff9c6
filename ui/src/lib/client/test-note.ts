import * as Y from 'yjs';
import { fromBase64, toBase64 } from './bytes';
import type { Fact } from '../protocol';
import { fact, note, type TestHost, waiting } from './test-host';

/** A host's note for tests: keeps every edit, each id once, and tells it to whoever has it open. */
export class TestNote {
  edits: Uint8Array[] = [];
  doc = new Y.Doc();
  /** What the next edits are refused with. */
  refusal: { code: string; message: string; retry_after_ms?: number } | null = null;
  /** It is a joined app's, whose host is away: edits are kept and make no version. */
  keeps = false;
  readonly hosts = new Set<TestHost>();
  #kept: { id: unknown; update: Uint8Array }[] = [];
  readonly #done = new Map<unknown, object>();

  constructor(body: string) {
    this.write(0, body);
  }

  get version(): number {
    return this.edits.length;
  }

  get body(): string {
    return this.doc.getText('body').toJSON();
  }

  /** Somebody else writes. */
  write(at: number, text: string) {
    const writer = new Y.Doc();
    Y.applyUpdate(writer, Y.encodeStateAsUpdate(this.doc));
    const before = Y.encodeStateVector(writer);
    writer.getText('body').insert(at, text);
    this.#take(Y.encodeStateAsUpdate(writer, before));
  }

  /** Goes back to an earlier version and on with another history, as a restored copy does. */
  goBack(version: number) {
    const edits = this.edits.slice(0, version);
    this.edits = [];
    this.doc = new Y.Doc();
    for (const edit of edits) this.#take(edit);
    this.#done.clear();
  }

  /** The host is back and takes what was kept. */
  accept() {
    this.keeps = false;
    for (const { id, update } of this.#kept.splice(0)) this.#take(update, id);
  }

  /** The host is back and does not take what was kept. */
  refuse() {
    this.keeps = false;
    this.#kept = [];
    this.goBack(this.version);
  }

  answer = (name: string, payload: Record<string, unknown>): object => {
    if (name === 'note:open') return { ok: this.#open(payload.since_version as number) };
    if (name !== 'note:edit') return { ok: {} };
    if (this.refusal) return { error: this.refusal };
    const done = this.#done.get(payload.id);
    if (done) return done;
    if (this.keeps) return this.#keep(payload.id, fromBase64(payload.update as string));
    this.#take(fromBase64(payload.update as string));
    const answer = { ok: { version: this.version } };
    this.#done.set(payload.id, answer);
    return answer;
  };

  #open(since = 0) {
    const edits = this.edits.slice(since);
    edits.push(...this.#kept.map((kept) => kept.update));
    const update = since ? Y.mergeUpdates(edits) : Y.encodeStateAsUpdate(this.doc);
    const head = note('plan', { version: this.version });
    // Two bytes are the empty update.
    const bytes = since && edits.length === 0 ? new Uint8Array(2) : update;
    return { note: head, version: this.version, update: toBase64(bytes) };
  }

  #keep(id: unknown, update: Uint8Array) {
    Y.applyUpdate(this.doc, update);
    this.#kept.push({ id, update });
    const fields = { key: 'plan', version: this.version, update: toBase64(update) };
    this.#tell(waiting(id as string, { name: 'noteedited', ...fields }));
    return { ok: { version: this.version, pending: true } };
  }

  #take(update: Uint8Array, id?: unknown) {
    Y.applyUpdate(this.doc, update);
    if (this.doc.store.pendingStructs) throw new Error('an edit came before what it builds on');
    this.edits.push(update);
    const edited = { id, key: 'plan', version: this.version, update: toBase64(update) };
    this.#tell(fact(this.version, { name: 'noteedited', ...edited }));
  }

  /** Behind the acknowledgement, as a host tells it. */
  #tell(edited: Fact) {
    for (const host of this.hosts) {
      queueMicrotask(() => queueMicrotask(() => host.tellFact(edited)));
    }
  }
}
