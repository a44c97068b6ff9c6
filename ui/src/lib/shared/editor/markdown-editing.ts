import { closeBrackets, completionStatus } from '@codemirror/autocomplete';
import { defaultKeymap, insertNewlineAndIndent } from '@codemirror/commands';
import { deleteMarkupBackward, markdown, markdownLanguage } from '@codemirror/lang-markdown';
import { HighlightStyle, syntaxHighlighting, syntaxTree } from '@codemirror/language';
import {
  EditorSelection,
  EditorState,
  type Extension,
  Prec,
  type StateCommand,
  type Text,
} from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { ySyncAnnotation } from 'y-codemirror.next';
import { continueList, indentItems, outdentItems } from './lists';
import { tickAt, toggleTasks } from './tasks';

/** What every text of Hearth is edited with: Markdown, its keys, its looks, whole characters. */
export function markdownEditing(): Extension {
  return [
    closeBrackets(),
    markdown({
      base: markdownLanguage,
      extensions: plainWhereLong,
      addKeymap: false,
      completeHTMLTags: false,
    }),
    syntaxHighlighting(looks),
    EditorView.lineWrapping,
    EditorView.perLineTextDirection.of(true),
    EditorState.tabSize.of(2),
    wholeCharacters,
    editorTheme,
  ];
}

/** Keys of a page: lists continue, tasks tick, Enter makes a line. */
export const pageKeys: Extension = keymap.of([
  { key: 'Mod-b', run: wrapWith('**') },
  { key: 'Mod-i', run: wrapWith('_') },
  { key: 'Mod-Enter', run: toggleTasks },
  { key: 'Enter', run: continueList },
  { key: 'Backspace', run: deleteMarkupBackward },
  { key: 'Enter', run: insertNewlineAndIndent },
  ...defaultKeymap,
]);

/** Tab indents only items of a list; elsewhere it moves on, so that nobody is caught in the editor. */
export const listIndentation: Extension = keymap.of([
  { key: 'Tab', run: indentItems },
  { key: 'Shift-Tab', run: outdentItems },
]);

/**
 * Escape leaves the text, unless it closes a list of completions that is seen: one that is only
 * being looked for would swallow it. Stands before what offers completions.
 */
export function leaveByEscape(leave: (view: EditorView) => void): Extension {
  const run = (view: EditorView) => {
    if (completionStatus(view.state) === 'active') return false;
    leave(view);
    return true;
  };
  return Prec.highest(keymap.of([{ key: 'Escape', run }]));
}

/** Follows a link with Ctrl or Cmd held, and ticks a task by a click on its box. */
export function pointing(follow: (url: string) => void): Extension {
  return EditorView.domEventHandlers({
    mousedown(event, view) {
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
      if (at === null) return false;
      const url = event.ctrlKey || event.metaKey ? linkAt(view.state, at) : null;
      if (url) follow(url);
      const done = url !== null || tickAt(view, at);
      if (done) event.preventDefault();
      return done;
    },
  });
}

/** Longer paragraphs are not looked through for marks: every key in them would wait for that. */
const LONGEST_PARAGRAPH = 20_000;

const plainWhereLong: NonNullable<Parameters<typeof markdown>[0]>['extensions'] = {
  parseBlock: [
    {
      name: 'LongParagraph',
      leaf: () => ({
        nextLine: () => false,
        finish(context, leaf) {
          const { start, content } = leaf;
          if (content.length <= LONGEST_PARAGRAPH) return false;
          const paragraph = context.elt('Paragraph', start, start + content.length);
          context.addLeafElement(leaf, paragraph);
          return true;
        },
      }),
    },
  ],
};

/**
 * Half a character (a lone surrogate) cannot be sent as text. A paste may bring one; a change that
 * cuts one in two leaves one. A change that exchanges one half for another leaves none, but would
 * cut the character for those who edit along: it is widened to the whole.
 */
const wholeCharacters = EditorState.transactionFilter.of((transaction) => {
  // What others wrote was whole when they wrote it, and must come out as they have it.
  if (!transaction.docChanged || transaction.annotation(ySyncAnnotation)) return transaction;
  const before = transaction.startState.doc;
  const doc = transaction.newDoc;
  const fixes = new Map<number, string>();
  transaction.changes.iterChangedRanges((fromA, toA, fromB, toB) => {
    if (isInside(before, fromA)) fixes.set(fromB - 1, doc.sliceString(fromB - 1, fromB));
    if (isInside(before, toA)) fixes.set(toB, doc.sliceString(toB, toB + 1));
    const from = Math.max(0, fromB - 1);
    const text = doc.sliceString(from, Math.min(toB + 1, doc.length));
    for (const match of text.matchAll(/\p{Surrogate}/gu)) {
      const at = from + match.index;
      // One at the edge of what was cut out here may have its other half outside.
      if (isLone(doc, at)) fixes.set(at, '\uFFFD');
    }
  });
  if (fixes.size === 0) return transaction;
  const changes = [...fixes].map(([at, insert]) => ({ from: at, to: at + 1, insert }));
  return [transaction, { changes, sequential: true }];
});

/** Whether a place is between the two halves of a character. */
function isInside(doc: Text, at: number): boolean {
  if (at === 0 || at >= doc.length) return false;
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(doc.sliceString(at - 1, at + 1));
}

function isLone(doc: Text, at: number): boolean {
  const isHigh = /^[\uD800-\uDBFF]$/.test(doc.sliceString(at, at + 1));
  const pair = isHigh ? doc.sliceString(at, at + 2) : doc.sliceString(Math.max(0, at - 1), at + 1);
  return !/^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(pair);
}

/** Puts `mark` around what is selected, or takes it away where it stands already. */
function wrapWith(mark: string): StateCommand {
  return ({ state, dispatch }) => {
    if (state.readOnly) return false;
    const change = state.changeByRange((range) => {
      const inside = state.sliceDoc(range.from - mark.length, range.from) === mark;
      const after = state.sliceDoc(range.to, range.to + mark.length) === mark;
      if (inside && after) {
        return {
          changes: [
            { from: range.from - mark.length, to: range.from },
            { from: range.to, to: range.to + mark.length },
          ],
          range: EditorSelection.range(range.from - mark.length, range.to - mark.length),
        };
      }
      return {
        changes: [
          { from: range.from, insert: mark },
          { from: range.to, insert: mark },
        ],
        range: EditorSelection.range(range.from + mark.length, range.to + mark.length),
      };
    });
    dispatch(state.update(change, { userEvent: 'input.format', scrollIntoView: true }));
    return true;
  };
}

function linkAt(state: EditorState, at: number): string | null {
  for (let node = syntaxTree(state).resolveInner(at, 0); ; node = node.parent) {
    const url = node.name === 'URL' ? node : node.name === 'Link' ? node.getChild('URL') : null;
    if (url) return state.sliceDoc(url.from, url.to);
    if (!node.parent) return null;
  }
}

const looks = HighlightStyle.define([
  { tag: tags.heading1, fontFamily: 'var(--display)', fontSize: '1.5em', fontWeight: '560' },
  { tag: tags.heading2, fontFamily: 'var(--display)', fontSize: '1.25em', fontWeight: '560' },
  {
    tag: [tags.heading3, tags.heading4, tags.heading5, tags.heading6],
    fontFamily: 'var(--display)',
    fontSize: '1.1em',
    fontWeight: '600',
  },
  // What is left are a table's headings.
  { tag: tags.heading, fontWeight: '600' },
  { tag: tags.strong, fontWeight: '650' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: tags.monospace, fontFamily: 'var(--code)', fontSize: '0.9em' },
  { tag: tags.quote, color: 'var(--ink-soft)' },
  { tag: [tags.link, tags.url], color: 'var(--accent)' },
  { tag: tags.atom, color: 'var(--accent)', cursor: 'pointer' },
  { tag: [tags.processingInstruction, tags.contentSeparator], color: 'var(--ink-faint)' },
]);

const editorTheme = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'transparent', fontSize: 'inherit' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--text)', lineHeight: '1.6' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '0' },
  '.cm-line': { padding: '0', unicodeBidi: 'plaintext' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-placeholder': { color: 'var(--ink-faint)' },
  '.cm-tooltip.cm-tooltip-autocomplete': {
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius)',
    backgroundColor: 'var(--raised)',
    boxShadow: 'var(--shadow-large)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--text)', maxHeight: '14rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    padding: '0.375rem 0.75rem',
    lineHeight: '1.4',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--ink)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '650' },
  '.cm-completionDetail': { color: 'var(--ink-faint)', fontStyle: 'normal' },
});
