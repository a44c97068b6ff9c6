import type { CallError, Code } from '../protocol';

/** A refusal that was thrown: by the host, or by this page for want of a host. */
export class Refusal extends Error {
  readonly code: Code;
  readonly retry_after_ms: number | undefined;
  readonly tries_left: number | undefined;

  constructor(error: CallError) {
    super(error.message);
    this.name = 'Refusal';
    this.code = error.code;
    this.retry_after_ms = error.retry_after_ms;
    this.tries_left = error.tries_left;
  }

  /** Any thrown thing as a refusal; what nobody expected is `internal`. */
  static from(thrown: unknown): Refusal {
    if (thrown instanceof Refusal) return thrown;
    if (isCallError(thrown)) return new Refusal(thrown);
    return new Refusal({ code: 'internal', message: String(thrown) });
  }
}

export function isCallError(value: unknown): value is CallError {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}
