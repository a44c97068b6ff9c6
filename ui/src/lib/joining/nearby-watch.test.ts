import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Nearby, NearbySession } from '../protocol';
import { NearbyWatch } from './nearby-watch.svelte';

const session = { id: '1', name: 'Tea', people: 2 } as NearbySession;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('what is nearby is followed as it changes, until nobody looks any more', async () => {
  let now: Nearby = { listening: true, sessions: [] };
  const ask = vi.fn(() => Promise.resolve(now));
  const watch = new NearbyWatch(ask);
  const stop = watch.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(watch.nearby?.sessions).toEqual([]);
  now = { listening: true, sessions: [session] };
  await vi.advanceTimersByTimeAsync(1_000);
  expect(watch.nearby?.sessions).toEqual([session]);
  stop();
  const asked = ask.mock.calls.length;
  now = { listening: true, sessions: [] };
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ask.mock.calls.length).toBe(asked);
  expect(watch.nearby?.sessions).toEqual([session]);
});

it('nothing found means nothing until everybody had time to answer', async () => {
  const watch = new NearbyWatch(() => Promise.resolve({ listening: true, sessions: [] }));
  const stop = watch.start();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(watch.settled).toBe(false);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(watch.settled).toBe(true);
  stop();
});

it('a shell that fails is a network that cannot be listened to, and is asked again', async () => {
  const ask = vi
    .fn()
    .mockRejectedValueOnce(new Error('no'))
    .mockResolvedValue({
      listening: true,
      sessions: [session],
    });
  const watch = new NearbyWatch(ask);
  const stop = watch.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(watch.nearby).toEqual({ listening: false, sessions: [] });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(watch.nearby?.sessions).toEqual([session]);
  stop();
});
