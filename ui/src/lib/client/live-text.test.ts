import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { LiveText } from './live-text';

function live(body: string) {
  const host = new Y.Doc();
  host.getText('body').insert(0, body);
  const edits: Uint8Array[] = [];
  const listener = { onEdit: (update: Uint8Array) => edits.push(update), onChange: () => 0 };
  return { text: new LiveText(Y.encodeStateAsUpdate(host), listener), host, edits };
}

it('an older text is brought back in one edit, and undone in one step', () => {
  const { text, edits } = live('one\nthree\nfour');
  text.carryOver('one\nthree\nfour', 'one\ntwo\nfour');
  expect(text.body).toBe('one\ntwo\nfour');
  expect(edits).toHaveLength(1);
  text.undo.undo();
  expect(text.body).toBe('one\nthree\nfour');
});

it('bringing back is undone as such only while nothing was typed since', () => {
  const { text } = live('one three');
  const undo = text.carryOver('one three', 'one two');
  text.carryOver('one two', 'one two, and more');
  expect(undo()).toBe(false);
  text.undo.undo();
  expect(undo()).toBe(true);
  expect(text.body).toBe('one three');
});

it('what others write while an older text is brought back stays', () => {
  const { text, host, edits } = live('one\nthree');
  text.carryOver('one\nthree', 'one\ntwo');
  const before = Y.encodeStateVector(host);
  host.getText('body').insert(0, 'zero\n');
  text.takeIn(Y.encodeStateAsUpdate(host, before));
  for (const edit of edits) Y.applyUpdate(host, edit);
  expect(text.body).toBe('zero\none\ntwo');
  expect(host.getText('body').toJSON()).toBe(text.body);
  // Taken back later, it is only that which is taken back.
  text.carryOver('one\ntwo', 'one\nthree');
  expect(text.body).toBe('zero\none\nthree');
});
