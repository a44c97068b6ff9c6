import type { Calls } from '../protocol';

export type CallName = keyof Calls;
export type Payload<N extends CallName> = Calls[N]['payload'];
export type Answer<N extends CallName> = Calls[N]['answer'] & {
  /** In a joined app whose host is away: it is on this computer's disk, and not yet with the host. */
  pending?: true;
};

/** Calls that change something: they carry an id, and a repeat with the same id changes nothing. */
export type ChangingCall = {
  // An id that has to be given names something else, such as what is to be thrown away.
  [N in CallName]: 'id' extends keyof Payload<N>
    ? Partial<Pick<Payload<N>, 'id'>> extends Pick<Payload<N>, 'id'>
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
  'session:invitation': true,
  'knock:answer': true,
  'achtung:send': true,
};

export function isChanging(name: CallName): name is ChangingCall {
  return name in CHANGING;
}
