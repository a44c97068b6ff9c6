import { expect, it } from 'vitest';
import type { OpenNote } from '../client/open-note.svelte';
import type { SessionClient } from '../client/session-client.svelte';
import type { LinkTrouble } from '../protocol';
import { explain } from '../shared/explain';
import { saveState } from './save-state';

interface Told {
  live?: boolean;
  pending?: number;
  /** How many notes the host refuses. */
  refused?: number;
  /** In the window of an app that has joined: what keeps it from its host. */
  why?: LinkTrouble | null;
}

/** A session of which the mark is told this much. */
function session({ live = true, pending = 0, refused = 0, why }: Told): SessionClient {
  const told = {
    live,
    pending,
    joined: why !== undefined,
    link: why === undefined ? null : { pending, why: why ?? undefined },
    mayTalk: true,
    mayWrite: true,
    state: { notes: new Map() },
    desk: { refused: Array.from({ length: refused }) },
  };
  return told as unknown as SessionClient;
}

const note = (told: Partial<OpenNote>) => told as OpenNote;

it('what the host refuses elsewhere is said where no note is open, and never called saving', () => {
  expect(saveState(session({ pending: 1, refused: 1 }), null).kind).toBe('trouble');
  expect(saveState(session({ pending: 1, refused: 1 }), note({})).kind).toBe('saved');
  expect(saveState(session({ pending: 2, refused: 1 }), note({})).kind).toBe('saving');
});

it('a note that is refused says so itself', () => {
  const refused = { code: 'gone', message: '' } as const;
  expect(saveState(session({ pending: 1, refused: 1 }), note({ refused })).kind).toBe('trouble');
});

it('what waits for a host that is away is counted', () => {
  expect(saveState(session({ live: false, pending: 2 }), null)).toMatchObject({
    kind: 'waiting',
    text: 'Not yet with the host (2)',
  });
});

it('says whose disk is full, and of no other trouble that a disk is', () => {
  const full = note({ trouble: 'storage_full' });
  const said = (told: Told, trouble = full) => saveState(session(told), trouble).text;
  expect(said({})).toBe('The host’s disk is full');
  expect(said({ why: null })).toBe('This computer’s disk is full');
  expect(said({ why: 'disk_full' })).toBe('This computer’s disk is full');
  expect(said({ why: 'host_disk_full' })).toBe('The host’s disk is full');
  for (const why of [undefined, null, 'disk_full'] as const) {
    expect(said({ why }, note({ trouble: 'internal' }))).toBe('Not saved yet, tried again');
  }
});

it('what nobody sends again is not promised to be sent', () => {
  expect(explain({ code: 'storage_full', message: '' })).toMatch(/Nothing was changed.*try again/);
});
