const LONG_ENOUGH_MS = 30_000;
const LOOK_MS = 50;

/** Waits until `look` gives what is expected; fails with what it gave last. */
export async function until<T>(look: () => Promise<T>, expected: T): Promise<void> {
  const end = Date.now() + LONG_ENOUGH_MS;
  let seen = await look();
  while (seen !== expected) {
    if (Date.now() > end) throw new Error(`expected ${String(expected)}, saw ${String(seen)}`);
    await new Promise((done) => setTimeout(done, LOOK_MS));
    seen = await look();
  }
}
