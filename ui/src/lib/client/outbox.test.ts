import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Connection } from './connection.svelte';
import { Outbox } from './outbox.svelte';
import { memoryStore, Shelf, type Store } from './shelf';
import { message, TestHost } from './test-host';

let host: TestHost;
let store: Store;
let sent: string[];

beforeEach(() => {
  vi.useFakeTimers();
  store = memoryStore();
  sent = [];
});
afterEach(() => vi.useRealTimers());

function page(): Outbox {
  host = new TestHost();
  host.answer = (_name, payload) => ({
    ok: { message: message(11, { id: payload.id as string, body: payload.body as string }) },
  });
  const connection = new Connection({
    openWire: host.openWire,
    enter: () => Promise.resolve(),
    onLive: () => undefined,
    onEvent: () => undefined,
  });
  return new Outbox(connection.call, new Shelf(store, 'session', 'tab'), ({ message }) =>
    sent.push(message.body),
  );
}

const settle = (after_ms = 0) => vi.advanceTimersByTimeAsync(after_ms);

it('messages written while the host is away are sent on return, in order', async () => {
  const outbox = page();
  for (const body of ['one', 'two', 'three']) outbox.send({ room: 'general', body });
  expect(outbox.waiting).toBe(3);
  host.appear();
  await settle();
  expect(sent).toEqual(['one', 'two', 'three']);
  expect(outbox.entries).toEqual([]);
});

it('a message outlives the page that it was written in, with its id', async () => {
  const before = page();
  before.send({ room: 'general', body: 'kept' });
  const id = before.entries[0]!.id;
  page();
  host.appear();
  await settle();
  expect(host.calls('message:send').map((payload) => payload.id)).toEqual([id]);
  expect(page().entries).toEqual([]);
});

it('a refused message stays with its author and does not hold up the next', async () => {
  const outbox = page();
  const accept = host.answer;
  host.answer = (name, payload) =>
    payload.body === 'bad'
      ? { error: { code: 'forbidden', message: 'No.' } }
      : accept(name, payload);
  outbox.send({ room: 'general', body: 'bad' });
  outbox.send({ room: 'general', body: 'good' });
  host.appear();
  await settle();
  expect(sent).toEqual(['good']);
  expect(outbox.entries[0]?.refused?.code).toBe('forbidden');
  host.answer = accept;
  outbox.retry(outbox.entries[0]!.id);
  await settle();
  expect(sent).toEqual(['good', 'bad']);
});

it('a host in trouble gets the message again with the same id', async () => {
  const outbox = page();
  const accept = host.answer;
  host.answer = () => ({ error: { code: 'storage_full', message: 'Full.' } });
  outbox.send({ room: 'general', body: 'one' });
  host.appear();
  await settle();
  host.answer = accept;
  await settle(3_100);
  const [first, second] = host.calls('message:send');
  expect(first!.id).toBe(second!.id);
  expect(sent).toEqual(['one']);
});
