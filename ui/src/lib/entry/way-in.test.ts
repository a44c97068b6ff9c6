import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Door } from '../platform';
import type { CallError, SignedIn, SignIn } from '../protocol';
import { Refusal } from '../shared/refusal';
import { memoryStore } from '../client/shelf';
import { Joiner } from './joiner';
import { WayIn } from './way-in.svelte';

const SIGNED_IN = { token: 't' } as SignedIn;
let sent: SignIn[];
let answers: (object | CallError)[];
let knockAnswers: (SignedIn | null | CallError)[];
let gaveUp: string[];
let reveals: (null | CallError)[];
let revealed: [string, string][];
let came: SignedIn[];

const door: Door = {
  access: { url: 'http://host' },
  health: async () => ({
    status: 'ok',
    session: 's',
    name: 'Design',
    version: '0.1.0',
    protocol: [1, 1],
    browsers: 'encrypted',
  }),
  signIn: async (request) => {
    sent.push(request);
    return orThrow(answers.shift()!) as SignedIn;
  },
  awaitAnswer: async (_knock, signal) => {
    if (knockAnswers.length) return orThrow(knockAnswers.shift()!) as SignedIn | null;
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error())));
  },
  reveal: async (knock, nonce) => {
    revealed.push([knock, nonce]);
    orThrow(reveals.shift() ?? null);
  },
  giveUp: async (knock) => void gaveUp.push(knock),
  signOut: async () => undefined,
};

function orThrow<T>(answer: T): T {
  if (answer && typeof answer === 'object' && 'code' in answer) throw new Refusal(answer as never);
  return answer;
}

const refusal = (code: string, more = {}) => ({ code, message: code, ...more }) as CallError;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  answers = [];
  knockAnswers = [];
  gaveUp = [];
  reveals = [];
  revealed = [];
  came = [];
});
afterEach(() => vi.useRealTimers());

async function start(invite: string | null = null): Promise<WayIn> {
  const wayIn = new WayIn(door, invite, (signedIn) => came.push(signedIn));
  await wayIn.look();
  await wayIn.begin();
  wayIn.name = 'Ada';
  return wayIn;
}

describe('a guest', () => {
  it('is in at once where anybody may', async () => {
    const wayIn = await start();
    answers = [SIGNED_IN];
    await wayIn.submit();
    expect(came).toEqual([SIGNED_IN]);
    expect(sent[0]).toMatchObject({ name: 'Ada', color: expect.stringMatching(/^#/) });
  });

  it('is asked for the PIN only where there is one, and told how many tries are left', async () => {
    const wayIn = await start();
    answers = [refusal('unauthorized', { tries_left: 5 })];
    await wayIn.submit();
    expect([wayIn.pinAsked, wayIn.problem]).toEqual([true, null]);
    wayIn.pin = '0000';
    answers = [refusal('unauthorized', { tries_left: 4 })];
    await wayIn.submit();
    expect(wayIn.problem).toEqual({ kind: 'wrong_pin', tries_left: 4 });
    expect(wayIn.pin).toBe('');
  });

  it('who was removed is told so, and an invitation that does not help is let go', async () => {
    const wayIn = await start('s3cret');
    answers = [refusal('removed')];
    await wayIn.submit();
    expect([wayIn.problem, wayIn.invited]).toEqual([{ kind: 'removed' }, false]);
  });

  it('who opens their own copy is not asked who they are, and no name is made up for them', async () => {
    vi.spyOn(door, 'health').mockResolvedValue({
      ...(await door.health()),
      copy: { member: 'Ben' },
    });
    const store = memoryStore();
    vi.stubGlobal('localStorage', store);
    answers = [SIGNED_IN];
    await start('s3cret');
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    expect(came).toEqual([SIGNED_IN]);
    expect(store.length).toBe(0);
  });

  it('is told how long to wait after too many tries', async () => {
    const wayIn = await start();
    answers = [refusal('rate_limited', { retry_after_ms: 60_000 })];
    await wayIn.submit();
    expect(wayIn.problem).toEqual({ kind: 'too_many', until: Date.now() + 60_000 });
  });

  it('waits until the host says yes, also over a host that is away for a moment', async () => {
    const wayIn = await start();
    answers = [{ knock: 'k' }];
    knockAnswers = [null, refusal('offline'), SIGNED_IN];
    await wayIn.submit();
    expect(wayIn.step).toEqual({ kind: 'waiting', knock: 'k' });
    await vi.advanceTimersByTimeAsync(0);
    expect(wayIn.hostAway).toBe(true);
    await vi.advanceTimersByTimeAsync(2_100);
    expect(came).toEqual([SIGNED_IN]);
    expect(wayIn.hostAway).toBe(false);
  });

  const HOST_NONCE = '11'.repeat(32);
  const nonceOf = ([, hex]: [string, string]) =>
    Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16));

  it('shows the digits once the host has its nonce, also when saying so takes two tries', async () => {
    const wayIn = await start();
    answers = [{ knock: 'k', nonce: HOST_NONCE }];
    reveals = [refusal('offline')];
    await wayIn.submit();
    expect(wayIn.compares).toBe(true);
    expect(wayIn.step).toEqual({ kind: 'waiting', knock: 'k' });
    await vi.advanceTimersByTimeAsync(2_100);
    const [first, again] = revealed;
    expect(again).toEqual(first);
    const joiner = new Joiner(nonceOf(first!));
    expect(sent[0]!.commit).toBe(joiner.commit);
    expect(wayIn.step).toEqual({ kind: 'waiting', knock: 'k', digits: joiner.digits(HOST_NONCE) });
  });

  it('never commits to the same nonce for two knocks', async () => {
    const wayIn = await start();
    answers = [
      { knock: 'k', nonce: HOST_NONCE },
      { knock: 'l', nonce: HOST_NONCE },
    ];
    await wayIn.submit();
    await wayIn.cancel();
    await wayIn.submit();
    expect(sent[0]!.commit).not.toBe(sent[1]!.commit);
  });

  it('is told when somebody changed the numbers on the way, and may knock anew', async () => {
    const wayIn = await start();
    answers = [{ knock: 'k', nonce: HOST_NONCE }, { knock: 'l' }];
    reveals = [refusal('forbidden')];
    await wayIn.submit();
    await vi.advanceTimersByTimeAsync(0);
    expect(wayIn.step.kind).toBe('mixed_up');
    await wayIn.submit();
    expect(sent[0]!.id).not.toBe(sent[1]!.id);
  });

  it('who gives up is told to the host', async () => {
    const wayIn = await start();
    answers = [{ knock: 'k' }];
    await wayIn.submit();
    await wayIn.cancel();
    expect(wayIn.step.kind).toBe('form');
    expect(gaveUp).toEqual(['k']);
  });

  it('whose page goes away is no longer waited for, and who is in is not put out', async () => {
    const wayIn = await start();
    answers = [{ knock: 'k' }];
    await wayIn.submit();
    wayIn.close();
    expect(gaveUp).toEqual(['k']);
    const other = await start();
    answers = [SIGNED_IN];
    await other.submit();
    other.close();
    expect(gaveUp).toEqual(['k']);
  });

  it.each([
    ['forbidden', 'declined'],
    ['gone', 'lapsed'],
  ])('whose knock ends with %s sees that it was %s, and may knock anew', async (code, step) => {
    const wayIn = await start();
    answers = [{ knock: 'k' }, { knock: 'l' }];
    knockAnswers = [refusal(code)];
    await wayIn.submit();
    await vi.advanceTimersByTimeAsync(0);
    expect(wayIn.step.kind).toBe(step);
    await wayIn.submit();
    expect(sent[0]!.id).not.toBe(sent[1]!.id);
  });

  it('sends an invitation along, and can come in without one that is used up', async () => {
    const wayIn = await start('token');
    answers = [refusal('gone'), SIGNED_IN];
    await wayIn.submit();
    expect(sent[0]!.invite).toBe('token');
    expect(wayIn.problem).toEqual({ kind: 'invite_used' });
    await wayIn.submit();
    expect(sent[1]!.invite).toBeUndefined();
    expect(came).toHaveLength(1);
  });

  it('without a usable name sends nothing', async () => {
    const wayIn = await start();
    wayIn.name = '  ';
    await wayIn.submit();
    expect(sent).toEqual([]);
  });
});

it('what answers and is not Hearth is told apart from nothing', async () => {
  const look = async (health: () => Promise<never>) => {
    const wayIn = new WayIn({ ...door, health }, null, () => undefined);
    await wayIn.look();
    return wayIn.step;
  };
  const nothing = await look(() => Promise.reject(new Refusal(refusal('offline'))));
  expect(nothing).toEqual({ kind: 'no_host', found: 'nothing' });
  const other = await look(() => Promise.resolve({ hello: 'printer' } as never));
  expect(other).toEqual({ kind: 'no_host', found: 'something_else' });
});
