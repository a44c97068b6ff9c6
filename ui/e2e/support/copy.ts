import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { end } from './ending';
import { HEARTHD, type Host } from './host';
import { until } from './until';

/** An always-on copy of what a host has: a real `hearthd join`. */
export class Copy {
  readonly #dir: string;
  readonly #process: ChildProcess;
  /** The lines it printed, each with an address of its page that is good once. */
  readonly #lines: string[] = [];
  /** Its log so far. */
  #said = '';

  private constructor(dir: string, running: ChildProcess) {
    this.#dir = dir;
    this.#process = running;
    createInterface({ input: running.stdout! }).on('line', (line) => this.#lines.push(line));
    running.stderr!.on('data', (text: Buffer) => (this.#said += text.toString()));
    // Said where somebody waits for it: thrown here, it would be nobody's error.
    running.on('error', (error) => (this.#said += error.message));
  }

  static async join(host: Host, name: string): Promise<Copy> {
    const dir = await mkdtemp(join(tmpdir(), 'hearth-e2e-copy-'));
    const options = ['join', new URL(host.url).host, '--data', dir, '--name', name];
    const running = spawn(HEARTHD, options, { stdio: ['ignore', 'pipe', 'pipe'] });
    return new Copy(dir, running);
  }

  /** The address it said as this one, from 1 on: it says another whenever it begins anew. */
  async address(number: number): Promise<string> {
    await until(() => {
      const { exitCode, signalCode } = this.#process;
      const ended = exitCode ?? signalCode;
      if (ended !== null) throw new Error(`hearthd join ended with ${ended}: ${this.#said}`);
      return Promise.resolve(this.#lines.length >= number);
    }, true);
    return (JSON.parse(this.#lines[number - 1]!) as { sign_in_url: string }).sign_in_url;
  }

  async remove() {
    await end(this.#process);
    await rm(this.#dir, { recursive: true, force: true });
  }
}
