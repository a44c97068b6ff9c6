import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contrast, inkOn } from '../contrast';
import { PERSON_COLORS } from '../person-colors';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

const GROUNDS = ['paper', 'sunken', 'surface', 'raised', 'hover'];
const TEXTS = ['ink', 'ink-soft', 'ink-faint', 'accent', 'accent-strong', 'good', 'warn', 'bad'];
const PAIRS: [text: string, ground: string][] = [
  ...GROUNDS.flatMap((ground) => TEXTS.map((text): [string, string] => [text, ground])),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['accent', 'accent-soft'],
  ['accent-strong', 'accent-soft'],
  ['ink', 'accent-soft'],
  ['ink-soft', 'accent-soft'],
  ...['good', 'warn', 'bad'].flatMap((mood): [string, string][] => [
    [mood, `${mood}-soft`],
    ['ink', `${mood}-soft`],
    ['ink-soft', `${mood}-soft`],
  ]),
];

function themeTokens(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[\da-f]{6});/g)].map((m) => [m[1], m[2]]),
  );
}

describe.each([
  ['light', ':root'],
  ['dark', ":root[data-theme='dark']"],
])('in the %s theme', (_name, selector) => {
  const tokens = themeTokens(selector);

  it.each(PAIRS)('%s on %s can be read by everybody', (text, ground) => {
    expect(contrast(tokens[text]!, tokens[ground]!)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['paper', 'surface', 'raised'])('the edge of a field stands out from %s', (ground) => {
    expect(contrast(tokens['line-strong']!, tokens[ground]!)).toBeGreaterThanOrEqual(3);
  });
});

it('initials can be read on every colour there is', () => {
  const grid = [0, 51, 102, 119, 128, 153, 204, 255].map((n) => n.toString(16).padStart(2, '0'));
  for (const r of grid)
    for (const g of grid)
      for (const b of grid) {
        const color = `#${r}${g}${b}`;
        expect(contrast(color, inkOn(color)), color).toBeGreaterThanOrEqual(4.5);
      }
  for (const color of PERSON_COLORS)
    expect(contrast(color, inkOn(color))).toBeGreaterThanOrEqual(4.5);
});
