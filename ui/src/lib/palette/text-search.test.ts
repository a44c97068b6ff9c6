import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Connection } from '../client/connection.svelte';
import type { SearchAnswer } from '../protocol';
import { Refusal } from '../shared/refusal';
import { TextSearch } from './text-search.svelte';

let asked: { query: string; answer(found: Partial<SearchAnswer>): void; fail(): void }[];
let search: TextSearch;
const settle = (after_ms = 0) => vi.advanceTimersByTimeAsync(after_ms);
const note = (title: string) => ({ notes: [{ title }] }) as unknown as Partial<SearchAnswer>;
const titles = () => search.found?.notes.map((one) => one.title);

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  const call = (_name: string, { query }: { query: string }) =>
    new Promise((resolve, reject) => {
      asked.push({
        query,
        answer: (found) => resolve({ notes: [], messages: [], ...found }),
        fail: () => reject(new Refusal({ code: 'offline', message: 'away' })),
      });
    });
  search = new TextSearch(call as unknown as Connection['call']);
});
afterEach(() => vi.useRealTimers());

it('words are searched for once the hand pauses', async () => {
  for (const typed of ['s', 'sh', 'sho', 'shoe', 'shoes ']) {
    search.look(typed);
    await settle(100);
  }
  await settle(200);
  expect(asked.map((one) => one.query)).toEqual(['shoes']);
  expect(search.busy).toBe(true);
  asked[0]!.answer(note('Packing'));
  await settle();
  expect([search.busy, titles()]).toEqual([false, ['Packing']]);
});

it('an answer to what is not asked any more is dropped', async () => {
  search.look('one');
  await settle(200);
  search.look('two');
  await settle(200);
  asked[1]!.answer(note('Two'));
  await settle();
  asked[0]!.answer(note('One'));
  await settle();
  expect(titles()).toEqual(['Two']);
});

it('a host that is still reading is asked again, until nobody looks', async () => {
  search.look('one');
  await settle(200);
  asked[0]!.answer({ ...note('One'), partial: true });
  await settle(1_100);
  expect(asked).toHaveLength(2);
  asked[1]!.answer({ ...note('One and two'), partial: true });
  await settle();
  expect(titles()).toEqual(['One and two']);
  search.look('');
  await settle(5_000);
  expect(asked).toHaveLength(2);
  expect(search.found).toBeNull();
});

it('a failure is told, and tried again when asked', async () => {
  search.look('one');
  await settle(200);
  asked[0]!.fail();
  await settle();
  expect(search.failure?.code).toBe('offline');
  search.retry();
  await settle(200);
  asked[1]!.answer(note('One'));
  await settle();
  expect([search.failure, titles()]).toEqual([null, ['One']]);
});

/** Something was found, and the look for what was typed a moment ago is on its way. */
async function lookedAgain() {
  search.look('one');
  await settle(200);
  asked[0]!.answer(note('One'));
  await settle(2_000);
  expect(asked).toHaveLength(1);
  await settle(600);
  expect(asked).toHaveLength(2);
  expect([search.busy, titles()]).toEqual([false, ['One']]);
}

it('what was typed a moment ago is found by a second look, and there is no third', async () => {
  await lookedAgain();
  asked[1]!.answer(note('One, typed just now'));
  await settle(60_000);
  expect(titles()).toEqual(['One, typed just now']);
  expect(asked).toHaveLength(2);
});

it('a second look that fails leaves what is read as it is', async () => {
  await lookedAgain();
  asked[1]!.fail();
  await settle();
  expect([search.failure, search.busy, titles()]).toEqual([null, false, ['One']]);
});

it('a second look that finds only a part leaves what is read as it is', async () => {
  await lookedAgain();
  asked[1]!.answer({ partial: true });
  await settle(60_000);
  expect(titles()).toEqual(['One']);
  expect(asked).toHaveLength(2);
});

it('a second look is given up once something else is looked for', async () => {
  await lookedAgain();
  search.look('two');
  await settle(200);
  asked[2]!.answer(note('Two'));
  await settle();
  asked[1]!.answer(note('One, typed just now'));
  await settle();
  expect(titles()).toEqual(['Two']);
});
