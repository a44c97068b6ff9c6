import { expect, it } from 'vitest';
import type { Burst } from '../protocol';
import { segments } from './strip';

const burst = (by: string, first: number, version: number): Burst => ({
  first,
  version,
  by,
  at: '2026-01-01T10:00:00Z',
  added: 1,
  removed: 0,
});

const drawn = (bursts: Burst[], newest: number) =>
  segments(bursts, newest).map(({ from, to, by }) => `${by} ${from.toFixed()}-${to.toFixed()}`);

it('each part stands for who wrote it', () => {
  expect(drawn([burst('ada', 6, 10), burst('mina', 1, 5)], 10)).toEqual([
    'mina 0-50',
    'ada 50-100',
  ]);
});

it('who writes in the middle of another one is seen', () => {
  expect(drawn([burst('ada', 1, 10), burst('mina', 5, 6)], 10)).toEqual([
    'ada 0-40',
    'mina 40-60',
    'ada 60-100',
  ]);
});

it('what is not loaded is nobody’s', () => {
  expect(drawn([burst('ada', 6, 10)], 10)).toEqual(['null 0-50', 'ada 50-100']);
  expect(drawn([], 0)).toEqual([]);
});

it('a quarter of a million versions are no more parts than can be seen', () => {
  const many = Array.from({ length: 5_200 }, (_, index) =>
    burst(index % 2 ? 'ada' : 'mina', index * 50 + 1, index * 50 + 50),
  ).reverse();
  expect(segments(many, 260_000).length).toBeLessThanOrEqual(240);
});
