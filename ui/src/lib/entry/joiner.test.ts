import { expect, it } from 'vitest';
import { Joiner } from './joiner';

const HOST = '11'.repeat(32);
const joiner = new Joiner(new Uint8Array(32).fill(0x22));

// The same values stand in crates/protocol/src/digits.rs.
it('commits, reveals and counts as the host does', () => {
  expect(joiner.commit).toBe('7e382a6b518a9732c4ab95b299159ef4b7499b88276197e0f7c8aafbd15c8dfa');
  expect(joiner.reveal).toBe('22'.repeat(32));
  expect(joiner.digits(HOST)).toBe('755310');
});

it('is another one each time', () => {
  expect(new Joiner().commit).not.toBe(new Joiner().commit);
});

it('always has six digits', () => {
  for (let host = 0; host < 100; host += 1) {
    const nonce = host.toString(16).padStart(64, '0');
    expect(joiner.digits(nonce)).toMatch(/^\d{6}$/);
  }
});
