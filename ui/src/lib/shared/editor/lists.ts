import { insertNewlineContinueMarkupCommand } from '@codemirror/lang-markdown';
import { syntaxTree } from '@codemirror/language';
import {
  type ChangeSpec,
  EditorSelection,
  type EditorState,
  type Line,
  type StateCommand,
  type Text,
} from '@codemirror/state';

/** The mark that an item begins with: its place, its number if it has one, and where text begins. */
const ITEM = /^([\s>]*?)([-+*]|(\d{1,9})[.)])(\s+|$)/;
const ONLY_QUOTE = /^\s*(?:>\s*)+$/;
/** No list is so long between two of its items; it bounds what one key looks at. */
const MOST_LINES = 2_000;

interface Item {
  line: Line;
  indent: number;
  number: number | null;
  /** Where the item's text begins: what is nested below it begins there too. */
  content: number;
}

const continueMarkup = insertNewlineContinueMarkupCommand({ nonTightLists: false });

/** Enter goes on with a list, a task or a quote; on an empty one it ends it. */
export const continueList: StateCommand = (target) => endQuote(target) || continueMarkup(target);

/** Makes the items that are selected part of the one above them. */
export const indentItems: StateCommand = ({ state, dispatch }) => {
  const items = selectedItems(state);
  const first = items[0];
  if (!first) return false;
  const above = siblingAbove(state.doc, first);
  // The first of its list has nothing to be part of; the key still means the list.
  if (!above) return true;
  const by = above.content - first.indent;
  const nested = lastBelow(state.doc, above, first);
  const changes: ChangeSpec[] = [];
  let next = nested?.number === undefined || nested.number === null ? 1 : nested.number + 1;
  for (const item of items) {
    changes.push({ from: item.line.from + item.indent, insert: ' '.repeat(by) });
    if (item.indent === first.indent) changes.push(...numbered(item, next++));
  }
  const moved = items.filter((item) => item.indent === first.indent).length;
  changes.push(...renumberBelow(state.doc, items.at(-1)!, first, -moved));
  dispatch(state.update({ changes, userEvent: 'input.indent', scrollIntoView: true }));
  return true;
};

/** Takes the items that are selected out of the one they are part of. */
export const outdentItems: StateCommand = ({ state, dispatch }) => {
  const items = selectedItems(state);
  const first = items[0];
  if (!first) return false;
  const parent = parentOf(state.doc, first);
  if (!parent) return true;
  const by = first.indent - parent.indent;
  const changes: ChangeSpec[] = [];
  let next = (parent.number ?? 0) + 1;
  for (const item of items) {
    const from = item.line.from + item.indent - Math.min(by, item.indent);
    changes.push({ from, to: item.line.from + item.indent });
    if (item.indent === first.indent && parent.number !== null) {
      changes.push(...numbered(item, next++));
    }
  }
  if (parent.number !== null) {
    const moved = items.filter((item) => item.indent === first.indent).length;
    changes.push(...renumberBelow(state.doc, items.at(-1)!, parent, moved));
  }
  dispatch(state.update({ changes, userEvent: 'delete.dedent', scrollIntoView: true }));
  return true;
};

/** A line of nothing but the mark of a quote ends the quote. */
const endQuote: StateCommand = ({ state, dispatch }) => {
  const { main } = state.selection;
  const line = state.doc.lineAt(main.head);
  if (!main.empty || main.head !== line.to || !ONLY_QUOTE.test(line.text)) return false;
  const outer = line.text.lastIndexOf('>');
  dispatch(
    state.update({
      changes: { from: line.from + outer, to: line.to },
      selection: EditorSelection.cursor(line.from + outer),
      userEvent: 'delete',
      scrollIntoView: true,
    }),
  );
  return true;
};

/**
 * The items of the lines that are selected, and those nested in them; none where the selection
 * begins outside a list.
 */
function selectedItems(state: EditorState): Item[] {
  const { from, to } = state.selection.main;
  const [first, last] = [state.doc.lineAt(from), state.doc.lineAt(to)];
  if (!isInList(state, first)) return [];
  const items: Item[] = [];
  const end = Math.min(state.doc.lines, last.number + MOST_LINES);
  for (let number = first.number; number <= end; number += 1) {
    const line = state.doc.line(number);
    const item = itemOf(line);
    const nested = item ? items[0] && item.indent > items[0].indent : !/^\S/.test(line.text);
    if (number > last.number && !nested) break;
    if (item) items.push(item);
  }
  return items;
}

/** Not in a block of code, which looks like one. */
function isInList(state: EditorState, line: Line): boolean {
  if (!itemOf(line)) return false;
  for (let node = syntaxTree(state).resolveInner(line.to, -1); node.parent; node = node.parent) {
    if (node.name === 'FencedCode' || node.name === 'CodeBlock') return false;
  }
  return true;
}

function itemOf(line: Line): Item | null {
  const match = ITEM.exec(line.text);
  if (!match) return null;
  const indent = match[1]!.length;
  const number = match[3] === undefined ? null : Number(match[3]);
  return { line, indent, number, content: indent + match[2]!.length + 1 };
}

function* itemsAbove(doc: Text, below: Item): Generator<Item> {
  const end = Math.max(1, below.line.number - MOST_LINES);
  for (let number = below.line.number - 1; number >= end; number -= 1) {
    const line = doc.line(number);
    const item = itemOf(line);
    if (item) yield item;
    // What begins at the margin and is no item is the end of the list.
    else if (/^\S/.test(line.text)) return;
  }
}

function siblingAbove(doc: Text, item: Item): Item | null {
  for (const above of itemsAbove(doc, item)) {
    if (above.indent < item.indent) return null;
    if (above.indent < item.indent + 2) return above;
  }
  return null;
}

function parentOf(doc: Text, item: Item): Item | null {
  for (const above of itemsAbove(doc, item)) if (above.indent < item.indent) return above;
  return null;
}

/** The last item that is nested in `above` already, before `end`. */
function lastBelow(doc: Text, above: Item, end: Item): Item | null {
  let nearest: Item | null = null;
  for (const item of itemsAbove(doc, end)) {
    if (item.line.number <= above.line.number) break;
    if (item.indent < above.content) continue;
    if (!nearest || item.indent < nearest.indent) nearest = item;
  }
  return nearest;
}

function numbered(item: Item, number: number): ChangeSpec[] {
  if (item.number === null || item.number === number) return [];
  const from = item.line.from + item.indent;
  return [{ from, to: from + String(item.number).length, insert: String(number) }];
}

/** Moves the numbers of the items behind `last` that follow on `level`'s by `by`. */
function renumberBelow(doc: Text, last: Item, level: Item, by: number): ChangeSpec[] {
  const changes: ChangeSpec[] = [];
  const end = Math.min(doc.lines, last.line.number + MOST_LINES);
  let expected: number | null = null;
  for (let number = last.line.number + 1; number <= end; number += 1) {
    const line = doc.line(number);
    const item = itemOf(line);
    if (!item && /^\S/.test(line.text)) break;
    if (!item || item.indent > level.indent) continue;
    if (item.indent < level.indent || item.number === null) break;
    if (expected !== null && item.number !== expected) break;
    expected = item.number + 1;
    // A list whose items all have one number is meant to be so.
    if (level.number !== null && item.number === level.number) break;
    changes.push(...numbered(item, Math.max(1, item.number + by)));
  }
  return changes;
}
