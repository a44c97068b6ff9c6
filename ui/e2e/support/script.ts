import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { json } from 'node:stream/consumers';
import { io, type Socket } from 'socket.io-client';
import { onTestFinished } from 'vitest';
import type { Host } from './host';

/** Long, because a loaded machine is slow and not wrong. */
const ANSWERS_WITHIN_MS = 30_000;

/** Somebody without a browser: a script that speaks the event API. */
export class Script {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async enter(host: Host, name: string): Promise<Script> {
    // Names say nothing on a network without authorities: the key is the identity.
    const agent = new Agent({ ca: host.certificate, checkServerIdentity: () => undefined });
    const { token } = await signIn(host.url, agent, name);
    // In Node.js the client takes an agent of Node's; its types know only browsers.
    const inNode = { agent } as object;
    const script: Script = new Script(io(host.url, { auth: { token }, forceNew: true, ...inNode }));
    // Also after a test that failed before it let the script go.
    onTestFinished(() => script.leave());
    await new Promise((resolve) => script.#socket.once('welcome', resolve));
    await script.call('thanks', {});
    return script;
  }

  async call(name: string, payload: object): Promise<Record<string, unknown>> {
    const answer = (await this.#socket.timeout(ANSWERS_WITHIN_MS).emitWithAck(name, payload)) as {
      ok?: Record<string, unknown>;
      error?: { code: string };
    };
    if (!answer.ok) throw new Error(`${name}: ${answer.error?.code}`);
    return answer.ok;
  }

  leave() {
    this.#socket.close();
  }
}

async function signIn(url: string, agent: Agent, name: string): Promise<{ token: string }> {
  const headers = { 'content-type': 'application/json' };
  const asking = request(new URL('/sign-in', url), { method: 'POST', agent, headers });
  asking.end(JSON.stringify({ name }));
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  return (await json(answer)) as { token: string };
}
