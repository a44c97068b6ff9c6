import { io, type Socket } from 'socket.io-client';

/** Somebody without a browser: a script that speaks the event API. */
export class Script {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async enter(url: string, name: string): Promise<Script> {
    const signedIn = await fetch(new URL('/sign-in', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    });
    const { token } = (await signedIn.json()) as { token: string };
    const script = new Script(io(url, { auth: { token }, forceNew: true }));
    await new Promise((resolve) => script.#socket.once('welcome', resolve));
    await script.call('thanks', {});
    return script;
  }

  async call(name: string, payload: object): Promise<Record<string, unknown>> {
    const answer = (await this.#socket.timeout(10_000).emitWithAck(name, payload)) as {
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
