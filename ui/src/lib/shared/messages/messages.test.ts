import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fill, type Text } from './catalogue';
import { de } from './de';
import { en } from './en';

const placeholders = (text: Text) => {
  const all = typeof text === 'string' ? text : `${text.one} ${text.other}`;
  return [...new Set(all.match(/\{\w+\}/g) ?? [])].sort();
};
const keys = Object.keys(en) as (keyof typeof en)[];

it('both languages have the same texts', () => {
  expect(Object.keys(de).sort()).toEqual([...keys].sort());
});

it.each(keys)('%s fills in the same and has a number in the same places', (key) => {
  expect(placeholders(de[key])).toEqual(placeholders(en[key]));
  expect(typeof de[key]).toBe(typeof en[key]);
});

it('a text is put in its number and filled in, braces in names left alone', () => {
  const plurals = new Intl.PluralRules('en');
  expect(fill(en['common.people'], { count: 1 }, plurals)).toBe('1 person');
  expect(fill(en['common.people'], { count: 0 }, plurals)).toBe('0 people');
  expect(fill('Hello {name}', { name: '{other}' }, plurals)).toBe('Hello {other}');
});

it('every text is used', () => {
  const folder = new URL('../../../', import.meta.url).pathname;
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(svelte|ts)$/.test(name) && !/messages\/(en|de)(-\w+)?\.ts$/.test(name))
    .map((name) => readFileSync(folder + name, 'utf8'))
    .join('\n');
  // Refusals are named by their code.
  const unused = keys.filter((key) => !key.startsWith('error.') && !sources.includes(`'${key}'`));
  expect(unused).toEqual([]);
});
