import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection } from './connection.svelte';
import { TestHost } from './test-host';

let host: TestHost;
let connection: Connection;
let enter: () => Promise<void>;

beforeEach(() => {
  vi.useFakeTimers();
  host = new TestHost();
  enter = () => Promise.resolve();
  connection = new Connection({
    openWire: host.openWire,
    enter: () => enter(),
    onLive: () => undefined,
    onEvent: () => undefined,
  });
});
afterEach(() => vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);
const ids = (name: string) => host.calls(name).map((payload) => payload.id);

describe('the state', () => {
  it('is live only after what was missed has been fetched', async () => {
    let arrived!: () => void;
    enter = () => new Promise((resolve) => (arrived = resolve));
    expect(connection.state).toBe('connecting');
    host.appear();
    expect(connection.state).toBe('catching_up');
    arrived();
    await settle();
    expect(connection.state).toBe('live');
    host.lose();
    expect(connection.state).toBe('away');
  });

  it('says why the host refuses, and tries again only when asked', async () => {
    host.refuse('removed');
    expect([connection.state, connection.refusedCode]).toEqual(['refused', 'removed']);
    host.lose();
    expect(connection.state).toBe('refused');
    connection.retry();
    expect([connection.state, host.retries]).toEqual(['connecting', 1]);
  });

  it('becomes away when a call stays unanswered, whatever the connection says of itself', async () => {
    host.appear();
    await settle();
    host.answer = () => undefined;
    void connection.call('room:list', {}).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(connection.state).toBe('away');
  });
});

describe('a silent connection', () => {
  it('is asked for a sign of life, and is away when there is none', async () => {
    host.appear();
    await settle();
    await connection.call('room:list', {});
    connection.probe();
    expect(host.calls('note:count')).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(9_000);
    connection.probe();
    await settle();
    expect([host.calls('note:count').length, connection.state]).toEqual([1, 'live']);
    host.answer = () => undefined;
    await vi.advanceTimersByTimeAsync(9_000);
    connection.probe();
    await vi.advanceTimersByTimeAsync(5_001);
    expect(connection.state).toBe('away');
  });
});

describe('a call', () => {
  it('gets an id when it changes something, and none when it only asks', async () => {
    host.appear();
    await settle();
    await connection.call('room:create', { name: 'Tea' });
    await connection.call('room:list', {});
    expect(ids('room:create')[0]).toMatch(/^[\da-f]{8}-[\da-f]{4}-7/);
    expect(ids('room:list')[0]).toBeUndefined();
  });

  it('left unanswered is sent again with the same id after coming back', async () => {
    host.appear();
    await settle();
    host.answer = () => undefined;
    const answered = connection.call('room:create', { name: 'Tea' });
    host.lose();
    host.answer = () => ({ ok: { room: 'made' } });
    host.appear();
    await expect(answered).resolves.toEqual({ room: 'made' });
    const [first, second] = ids('room:create');
    expect(first).toBe(second);
  });

  it('answered late by an earlier connection is not taken for the answer', async () => {
    host.appear();
    await settle();
    const answered = connection.call('room:create', { name: 'Tea' });
    host.lose();
    host.answer = () => ({ ok: { room: 'the same' } });
    host.appear();
    await expect(answered).resolves.toEqual({ room: 'the same' });
    expect(host.calls('room:create')).toHaveLength(2);
  });

  it('waits as long as the host says, and is sent again with the same id', async () => {
    host.appear();
    await settle();
    const limited = { code: 'rate_limited', message: 'Slow down.', retry_after_ms: 700 };
    host.answer = () => (host.heard.length > 1 ? { ok: { done: true } } : { error: limited });
    const answered = connection.call('room:create', { name: 'Tea' });
    await vi.advanceTimersByTimeAsync(699);
    expect(host.heard).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2);
    await expect(answered).resolves.toEqual({ done: true });
    expect(ids('room:create')[0]).toBe(ids('room:create')[1]);
  });

  it('of an impatient person ends as offline while the host is away', async () => {
    const refused = connection.call('room:list', {}, { patience_ms: 5_000 });
    const expectation = expect(refused).rejects.toMatchObject({ code: 'offline' });
    await vi.advanceTimersByTimeAsync(5_001);
    await expectation;
  });

  it('of an impatient person ends at once where the host has been away for a while', async () => {
    host.appear();
    await settle();
    host.lose();
    const outcome = (asked: Promise<unknown>) =>
      asked.then(
        () => 'done',
        () => 'offline',
      );
    const soon = outcome(connection.call('room:create', { name: 'Tea' }, { patience_ms: 5_000 }));
    await vi.advanceTimersByTimeAsync(500);
    // It was hardly gone.
    host.appear();
    expect(await soon).toBe('done');
    host.lose();
    await vi.advanceTimersByTimeAsync(2_000);
    const late = outcome(connection.call('room:create', { name: 'Soup' }, { patience_ms: 5_000 }));
    const patient = outcome(connection.call('message:send', { room: 'general', body: 'Hello' }));
    await vi.advanceTimersByTimeAsync(1);
    expect(await Promise.race([late, Promise.resolve('waits')])).toBe('offline');
    expect(await Promise.race([patient, Promise.resolve('waits')])).toBe('waits');
    host.appear();
    expect(await patient).toBe('done');
    expect(host.calls('room:create').map((payload) => payload.name)).toEqual(['Tea']);
  });

  it('keeps its place: calls are sent in the order they were made', async () => {
    const names = ['One', 'Two', 'Three'];
    const all = names.map((name) => connection.call('room:create', { name }));
    host.appear();
    await Promise.all(all);
    expect(host.calls('room:create').map((payload) => payload.name)).toEqual(names);
  });

  it('is held back while too many are unanswered', async () => {
    host.appear();
    await settle();
    host.answer = () => undefined;
    for (let count = 0; count < 100; count += 1)
      void connection.call('room:list', {}).catch(() => undefined);
    expect(host.heard).toHaveLength(32);
  });

  it('that the host refuses fails with its code and sentence', async () => {
    host.appear();
    await settle();
    host.answer = () => ({ error: { code: 'forbidden', message: 'Only the host may.' } });
    await expect(connection.call('room:list', {})).rejects.toMatchObject({
      code: 'forbidden',
      message: 'Only the host may.',
    });
  });
});

it('an entering that fails is tried anew on a fresh connection', async () => {
  enter = () => Promise.reject(new Error('broken'));
  host.appear();
  await vi.advanceTimersByTimeAsync(1_100);
  expect(host.retries).toBe(1);
});
