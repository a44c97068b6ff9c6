import type { JoinError, Joined, JoinRequest, JoinStep } from '../protocol';
import type { WindowPlatform } from '../platform';
import { Refusal } from '../shared/refusal';

type Desk = Pick<WindowPlatform, 'joinSession' | 'joinProgress' | 'cancelJoin'>;

/** After so long the host is asked again, unless it says another time. */
const TRIES_WAIT_MS = 60_000;

/** Joining somebody else's session from the window, from the address to the copy. */
export class JoinFlow {
  step = $state.raw<JoinStep>({ step: 'connecting' });
  pin = $state('');
  /** A PIN was sent and is not answered yet. */
  sending = $state(false);
  /** After too many wrong PINs: when it may be tried again. */
  waitUntil = $state<number | null>(null);

  readonly #desk: Desk;
  readonly #request: JoinRequest;
  readonly #onJoined: (joined: Joined) => void;
  /** Counts tries, so that what an earlier one answers late is recognised. */
  #try = 0;

  constructor(desk: Desk, request: JoinRequest, onJoined: (joined: Joined) => void) {
    this.#desk = desk;
    this.#request = request;
    this.#onJoined = onJoined;
  }

  /** What was typed, or what stood in the invitation. */
  get address(): string {
    return this.#request.address;
  }

  get failure(): JoinError | null {
    return this.step.step === 'failed' ? this.step.error : null;
  }

  /** Begins, or begins again. */
  async start(): Promise<void> {
    const { pin } = this;
    const turn = ++this.#try;
    this.waitUntil = null;
    // Whoever has given a PIN sees it checked where they typed it.
    if (this.step.step === 'pin') this.sending = true;
    else this.step = { step: 'connecting' };
    try {
      let step = await this.#desk.joinSession({ ...this.#request, ...(pin && { pin }) });
      while (this.#take(step, turn)) step = await this.#desk.joinProgress();
    } catch (thrown) {
      const { message } = Refusal.from(thrown);
      const error = { reason: 'other' as const, address: this.address, message };
      this.#take({ step: 'failed', error }, turn);
    }
  }

  /** Gives up; what the host was asked is taken back. */
  async cancel(): Promise<void> {
    this.#try += 1;
    await this.#desk.cancelJoin().catch(() => undefined);
  }

  /** Takes in how far it has come; says whether there is more to wait for. */
  #take(step: JoinStep, turn: number): boolean {
    if (turn !== this.#try) return false;
    // A PIN that is being looked at: the form stays until there is more to say.
    if (this.sending && step.step === 'connecting') return true;
    this.sending = false;
    this.step = step;
    switch (step.step) {
      case 'joined':
        this.#onJoined(step);
        return false;
      case 'pin':
        this.pin = '';
        return false;
      case 'failed':
        this.pin = '';
        if (step.error.reason === 'too_many_tries')
          this.waitUntil = Date.now() + (step.error.retry_after_ms ?? TRIES_WAIT_MS);
        return false;
      default:
        return true;
    }
  }
}
