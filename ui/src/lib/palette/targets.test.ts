import { expect, it } from 'vitest';
import { findTargets, type Target } from './targets';

const targets = ['General', 'Café plan', 'Old generals', 'Regeneration'].map((name): Target => ({
  key: name,
  kind: 'note',
  name,
}));
const find = (query: string) => findTargets(targets, query).map((target) => target.name);

it('what begins with the word comes first, then what has it at a word, then the rest', () => {
  expect(find('gener')).toEqual(['General', 'Old generals', 'Regeneration']);
});

it('case and accents do not matter, and all words must be there', () => {
  expect(find('CAFE')).toEqual(['Café plan']);
  expect(find('plan caf')).toEqual(['Café plan']);
  expect(find('plan general')).toEqual([]);
});

it('nothing typed shows everything', () => {
  expect(find('')).toHaveLength(4);
});
