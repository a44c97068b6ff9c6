/** What the host takes for a PIN. */
export const PIN_FORM = /^\d{4,12}$/;

const DIGITS = 6;

/** A PIN nobody guesses, without `crypto.subtle`, which plain pages lack. */
export function newPin(): string {
  const numbers = crypto.getRandomValues(new Uint32Array(DIGITS));
  // Of 2^32 values six are left over; their share in favour of low digits is not worth a loop.
  return Array.from(numbers, (number) => number % 10).join('');
}
