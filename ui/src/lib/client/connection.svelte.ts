import { newId } from '../shared/new-id';
import { isCallError, Refusal } from '../shared/refusal';
import type { Code } from '../protocol';
import type { Wire, WireEvent, WireListener } from '../platform';
import { isChanging, type Answer, type CallName, type Payload } from './calls';

/**
 * - `connecting`: never been in yet.
 * - `catching_up`: the host answers, what was missed is being fetched.
 * - `live`: everything that happens is told.
 * - `away`: the host does not answer; it is tried again and again.
 * - `refused`: the host does not want this client; nothing is tried until somebody asks for it.
 */
export type LinkState = 'connecting' | 'catching_up' | 'live' | 'away' | 'refused';

/** What a connection does with a call. */
export interface CallOptions {
  /**
   * Give up with `offline` after this long without an answer, and at once where the host is known to
   * be away; without it, wait as long as it takes.
   */
  patience_ms?: number;
  /** The host may take this long; a connection silent for longer is taken for dead. */
  answer_within_ms?: number;
  /** Takes the call back: it is not sent (again), and fails with `offline`. */
  signal?: AbortSignal;
}

export interface ConnectionOptions {
  openWire(listener: WireListener): Wire;
  /**
   * Comes into the session, or back into it, whenever the host answers again. Calls of others wait
   * until it is done.
   */
  enter(call: Connection['call']): Promise<void>;
  /** The connection is live again. */
  onLive(): void;
  onEvent(name: string, payload: unknown, answer?: (value: unknown) => void): void;
}

/** Long enough for a slow phone on a busy network, short enough to be believed. */
const ANSWER_WITHIN_MS = 10_000;
/** A person who clicked does not wait longer than this for a host that is away. */
export const PATIENCE_MS = 15_000;
/** A connection that is back within this time was hardly gone. */
export const HARDLY_GONE_MS = 1_200;
/** Half of what a host takes at once from one socket, so that nothing is refused for impatience. */
const MOST_OUTSTANDING = 32;
/** A call that broke the connection so many times is not sent again. */
const MOST_SENDINGS = 4;
/** Silence up to this long is normal. */
const SILENCE_MS = 5_000;
const PROBE_WITHIN_MS = 4_000;
const SLOW_DOWN_MS = 1_000;
const MOST_SLOW_DOWNS = 8;

/** Asked again, the host would say the same. `conflict` is here for what cannot be asked otherwise. */
export const FINAL: ReadonlySet<Code> = new Set<Code>([
  'forbidden',
  'not_found',
  'gone',
  'conflict',
  'bad_request',
  'too_large',
]);

interface Waiting {
  name: CallName;
  payload: object;
  options: CallOptions;
  /** Sent during `enter`, before everybody else's calls. */
  entering: boolean;
  resolve(answer: never): void;
  reject(refusal: Refusal): void;
  sent: boolean;
  sendings: number;
  slowDowns: number;
  /** Told by the host to wait; not sent before that is over. */
  paused: boolean;
  patience?: ReturnType<typeof setTimeout>;
  watch?: ReturnType<typeof setTimeout>;
}

/**
 * The way to the host. Calls are answered once and in order; what a broken connection left
 * unanswered is sent again with the same id, which the host does only once.
 */
export class Connection {
  state = $state<LinkState>('connecting');
  /** Why the host refuses: a code of `connect_error`. */
  refusedCode = $state<string | null>(null);
  /** How many tries in a row found nobody. */
  failures = $state(0);

  readonly #options: ConnectionOptions;
  readonly #wire: Wire;
  #waiting: Waiting[] = [];
  /** Counts openings, so that what belonged to an earlier one is recognised. */
  #opening = 0;
  /** When the host was heard last. */
  #heardAt = 0;
  #lostAt = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#wire = options.openWire({
      onWire: (event) => this.#onWire(event),
      onEvent: (name, payload, answer) => {
        this.#heardAt = Date.now();
        options.onEvent(name, payload, answer);
      },
    });
  }

  /** Which connection this is; a later one has a higher number. */
  get opening(): number {
    return this.#opening;
  }

  open() {
    this.#wire.connect();
  }

  close() {
    this.#wire.close();
    for (const call of this.#waiting.slice()) this.#settle(call, offline());
  }

  /** Tries at once instead of at the next turn: the page is looked at again, or somebody asked. */
  retry() {
    if (this.state === 'live' || this.state === 'catching_up') return;
    if (this.state === 'refused') this.state = 'connecting';
    this.#wire.retry();
  }

  /**
   * Makes sure of a connection that has been silent, such as after a phone was asleep: "connected"
   * is what an answer proved a moment ago, not what nobody has denied.
   */
  probe() {
    if (this.state !== 'live' || Date.now() - this.#heardAt < SILENCE_MS) return;
    void this.call('note:count', {}, { answer_within_ms: PROBE_WITHIN_MS }).catch(() => undefined);
  }

  /** The system says that the network is gone; that is believed before any heartbeat is missed. */
  doubt() {
    if (this.state !== 'refused') this.#wire.retry();
  }

  call = <N extends CallName>(
    name: N,
    payload: Payload<N>,
    options: CallOptions = {},
  ): Promise<Answer<N>> => this.#add(name, payload, options, false);

  /** Says something that is only true now, and may be lost. */
  tell(name: string, payload: unknown) {
    if (this.state === 'live') this.#wire.tell(name, payload);
  }

  #add<N extends CallName>(name: N, payload: Payload<N>, options: CallOptions, entering: boolean) {
    const complete = isChanging(name) ? { id: newId(), ...payload } : payload;
    return new Promise<Answer<N>>((resolve, reject) => {
      const call: Waiting = {
        name,
        payload: complete,
        options,
        entering,
        resolve: resolve as (answer: never) => void,
        reject,
        sent: false,
        sendings: 0,
        slowDowns: 0,
        paused: false,
      };
      if (options.patience_ms !== undefined) {
        const patience_ms = this.#patience(options.patience_ms);
        call.patience = setTimeout(() => this.#settle(call, offline()), patience_ms);
      }
      options.signal?.addEventListener('abort', () => this.#settle(call, offline()));
      this.#waiting.push(call);
      this.#pump();
    });
  }

  /** Who asks while the host is away is told so, and not left in doubt until it might be back. */
  #patience(longest_ms: number): number {
    if (this.state !== 'away') return longest_ms;
    return Math.min(longest_ms, Math.max(0, this.#lostAt + HARDLY_GONE_MS - Date.now()));
  }

  #onWire(event: WireEvent) {
    this.failures = event.kind === 'unreachable' ? this.failures + 1 : 0;
    if (event.kind === 'open') void this.#enter();
    else if (event.kind === 'refused') this.#onRefused(event.code);
    else this.#onLost();
  }

  async #enter() {
    const opening = ++this.#opening;
    this.refusedCode = null;
    this.state = 'catching_up';
    try {
      await this.#options.enter((name, payload, options = {}) =>
        this.#add(name, payload, options, true),
      );
      if (opening !== this.#opening) return;
      this.state = 'live';
      this.#pump();
      this.#options.onLive();
    } catch {
      // Whatever broke it, a fresh connection asks again; the wire spaces the tries out.
      if (opening === this.#opening) setTimeout(() => this.#retryOpening(opening), SLOW_DOWN_MS);
    }
  }

  #retryOpening(opening: number) {
    if (opening === this.#opening && this.state === 'catching_up') this.#wire.retry();
  }

  #onRefused(code: string) {
    this.#onLost();
    this.refusedCode = code;
    this.state = 'refused';
  }

  #onLost() {
    this.#opening += 1;
    if (this.state === 'live') this.#lostAt = Date.now();
    if (this.state !== 'connecting' && this.state !== 'refused') this.state = 'away';
    for (const call of this.#waiting.slice()) {
      clearTimeout(call.watch);
      // What `enter` asked is asked anew by the next `enter`.
      if (call.entering) this.#settle(call, offline());
      else if (call.sendings >= MOST_SENDINGS) this.#settle(call, offline());
      else call.sent = false;
    }
  }

  #pump() {
    let outstanding = this.#waiting.filter((call) => call.sent).length;
    for (const call of this.#waiting) {
      if (outstanding >= MOST_OUTSTANDING) return;
      const turn = call.entering ? this.state === 'catching_up' : this.state === 'live';
      if (!turn || call.sent || call.paused) continue;
      this.#send(call);
      outstanding += 1;
    }
  }

  #send(call: Waiting) {
    const opening = this.#opening;
    call.sent = true;
    call.sendings += 1;
    call.watch = setTimeout(
      () => this.#wire.retry(),
      call.options.answer_within_ms ?? ANSWER_WITHIN_MS,
    );
    this.#wire.call(call.name, call.payload, (answer) => {
      if (opening === this.#opening) this.#onAnswer(call, answer);
    });
  }

  #onAnswer(call: Waiting, answer: unknown) {
    this.#heardAt = Date.now();
    const { ok, error } = (answer ?? {}) as { ok?: unknown; error?: unknown };
    if (ok !== undefined) return this.#settle(call, null, ok);
    const refusal = isCallError(error)
      ? new Refusal(error)
      : new Refusal({ code: 'internal', message: 'The host answered something unknown.' });
    if (refusal.code === 'rate_limited' && call.slowDowns < MOST_SLOW_DOWNS) {
      this.#pause(call, refusal.retry_after_ms ?? SLOW_DOWN_MS);
    } else {
      this.#settle(call, refusal);
    }
  }

  #pause(call: Waiting, wait_ms: number) {
    clearTimeout(call.watch);
    call.sent = false;
    call.sendings -= 1;
    call.slowDowns += 1;
    call.paused = true;
    setTimeout(() => {
      call.paused = false;
      this.#pump();
    }, wait_ms);
  }

  #settle(call: Waiting, refusal: Refusal | null, ok?: unknown) {
    clearTimeout(call.watch);
    clearTimeout(call.patience);
    this.#waiting = this.#waiting.filter((other) => other !== call);
    if (refusal) call.reject(refusal);
    else call.resolve(ok as never);
    this.#pump();
  }
}

function offline(): Refusal {
  return new Refusal({ code: 'offline', message: 'The host does not answer.' });
}
