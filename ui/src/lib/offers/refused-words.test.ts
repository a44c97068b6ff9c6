import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { toBase64 } from '../client/bytes';
import type { RefusedBundle } from '../protocol';
import { subjectOf, wordsOf } from './refused-words';

function entry(name: string, payload: object, others: [string, object][] = []): RefusedBundle {
  const call = (id: string, name: string, payload: object) => ({
    ...{ id, name, made_at: '2026-01-01T10:00:00Z' },
    payload: payload as RefusedBundle['payload'],
  });
  return {
    ...call('root', name, payload),
    error: { code: 'gone', message: 'Gone.' },
    with: others.map(([name, payload], at) => call(`${at}`, name, payload)),
  };
}

/** Edits of a note as its editor makes them. */
function editsOf(write: (text: Y.Text) => void, before = ''): string[] {
  const doc = new Y.Doc();
  const text = doc.getText('body');
  text.insert(0, before);
  const updates: string[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(toBase64(update)));
  write(text);
  return updates;
}

const typed = (updates: string[]): [string, object][] =>
  updates.map((update) => ['note:edit', { key: 'note', update }]);

it('a message is its text', () => {
  expect(wordsOf(entry('message:send', { room: 'r', body: 'Hello\nthere' }))).toBe('Hello\nthere');
});

it('a room is given with everything that was written in it, in order', () => {
  const updates = editsOf((text) => {
    text.insert(0, 'Milk');
    text.insert(4, ' and honey');
  });
  const root = entry('room:create', { name: 'Attic', topic: 'Old things' }, [
    ['note:create', { id: 'note', title: 'Shopping' }],
    ...typed(updates.slice(0, 1)),
    ['message:send', { body: 'Look' }],
    ...typed(updates.slice(1)),
  ]);
  expect(wordsOf(root)).toBe('# Attic\nOld things\n\n# Shopping\n\nMilk and honey\n\nLook');
});

it('a note that was made here goes by the title it was given last', () => {
  const root = entry('note:create', { id: 'note', title: 'Untitled' }, [
    ['note:update', { key: 'note', title: 'Boxes' }],
    ['note:update', { key: 'other', title: 'Lamps' }],
  ]);
  expect(wordsOf(root)).toBe('# Boxes\n\n# Lamps');
  expect(subjectOf(root)).toEqual({ kind: 'note', title: 'Boxes' });
});

it('what was typed into a note is told from what stood there, and from what was taken back', () => {
  const updates = editsOf((text) => {
    text.insert(3, ' hundred');
    text.insert(text.length, ' more');
    text.insert(0, 'oops ');
    text.delete(0, 5);
  }, 'one and two');
  const [first, ...rest] = typed(updates);
  expect(wordsOf(entry(first![0], first![1], rest))).toBe('hundred\n more');
});

it('edits that cannot be read do not hide what can', () => {
  const others: [string, object][] = [
    ['note:edit', { key: 'other', update: '////' }],
    ['message:send', { body: 'Look' }],
  ];
  expect(wordsOf(entry('note:create', { title: 'Plan' }, others))).toBe('# Plan\n\nLook');
});

it('what says nothing leaves nothing', () => {
  expect(wordsOf(entry('note:destroy', { key: 'note' }))).toBe('');
});
