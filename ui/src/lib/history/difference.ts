import { type TextChange, textChanges } from '../shared/text-changes';

export interface Part {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** A line as it is shown: what stayed, what came and what went, in one. */
export interface Line {
  /** `changed`: some of it stayed. */
  kind: Part['kind'] | 'changed';
  parts: Part[];
}

export type Block =
  { kind: 'lines'; lines: Line[] } | { kind: 'fold'; text: string; count: number };

export interface Difference {
  blocks: Block[];
  /** UTF-16 code units. */
  added: number;
  removed: number;
}

/** So many lines around a change say where it is. */
const AROUND = 2;
/** Fewer lines than these are not worth folding. */
const FEWEST_FOLDED = 4;

/** What leads from one text to another, line by line, with what stayed folded away. */
export function compare(before: string, after: string): Difference {
  const changes = textChanges(before, after, true);
  const parts = partsOf(before, after, changes);
  const length = (kind: Part['kind']) =>
    parts.filter((part) => part.kind === kind).reduce((sum, part) => sum + part.text.length, 0);
  return { blocks: fold(lines(parts)), added: length('added'), removed: length('removed') };
}

function partsOf(before: string, after: string, changes: readonly TextChange[]): Part[] {
  const parts: Part[] = [];
  const add = (kind: Part['kind'], text: string) => {
    if (text) parts.push({ kind, text });
  };
  let at = 0;
  for (const { fromA, toA, fromB, toB } of changes) {
    add('same', before.slice(at, fromA));
    add('removed', before.slice(fromA, toA));
    add('added', after.slice(fromB, toB));
    at = toA;
  }
  add('same', before.slice(at));
  return parts;
}

function lines(parts: readonly Part[]): Line[] {
  const found: Part[][] = [[]];
  for (const { kind, text } of parts) {
    for (const piece of text.split(/(?<=\n)/)) {
      found.at(-1)!.push({ kind, text: piece });
      if (piece.endsWith('\n')) found.push([]);
    }
  }
  if (found.at(-1)!.length === 0) found.pop();
  const whole = found.map((line) => ({ kind: kindOf(line), parts: line }));
  return whole.map((line, index) => withoutBreak(line, whole[index + 1]));
}

function kindOf(parts: readonly Part[]): Line['kind'] {
  // A line break that comes or goes at its end leaves a line with words as it is.
  const words = parts.filter((part) => part.text !== '\n');
  const kinds = new Set((words.length ? words : parts).map((part) => part.kind));
  return kinds.size === 1 ? [...kinds][0]! : 'changed';
}

/** The break at a line's end is drawn by the line itself; it shows where lines were joined or cut. */
function withoutBreak({ kind, parts }: Line, next: Line | undefined): Line {
  const last = parts.at(-1);
  if (!last?.text.endsWith('\n')) return { kind, parts };
  const text = last.text.slice(0, -1);
  const rest = [...parts.slice(0, -1), ...(text ? [{ kind: last.kind, text }] : [])];
  const cut = last.kind !== 'same' && last.kind !== kind && next?.kind !== last.kind;
  if (!cut) return { kind, parts: rest };
  return { kind: 'changed', parts: [...rest, { kind: last.kind, text: '¶' }] };
}

function fold(all: readonly Line[]): Block[] {
  const near = new Uint8Array(all.length);
  all.forEach((line, index) => {
    if (line.kind !== 'same') near.fill(1, Math.max(0, index - AROUND), index + AROUND + 1);
  });
  const blocks: Block[] = [];
  for (let start = 0; start < all.length;) {
    let end = start + 1;
    while (end < all.length && near[end] === near[start]) end += 1;
    const some = all.slice(start, end);
    if (near[start] || some.length < FEWEST_FOLDED) append(blocks, some);
    else blocks.push({ kind: 'fold', text: some.map(textOf).join('\n'), count: some.length });
    start = end;
  }
  return blocks;
}

function append(blocks: Block[], some: Line[]) {
  const last = blocks.at(-1);
  if (last?.kind === 'lines') last.lines.push(...some);
  else blocks.push({ kind: 'lines', lines: some });
}

function textOf(line: Line): string {
  return line.parts.map((part) => part.text).join('');
}
