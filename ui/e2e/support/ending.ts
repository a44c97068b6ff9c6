import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Long, because a loaded machine is slow and not wrong. */
const STOPS_WITHIN_MS = 30_000;

/** Asks a program to stop, and makes sure that it does: nothing may wait for it for ever. */
export async function end(running: ChildProcess) {
  // A program that was killed has a signal and no code.
  if (running.exitCode !== null || running.signalCode !== null) return;
  const ended = once(running, 'exit');
  running.kill('SIGTERM');
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    running.kill('SIGKILL');
  }, STOPS_WITHIN_MS);
  await ended;
  clearTimeout(timer);
  if (hung) throw new Error(`${running.spawnargs.join(' ')} did not stop when it was asked to`);
}
