import { expect, it } from 'vitest';
import { compare, type Line } from './difference';

const SIGNS = { same: '=', added: '+', removed: '-', changed: '~' };

/** One line each: its kind, then what stayed, {+came+} and [-went-]. */
function drawn(before: string, after: string): string[] {
  const draw = (line: Line) =>
    SIGNS[line.kind] +
    line.parts
      .map(({ kind, text }) => ({ same: text, added: `{${text}}`, removed: `[${text}]` })[kind])
      .join('');
  return compare(before, after).blocks.flatMap((block) =>
    block.kind === 'lines' ? block.lines.map(draw) : [`… ${block.count}`],
  );
}

it('words that came and went stand in their line', () => {
  expect(drawn('one two three', 'one 2 three four')).toEqual(['~one [two]{2} three{ four}']);
});

it('whole lines come and go as whole lines', () => {
  expect(drawn('a\nb', 'a\nnew\nb')).toEqual(['=a', '+{new}', '=b']);
  expect(drawn('a\nold\nb', 'a\nb')).toEqual(['=a', '-[old]', '=b']);
  expect(drawn('a', 'a\nnew')).toEqual(['=a', '+{new}']);
  expect(drawn('', 'a\nb\n')).toEqual(['+{a}', '+{b}']);
});

it('a line that is cut or joined shows where', () => {
  expect(drawn('first second', 'first \nsecond')).toEqual(['~first {¶}', '=second']);
  expect(drawn('first\nsecond', 'firstsecond')).toEqual(['~first[¶]', '=second']);
});

it('what stayed is folded away, but for the lines around a change', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  const after = [...lines.slice(0, 10), 'new', ...lines.slice(10)];
  expect(drawn(lines.join('\n'), after.join('\n'))).toEqual([
    '… 8',
    '=line 8',
    '=line 9',
    '+{new}',
    '=line 10',
    '=line 11',
    '… 8',
  ]);
});

it('equal texts have no difference, and the amounts are told', () => {
  expect(compare('same', 'same')).toMatchObject({ added: 0, removed: 0 });
  expect(compare('one two', 'one three')).toMatchObject({ added: 5, removed: 3 });
});

it('nothing is lost between the pieces', () => {
  const [before, after] = ['x\n\ny 👍 z\n', 'x\ny 👎 z\n\nw'];
  const parts = compare(before, after).blocks.flatMap((block) =>
    block.kind === 'lines' ? block.lines.flatMap((line) => line.parts) : [],
  );
  const of = (kind: string) => parts.filter((part) => part.kind === kind).map((part) => part.text);
  expect(of('removed').join('')).toContain('👍');
  expect(of('added').join('')).toContain('👎');
});

it('a text of a mebibyte is compared without a pause', () => {
  const line = 'The quick brown fox jumps over the lazy dog.\n';
  const before = line.repeat(24_000);
  const began = performance.now();
  compare(before, before.replaceAll('fox', 'cat'));
  expect(performance.now() - began).toBeLessThan(2_000);
});
