import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HEARTHD, type Host } from './host';
import { until } from './until';

/** An always-on copy of what a host has: a real `hearthd join`. */
export class Copy {
  readonly #dir: string;
  readonly #process: ChildProcess;
  /** Addresses of its page for whoever started it, each good once. */
  readonly #addresses: string[] = [];

  private constructor(dir: string, running: ChildProcess) {
    this.#dir = dir;
    this.#process = running;
    createInterface({ input: running.stdout! }).on('line', (line) => {
      this.#addresses.push((JSON.parse(line) as { sign_in_url: string }).sign_in_url);
    });
  }

  static async join(host: Host, name: string): Promise<Copy> {
    const dir = await mkdtemp(join(tmpdir(), 'hearth-e2e-copy-'));
    const options = ['join', new URL(host.url).host, '--data', dir, '--name', name];
    const running = spawn(HEARTHD, options, { stdio: ['ignore', 'pipe', 'ignore'] });
    return new Copy(dir, running);
  }

  /** The address it said as this one, from 1 on: it says another whenever it begins anew. */
  async address(number: number): Promise<string> {
    await until(() => Promise.resolve(this.#addresses.length >= number), true);
    return this.#addresses[number - 1]!;
  }

  async remove() {
    if (this.#process.exitCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
    await rm(this.#dir, { recursive: true, force: true });
  }
}
