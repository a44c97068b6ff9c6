import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

const COMMIT = utf8ToBytes('hearth commit v1');
const DIGITS = utf8ToBytes('hearth digits v1');
const NUMBERS = 1_000_000n;

/** A page cannot know whose key it speaks to, nor has it one of its own: both count as this. */
const UNKNOWN_KEY = new Uint8Array(32);

/**
 * This side of the six digits that both screens show, as `crates/protocol/src/digits.rs` has them:
 * committed to before the host shows its own nonce, and revealed afterwards. By a library, because
 * pages without TLS have no `crypto.subtle`.
 */
export class Joiner {
  readonly #nonce: Uint8Array;

  constructor(nonce = crypto.getRandomValues(new Uint8Array(32))) {
    this.#nonce = nonce;
  }

  /** What is said before the host's nonce is known. */
  get commit(): string {
    return bytesToHex(sha256(concatBytes(COMMIT, this.#nonce)));
  }

  /** What is said after that. */
  get reveal(): string {
    return bytesToHex(this.#nonce);
  }

  /** The digits, such as `042917`, with the host's nonce in hex. */
  digits(host: string): string {
    const parts = [DIGITS, UNKNOWN_KEY, UNKNOWN_KEY, hexToBytes(host), this.#nonce];
    const first = sha256(concatBytes(...parts)).subarray(0, 8);
    return (BigInt(`0x${bytesToHex(first)}`) % NUMBERS).toString().padStart(6, '0');
  }
}
