import { vi } from 'vitest';
import type { Files } from '../platform';
import type { Cursors, Fact } from '../protocol';
import { Connection } from './connection.svelte';
import { type NoteDraft, ShelfEdits } from './edit-store';
import { OpenNote } from './open-note.svelte';
import { memoryStore, Shelf } from './shelf';
import { TestHost } from './test-host';
import type { TestNote } from './test-note';

/** Somebody with the note open. */
export class Page {
  readonly host = new TestHost();
  readonly edits = new ShelfEdits(new Shelf(memoryStore(), 'session', 'tab'), true);
  readonly files = { send: vi.fn<Files['send']>(), get: vi.fn<Files['get']>() };
  readonly makeRoom = vi.fn();
  hostIsThere = true;
  readonly note: OpenNote;
  readonly #hostNote: TestNote;

  constructor(hostNote: TestNote, drafts: readonly NoteDraft[] = []) {
    this.#hostNote = hostNote;
    this.host.answer = hostNote.answer;
    const connection = new Connection({
      openWire: this.host.openWire,
      enter: () => Promise.resolve(this.note.hold()),
      onLive: () => this.note.refresh(),
      onEvent: (name, payload) => this.#hear(name, payload),
    });
    const around = {
      call: connection.call,
      tell: (name: string, payload: unknown) => connection.tell(name, payload),
      edits: this.edits,
      files: this.files,
      roomOf: () => 'general',
      fileBytes: () => 100,
      messageBytes: () => 10_000,
      live: () => this.hostIsThere,
      run: () => 'run-1',
      you: () => 'me',
      makeRoom: this.makeRoom,
      onNote: () => undefined,
    };
    this.note = new OpenNote('plan', around, drafts);
    this.appear();
  }

  appear() {
    this.#hostNote.hosts.add(this.host);
    this.host.appear();
  }

  lose() {
    this.#hostNote.hosts.delete(this.host);
    this.host.lose();
  }

  get body() {
    return this.note.live!.body;
  }

  type(at: number, text: string) {
    this.note.live!.text.insert(at, text);
  }

  async kept(): Promise<NoteDraft[]> {
    return (await this.edits.take()).drafts;
  }

  #hear(name: string, payload: unknown) {
    if (name === 'noteedited') this.note.hear({ ...(payload as Fact), name } as never);
    if (name === 'cursors') this.note.cursors.hear(payload as Cursors);
    if (name === 'note check') this.note.check(payload as never);
  }
}
