import { describe, expect, it } from 'vitest';
import type { EarlierItem } from '../protocol';
import { Refusal } from '../shared/refusal';
import type { Connection } from './connection.svelte';
import { Earlier } from './earlier.svelte';

function item(name: string, best: EarlierItem['best']): EarlierItem {
  return {
    ...{ item: name, kind: 'message', by: 'me', name: 'Me', text: name, room: 'general' },
    ...{ cut: false, differs: false, unsent: false, again: best !== 'beside', best },
  };
}

type Asked = { item?: string; anew?: boolean; body?: string; id?: string; hash?: string };

/** An app that offers these things, and refuses the calls that `refuses` says. */
function app(
  offered: EarlierItem[],
  refuses: (name: string, payload: object) => string | null,
  { page = 100, pictures = [] }: { page?: number; pictures?: string[] } = {},
) {
  const heard: string[] = [];
  let left = offered;
  const call = (name: string, payload: Asked) => {
    const said = payload.item ?? payload.body ?? payload.hash ?? '';
    const code = refuses(name, payload);
    const as = name === 'note:create' && `as ${payload.id}`;
    heard.push([name, said, as, payload.anew && 'anew', code].filter(Boolean).join(' '));
    if (code) return Promise.reject(new Refusal({ code: code as 'gone', message: code }));
    if (name === 'earlier:list') {
      const more = left.length > page;
      return Promise.resolve({ items: left.slice(0, page), more, waits: false });
    }
    if (name === 'earlier:discard') left = left.filter((one) => one.item !== payload.item);
    if (name === 'note:create') return Promise.resolve({ note: { key: 'new' } });
    const again = [
      { name: 'message:send', payload: { body: `${said}${payload.anew ? '2' : ''}` } },
    ];
    const files = pictures.map((hash) => ({ name: 'earlier:file', payload: { hash } }));
    const beside = payload.anew ? 'other' : 'one';
    return Promise.resolve({ text: said, again: [...files, ...again], files, beside });
  };
  const earlier = new Earlier(call as unknown as Connection['call']);
  return { earlier, heard };
}

describe('everything', () => {
  it('brings back what is sure and leaves the rest to the person', async () => {
    const things = [item('a', 'again'), item('b', 'beside'), item('c', 'ask')];
    const { earlier, heard } = app(things, () => null);
    await earlier.list();
    expect(await earlier.bringAll(() => 'title')).toBe(0);
    expect(heard.filter((call) => !call.startsWith('earlier'))).toEqual([
      'message:send a',
      'note:create b as one',
    ]);
    expect(earlier.items.map((one) => one.item)).toEqual(['c']);
    expect(earlier.progress).toBeNull();
  });

  it('is offered no more at once, to the last page', async () => {
    const things = ['a', 'b', 'c', 'd', 'e'].map((name) => item(name, 'again'));
    const { earlier, heard } = app(things, () => null, { page: 2 });
    await earlier.list();
    await earlier.discardAll();
    expect(earlier.items).toEqual([]);
    expect(heard.filter((call) => call.startsWith('earlier:discard'))).toHaveLength(5);
    expect(heard.every((call) => call.startsWith('earlier:'))).toBe(true);
  });

  it('says how much was refused, keeps that, and goes on with the rest', async () => {
    const things = [item('a', 'again'), item('b', 'again')];
    const { earlier } = app(things, (name, payload) =>
      name === 'message:send' && 'body' in payload && payload.body === 'a' ? 'gone' : null,
    );
    await earlier.list();
    expect(await earlier.bringAll(() => 'title')).toBe(1);
    expect(earlier.items.map((one) => one.item)).toEqual(['a']);
  });

  it('goes on to the last page, and tries what is refused only once', async () => {
    const things = ['a', 'b', 'c', 'd', 'e'].map((name) => item(name, 'again'));
    const refuses = (name: string, payload: object) =>
      name === 'message:send' && 'body' in payload && payload.body === 'a' ? 'gone' : null;
    const { earlier, heard } = app(things, refuses, { page: 2 });
    await earlier.list();
    const steps: (typeof earlier.progress)[] = [];
    const titleOf = () => {
      steps.push(earlier.progress);
      return 'title';
    };
    expect(await earlier.bringAll(titleOf)).toBe(1);
    expect(earlier.items.map((one) => one.item)).toEqual(['a']);
    expect(heard.filter((call) => call.startsWith('message:send a'))).toHaveLength(1);
    // What was refused is counted as done with, and not as waiting as well.
    expect(steps).toEqual([
      { done: 0, of: 2 },
      { done: 1, of: 2 },
      { done: 2, of: 3 },
      { done: 3, of: 4 },
      { done: 4, of: 5 },
    ]);
  });

  it('stops when the app does not answer any more', async () => {
    const { earlier, heard } = app([item('a', 'again'), item('b', 'again')], (name) =>
      name === 'earlier:read' ? 'offline' : null,
    );
    await earlier.list();
    await expect(earlier.bringAll(() => 'title')).rejects.toThrow();
    expect(heard.filter((call) => call.startsWith('earlier:read'))).toHaveLength(1);
    expect(earlier.progress).toBeNull();
  });
});

it('an id that is taken where nobody can look is replaced by a new one', async () => {
  const { earlier, heard } = app([item('a', 'again')], (name, payload) =>
    name === 'message:send' && 'body' in payload && payload.body === 'a' ? 'conflict' : null,
  );
  await earlier.list();
  await earlier.bring(earlier.items[0]!);
  expect(heard).toContain('earlier:read a anew');
  expect(heard.at(-1)).toBe('earlier:discard a');
  expect(earlier.items).toEqual([]);
});

describe('a note beside', () => {
  const isTaken = (name: string, payload: object) =>
    name === 'note:create' && 'id' in payload && payload.id === 'one' ? 'conflict' : null;

  it('is the one that somebody else has made of the same words meanwhile', async () => {
    const offered = [item('a', 'beside')];
    const { earlier, heard } = app(offered, (name, payload) => {
      if (isTaken(name, payload)) offered.length = 0;
      return isTaken(name, payload);
    });
    await earlier.list();
    expect(await earlier.setBeside(earlier.items[0]!, 'general', 'title')).toBe('one');
    expect(heard.filter((call) => call.startsWith('note:create'))).toHaveLength(1);
    expect(earlier.items).toEqual([]);
  });

  it('has another id where that one is taken out of sight', async () => {
    const { earlier, heard } = app([item('a', 'beside')], isTaken);
    await earlier.list();
    expect(await earlier.setBeside(earlier.items[0]!, 'general', 'title')).toBe('other');
    expect(heard).toContain('note:create a as other');
  });
});

describe('pictures', () => {
  it('come before the words that speak of them, wherever these are put', async () => {
    const { earlier, heard } = app([item('a', 'again'), item('b', 'beside')], () => null, {
      pictures: ['p'],
    });
    await earlier.list();
    expect(await earlier.bringAll(() => 'title')).toBe(0);
    expect(heard.filter((call) => !/read|list|discard/.test(call))).toEqual([
      'earlier:file p',
      'message:send a',
      'earlier:file p',
      'note:create b as one',
    ]);
  });

  it('that the host does not take keep no words away, and that is said', async () => {
    const isFull = (name: string) => (name === 'earlier:file' ? 'storage_full' : null);
    const { earlier, heard } = app([item('a', 'again')], isFull, { pictures: ['p', 'q'] });
    await earlier.list();
    await expect(earlier.bring(earlier.items[0]!)).rejects.toMatchObject({ code: 'storage_full' });
    expect(heard).toContain('message:send a');
  });
});
