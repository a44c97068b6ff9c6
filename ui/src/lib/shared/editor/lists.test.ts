import { EditorSelection, EditorState, type StateCommand } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { continueList, indentItems, outdentItems } from './lists';
import { markdownEditing } from './markdown-editing';
import { toggleTasks } from './tasks';

/** Runs a command where `|` stands in the text, or between two of them; gives the text after it. */
function after(command: StateCommand, marked: string): string {
  const anchor = marked.indexOf('|');
  const rest = marked.slice(0, anchor) + marked.slice(anchor + 1);
  const head = rest.includes('|') ? rest.indexOf('|') : anchor;
  let state = EditorState.create({
    doc: rest.replace('|', ''),
    selection: EditorSelection.single(anchor, head),
    extensions: markdownEditing(),
  });
  const done = command({ state, dispatch: (one) => (state = one.state) });
  const text = state.doc.toString();
  const { from } = state.selection.main;
  if (!done) return 'nothing';
  return state.selection.main.empty ? `${text.slice(0, from)}|${text.slice(from)}` : text;
}

describe('Enter', () => {
  it('goes on with bullets, tasks, quotes and numbers, which move on', () => {
    expect(after(continueList, '- one|')).toBe('- one\n- |');
    expect(after(continueList, '- [x] done|')).toBe('- [x] done\n- [ ] |');
    expect(after(continueList, '> said|')).toBe('> said\n> |');
    expect(after(continueList, '1. a|\n2. b')).toBe('1. a\n2. |\n3. b');
    expect(after(continueList, '- a\n  - b|')).toBe('- a\n  - b\n  - |');
  });

  it('on an empty item ends the list, a level at a time', () => {
    expect(after(continueList, '- one\n- |')).toBe('- one\n|');
    expect(after(continueList, '- one\n- two\n- [ ] |')).toBe('- one\n- two\n|');
    expect(after(continueList, '1. a\n2. |')).toBe('1. a\n|');
    expect(after(continueList, '- a\n  - |')).toBe('- a\n- |');
    expect(after(continueList, '> said\n> |')).toBe('> said\n|');
  });

  it('means nothing special outside a list', () => {
    expect(after(continueList, 'text|')).toBe('nothing');
    expect(after(continueList, '```\n- one|\n```')).toBe('nothing');
  });
});

describe('Tab', () => {
  it('makes an item part of the one above it, as far in as its text', () => {
    expect(after(indentItems, '- a\n- b|')).toBe('- a\n  - b|');
    expect(after(indentItems, '1. a\n2. b|\n3. c')).toBe('1. a\n   1. b|\n2. c');
    expect(after(indentItems, '1. a\n   1. x\n2. b|\n3. c')).toBe('1. a\n   1. x\n   2. b|\n2. c');
    expect(after(indentItems, '10. a\n11. b|')).toBe('10. a\n    1. b|');
    expect(after(indentItems, '- a\n- |b\n- c|')).toBe('- a\n  - b\n  - c');
  });

  it('takes what is nested along, and leaves the first item and other text in place', () => {
    expect(after(indentItems, '- a\n- b|\n  - c\n- d')).toBe('- a\n  - b|\n    - c\n- d');
    expect(after(indentItems, '- a|\n- b')).toBe('- a|\n- b');
    expect(after(indentItems, 'text|')).toBe('nothing');
    expect(after(indentItems, '```\n- a\n- b|\n```')).toBe('nothing');
  });

  it('with Shift takes it out again, and numbers follow', () => {
    expect(after(outdentItems, '- a\n  - b|')).toBe('- a\n- b|');
    expect(after(outdentItems, '1. a\n   1. b|\n2. c')).toBe('1. a\n2. b|\n3. c');
    expect(after(outdentItems, '- a|')).toBe('- a|');
  });
});

describe('a task', () => {
  it('is ticked and unticked by a key on its line', () => {
    expect(after(toggleTasks, '- [ ] wa|sh')).toBe('- [x] wa|sh');
    expect(after(toggleTasks, '  1. [X] wash|')).toBe('  1. [ ] wash|');
    expect(after(toggleTasks, '|- [ ] a\n- [x] b|')).toBe('- [x] a\n- [x] b');
  });

  it('is made of an item, and of nothing else', () => {
    expect(after(toggleTasks, '- wash|')).toBe('- [ ] wash|');
    expect(after(toggleTasks, 'wash|')).toBe('nothing');
  });
});
