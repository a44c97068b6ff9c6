import { syntaxTree } from '@codemirror/language';
import type { ChangeSpec, StateCommand } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';

/** An item of a list, with its box if it has one. */
const ITEM = /^([\s>]*(?:[-+*]|\d{1,9}[.)])\s+)(?:\[([ xX])\](?=\s|$))?/;

/** Ticks the tasks of the lines that are selected, or takes the ticks away; items become tasks. */
export const toggleTasks: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const { from, to } = state.selection.main;
  const [first, last] = [state.doc.lineAt(from).number, state.doc.lineAt(to).number];
  const lines = Array.from({ length: last - first + 1 }, (_, at) => state.doc.line(first + at));
  const items = lines.flatMap((line) => {
    const match = ITEM.exec(line.text);
    return match ? [{ box: line.from + match[1]!.length, mark: match[2] }] : [];
  });
  if (items.length === 0) return false;
  const tasks = items.filter((item) => item.mark !== undefined);
  const tick = tasks.some((item) => item.mark === ' ');
  const changes: ChangeSpec[] = tasks.length
    ? tasks.map(({ box }) => ({ from: box + 1, to: box + 2, insert: tick ? 'x' : ' ' }))
    : items.map(({ box }) => ({ from: box, insert: '[ ] ' }));
  dispatch(state.update({ changes, userEvent: 'input.tick' }));
  return true;
};

/** Ticks the task whose box is at a place in the text. */
export function tickAt(view: EditorView, at: number): boolean {
  const marker = syntaxTree(view.state).resolveInner(at, 0);
  if (marker.name !== 'TaskMarker' || view.state.readOnly) return false;
  const ticked = view.state.sliceDoc(marker.from, marker.to) !== '[ ]';
  view.dispatch({
    changes: { from: marker.from + 1, to: marker.to - 1, insert: ticked ? ' ' : 'x' },
    userEvent: 'input.tick',
  });
  return true;
}
