import { EditorState } from '@codemirror/state';
import { expect, it } from 'vitest';
import { markdownEditing } from './markdown-editing';

function typed(doc: string, change: { from: number; to?: number; insert?: string }): string {
  const state = EditorState.create({ doc, extensions: markdownEditing() });
  return state.update({ changes: change }).state.doc.toString();
}

it('a pair of surrogates stays whole whatever is typed around it', () => {
  expect(typed('a😀b', { from: 1, insert: '🎉' })).toBe('a🎉😀b');
  expect(typed('a😀b', { from: 3, insert: 'x' })).toBe('a😀xb');
  expect(typed('😀😀', { from: 2, insert: '😀' })).toBe('😀😀😀');
});

it('half a character becomes a replacement character, wherever it comes from', () => {
  expect(typed('ab', { from: 1, insert: '\uD83D' })).toBe('a\uFFFDb');
  expect(typed('ab', { from: 1, insert: '\uDE00' })).toBe('a\uFFFDb');
  expect(typed('a😀b', { from: 2, insert: 'x' })).toBe('a\uFFFDx\uFFFDb');
  expect(typed('a😀b', { from: 1, to: 2 })).toBe('a\uFFFDb');
});
