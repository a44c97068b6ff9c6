import { isCallError, Refusal } from '../shared/refusal';
import type { CallError } from '../protocol';
import { openHttpFiles } from './http-files';
import { openSocketWire } from './socket-wire';
import type { BrowserPlatform, Door } from './types';

/** A guest's browser. */
export function browserPlatform(): BrowserPlatform {
  return {
    kind: 'browser',
    door: httpDoor(location.origin),
    openWire: openSocketWire,
    openFiles: openHttpFiles,
  };
}

function httpDoor(origin: string): Door {
  return {
    access: { url: origin },
    health: () => ask('/health'),
    signIn: (request) => ask('/sign-in', { method: 'POST', body: JSON.stringify(request) }),
    async awaitAnswer(knock, signal) {
      const response = await reach(`/sign-in/${knock}`, { signal });
      return response.status === 202 ? null : read(response);
    },
    async reveal(knock, nonce) {
      const body = JSON.stringify({ reveal: nonce });
      const response = await reach(`/sign-in/${knock}`, { method: 'POST', body });
      if (!response.ok) await read(response);
    },
    async giveUp(knock) {
      // It outlives a page that is being closed.
      await reach(`/sign-in/${knock}`, { method: 'DELETE', keepalive: true });
    },
    async signOut() {
      await reach('/sign-out', { method: 'POST' });
    },
  };
}

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  return read(await reach(path, init));
}

async function reach(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = init.body ? { 'content-type': 'application/json' } : undefined;
  try {
    return await fetch(path, { headers, credentials: 'same-origin', ...init });
  } catch (failure) {
    if (init.signal?.aborted) throw failure;
    throw new Refusal({ code: 'offline', message: 'The host does not answer.' });
  }
}

async function read<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  const error = (body as { error?: CallError } | null)?.error;
  if (isCallError(error)) throw new Refusal(error);
  throw new Refusal({ code: 'internal', message: `The host answered ${response.status}.` });
}
