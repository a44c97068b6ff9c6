import type { Door } from '../platform';
import type { Health, Knocking, OwnCopy, SignedIn } from '../protocol';
import { type Fingerprint, invitedTo } from '../shared/identity/fingerprint';
import { newId } from '../shared/new-id';
import { friendlyAlias } from '../shared/person-colors';
import { Refusal } from '../shared/refusal';
import { remembered } from '../shared/remembered';
import { Joiner } from './joiner';

/** What the page shows. */
export type Step =
  | { kind: 'looking' }
  /** Nothing answers, or something that is not Hearth. */
  | { kind: 'no_host'; found: 'nothing' | 'something_else' }
  | { kind: 'form' }
  | { kind: 'sending' }
  /** The host is asked; `digits` are those that both screens show. */
  | { kind: 'waiting'; knock: string; digits?: string }
  | { kind: 'declined' }
  | { kind: 'lapsed' }
  /** Somebody changed what the two sides said to each other. */
  | { kind: 'mixed_up' }
  | { kind: 'in' };

/** What is wrong with what was given. */
export type Problem =
  | { kind: 'wrong_pin'; tries_left: number | undefined }
  /** `until`: when it may be tried again. */
  | { kind: 'too_many'; until: number }
  | { kind: 'invite_used' }
  | { kind: 'invite_unknown' }
  /** The host took this person out; only an invitation helps, or not even that. */
  | { kind: 'removed' }
  | { kind: 'other'; refusal: Refusal };

const WAIT_MS = 60_000;
const TRY_AGAIN_MS = 2_000;
/** What a name may have; the host says the same. */
const NAME_CHARS = 40;

const guest = remembered<{ name: string; color: string } | null>('guest', null);

const attempt = () => ({ id: newId(), joiner: new Joiner() });

/** A guest's way in: who one is, a PIN or the host's yes. */
export class WayIn {
  step = $state.raw<Step>({ kind: 'looking' });
  health = $state.raw<Health | null>(null);
  name = $state('');
  color = $state('');
  pin = $state('');
  pinAsked = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** The host does not answer while one waits; it is asked again and again. */
  hostAway = $state(false);

  readonly #door: Door;
  readonly #onIn: (signedIn: SignedIn) => void;
  #invite: string | null;
  /** Whom the invitation is for, as far as it says so. */
  readonly host: Fingerprint | null;
  /** One attempt, however often it is sent. */
  #attempt = attempt();
  #waiting: AbortController | null = null;
  #comparing = $state(false);

  constructor(door: Door, invite: string | null, onIn: (signedIn: SignedIn) => void) {
    this.#door = door;
    this.#invite = invite;
    this.host = invitedTo(invite);
    this.#onIn = onIn;
    const known = guest.read();
    const { name, color } = known ?? friendlyAlias();
    this.name = name;
    this.color = color;
    this.#known = known !== null;
  }

  readonly #known: boolean;

  get invited(): boolean {
    return this.#invite !== null;
  }

  /** Whether digits are shown while waiting, or about to be. */
  get compares(): boolean {
    return this.#comparing;
  }

  /** Whether the name can be used: 1 to 40 characters. */
  get nameFits(): boolean {
    const length = [...this.name.trim()].length;
    return length >= 1 && length <= NAME_CHARS;
  }

  /** Asks who answers here. */
  async look(): Promise<Health | null> {
    this.step = { kind: 'looking' };
    try {
      const health = await this.#door.health();
      if (health?.status !== 'ok') throw new Refusal({ code: 'internal', message: 'Not Hearth.' });
      this.health = health;
      return health;
    } catch (thrown) {
      const found = Refusal.from(thrown).code === 'offline' ? 'nothing' : 'something_else';
      this.step = { kind: 'no_host', found };
      return null;
    }
  }

  /** Shows the form; who was invited and is known by name is in without it. */
  async begin(): Promise<void> {
    this.step = { kind: 'form' };
    if (this.#invite && (this.#known || this.copy)) await this.submit();
  }

  /** Somebody's own copy of a session answers here: it knows who comes, or lets nobody in. */
  get copy(): OwnCopy | undefined {
    return this.health?.copy;
  }

  async submit(): Promise<void> {
    if (!this.nameFits) return;
    this.problem = null;
    this.step = { kind: 'sending' };
    // A copy does not ask for a name, and the one that was made up is nobody's.
    if (!this.copy) guest.write({ name: this.name.trim(), color: this.color });
    try {
      await this.#signIn();
    } catch (thrown) {
      this.#onRefused(Refusal.from(thrown));
    }
  }

  /** Gives up waiting for the host. */
  async cancel(): Promise<void> {
    const { step } = this;
    this.#waiting?.abort();
    this.#startAnew();
    if (step.kind === 'waiting') await this.#door.giveUp(step.knock).catch(() => undefined);
  }

  /** The page goes away, or begins anew: nobody waits here any more. */
  close() {
    this.#waiting?.abort();
    const { step } = this;
    if (step.kind === 'waiting') void this.#door.giveUp(step.knock).catch(() => undefined);
  }

  #startAnew() {
    this.#attempt = attempt();
    this.step = { kind: 'form' };
  }

  async #signIn() {
    const answer = await this.#door.signIn({
      name: this.name.trim(),
      color: this.color,
      id: this.#attempt.id,
      commit: this.#attempt.joiner.commit,
      pin: this.pin || undefined,
      invite: this.#invite ?? undefined,
    });
    if ('knock' in answer) {
      this.#beginWaiting(answer);
    } else {
      this.#comeIn(answer);
    }
  }

  #beginWaiting({ knock, nonce }: Knocking) {
    const waiting = (this.#waiting = new AbortController());
    this.#comparing = nonce !== undefined;
    this.hostAway = false;
    this.step = { kind: 'waiting', knock };
    void this.#wait(knock, waiting);
    if (nonce !== undefined) void this.#compare(knock, nonce, waiting);
  }

  /** Completes the digits; the host lets nobody in before. */
  async #compare(knock: string, nonce: string, waiting: AbortController) {
    const { joiner } = this.#attempt;
    while (!waiting.signal.aborted) {
      try {
        await this.#door.reveal(knock, joiner.reveal);
        if (this.step.kind !== 'waiting' || this.step.knock !== knock) return;
        this.step = { kind: 'waiting', knock, digits: joiner.digits(nonce) };
        return;
      } catch (thrown) {
        const { code } = Refusal.from(thrown);
        if (code === 'forbidden') return this.#onMixedUp(waiting);
        // Whether the knock is over is said to whoever waits for the answer.
        if (code !== 'offline' && code !== 'rate_limited') return;
        await new Promise((done) => setTimeout(done, TRY_AGAIN_MS));
      }
    }
  }

  async #wait(knock: string, waiting: AbortController) {
    while (!waiting.signal.aborted) {
      try {
        const answer = await this.#door.awaitAnswer(knock, waiting.signal);
        this.hostAway = false;
        if (answer) return this.#comeIn(answer);
      } catch (thrown) {
        const refusal = Refusal.from(thrown);
        if (waiting.signal.aborted || this.#onKnockRefused(refusal)) return;
        this.hostAway = refusal.code === 'offline';
        await new Promise((done) => setTimeout(done, TRY_AGAIN_MS));
      }
    }
  }

  /** True if waiting is over. */
  #onKnockRefused({ code }: Refusal): boolean {
    if (code === 'forbidden') this.step = { kind: 'declined' };
    else if (code === 'gone' || code === 'not_found') this.step = { kind: 'lapsed' };
    else return false;
    this.#attempt = attempt();
    return true;
  }

  #onMixedUp(waiting: AbortController) {
    if (this.#waiting !== waiting) return;
    waiting.abort();
    this.#attempt = attempt();
    this.step = { kind: 'mixed_up' };
  }

  #comeIn(signedIn: SignedIn) {
    this.step = { kind: 'in' };
    this.#onIn(signedIn);
  }

  #onRefused(refusal: Refusal) {
    this.#startAnew();
    const invited = this.#invite !== null;
    if (refusal.code === 'offline') {
      this.step = { kind: 'no_host', found: 'nothing' };
    } else if (refusal.code === 'rate_limited') {
      this.problem = { kind: 'too_many', until: Date.now() + (refusal.retry_after_ms ?? WAIT_MS) };
    } else if (refusal.code === 'unauthorized') {
      this.#onPin(refusal);
    } else if (refusal.code === 'removed') {
      this.#loseInvite({ kind: 'removed' });
    } else if (invited && (refusal.code === 'gone' || refusal.code === 'expired')) {
      this.#loseInvite({ kind: 'invite_used' });
    } else if (invited && refusal.code === 'forbidden') {
      this.#loseInvite({ kind: 'invite_unknown' });
    } else {
      this.problem = { kind: 'other', refusal };
    }
  }

  #onPin({ tries_left }: Refusal) {
    if (this.pinAsked && this.pin) this.problem = { kind: 'wrong_pin', tries_left };
    this.pinAsked = true;
    this.pin = '';
  }

  /** Without it one can still come in like everybody else. */
  #loseInvite(problem: Problem) {
    this.#invite = null;
    this.problem = problem;
  }
}
