import { io, type Socket } from 'socket.io-client';
import { PROTOCOL } from '../protocol';
import type { Access, Wire, WireListener } from './types';

/** A server that is merely slow to answer the handshake is given up on and asked again. */
const HANDSHAKE_MS = 8_000;
const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 5_000;

/** The event API over Socket.IO: polling first, so that it works where WebSockets are blocked. */
export function openSocketWire(access: Access, listener: WireListener): Wire {
  const socket = io(access.url, {
    autoConnect: false,
    forceNew: true,
    transports: ['polling', 'websocket'],
    // The window's server knows tokens only, and allows no cookies from another origin.
    withCredentials: !access.token,
    timeout: HANDSHAKE_MS,
    reconnectionDelay: FIRST_RETRY_MS,
    reconnectionDelayMax: LAST_RETRY_MS,
    auth: access.token ? { token: access.token, protocol: PROTOCOL } : { protocol: PROTOCOL },
  });
  listenTo(socket, listener);
  return {
    connect: () => socket.connect(),
    call: (name, payload, answered) => socket.emit(name, payload, answered),
    tell: (name, payload) => {
      // Socket.IO keeps what is emitted while away and sends it late; that may only be lost. Not
      // `volatile`, which drops also what is said right behind a call, such as where one went.
      if (socket.connected) socket.emit(name, payload);
    },
    // Also ends the pause between two tries, and a connection that merely went silent.
    retry: () => socket.disconnect().connect(),
    close: () => socket.disconnect(),
  };
}

function listenTo(socket: Socket, listener: WireListener) {
  socket.on('connect', () => listener.onWire({ kind: 'open' }));
  socket.on('disconnect', (reason) => {
    listener.onWire({ kind: 'lost' });
    // The host closed this socket; the library would wait for us to decide.
    if (reason === 'io server disconnect') socket.connect();
  });
  socket.on('connect_error', (error) => {
    // An active socket tries again by itself: it was the way that failed, not the host that refused.
    if (socket.active) listener.onWire({ kind: 'unreachable' });
    else listener.onWire({ kind: 'refused', code: error.message });
  });
  socket.onAny((name: string, ...values: unknown[]) => {
    const last = values.at(-1);
    const answer = typeof last === 'function' ? (last as (value: unknown) => void) : undefined;
    listener.onEvent(name, values[0] === answer ? undefined : values[0], answer);
  });
}
