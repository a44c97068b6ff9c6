import type { Calls } from '../protocol';

export type CallName = keyof Calls;
export type Payload<N extends CallName> = Calls[N]['payload'];
export type Answer<N extends CallName> = Calls[N]['answer'] & {
  /** In a joined app whose host is away: it is on this computer's disk, and not yet with the host. */
  pending?: true;
};

/** Calls that change something: they carry an id, and a repeat with the same id changes nothing. */
export type ChangingCall = {
  [N in CallName]: Payload<N> extends { id?: string }
    ? keyof Payload<N> extends never
      ? never
      : 'id' extends keyof Payload<N>
        ? N
        : never
    : never;
}[CallName];

/** Complete by its type: a new changing call does not compile until it stands here. */
const CHANGING: Record<ChangingCall, true> = {
  'room:create': true,
  'room:update': true,
  'room:destroy': true,
  'room:restore': true,
  'room:join': true,
  'room:leave': true,
  'room:invite': true,
  'room:remove': true,
  'room:direct': true,
  'note:create': true,
  'note:update': true,
  'note:edit': true,
  'note:destroy': true,
  'note:restore': true,
  'note:move': true,
  'message:send': true,
  'message:edit': true,
  'message:destroy': true,
  'member:update': true,
  'member:role': true,
  'member:remove': true,
  'member:unban': true,
  'session:update': true,
  'device:revoke': true,
  'session:invite': true,
  'session:uninvite': true,
  'knock:answer': true,
  'achtung:send': true,
};

export function isChanging(name: CallName): name is ChangingCall {
  return name in CHANGING;
}
