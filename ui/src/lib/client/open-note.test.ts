import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { crc32 } from './bytes';
import type { NoteDraft } from './edit-store';
import { salvage } from './salvage';
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

describe('an open note', () => {
  it('sends an edit at once, and what is typed meanwhile merged behind it', async () => {
    const page = await open();
    for (const letter of 'abc') page.type(0, letter);
    await settle();
    expect(page.host.calls('note:edit')).toHaveLength(1);
    await settle(60);
    expect(page.host.calls('note:edit')).toHaveLength(2);
    expect(hostNote.body).toBe('cbaone two');
    expect(page.note.dirty).toBe(false);
  });

  it('takes in what others write as it is told', async () => {
    const page = await open();
    hostNote.write(0, 'zero ');
    await settle();
    expect(page.body).toBe('zero one two');
    expect(page.host.calls('note:edit')).toEqual([]);
  });

  it('fetches what is missing when a version was left out', async () => {
    const page = await open();
    hostNote.hosts.clear();
    hostNote.write(0, 'zero ');
    hostNote.hosts.add(page.host);
    hostNote.write(0, 'minus one ');
    await settle();
    expect(page.body).toBe('minus one zero one two');
    expect(page.host.calls('note:open').at(-1)).toMatchObject({ since_version: 1, run: 'run-1' });
  });

  it('goes on from its version after the connection was lost, and sends what was typed', async () => {
    const page = await open();
    page.lose();
    for (const letter of 'abc') page.type(0, letter);
    hostNote.write(7, ' three');
    await settle(500);
    expect(page.note.dirty).toBe(true);
    page.appear();
    await settle(500);
    expect(hostNote.body).toBe('cbaone two three');
    expect(page.body).toBe(hostNote.body);
    expect(page.note.dirty).toBe(false);
    expect(await page.kept()).toEqual([]);
  });

  it('repeats an edit whose answer was lost under the same id, and it is in once', async () => {
    const page = await open();
    page.host.answer = (name, payload) => void hostNote.answer(name, payload);
    page.type(0, 'x');
    await settle(100);
    page.lose();
    page.host.answer = hostNote.answer;
    page.appear();
    await settle(100);
    const ids = page.host.calls('note:edit').map((call) => call.id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(hostNote.body).toBe('xone two');
    expect(page.body).toBe('xone two');
  });

  it('waits as long as the host says before it sends more', async () => {
    const page = await open();
    hostNote.refusal = { code: 'rate_limited', message: 'Slower.', retry_after_ms: 700 };
    page.type(0, 'x');
    await settle(600);
    expect(page.host.calls('note:edit')).toHaveLength(1);
    hostNote.refusal = null;
    await settle(200);
    expect(hostNote.body).toBe('xone two');
  });

  it('offers a refused text again under another client id', async () => {
    const page = await open();
    const first = page.note.live!.doc.clientID;
    hostNote.refusal = { code: 'bad_request', message: 'No.' };
    page.type(3, ' and a half');
    hostNote.write(0, 'zero ');
    await settle();
    hostNote.refusal = null;
    await settle(200);
    expect(page.note.live!.doc.clientID).not.toBe(first);
    expect(hostNote.body).toBe('zero one and a half two');
    expect(page.body).toBe(hostNote.body);
    page.type(0, 'still ');
    await settle(200);
    expect(hostNote.body).toBe('still zero one and a half two');
  });

  it('keeps the text that the host refuses for good, until it is changed', async () => {
    const page = await open();
    hostNote.refusal = { code: 'too_large', message: 'Too long.' };
    page.type(0, 'x');
    await settle(5_000);
    expect(page.note.refused?.code).toBe('too_large');
    expect(page.host.calls('note:edit')).toHaveLength(1);
    expect(await page.kept()).toHaveLength(1);
    hostNote.refusal = null;
    page.type(0, 'y');
    await settle(200);
    expect([page.note.refused, hostNote.body]).toEqual([null, 'yxone two']);
  });

  it('sends what is too long for the host at once without what was taken back of it', async () => {
    const page = await open();
    page.lose();
    for (let times = 0; times < 4; times += 1) {
      page.type(0, 'x'.repeat(3_000));
      page.note.live!.text.delete(0, 3_000);
    }
    page.type(0, 'y');
    page.appear();
    await settle(500);
    expect([hostNote.body, page.note.dirty]).toEqual(['yone two', false]);

    page.type(0, 'z'.repeat(11_000));
    await settle(500);
    expect(page.note.refused?.code).toBe('too_large');
    expect(await page.kept()).toHaveLength(1);
    for (const payload of page.host.calls('note:edit')) {
      expect(JSON.stringify(payload).length).toBeLessThan(10_000);
    }
    page.note.live!.text.delete(0, 10_000);
    await settle(500);
    expect(hostNote.body).toBe(`${'z'.repeat(1_000)}yone two`);
  });

  it('that cannot be opened because too many are is opened once others are closed', async () => {
    const page = await open();
    page.lose();
    page.type(0, 'x');
    page.host.answer = () => ({ error: { code: 'too_large', message: '32 are open.' } });
    page.appear();
    await settle(100);
    expect(page.makeRoom).toHaveBeenCalledOnce();
    expect([page.note.refused, page.note.body]).toEqual([null, 'xone two']);
    page.host.answer = hostNote.answer;
    await settle(3_500);
    expect([hostNote.body, page.note.dirty]).toEqual(['xone two', false]);
  });

  it('whose host ran out of disk is tried again, not too fast', async () => {
    const page = await open();
    hostNote.refusal = { code: 'storage_full', message: 'Full.' };
    page.type(0, 'x');
    await settle(7_000);
    expect(page.note.trouble).toBe('storage_full');
    expect(page.host.calls('note:edit')).toHaveLength(3);
    hostNote.refusal = null;
    await settle(3_100);
    expect([page.note.trouble, hostNote.body]).toEqual([null, 'xone two']);
  });

  it('that differs from the host’s sum is opened again and reported once', async () => {
    const page = await open();
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    page.host.emit('note check', { key: 'plan', version: 1, crc32: crc32('one two') });
    expect(warned).not.toHaveBeenCalled();
    for (let times = 0; times < 2; times += 1) {
      page.host.emit('note check', { key: 'plan', version: 1, crc32: 1 });
      await settle();
    }
    expect(warned).toHaveBeenCalledTimes(1);
    expect(page.host.calls('note:open').at(-1)).toEqual({ key: 'plan' });
    expect(page.body).toBe('one two');
  });

  it('out of sight with unsent edits keeps them for a copy', async () => {
    const page = await open();
    page.lose();
    page.type(0, 'mine ');
    page.host.answer = () => ({ error: { code: 'not_found', message: 'Gone.' } });
    page.appear();
    await settle(200);
    expect(page.note.refused?.code).toBe('not_found');
    expect(page.note.body).toBe('mine one two');
    expect(await page.kept()).toHaveLength(1);
  });
});

describe('another history', () => {
  it('gets what it lacks as a difference', async () => {
    const page = await open();
    hostNote.write(7, ' three');
    await settle();
    page.lose();
    page.type(0, 'mine ');
    hostNote.goBack(1);
    hostNote.write(7, '!');
    page.note.startOver();
    page.appear();
    await settle(200);
    expect(hostNote.body).toBe('mine one two!');
    expect(page.body).toBe(hostNote.body);
  });

  it('is recognised by the host’s answer to opening', async () => {
    const page = await open();
    page.lose();
    page.type(7, ' mine');
    page.host.answer = (name, payload) =>
      payload.since_version === undefined
        ? hostNote.answer(name, payload)
        : { error: { code: 'diverged', message: 'Another history.' } };
    page.appear();
    await settle(200);
    expect(hostNote.body).toBe('one two mine');
  });
});

it('somebody who types on and on is kept on this device all the while', async () => {
  const page = await open();
  page.lose();
  for (let count = 0; count < 10; count += 1) {
    page.type(0, 'x');
    await settle(30);
  }
  const next = new Page(new TestNote(''), await page.kept());
  next.lose();
  expect(next.note.body).toMatch(/^x{8,}/);
});

describe('a page that is gone', () => {
  it('leaves its edits with all that others wrote between them', async () => {
    const page = await open();
    page.host.answer = (name, payload) =>
      name === 'note:edit' ? undefined : hostNote.answer(name, payload);
    page.type(0, 'x');
    await settle(100);
    hostNote.write(7, ' three');
    await settle(100);
    page.type(page.body.length, '!');
    await settle(100);
    const [draft] = await page.kept();
    expect(draft!.since).toHaveLength(1);
    const next = new Page(new TestNote(''), [draft!]);
    next.lose();
    expect(next.body).toBe('xone two three!');
    expect(salvage(draft!)).toBe('xone two three!');
  });

  it('leaves its unsent edits to the next, which sends them', async () => {
    const page = await open();
    page.lose();
    page.type(0, 'x');
    await settle(100);
    page.note.close();
    hostNote.write(7, ' three');
    const next = await open(await page.kept());
    await settle(100);
    expect(hostNote.body).toBe('xone two three');
    expect(next.body).toBe(hostNote.body);
    expect(await next.kept()).toEqual([]);
  });

  it('with an edit on its way does not write twice what the host has already', async () => {
    const page = await open();
    page.host.answer = (name, payload) => void hostNote.answer(name, payload);
    page.type(0, 'x');
    await settle(60);
    page.type(0, 'y');
    page.note.keepNow();
    page.note.close();
    expect(hostNote.body).toBe('xone two');
    await open(await page.kept());
    await settle(200);
    expect(hostNote.body).toBe('yxone two');
  });

  it('shows what was typed before the host answers', async () => {
    const page = await open();
    page.lose();
    page.type(0, 'x');
    await settle(100);
    const next = new Page(new TestNote(''), await page.kept());
    next.lose();
    expect([next.note.status, next.note.body, next.note.dirty]).toEqual([
      'ready',
      'xone two',
      true,
    ]);
  });
});

describe('what tabs that are gone left', () => {
  /** A tab that typed while its host was away, and is gone. */
  async function left(at: number, text: string): Promise<NoteDraft> {
    const page = await open();
    page.lose();
    page.type(at, text);
    await settle(100);
    const [draft] = await page.kept();
    page.note.close();
    return { ...draft!, slot: text };
  }

  it('comes to the host all together, each once', async () => {
    const drafts = [await left(0, 'a'), await left(3, 'b'), await left(7, 'c')];
    hostNote.write(4, 'and ');
    const page = await open(drafts);
    await settle(300);
    expect(hostNote.body).toBe('aoneb and twoc');
    expect(page.body).toBe(hostNote.body);
    expect([page.note.waits, await page.kept()]).toEqual([false, []]);
    await open(drafts);
    await settle(300);
    expect(hostNote.body).toBe('aoneb and twoc');
  });

  it('and was made in another history comes as a difference', async () => {
    const draft = await left(7, '!');
    hostNote.goBack(0);
    hostNote.write(0, 'one two');
    const mine = { ...(await left(0, 'a')), version: 1 };
    const page = await open([mine, draft]);
    await settle(300);
    expect(hostNote.body).toBe('aone two!');
    expect(page.body).toBe(hostNote.body);
  });

  it('and builds on what a restored host has no more comes as a difference', async () => {
    const away = await open();
    away.lose();
    away.type(0, 'a');
    await settle(100);
    away.appear();
    hostNote.write(hostNote.body.length, ' three');
    away.host.answer = (name, payload) =>
      name === 'note:edit' ? undefined : hostNote.answer(name, payload);
    await settle(10);
    away.type(away.body.length, '!');
    await settle(100);
    const [draft] = await away.kept();
    away.note.close();
    hostNote.goBack(1);
    hostNote.write(0, 'new ');
    const page = await open([
      { ...(await left(0, 'b')), version: 2 },
      { ...draft!, slot: 'x' },
    ]);
    await settle(300);
    expect(hostNote.body).toContain('!');
    expect(page.body).toBe(hostNote.body);
  });

  it('and somebody else wrote comes under this person’s own client id', async () => {
    const draft = { ...(await left(0, 'a')), member: 'before' };
    const page = await open([draft]);
    await settle(200);
    expect(hostNote.body).toBe('aone two');
    expect(page.note.live!.doc.store.clients.size).toBe(2);
  });

  it('and is broken does not keep the note from opening, and is kept to be copied', async () => {
    const good = await left(0, 'a');
    const waiting = [...good.own.waiting, new Uint8Array([1, 1, 255, 255])];
    const broken = { ...good, slot: 'broken', own: { ...good.own, waiting } };
    const worse = { ...good, slot: 'worse', base: new Uint8Array([9]) };
    const page = await open([broken, worse, await left(7, '!')]);
    await settle(300);
    expect([page.note.status, hostNote.body]).toEqual(['ready', 'one two!']);
    expect(page.note.aside.map(salvage)).toEqual(['aone two', '']);
    const kept = await page.kept();
    expect(kept.map((one) => one.aside)).toEqual([true, true]);
    for (const one of page.note.aside) page.note.dropAside(one);
    expect([page.note.waits, await page.kept()]).toEqual([false, []]);
  });

  it('and cannot be placed any more is kept to be copied', async () => {
    const drafts = [await left(0, 'a'), await left(7, '!')];
    const page = new Page(hostNote, drafts);
    page.host.answer = () => ({ error: { code: 'not_found', message: 'Gone.' } });
    await settle(200);
    expect(page.note.body).toBe('aone two');
    expect(page.note.aside.map(salvage)).toEqual(['one two!']);
  });
});

it('every key that is typed while the host is away is on the device at once', async () => {
  const page = await open();
  page.lose();
  page.type(0, 'x');
  await settle(30);
  for (const text of ['xy', 'xyz']) {
    page.type(text.length - 1, text.at(-1)!);
    const next = new Page(new TestNote(''), await page.kept());
    next.lose();
    expect(next.body).toBe(`${text}one two`);
  }
});

describe('cursors', () => {
  it('are told at most every 50 ms, the last one surely', async () => {
    const page = await open();
    for (let at = 0; at < 5; at += 1) page.note.cursors.move({ anchor: at, head: at });
    await settle(200);
    const told = page.host.told.filter((one) => one.name === 'cursor');
    expect(told.map((one) => one.payload)).toEqual([
      { key: 'plan', position: { anchor: 0, head: 0 } },
      { key: 'plan', position: { anchor: 4, head: 4 } },
    ]);
  });

  it('of others are known while they have the note open', async () => {
    const page = await open();
    const cursor = { socket: 's', member: 'mina', name: 'Mina', color: '#c8553d' };
    const mine = { ...cursor, socket: 'm', member: 'me', position: { anchor: 1, head: 1 } };
    page.host.emit('cursors', {
      key: 'plan',
      cursors: [{ ...cursor, position: { anchor: 1, head: 1 } }, mine],
    });
    expect([...page.note.cursors.others.keys()]).toEqual(['s']);
    page.host.emit('cursors', { key: 'plan', cursors: [cursor] });
    expect(page.note.cursors.others.size).toBe(0);
  });
});

it('three people who type over bad connections end with one text that has all of it', async () => {
  let seed = 7;
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const people = [await open(), await open(), await open()];
  let typed = 'one two';
  for (let step = 0; step < 500; step += 1) {
    const page = people[random(3)]!;
    const what = random(12);
    if (what === 0) page.lose();
    else if (what < 4) page.appear();
    else {
      const letter = String.fromCharCode(97 + random(26));
      page.type(random(page.body.length + 1), letter);
      typed += letter;
    }
    // Now and then an answer is lost on the way.
    page.host.answer = (name, payload) => {
      const answer = hostNote.answer(name, payload);
      return name === 'note:edit' && random(10) === 0 ? undefined : answer;
    };
    await settle(random(200));
  }
  for (const page of people) {
    page.lose();
    page.host.answer = hostNote.answer;
    page.appear();
  }
  await settle(5_000);
  expect([...hostNote.body].sort().join('')).toBe([...typed].sort().join(''));
  for (const page of people) {
    expect(page.body).toBe(hostNote.body);
    expect(page.note.dirty).toBe(false);
  }
});
