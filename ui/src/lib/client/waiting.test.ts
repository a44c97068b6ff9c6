import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fact, Link } from '../protocol';
import { ShelfEdits } from './edit-store';
import { SessionClient } from './session-client.svelte';
import { WAITING_SEQ } from './session-state';
import { memoryStore, Shelf } from './shelf';
import { fact, message, note, room, snapshot, TestHost, waiting, welcome } from './test-host';

/** A joined app's own server, and the page that shows what it keeps. */
let host: TestHost;
let client: SessionClient;
let answers: Record<string, (payload: Record<string, unknown>) => object>;

beforeEach(() => {
  vi.useFakeTimers();
  host = new TestHost();
  answers = {
    thanks: () => ({ ok: snapshot() }),
    'session:knocks': () => ({ ok: { knocks: [] } }),
    'outbox:list': () => ({ ok: { refused: [], waiting: 0 } }),
  };
  host.answer = (name, payload) => answers[name]?.(payload) ?? { ok: {} };
  const shelf = new Shelf(memoryStore(), 's', 't');
  const edits = new ShelfEdits(shelf, true);
  const files = { send: vi.fn(), get: vi.fn() };
  const left = { drafts: [], unread: false };
  client = new SessionClient({ openWire: host.openWire, shelf, edits, files, left });
});
afterEach(() => vi.useRealTimers());

const settle = (after_ms = 0) => vi.advanceTimersByTimeAsync(after_ms);
const link = (state: Link['state'], pending = 0) => host.emit('link', { state, pending });
const rows = () => client.state?.messages.get('general')?.map((one) => one.body) ?? [];
const titles = () => [...(client.state?.notes.values() ?? [])].map((one) => one.title);

async function enter(state: Link['state'] = 'away', pending = 0) {
  host.appear(welcome());
  link(state, pending);
  await settle();
}

/** A message of one's own, numbered once the host has it. */
function mine(id: string, seq: number): Fact {
  const fields = { id, by: 'me', body: id };
  const name = 'messageposted';
  if (seq >= WAITING_SEQ) return waiting(id, { name, message: message(seq, fields) });
  return fact(seq, { name, id, by: 'me', message: message(seq, fields) });
}

describe('how it stands with the host', () => {
  it('is what the app says of the host, not that the app itself answers', async () => {
    await enter('away');
    expect([client.answers, client.live, client.reach]).toEqual([true, false, 'away']);
    link('catching_up');
    expect([client.live, client.reach]).toEqual([false, 'catching_up']);
    link('live');
    expect([client.live, client.reach]).toEqual([true, 'live']);
    host.lose();
    expect([client.live, client.reach]).toEqual([false, 'away']);
  });

  it('counts what the app keeps as not yet with the host', async () => {
    await enter('away', 3);
    expect(client.pending).toBe(3);
    link('live', 1);
    expect(client.pending).toBe(1);
  });

  it('is told anew where this page is, once the host is back', async () => {
    await enter('away');
    const before = host.told.length;
    link('live');
    expect(host.told.slice(before).map(({ name }) => name)).toEqual(['presence']);
  });
});

describe('what waits for the host', () => {
  it('stands behind everything else, marked, until the host tells it with a number', async () => {
    await enter('away', 2);
    host.tellFact(mine('first', WAITING_SEQ));
    host.tellFact(mine('second', WAITING_SEQ + 1));
    link('live', 2);
    host.tellFact(fact(11, { name: 'messageposted', message: message(11) }));
    expect(rows()).toEqual(['Text 11', 'first', 'second']);
    const marks = () =>
      client.state!.messages.get('general')!.map((one) => client.known.waiting.hasMessage(one));
    expect(marks()).toEqual([false, true, true]);
    host.tellFact(mine('first', 12));
    expect(rows()).toEqual(['Text 11', 'first', 'second']);
    expect(marks()).toEqual([false, false, true]);
  });

  it('does not count as heard: coming back asks for a snapshot and not for what follows it', async () => {
    await enter('away', 1);
    host.tellFact(mine('first', WAITING_SEQ));
    expect(client.state?.head).toBe(10);
    host.lose();
    await enter('away', 1);
    expect(host.calls('thanks')).toEqual([{ batch: true }, { batch: true }]);
  });

  it('is shown from the answer on, once, whichever comes first', async () => {
    await enter('away');
    const made = note('plan', { version: 0 });
    client.known.learnNote(made, true);
    expect(titles()).toEqual(['plan']);
    expect(client.known.waiting.has('plan')).toBe(true);
    host.tellFact(waiting('plan', { name: 'notecreated', note: made }));
    host.tellFact(fact(11, { name: 'notecreated', id: 'plan', note: made }));
    expect(titles()).toEqual(['plan']);
    expect(client.known.waiting.has('plan')).toBe(false);
  });

  it('keeps a new title over what others do to the note meanwhile', async () => {
    answers.thanks = () => ({ ok: snapshot({ notes: [note('plan', { version: 3 })] }) });
    await enter('away');
    const renamed = note('plan', { title: 'Plan B', version: 3 });
    host.tellFact(waiting('call', { name: 'noteupdated', note: renamed }));
    host.tellFact(fact(11, { name: 'noteedited', key: 'plan', version: 4, update: 'AAA=' }));
    expect(client.state?.notes.get('plan')).toMatchObject({ title: 'Plan B', version: 4 });
  });

  it('does not move the version of a note that was edited, and marks it', async () => {
    answers.thanks = () => ({ ok: snapshot({ notes: [note('plan', { version: 3 })] }) });
    await enter('away');
    const edit = { name: 'noteedited', key: 'plan', update: 'AAA=' };
    host.tellFact(waiting('edit', { ...edit, version: 3 }));
    expect(client.state?.notes.get('plan')?.version).toBe(3);
    expect(client.known.waiting.has('plan')).toBe(true);
    host.tellFact(fact(11, { ...edit, id: 'edit', by: 'me', version: 4 }));
    expect(client.known.waiting.has('plan')).toBe(false);
  });

  it('is marked where the app says so of a room or note, until nothing waits any more', async () => {
    const rooms = [room('general'), room('attic', { pending: true })];
    const notes = [note('plan', { pending: true }), note('old')];
    answers.thanks = () => ({ ok: snapshot({ rooms, notes }) });
    await enter('away', 2);
    const marked = () =>
      ['general', 'attic', 'plan', 'old'].filter((id) => client.known.waiting.has(id));
    expect(marked()).toEqual(['attic', 'plan']);
    link('live', 1);
    await settle(10_000);
    expect(marked()).toEqual(['attic', 'plan']);
    answers.thanks = () => ({ ok: snapshot({ rooms: [room('attic')], notes: [note('plan')] }) });
    link('live', 0);
    await settle(2_100);
    expect(marked()).toEqual([]);
  });

  it('is forgotten when nothing waits any more, and the state is looked at anew', async () => {
    await enter('away', 1);
    host.tellFact(waiting('note', { name: 'notecreated', note: note('gone') }));
    link('live', 0);
    await settle(1_900);
    expect(titles()).toEqual(['gone']);
    await settle(200);
    expect(titles()).toEqual([]);
    expect(host.calls('thanks')).toHaveLength(2);
  });
});

it('a message that the app keeps is not kept by the page as well', async () => {
  await enter('away');
  answers['message:send'] = ({ id }) => ({
    ok: {
      message: message(WAITING_SEQ, { id: id as string, by: 'me', body: 'hi' }),
      pending: true,
    },
  });
  client.outbox.send({ room: 'general', body: 'hi' });
  await settle();
  expect(client.outbox.entries).toEqual([]);
  expect(rows()).toEqual(['hi']);
  expect(client.known.waiting.hasMessage(client.state!.messages.get('general')![0]!)).toBe(true);
});

describe('what the host refuses', () => {
  const refused = (id: string, name: string, payload = {}) =>
    host.emit('refused', {
      id,
      call: { name, payload: { id, ...payload } },
      error: { code: 'gone', message: 'Gone.' },
    });

  it('is not shown any more, and is offered', async () => {
    await enter('away', 1);
    host.tellFact(mine('first', WAITING_SEQ));
    const entry = {
      id: 'first',
      name: 'message:send',
      payload: { body: 'first' },
      error: { code: 'gone', message: 'Gone.' },
      made_at: '2026-01-01T10:00:00Z',
      with: [],
    };
    answers['outbox:list'] = () => ({ ok: { refused: [entry], waiting: 0 } });
    refused('first', 'message:send');
    expect(rows()).toEqual([]);
    await settle(200);
    expect(client.notAccepted.entries).toEqual([entry]);
    await client.notAccepted.discard(entry as never);
    expect(host.calls('outbox:discard')).toEqual([{ id: 'first' }]);
    expect(client.notAccepted.entries).toEqual([]);
  });

  it('is taken out also where an answer had shown it as if it were so', async () => {
    answers['room:open'] = () => ({
      ok: {
        room: room('attic'),
        members: [],
        notes: [note('old', { room: 'attic' })],
        messages: [],
      },
    });
    await enter('live', 1);
    await client.enterRoom('attic', false);
    expect(titles()).toEqual(['old']);
    const posted = (seq: number) => fact(seq, { name: 'messageposted', message: message(seq) });
    // Facts come right behind the answer they follow.
    answers.thanks = () => {
      for (const seq of [11, 12]) host.tellFact(posted(seq));
      return { ok: { ...snapshot({ messages: [message(9), message(11)] }), head: 11 } };
    };
    refused('room', 'room:create');
    await settle(60);
    expect(titles()).toEqual([]);
    expect(rows()).toEqual(['Text 9', 'Text 11', 'Text 12']);
  });

  it('leaves the older messages that were scrolled back to where they are', async () => {
    answers.thanks = () => ({ ok: snapshot({ messages: [message(8), message(9)] }) });
    answers['message:list'] = () => ({ ok: { messages: [message(3), message(4)] } });
    await enter('live', 1);
    await client.loadOlder('general');
    refused('room', 'room:create');
    await settle(60);
    expect(rows()).toEqual(['Text 3', 'Text 4', 'Text 8', 'Text 9']);
  });
});

it('a copy that is only looked at has nobody who may write in it', async () => {
  const shelf = new Shelf(memoryStore(), 's', 't');
  const [edits, files] = [new ShelfEdits(shelf, true), { send: vi.fn(), get: vi.fn() }];
  const left = { drafts: [], unread: false };
  const copy = new SessionClient({
    openWire: host.openWire,
    ...{ shelf, edits, files, left, readOnly: true },
  });
  host.appear(welcome());
  link('away');
  await settle();
  expect([copy.role, copy.mayWrite, copy.joined, copy.reach]).toEqual([
    'viewer',
    false,
    false,
    'live',
  ]);
});
