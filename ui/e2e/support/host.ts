import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { end } from './ending';
import type { Installation } from './installation';

/** The program that is tested. */
export const HEARTHD =
  process.env.HEARTHD || resolve(import.meta.dirname, '../../../target/debug/hearthd');

/** What the first line of `hearthd` says, as far as it matters here. */
interface FirstLine {
  url: string;
  sign_in_url: string;
  fingerprint: string;
}

/** A real host in a folder of its own. It can be stopped and started again on the same port. */
export class Host {
  /** Where browsers go: by TLS, unless it is on the network and its browsers are not encrypted. */
  url = '';
  /** The same for whoever hosts, with the invitation that makes them host. */
  signInUrl = '';
  readonly #on: Installation;
  readonly #dir: string;
  readonly #options: readonly string[];
  #process: ChildProcess | null = null;
  /** Its log so far. */
  #said = '';

  private constructor(on: Installation, dir: string, options: readonly string[]) {
    this.#on = on;
    this.#dir = dir;
    this.#options = options;
  }

  static async start(
    on: Installation,
    options: readonly string[],
    listen = '127.0.0.1:0',
  ): Promise<Host> {
    const dir = await mkdtemp(join(tmpdir(), 'hearth-e2e-'));
    await on.moveInto(dir);
    const host = new Host(on, dir, options);
    try {
      await host.#run(listen);
    } catch (thrown) {
      await host.remove();
      throw thrown;
    }
    return host;
  }

  /** The certificate it shows, as PEM. */
  get certificate(): string {
    return this.#on.certificate ?? '';
  }

  /** Comes back after `stop`, at the same address and with the same session. */
  async startAgain() {
    await this.#run(new URL(this.url).host);
  }

  async stop() {
    const running = this.#process;
    this.#process = null;
    if (!running) return;
    await end(running);
    const [secret] = new URL(this.signInUrl).hash.slice(1).split('.');
    if (secret && this.#said.includes(secret)) throw new Error('an invitation stands in the log');
  }

  /** Hangs, without a word and with all connections open. */
  freeze() {
    this.#process?.kill('SIGSTOP');
  }

  thaw() {
    this.#process?.kill('SIGCONT');
  }

  /** Puts a copy of everything aside, for `restore`; only while stopped. */
  async backUp() {
    await cp(this.#dir, `${this.#dir}.copy`, { recursive: true });
  }

  async restore() {
    await rm(this.#dir, { recursive: true });
    await cp(`${this.#dir}.copy`, this.#dir, { recursive: true });
  }

  async remove() {
    this.thaw();
    await this.stop();
    for (const dir of [this.#dir, `${this.#dir}.copy`]) {
      await rm(dir, { recursive: true, force: true });
    }
  }

  async #run(listen: string) {
    const options = ['host', '--data', this.#dir, '--listen', listen, ...this.#options];
    const started = spawn(HEARTHD, options, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = started;
    started.stderr.on('data', (text: Buffer) => (this.#said += text.toString()));
    const lines = createInterface({ input: started.stdout });
    const [first] = await Promise.race([
      once(lines, 'line') as Promise<[string]>,
      once(started, 'exit').then(([code, signal]) => {
        throw new Error(`hearthd ended with ${code ?? signal}: ${this.#said}`);
      }),
    ]);
    const { url, sign_in_url, fingerprint } = JSON.parse(first) as FirstLine;
    this.url = encryptedOnLoopback(url);
    this.signInUrl = encryptedOnLoopback(sign_in_url);
    await this.#on.keep(this.#dir, url, fingerprint);
  }
}

/** On loopback the first line names the address without TLS; both are served at the same port. */
function encryptedOnLoopback(url: string): string {
  return url.replace('http://127.0.0.1:', 'https://127.0.0.1:');
}
