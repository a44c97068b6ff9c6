import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Connection } from '../client/connection.svelte';
import { Refusal } from '../shared/refusal';
import { NoteHistory } from './note-history.svelte';

/** A host with a note of bursts of ten versions; the text at a version is its number. */
class Past {
  newest = 100;
  away = false;
  readonly asked: string[] = [];
  most = 0;
  #now = 0;

  call = (async (name: string, payload: { version?: number; before?: number; limit?: number }) => {
    this.asked.push(`${name} ${payload.version ?? payload.before ?? 'newest'}`);
    this.most = Math.max(this.most, ++this.#now);
    await new Promise((done) => setTimeout(done, 50));
    this.#now -= 1;
    if (this.away) throw new Refusal({ code: 'offline', message: 'The host does not answer.' });
    if (name === 'note:read') return { note: { body: `text ${payload.version}` } };
    return this.#page(payload.before ?? this.newest + 1);
  }) as unknown as Connection['call'];

  /** Three bursts a page. */
  #page(before: number) {
    const until = Math.min(this.newest, before - 1);
    const ends = [0, 1, 2].map((back) => until - 10 * back).filter((end) => end > 0);
    const bursts = ends.map((version) => ({
      first: Math.max(1, version - 9),
      version,
      by: (version / 10) % 2 ? 'ada' : 'mina',
      at: '2026-01-01T10:00:00Z',
      added: 10,
      removed: 0,
    }));
    const lowest = bursts.at(-1)?.first ?? 1;
    return { bursts, next: lowest > 1 ? lowest : undefined };
  }

  texts() {
    return this.asked.filter((one) => one.startsWith('note:read')).map((one) => one.slice(10));
  }
}

let past: Past;
let history: NoteHistory;
const settle = (after_ms = 1_000) => vi.advanceTimersByTimeAsync(after_ms);
const show = () => history.texts.want([history.chosen, history.base]);

beforeEach(async () => {
  vi.useFakeTimers();
  past = new Past();
  history = new NoteHistory(past.call, 'plan');
  history.reached(past.newest);
  await settle();
});
afterEach(() => {
  history.close();
  vi.useRealTimers();
});

it('begins at the newest version, compared with the text before its burst', () => {
  expect([history.chosen, history.from, history.to]).toEqual([100, 90, 100]);
  expect(history.writers(100)).toEqual(['mina']);
});

it('in the middle of a burst, it is compared with the text before that burst', () => {
  history.choose(85);
  expect([history.from, history.to]).toEqual([80, 85]);
});

it('the page keys go from burst to burst, into what is not loaded too', async () => {
  expect(history.step(100, false)).toBe(90);
  expect(history.step(85, false)).toBe(80);
  expect(history.step(85, true)).toBe(90);
  expect(history.step(100, true)).toBe(100);
  expect(history.step(75, false)).toBe(70);
  history.choose(5);
  await settle();
  expect(history.bursts.complete).toBe(true);
  expect(history.step(5, false)).toBe(0);
});

it('a version far back brings the bursts up to it, page by page', async () => {
  history.choose(42);
  expect(history.burst).toBeUndefined();
  await settle();
  expect(history.burst).toMatchObject({ first: 41, version: 50 });
  expect(past.asked.filter((one) => one.startsWith('note:history'))).toEqual([
    'note:history newest',
    'note:history 71',
  ]);
});

it('any two versions are compared, the older with the newer', () => {
  history.choose(30);
  history.compare('newest');
  expect([history.from, history.to]).toEqual([30, 100]);
  history.compare('other');
  history.chooseOther(12);
  expect([history.from, history.to]).toEqual([12, 30]);
});

describe('texts', () => {
  it('are fetched where the slider rests, one at a time, and kept', async () => {
    for (let version = 100; version > 20; version -= 1) {
      history.choose(version);
      show();
      await settle(5);
    }
    await settle();
    expect(past.texts()).toEqual(['21', '20']);
    history.choose(100);
    show();
    await settle();
    history.choose(21);
    show();
    await settle();
    expect(past.texts()).toEqual(['21', '20', '100', '90']);
    expect(past.most).toBe(1);
  });

  it('of what is not wanted any more do not hold up what is', async () => {
    show();
    await settle(125);
    history.choose(50);
    show();
    await settle();
    expect(history.texts.get(50)).toBe('text 50');
  });

  it('that a host which is away does not give are asked for again', async () => {
    past.away = true;
    show();
    await settle();
    expect(history.texts.failure?.code).toBe('offline');
    expect(history.texts.get(0)).toBe('');
    past.away = false;
    history.retry();
    await settle();
    expect(history.texts.get(100)).toBe('text 100');
    expect(history.texts.failure).toBeNull();
  });
});

it('what others write meanwhile joins the list, and what is looked at stays', async () => {
  past.newest = 110;
  history.reached(105);
  history.reached(110);
  await settle(3_000);
  expect(history.chosen).toBe(100);
  expect(history.bursts.list.map((one) => one.version)).toEqual([110, 100, 90, 80]);
  expect(past.asked).toHaveLength(2);
});

it('so much written meanwhile that something is missing begins the list anew', async () => {
  past.newest = 200;
  history.reached(200);
  await settle(3_000);
  expect(history.bursts.list.map((one) => one.version)).toEqual([200, 190, 180]);
  expect(history.bursts.reach).toBe(171);
});
