import { expect, it, vi } from 'vitest';
import type { NearbySession, Probed } from '../protocol';
import { Looking } from './looking.svelte';

const nothing = (address: string): Probed => ({ found: 'nothing', address });

it('what was typed is looked at, and an announced session under its key', async () => {
  const probe = vi.fn((_: unknown) => Promise.resolve(nothing('a')));
  const looking = new Looking(probe);
  const done = looking.lookAt('a');
  expect(looking.busy).toEqual({ name: null });
  await done;
  expect(looking.busy).toBeNull();
  expect(looking.found).toEqual(nothing('a'));
  const session = { name: 'Tea', addresses: ['b', 'c'], key: '0123456789abcdef' };
  const again = looking.lookFor(session as NearbySession);
  expect(looking.busy).toEqual({ name: 'Tea' });
  expect(looking.found).toBeNull();
  await again;
  expect(probe.mock.calls).toEqual([
    [{ places: ['a'] }],
    [{ places: ['b', 'c'], key: '0123456789abcdef' }],
  ]);
});

it('an answer that comes after something else was asked is not shown', async () => {
  const answers: ((found: Probed) => void)[] = [];
  const looking = new Looking(() => new Promise((resolve) => answers.push(resolve)));
  const first = looking.lookAt('first');
  const second = looking.lookAt('second');
  answers[1]!(nothing('second'));
  await second;
  answers[0]!(nothing('first'));
  await first;
  expect(looking.found).toEqual(nothing('second'));
});

it('a refusal ends looking and is thrown', async () => {
  const looking = new Looking(() => Promise.reject(new Error('no')));
  await expect(looking.lookAt('a')).rejects.toThrow('no');
  expect(looking.busy).toBeNull();
});
