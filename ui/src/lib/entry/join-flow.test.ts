import { expect, it, vi } from 'vitest';
import type { JoinRequest, JoinStep } from '../protocol';
import { Refusal } from '../shared/refusal';
import { JoinFlow } from './join-flow.svelte';

const REQUEST: JoinRequest = { address: 'https://192.168.1.20:4747/#secret', also: [] };
const failed = (reason: string, more = {}): JoinStep =>
  ({ step: 'failed', error: { reason, address: 'a', message: 'No.', ...more } }) as JoinStep;
const pin = (tries_left?: number): JoinStep => ({ step: 'pin', session: 'Tea', tries_left });
const waiting: JoinStep = { step: 'waiting', session: 'Tea', digits: '042917' };
const copying = (copied: number): JoinStep => ({ step: 'copying', session: 'Tea', copied, of: 9 });
const joined = { step: 'joined', session: 'id', name: 'Tea' } as JoinStep;

/** The app's side: the first answers of tries, and what comes of them. */
function desk(begin: JoinStep[], progress: (JoinStep | Promise<JoinStep>)[] = []) {
  return {
    joinSession: vi.fn((_: JoinRequest) => Promise.resolve(begin.shift()!)),
    joinProgress: vi.fn(() => Promise.resolve(progress.shift() ?? new Promise<never>(() => null))),
    cancelJoin: vi.fn(() => Promise.resolve()),
  };
}

const flowOf = (app: ReturnType<typeof desk>, onJoined = vi.fn()) =>
  new JoinFlow(app, REQUEST, onJoined);

it('follows each step until the copy can be used', async () => {
  const app = desk([{ step: 'connecting' }], [waiting, copying(3), copying(9), joined]);
  const onJoined = vi.fn();
  await flowOf(app, onJoined).start();
  expect(app.joinProgress).toHaveBeenCalledTimes(4);
  expect(onJoined).toHaveBeenCalledExactlyOnceWith(joined);
});

it('asks for a PIN, says how many tries are left, and joins with the right one', async () => {
  const app = desk([pin(), pin(2), { step: 'connecting' }], [copying(0), joined]);
  const onJoined = vi.fn();
  const flow = flowOf(app, onJoined);
  await flow.start();
  flow.pin = '1111';
  await flow.start();
  expect(flow.step).toEqual(pin(2));
  expect(flow.pin).toBe('');
  flow.pin = '2222';
  await flow.start();
  expect(app.joinSession.mock.calls.map(([{ pin }]) => pin)).toEqual([undefined, '1111', '2222']);
  expect(onJoined).toHaveBeenCalledOnce();
});

it('shows the form until the PIN has been looked at', async () => {
  let answer!: (step: JoinStep) => void;
  const app = desk(
    [pin(), { step: 'connecting' }],
    [new Promise<JoinStep>((resolve) => (answer = resolve))],
  );
  const flow = flowOf(app);
  await flow.start();
  flow.pin = '1111';
  const sent = flow.start();
  await vi.waitFor(() => expect(app.joinProgress).toHaveBeenCalled());
  expect([flow.step.step, flow.sending]).toEqual(['pin', true]);
  answer(pin(1));
  await sent;
  expect([flow.step, flow.sending]).toEqual([pin(1), false]);
});

it('given up, nothing that comes later is shown', async () => {
  let answer!: (step: JoinStep) => void;
  const app = desk([waiting], [new Promise<JoinStep>((resolve) => (answer = resolve))]);
  const onJoined = vi.fn();
  const flow = flowOf(app, onJoined);
  const started = flow.start();
  await vi.waitFor(() => expect(app.joinProgress).toHaveBeenCalled());
  await flow.cancel();
  answer(joined);
  await started;
  expect(app.cancelJoin).toHaveBeenCalledOnce();
  expect(onJoined).not.toHaveBeenCalled();
});

it('a failure ends it, and it can be tried again', async () => {
  const app = desk([failed('no_answer'), joined]);
  const flow = flowOf(app);
  await flow.start();
  expect(flow.failure?.reason).toBe('no_answer');
  await flow.start();
  expect(flow.failure).toBeNull();
  expect(flow.step.step).toBe('joined');
});

it('after too many wrong PINs it is told until when to wait', async () => {
  const flow = flowOf(desk([failed('too_many_tries', { retry_after_ms: 30_000 })]));
  const before = Date.now();
  await flow.start();
  expect(flow.waitUntil! - before).toBeGreaterThanOrEqual(30_000);
});

it('what the app itself cannot do is a failure like any other', async () => {
  const app = desk([]);
  app.joinSession.mockRejectedValue(new Refusal({ code: 'internal', message: 'Broken.' }));
  const flow = flowOf(app);
  await flow.start();
  expect(flow.failure).toMatchObject({ reason: 'other', message: 'Broken.' });
});
