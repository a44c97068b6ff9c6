import {
  IDBDatabase,
  IDBFactory,
  IDBKeyRange,
  IDBObjectStore,
  IDBTransaction,
} from 'fake-indexeddb';
import { beforeEach, expect, it, vi } from 'vitest';
import { DatabaseEdits, type NoteDraft } from './edit-store';
import { NoteDesk } from './note-desk.svelte';
import type { NoteSurroundings } from './open-note.svelte';

const draft = (key: string, text: string, member = 'mina'): NoteDraft => ({
  key,
  run: 'run-1',
  version: 1,
  member,
  base: new Uint8Array([0, 0]),
  own: { acknowledged: [], onTheWay: null, waiting: [new TextEncoder().encode(text)] },
});
const texts = (drafts: readonly NoteDraft[]) =>
  drafts.map((one) => new TextDecoder().decode(one.own.waiting[0]));

/** What a tab finds when it opens; `others` are there besides it. */
async function tab(name: string, others: string[] = [], session = 's') {
  const place = { session, tab: name, others: new Set(others) };
  const edits = (await DatabaseEdits.open(place))!;
  return { edits, ...(await edits.take()) };
}

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('IDBKeyRange', IDBKeyRange);
});

/** Spoils what lies at a place, as a damaged disk does. */
async function spoil(place: string) {
  const opening = indexedDB.open('hearth');
  await new Promise((done) => (opening.onsuccess = done));
  const work = opening.result.transaction('note-bases', 'readwrite');
  work.objectStore('note-bases').delete(place);
  await new Promise((done) => (work.oncomplete = done));
  opening.result.close();
}

it('everything that tabs left of one note is taken over, what open ones have is not', async () => {
  await (await tab('a')).edits.put(draft('plan', 'one'));
  await (await tab('b', ['a'])).edits.put(draft('plan', 'two'));
  await (await tab('c', ['a', 'b'])).edits.put(draft('plan', 'in use'));
  const { drafts } = await tab('d', ['c']);
  expect(texts(drafts).sort()).toEqual(['one', 'two']);
  expect(new Set(drafts.map((one) => one.slot)).size).toBe(2);
  // They are this tab's now: not another's, but still there after a reload.
  expect((await tab('e', ['c', 'd'])).drafts).toEqual([]);
  expect(texts((await tab('d', ['c', 'e'])).drafts).sort()).toEqual(['one', 'two']);
});

it('what became part of something else goes, and nothing beside it', async () => {
  await (await tab('a')).edits.put(draft('plan', 'one'));
  await (await tab('b', ['a'])).edits.put(draft('plan', 'two'));
  const { edits, drafts } = await tab('c');
  await edits.put(draft('plan', 'both'));
  for (const one of drafts) await edits.merged(one);
  expect(texts((await tab('c')).drafts)).toEqual(['both']);
  await edits.drop('plan');
  expect((await tab('c')).drafts).toEqual([]);
});

it('hosts that share an address share nothing: it is kept by session', async () => {
  await (await tab('a', [], 'one-session')).edits.put(draft('plan', 'secret'));
  expect((await tab('b', [], 'one')).drafts).toEqual([]);
  expect((await tab('b', [], 'another')).drafts).toEqual([]);
  expect(texts((await tab('b', [], 'one-session')).drafts)).toEqual(['secret']);
});

it('a record that cannot be read keeps nobody from the others, and is not written over', async () => {
  const { edits } = await tab('a');
  await edits.put(draft('broken', 'still there'));
  await edits.put(draft('plan', 'fine'));
  await spoil('s.a.broken');
  const again = await tab('a');
  expect([texts(again.drafts), again.unread]).toEqual([['fine'], true]);
  await again.edits.put(draft('broken', 'new'));
  const third = await tab('a');
  expect([texts(third.drafts).sort(), third.unread]).toEqual([['fine', 'new'], true]);
});

it('what somebody else left is not written over by who uses the browser next', async () => {
  await (await tab('a')).edits.put(draft('plan', 'from Mina', 'mina'));
  const { edits, ...left } = await tab('b');
  const around = { edits } as unknown as NoteSurroundings;
  new NoteDesk(around, left).takeOver((member) => member === 'olek');
  await edits.put(draft('plan', 'from Olek', 'olek'));
  expect(texts((await tab('b')).drafts).sort()).toEqual(['from Mina', 'from Olek']);
  await edits.drop('plan');
  expect(texts((await tab('b')).drafts)).toEqual(['from Mina']);
});

it('what is set aside stays aside until it is dropped', async () => {
  const { edits } = await tab('a');
  await edits.put(draft('plan', 'odd'));
  const [odd] = (await tab('a')).drafts;
  await edits.setAside(odd!);
  await edits.put(draft('plan', 'new'));
  const { drafts } = await tab('b');
  expect(drafts.map((one) => one.aside)).toEqual([false, true]);
  expect(texts(drafts)).toEqual(['new', 'odd']);
  const later = await tab('b');
  await later.edits.drop('plan', drafts[1]!.slot);
  expect(texts((await tab('b')).drafts)).toEqual(['new']);
});

it('a device without room is told, and what was kept before stays', async () => {
  const { edits } = await tab('a');
  await edits.put(draft('plan', 'before'));
  const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('no room', 'QuotaExceededError');
  });
  expect(await edits.put(draft('plan', 'after'))).toBe(false);
  full.mockRestore();
  expect(texts((await tab('a')).drafts)).toEqual(['before']);
});

it('edits do not count as kept without the text that they were made on', async () => {
  const { edits } = await tab('a');
  const one = draft('plan', 'one');
  const commit = vi.spyOn(IDBTransaction.prototype, 'commit');
  commit.mockImplementationOnce(function (this: IDBTransaction) {
    this.abort();
  });
  const first = edits.put(one);
  const second = edits.put({ ...draft('plan', 'two'), base: one.base });
  expect(await Promise.all([first, second])).toEqual([false, false]);
  expect(await edits.put({ ...draft('plan', 'three'), base: one.base })).toBe(true);
  expect(texts((await tab('a')).drafts)).toEqual(['three']);
});

it('a browser that forgot everything is given the texts of all notes anew', async () => {
  const { edits } = await tab('a');
  const [plan, other] = [draft('plan', 'one'), draft('other', 'two')];
  for (const one of [plan, other]) expect(await edits.put(one)).toBe(true);
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
    throw new DOMException('closed', 'InvalidStateError');
  });
  expect(await edits.put(plan)).toBe(false);
  await vi.waitFor(async () => {
    await edits.put(other);
    expect(texts((await tab('a')).drafts)).toEqual(['two']);
  });
});

it('a browser without a database, or with one that refuses, is one', async () => {
  const place = { session: 's', tab: 'a', others: new Set<string>() };
  vi.stubGlobal('indexedDB', undefined);
  expect(await DatabaseEdits.open(place)).toBeNull();
  const refusing = {
    open: () => {
      throw new DOMException('not here', 'SecurityError');
    },
  };
  vi.stubGlobal('indexedDB', refusing);
  expect(await DatabaseEdits.open(place)).toBeNull();
});
