import { expect, it } from 'vitest';
import { textChanges } from './text-changes';

/** `before` with the changes made in it. */
function made(before: string, after: string, forPeople: boolean): string {
  let text = '';
  let at = 0;
  for (const { fromA, toA, fromB, toB } of textChanges(before, after, forPeople)) {
    text += before.slice(at, fromA) + after.slice(fromB, toB);
    at = toA;
  }
  return text + before.slice(at);
}

const LINE = 'The quick brown fox jumps over the lazy dog.\n';
const LONG = LINE.repeat(24_000);
const LINES = Array.from({ length: 400 }, (_, index) => `Line ${index} has words.`).join('\n');

const CASES: [what: string, before: string, after: string][] = [
  ['words', 'one two', 'one 2 two'],
  ['pairs that share a half', 'so 👍', 'so 👎'],
  ['nothing', LONG, LONG],
  ['a word in every line of a mebibyte', LONG, LONG.replaceAll('fox', 'cat')],
  ['a mebibyte that goes', LONG, ''],
  ['lines that come and go', LINES, LINES.replace(/Line 7\d.*\n/g, '').replace('Line 9 ', 'New\n')],
  ['other lines altogether', LINES, LONG.slice(0, 20_000)],
  ['one long line', 'word '.repeat(100_000), `first ${'word '.repeat(99_000)}last`],
  ['words that repeat', 'ab '.repeat(100_000), 'ba '.repeat(90_000)],
  ['nothing but breaks', '\n'.repeat(900_000), `${'\n'.repeat(500_000)}x${'\n'.repeat(300_000)}`],
  ['more lines than there are signs for', numbered(70_000), numbered(69_000)],
];

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `${index}\n`).join('');
}

it.each(CASES)('%s: the changes make the one text of the other, quickly', (_, before, after) => {
  for (const forPeople of [false, true]) {
    const began = performance.now();
    expect(made(before, after, forPeople) === after).toBe(true);
    expect(performance.now() - began).toBeLessThan(2_000);
  }
});

it('only what changed in a long text is a change', () => {
  const changes = textChanges(LINES, LINES.replace('Line 200 has', 'Line 200 had'));
  expect(changes.reduce((sum, one) => sum + one.toA - one.fromA, 0)).toBe(1);
});
