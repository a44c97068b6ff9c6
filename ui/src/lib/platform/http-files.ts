import type { CallError, RoomId, StoredFile } from '../protocol';
import { isCallError, Refusal } from '../shared/refusal';
import type { Access, Files, SendFile } from './types';

/** So many are kept in memory, for a picture that is drawn again. */
const MOST_KEPT = 24;

/** Files of rooms by HTTP: with the cookie of the page, or the token of the window. */
export function openHttpFiles(access: Access): Files {
  const headers: Record<string, string> = access.token
    ? { authorization: `Bearer ${access.token}` }
    : {};
  const kept = new Map<string, Promise<Blob>>();
  const credentials = access.token ? 'omit' : 'same-origin';

  async function fetchFile(path: string): Promise<Blob> {
    const response = await fetch(new URL(path, access.url), { headers, credentials }).catch(() => {
      throw offline();
    });
    if (!response.ok) throw refusalOf(response.status, await response.json().catch(() => null));
    return response.blob();
  }

  return {
    send: (file) => send(access, headers, file),
    get(room, hash) {
      const path = `/files/${room}/${hash}`;
      const known = kept.get(path);
      if (known) return known;
      const fetched = fetchFile(path);
      kept.set(path, fetched);
      fetched.catch(() => kept.delete(path));
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
      return fetched;
    },
  };
}

/** `fetch` cannot say how far it is with sending. */
function send(
  access: Access,
  headers: Record<string, string>,
  file: SendFile,
): Promise<StoredFile> {
  const request = new XMLHttpRequest();
  const { room, name, id, bytes, signal, onprogress } = file;
  request.open('POST', address(access, room, name, id));
  request.withCredentials = false;
  request.responseType = 'json';
  for (const [header, value] of Object.entries(headers)) request.setRequestHeader(header, value);
  request.setRequestHeader('content-type', 'application/octet-stream');
  request.upload.onprogress = ({ loaded, total }) => onprogress(total ? loaded / total : 0);
  return new Promise((resolve, reject) => {
    request.onload = () => {
      if (request.status === 201) resolve(request.response as StoredFile);
      else reject(refusalOf(request.status, request.response));
    };
    request.onerror = request.onabort = request.ontimeout = () => reject(offline());
    signal.addEventListener('abort', () => request.abort());
    request.send(bytes);
  });
}

function address(access: Access, room: RoomId, name: string, id: string): URL {
  const url = new URL('/files', access.url);
  url.search = new URLSearchParams({ room, name, id }).toString();
  return url;
}

function refusalOf(status: number, body: unknown): Refusal {
  const error = (body as { error?: CallError } | null)?.error;
  if (isCallError(error)) return new Refusal(error);
  return new Refusal({ code: 'internal', message: `The host answered ${status}.` });
}

function offline(): Refusal {
  return new Refusal({ code: 'offline', message: 'The host does not answer.' });
}
