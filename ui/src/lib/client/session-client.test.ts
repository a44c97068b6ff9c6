import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ShelfEdits } from './edit-store';
import { SessionClient } from './session-client.svelte';
import { memoryStore, Shelf } from './shelf';
import { fact, member, message, note, room, snapshot, TestHost, welcome } from './test-host';

let host: TestHost;
let client: SessionClient;
let thanks: (payload: Record<string, unknown>) => object;

beforeEach(() => {
  vi.useFakeTimers();
  host = new TestHost();
  thanks = () => ({ ok: snapshot() });
  host.answer = (name, payload) => {
    if (name === 'thanks') return thanks(payload);
    if (name === 'session:knocks') return { ok: { knocks: [] } };
    return { ok: {} };
  };
  const shelf = new Shelf(memoryStore(), 's', 't');
  const edits = new ShelfEdits(shelf, true);
  const files = { send: vi.fn(), get: vi.fn() };
  const left = { drafts: [], unread: false };
  client = new SessionClient({ openWire: host.openWire, shelf, edits, files, left });
});
afterEach(() => vi.useRealTimers());

const settle = (after_ms = 0) => vi.advanceTimersByTimeAsync(after_ms);
const posted = (seq: number) => fact(seq, { name: 'messageposted', message: message(seq) });
const bodies = () => client.state?.messages.get('general')?.map((one) => one.body) ?? [];

async function enter() {
  host.appear(welcome());
  await settle();
}

describe('coming in', () => {
  it('begins with a snapshot and goes on with facts', async () => {
    await enter();
    expect(client.live).toBe(true);
    expect(host.calls('thanks')).toEqual([{ batch: true }]);
    host.tellFact(posted(11));
    host.emit('facts', { facts: [posted(12), posted(13)] });
    expect(bodies()).toEqual(['Text 11', 'Text 12', 'Text 13']);
  });

  it('again replays what was missed, page by page, from the last number heard', async () => {
    await enter();
    host.tellFact(posted(11));
    host.lose();
    thanks = ({ since }) =>
      since === 11
        ? { ok: { facts: [posted(12)], next: 20, head: 25, run: 'run-1', live: false } }
        : { ok: { facts: [posted(21)], next: 25, head: 25, run: 'run-1', live: true } };
    await enter();
    expect(host.calls('thanks').slice(1)).toEqual([
      { since: 11, run: 'run-1', batch: true },
      { since: 20, run: 'run-1', batch: true },
    ]);
    expect(bodies()).toEqual(['Text 11', 'Text 12', 'Text 21']);
    expect(client.state?.head).toBe(25);
  });

  it('to another history starts over, and the unsent message is still sent', async () => {
    await enter();
    host.lose();
    client.outbox.send({ room: 'general', body: 'mine' });
    thanks = ({ since }) =>
      since === undefined
        ? { ok: snapshot({ messages: [message(3)] }) }
        : { error: { code: 'diverged', message: 'Another history.' } };
    await enter();
    expect(bodies()).toEqual(['Text 3']);
    expect(host.calls('message:send')).toMatchObject([{ body: 'mine' }]);
  });

  it('to another history tells what this page knew and the host has not any more', async () => {
    const [plan, list] = [note('plan', { version: 2 }), note('list')];
    const here = { notes: [plan, list], messages: [message(3), message(5)] };
    thanks = ({ since }) =>
      since === undefined
        ? { ok: snapshot(here) }
        : { error: { code: 'diverged', message: 'Another history.' } };
    await enter();
    expect(client.setBack.missing).toBe(null);
    client.desk.open('plan');
    host.answer = (name, payload) =>
      name === 'thanks' ? thanks(payload) : { ok: { note: plan, version: 0, update: 'AAA=' } };
    client.desk.refresh();
    await settle();
    host.lose();
    here.notes = [note('plan', { version: 1 }), list];
    here.messages = [message(3), message(4)];
    await enter();
    expect(client.setBack.count).toBe(2);
    expect(client.setBack.missing?.notes).toEqual([{ title: 'plan', text: '' }]);
    expect(client.setBack.missing?.messages).toMatchObject([{ room: 'general', body: 'Text 5' }]);
    client.setBack.dismiss();
    expect(client.setBack.count).toBe(0);
  });

  it('to another history that lacks nothing says so', async () => {
    await enter();
    host.lose();
    thanks = ({ since }) =>
      since === undefined ? { ok: snapshot() } : { error: { code: 'diverged', message: '' } };
    await enter();
    expect(client.setBack.missing).not.toBe(null);
    expect(client.setBack.count).toBe(0);
  });

  it('misses no fact that comes right behind the answer', async () => {
    const behind = (answer: object, seq: number) => {
      queueMicrotask(() => queueMicrotask(() => host.tellFact(posted(seq))));
      return answer;
    };
    thanks = () => behind({ ok: snapshot() }, 11);
    await enter();
    expect(bodies()).toEqual(['Text 11']);
    host.lose();
    thanks = () =>
      behind({ ok: { facts: [posted(12)], next: 12, head: 12, run: 'run-1', live: true } }, 13);
    await enter();
    expect(bodies()).toEqual(['Text 11', 'Text 12', 'Text 13']);
    expect(client.state?.head).toBe(13);
  });

  it('without a greeting is given up and tried again', async () => {
    host.appear();
    await settle(12_000);
    expect(host.retries).toBe(1);
  });
});

it('a private room one is invited to is fetched', async () => {
  await enter();
  host.answer = (name) =>
    name === 'room:open'
      ? {
          ok: {
            room: room('secret', { private: true }),
            members: [member('me'), member('mina')],
            notes: [note('plan', { room: 'secret' })],
            messages: [message(5, { room: 'secret' })],
            head: 11,
          },
        }
      : { ok: {} };
  host.tellFact(fact(11, { name: 'roomjoined', room: 'secret', member: 'me' }));
  await settle();
  expect(client.state?.rooms.get('secret')?.joined).toBe(true);
  expect(client.state?.notes.has('plan')).toBe(true);
});

describe('a request', () => {
  it('is answered by its acknowledgement', async () => {
    await enter();
    const answer = vi.fn();
    host.emit('request', { ask: 'a', from: 'mina', message: 'Come here' }, answer);
    client.callers.requests[0]!.answer('yes');
    expect(answer).toHaveBeenCalledWith({ answer: 'yes' });
    expect(client.callers.requests).toEqual([]);
  });

  it('is answered by a call when the connection is another one by then', async () => {
    await enter();
    const answer = vi.fn();
    host.emit('request', { ask: 'a', from: 'mina', message: 'Come here' }, answer);
    host.lose();
    await enter();
    client.callers.requests[0]!.answer('yes');
    expect(answer).not.toHaveBeenCalled();
    expect(host.calls('member:answer')).toEqual([{ ask: 'a', answer: 'yes' }]);
  });
});

it('announcements, the number of people and who waits at the door are kept', async () => {
  await enter();
  host.emit('user count', { count: 3 });
  host.emit('achtung', { warning: 'Lunch!', by: 'mina' });
  host.emit('knock', { knock: 'k', name: 'Ada', address: '10.0.0.2', state: 'waiting' });
  expect([client.roster.count, client.callers.announcements.length]).toEqual([3, 1]);
  expect(client.callers.knocks).toHaveLength(1);
  host.emit('knock', { knock: 'k', name: 'Ada', address: '10.0.0.2', state: 'gone' });
  expect(client.callers.knocks).toHaveLength(0);
});

it('what is left is sent before the host ends, and nobody waits for ever', async () => {
  await enter();
  let settled = 0;
  host.answer = (_name, { id }) => ({ ok: { message: message(11, { id: id as string }) } });
  client.outbox.send({ room: 'general', body: 'last words' });
  host.answer = () => undefined;
  void client.settle().then(() => (settled += 1));
  await settle(100);
  expect(settled).toBe(1);
  client.outbox.send({ room: 'general', body: 'too late' });
  void client.settle().then(() => (settled += 1));
  await settle(2_000);
  expect(settled).toBe(1);
  await settle(1_100);
  expect(settled).toBe(2);
});
