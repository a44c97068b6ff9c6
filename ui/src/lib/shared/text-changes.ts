import { type Change, diff, presentableDiff } from '@codemirror/merge';

/** A stretch of one text that stands for a stretch of another. */
export type TextChange = Pick<Change, 'fromA' | 'toA' | 'fromB' | 'toB'>;

/** Past these bounds the library settles for a coarse difference. */
const QUICKLY = { scanLimit: 1_000, timeout: 100 };
/**
 * Of texts that repeat themselves the library compares all places with all others before it looks
 * at its bounds. Where more than this differs, it is one change.
 */
const MOST_COMPARED = 16_000;
/** Characters that can stand for lines: all but halves of pairs, which are never told apart. */
const HALVES_FROM = 0xd800;
const HALVES_TO = 0xe000;
const MOST_LINES = 0x10000 - (HALVES_TO - HALVES_FROM);

/**
 * What has to be replaced to make `after` of `before`: by lines first, then by letters inside them.
 * `forPeople`: by whole words where that reads better.
 */
export function textChanges(
  before: string,
  after: string,
  forPeople = false,
): readonly TextChange[] {
  const letters = (a: string, b: string) => bounded(a, b, forPeople ? presentableDiff : diff);
  const [a, b] = [linesOf(before), linesOf(after)];
  const [codesA, codesB] = codes(a, b);
  if (codesA === undefined || codesB === undefined) return letters(before, after);
  const [startsA, startsB] = [starts(a), starts(b)];
  return bounded(codesA, codesB, diff).flatMap((part) =>
    pairs(part).flatMap((pair) => {
      const [fromA, toA] = [startsA[pair.fromA]!, startsA[pair.toA]!];
      const [fromB, toB] = [startsB[pair.fromB]!, startsB[pair.toB]!];
      return letters(before.slice(fromA, toA), after.slice(fromB, toB)).map((inner) =>
        further(inner, fromA, fromB),
      );
    }),
  );
}

function bounded(a: string, b: string, compare: typeof diff): readonly TextChange[] {
  if (Math.min(a.length, b.length) <= MOST_COMPARED) return compare(a, b, QUICKLY);
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  if (start > 0 && isFirstHalf(a.charCodeAt(start - 1))) start -= 1;
  let end = 0;
  const most = Math.min(a.length, b.length) - start;
  while (end < most && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  if (end > 0 && isSecondHalf(a.charCodeAt(a.length - end))) end -= 1;
  const [fromA, toA, fromB, toB] = [start, a.length - end, start, b.length - end];
  if (fromA === toA && fromB === toB) return [];
  if (Math.min(toA - fromA, toB - fromB) > MOST_COMPARED) return [{ fromA, toA, fromB, toB }];
  return compare(a.slice(fromA, toA), b.slice(fromB, toB), QUICKLY).map((one) =>
    further(one, fromA, fromB),
  );
}

/** A change inside a piece of the texts, as one of the whole. */
function further({ fromA, toA, fromB, toB }: TextChange, a: number, b: number): TextChange {
  return { fromA: a + fromA, toA: a + toA, fromB: b + fromB, toB: b + toB };
}

const isFirstHalf = (code: number) => code >= 0xd800 && code < 0xdc00;
const isSecondHalf = (code: number) => code >= 0xdc00 && code < 0xe000;

/** Many lines that became as many others are compared one by one. */
function pairs(part: TextChange): TextChange[] {
  const count = part.toA - part.fromA;
  if (count !== part.toB - part.fromB) return [part];
  return Array.from({ length: count }, (_, index) => ({
    fromA: part.fromA + index,
    toA: part.fromA + index + 1,
    fromB: part.fromB + index,
    toB: part.fromB + index + 1,
  }));
}

function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}

/** Where each line begins, and where the last one ends. */
function starts(lines: readonly string[]): number[] {
  let at = 0;
  return [0, ...lines.map((line) => (at += line.length))];
}

/** Each text with one character for every line; nothing if there are too many different ones. */
function codes(a: readonly string[], b: readonly string[]): [string?, string?] {
  const known = new Map<string, string>();
  const code = (line: string) => {
    const found = known.get(line);
    if (found !== undefined) return found;
    const next = known.size < HALVES_FROM ? known.size : known.size + HALVES_TO - HALVES_FROM;
    const made = String.fromCharCode(next);
    known.set(line, made);
    return made;
  };
  const [codesA, codesB] = [a.map(code), b.map(code)];
  return known.size > MOST_LINES ? [] : [codesA.join(''), codesB.join('')];
}
