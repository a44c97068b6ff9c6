import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { formatPlace, parsePlace, takeInvitation } from './route.svelte';

const replaced = vi.fn();

beforeEach(() => {
  replaced.mockClear();
  vi.stubGlobal('history', { state: null, replaceState: replaced });
});
afterEach(() => vi.unstubAllGlobals());

function at(hash: string) {
  vi.stubGlobal('location', { hash, pathname: '/', search: '' });
}

it.each(['#/room/a', '#/room/a/c', '#/note/b', '#/note/b/history', '#/invite', '#/trash', '#/'])(
  '%s leads back to itself',
  (hash) => {
    expect(formatPlace(parsePlace(hash))).toBe(hash);
  },
);

it('an address that names no place shows none', () => {
  for (const hash of ['', '#', '#/room', '#/settings/x']) {
    expect(parsePlace(hash)).toEqual({ kind: 'none' });
  }
});

it('an invitation is taken out of the address, a place is left there', () => {
  at('#s3cret-token_');
  expect(takeInvitation()).toBe('s3cret-token_');
  expect(replaced).toHaveBeenCalledWith(null, '', '/');
  at('#/room/a');
  expect(takeInvitation()).toBeNull();
  expect(replaced).toHaveBeenCalledOnce();
});
