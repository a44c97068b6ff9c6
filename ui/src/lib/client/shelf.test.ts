import { expect, it } from 'vitest';
import { memoryStore, Shelf } from './shelf';

it('what a closed tab left is taken over, what an open one has is not', () => {
  const store = memoryStore();
  new Shelf(store, 's', 'closed').put('note', 'a', { body: 'left' });
  new Shelf(store, 's', 'open').put('note', 'b', { body: 'in use' });
  new Shelf(store, 'other', 'closed').put('note', 'c', { body: 'of another session' });
  const mine = new Shelf(store, 's', 'mine');
  mine.adopt(new Set(['open']));
  expect(mine.all('note')).toEqual([{ body: 'left' }]);
  expect(new Shelf(store, 's', 'closed').all('note')).toEqual([]);
});

it('of one note left by two tabs both are taken over, half-written messages one after the other', () => {
  const store = memoryStore();
  for (const tab of ['one', 'two']) {
    new Shelf(store, 's', tab).put('note', 'a', { body: tab });
    new Shelf(store, 's', tab).put('writing', 'r', { text: tab });
  }
  const mine = new Shelf(store, 's', 'mine');
  mine.adopt(new Set());
  expect(mine.all('note')).toEqual([{ body: 'one' }, { body: 'two' }]);
  expect(mine.all('writing')).toEqual([{ text: 'one' }]);
  mine.drop('writing', 'r');
  mine.adopt(new Set());
  expect(mine.all('writing')).toEqual([{ text: 'two' }]);
});

it('a full device is told, and nothing breaks', () => {
  const full = {
    ...memoryStore(),
    setItem: () => {
      throw new Error('quota');
    },
  };
  expect(new Shelf(full, 's', 't').put('note', 'a', {})).toBe(false);
});

it('a device without room for what another tab left keeps it where it is', () => {
  const store = memoryStore();
  new Shelf(store, 's', 'a').put('note', 'plan', 'one');
  const before = store.setItem;
  store.setItem = (key, value) => {
    if (key.includes('.b.')) throw new DOMException('no room', 'QuotaExceededError');
    before(key, value);
  };
  new Shelf(store, 's', 'b').adopt(new Set());
  expect(new Shelf(store, 's', 'a').get('note', 'plan')).toBe('one');
});
