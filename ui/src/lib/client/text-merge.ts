import { ChangeSet, Text } from '@codemirror/state';
import { textChanges } from '../shared/text-changes';

/** The changes that make `after` of `before`, as few as can be found quickly. */
export function difference(before: Text, after: Text): ChangeSet {
  if (before.eq(after)) return ChangeSet.empty(before.length);
  const [a, b] = [before.toString(), after.toString()];
  const changes = textChanges(a, b).map((part) => ({
    from: part.fromA,
    to: part.toA,
    insert: textOf(b.slice(part.fromB, part.toB)),
  }));
  return ChangeSet.of(changes, before.length);
}

/**
 * Takes in what others wrote: `theirs` and `mine` both begin at one text. Gives what has to be done
 * to a text that has `mine` already, and `mine` as it would be made after `theirs`.
 */
export function weave(
  theirs: ChangeSet,
  mine: ChangeSet,
): { incoming: ChangeSet; mine: ChangeSet } {
  return { incoming: theirs.map(mine, true), mine: mine.map(theirs) };
}

/** What leads from one text to another, as changes to `present`, which went on from the first. */
export function carryChanges(present: string, from: string, to: string): ChangeSet {
  const base = textOf(from);
  return weave(difference(base, textOf(present)), difference(base, textOf(to))).mine;
}

/** `present` with what leads from one text to another done in it. */
export function carriedOver(present: string, from: string, to: string): string {
  return carryChanges(present, from, to).apply(textOf(present)).toString();
}

export function textOf(body: string): Text {
  return Text.of(body.split(/\r\n?|\n/));
}
