import { expect, it } from 'vitest';
import type { EarlierItem } from '../protocol';
import { isForReaders } from './earlier-words';

const of = (told: Partial<EarlierItem>) => isForReaders(told as EarlierItem);

it('who may only read brings back what they said and where they were, and nothing else', () => {
  expect(of({ kind: 'message' })).toBe(true);
  expect(of({ kind: 'change', call: 'room:join' })).toBe(true);
  expect(of({ kind: 'change', call: 'note:move' })).toBe(false);
  expect(of({ kind: 'change' })).toBe(false);
  expect(of({ kind: 'note' })).toBe(false);
  expect(of({ kind: 'room' })).toBe(false);
});
