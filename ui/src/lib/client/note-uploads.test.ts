import { beforeEach, expect, it, vi } from 'vitest';
import type { Files, SendFile } from '../platform';
import { Refusal } from '../shared/refusal';
import { LiveText } from './live-text';
import { NoteUploads } from './note-uploads.svelte';

const HASH = 'ab'.repeat(32);
let live: LiveText;
let uploads: NoteUploads;
let answer: (file: SendFile) => Promise<{ type: string }>;
let sent: string[];
let room: string;

beforeEach(() => {
  vi.useFakeTimers();
  live = new LiveText(new Uint8Array([0, 0]), { onEdit: () => {}, onChange: () => {} });
  live.insert(0, 'one two');
  [sent, room] = [[], 'general'];
  answer = () => Promise.resolve({ type: 'image/png' });
  const files: Files = {
    send: async (file) => {
      sent.push(file.name);
      const { type } = await answer(file);
      return { hash: HASH, name: file.name, type, size: file.bytes.size };
    },
    get: () => Promise.reject(new Error('nothing is fetched here')),
  };
  const around = { files, room: () => room, most: () => 100, live: () => live };
  uploads = new NoteUploads(around);
});

const picture = (name: string, size = 10) =>
  new File([new Uint8Array(size)], name, { type: 'image/png' });
const settle = (after_ms = 0) => vi.advanceTimersByTimeAsync(after_ms);
const refuse = (code: 'offline' | 'forbidden') => () =>
  Promise.reject(new Refusal({ code, message: code }));

it('files stand in the text where they were put, in their order, whatever is typed meanwhile', async () => {
  let go = () => {};
  answer = () => new Promise((done) => (go = () => done({ type: 'image/png' })));
  uploads.add([picture('a.png'), picture('b[1].png')], 4);
  live.insert(0, 'zero ');
  live.insert(live.text.length, ' three');
  live.insert(9, 'and ');
  go();
  await settle();
  expect(uploads.all.map((one) => one.name)).toEqual(['b[1].png']);
  answer = () => Promise.resolve({ type: 'application/octet-stream' });
  go();
  await settle();
  expect(live.body).toBe(
    `zero one ![a.png](/files/general/${HASH})![b 1 .png](/files/general/${HASH})and two three`,
  );
  live.undo.undo();
  expect(live.body).toContain('a.png');
  expect(live.body).not.toContain('b 1');
});

it('what is no picture becomes a link', async () => {
  answer = () => Promise.resolve({ type: 'application/octet-stream' });
  uploads.add([picture('notes.pdf')], 0);
  await settle();
  expect(live.body).toBe(`[notes.pdf](/files/general/${HASH})one two`);
});

it('a host that is away gets it when it is back', async () => {
  answer = refuse('offline');
  uploads.add([picture('a.png')], 0);
  await settle(9_000);
  expect(uploads.all[0]!.state).toBe('waiting');
  expect(sent.length).toBeGreaterThan(1);
  answer = () => Promise.resolve({ type: 'image/png' });
  await settle(5_000);
  expect([uploads.all, live.body.includes('a.png')]).toEqual([[], true]);
});

it('what the host refuses or is too large stays there with the reason, and can be tried again', async () => {
  answer = refuse('forbidden');
  uploads.add([picture('a.png'), picture('large.png', 101)], 0);
  await settle();
  expect(uploads.all.map((one) => one.refused?.code)).toEqual(['forbidden', 'too_large']);
  expect(sent).toEqual(['a.png']);
  answer = () => Promise.resolve({ type: 'image/png' });
  uploads.retry(uploads.all[0]!);
  await settle();
  uploads.discard(uploads.all[0]!);
  expect([uploads.all, live.body.includes('a.png')]).toEqual([[], true]);
});

it('what is taken away while it is sent does not come into the text', async () => {
  let go = () => {};
  answer = () => new Promise((done) => (go = () => done({ type: 'image/png' })));
  uploads.add([picture('a.png')], 0);
  uploads.discard(uploads.all[0]!);
  go();
  await settle();
  expect(live.body).toBe('one two');
});

it('files that are to have lines of their own get them, wherever they are put', async () => {
  const mark = (name: string) => `![${name}](/files/general/${HASH})`;
  uploads.add([picture('a.png'), picture('b.png')], live.body.length, true);
  await settle();
  expect(live.body).toBe(`one two\n${mark('a.png')}\n${mark('b.png')}`);
  uploads.add([picture('c.png')], 0, true);
  await settle();
  expect(live.body).toBe(`${mark('c.png')}\none two\n${mark('a.png')}\n${mark('b.png')}`);
  uploads.add([picture('d.png'), picture('e.png')], `${mark('c.png')}\none`.length, true);
  await settle();
  expect(live.body).toContain(`\none\n${mark('d.png')}\n${mark('e.png')}\n two\n`);
});
