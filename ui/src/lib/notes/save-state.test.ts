import { expect, it } from 'vitest';
import type { OpenNote } from '../client/open-note.svelte';
import type { SessionClient } from '../client/session-client.svelte';
import { saveState } from './save-state';

interface Told {
  live?: boolean;
  pending?: number;
  /** How many notes the host refuses. */
  refused?: number;
}

/** A session of which the mark is told this much. */
function session({ live = true, pending = 0, refused = 0 }: Told): SessionClient {
  const told = {
    live,
    pending,
    link: null,
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
