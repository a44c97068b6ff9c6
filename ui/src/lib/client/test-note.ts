import * as Y from 'yjs';
import { fromBase64, toBase64 } from './bytes';
import { fact, note, type TestHost } from './test-host';

/** A host's note for tests: keeps every edit, each id once, and tells it to whoever has it open. */
export class TestNote {
  edits: Uint8Array[] = [];
  doc = new Y.Doc();
  /** What the next edits are refused with. */
  refusal: { code: string; message: string; retry_after_ms?: number } | null = null;
  readonly hosts = new Set<TestHost>();
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

  answer = (name: string, payload: Record<string, unknown>): object => {
    if (name === 'note:open') return { ok: this.#open(payload.since_version as number) };
    if (name !== 'note:edit') return { ok: {} };
    if (this.refusal) return { error: this.refusal };
    const done = this.#done.get(payload.id);
    if (done) return done;
    this.#take(fromBase64(payload.update as string));
    const answer = { ok: { version: this.version } };
    this.#done.set(payload.id, answer);
    return answer;
  };

  #open(since = 0) {
    const edits = this.edits.slice(since);
    const update = since ? Y.mergeUpdates(edits) : Y.encodeStateAsUpdate(this.doc);
    const head = note('plan', { version: this.version });
    // Two bytes are the empty update.
    const bytes = since && edits.length === 0 ? new Uint8Array(2) : update;
    return { note: head, version: this.version, update: toBase64(bytes) };
  }

  #take(update: Uint8Array) {
    Y.applyUpdate(this.doc, update);
    if (this.doc.store.pendingStructs) throw new Error('an edit came before what it builds on');
    this.edits.push(update);
    const edited = { key: 'plan', version: this.version, update: toBase64(update) };
    // Behind the acknowledgement, as a host tells it.
    for (const host of this.hosts) {
      queueMicrotask(() =>
        queueMicrotask(() => host.tellFact(fact(this.version, { name: 'noteedited', ...edited }))),
      );
    }
  }
}
