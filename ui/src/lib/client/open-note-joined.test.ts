import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NoteDraft } from './edit-store';
import { TestNote } from './test-note';

import { Page } from './test-page';

let hostNote: TestNote;
const settle = (after_ms = 0) => vi.advanceTimersByTimeAsync(after_ms);

async function open(drafts: readonly NoteDraft[] = []) {
  const page = new Page(hostNote, drafts);
  await settle();
  return page;
}

beforeEach(() => {
  vi.useFakeTimers();
  hostNote = new TestNote('one two');
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('in a joined app whose host is away', () => {
  async function openAway() {
    hostNote.keeps = true;
    const page = await open();
    page.hostIsThere = false;
    return page;
  }

  it('an edit is kept by the app alone, makes no version, and is in once when the host has it', async () => {
    const page = await openAway();
    page.type(0, 'x');
    await settle(100);
    expect([page.note.dirty, page.note.version]).toEqual([false, 1]);
    expect(await page.kept()).toEqual([]);
    hostNote.accept();
    await settle(100);
    expect([page.body, hostNote.body, page.note.version]).toEqual(['xone two', 'xone two', 2]);
  });

  it('what is typed at a stretch becomes few edits', async () => {
    const page = await openAway();
    for (let count = 0; count < 100; count += 1) {
      page.type(0, 'x');
      await settle(30);
    }
    await settle(1_000);
    expect(page.host.calls('note:edit').length).toBeLessThan(6);
    expect(page.note.dirty).toBe(false);
  });

  it('what the app had not taken yet goes on from what it had, also in another page', async () => {
    const page = await openAway();
    // The app tells nobody of an edit in which is nothing new to it.
    hostNote.hosts.clear();
    page.type(0, 'a');
    await settle(1_100);
    page.host.answer = () => undefined;
    page.type(1, 'b');
    await settle(1_100);
    const drafts = await page.kept();
    expect(drafts).toHaveLength(1);
    page.lose();
    page.note.close();
    const next = new Page(hostNote, drafts);
    expect(next.body).toBe('abone two');
    await settle(100);
    expect(next.body).toBe('abone two');
    hostNote.accept();
    expect(hostNote.body).toBe('abone two');
  });

  it('two pages of one app see what the other writes', async () => {
    const [page, other] = [await openAway(), await openAway()];
    page.type(0, 'x');
    await settle(100);
    expect([other.body, other.note.version]).toEqual(['xone two', 1]);
  });

  it('what others write meanwhile and what was kept come together', async () => {
    const page = await openAway();
    page.type(7, ' three');
    await settle(100);
    hostNote.write(0, 'zero ');
    await settle(100);
    expect([page.body, page.note.version]).toEqual(['zero one two three', 2]);
    hostNote.accept();
    await settle(100);
    expect([page.body, page.note.version]).toEqual(['zero one two three', 3]);
  });

  it('what the host refuses is out of the text, and what was typed since is in it', async () => {
    const page = await openAway();
    page.type(0, 'refused ');
    await settle(1_100);
    page.host.answer = () => undefined;
    page.type(page.body.length, ' since');
    await settle(10);
    hostNote.refuse();
    page.host.answer = hostNote.answer;
    page.note.takeOut();
    await settle(1_200);
    expect(page.body).toBe('one two since');
    expect(hostNote.body).toBe('one two since');
  });
});
