import { v7 } from 'uuid';

/**
 * A new id for a call. By a library because pages without TLS have no `crypto.randomUUID`; version
 * 7 keeps the host's index of ids in the order they were made.
 */
export function newId(): string {
  return v7();
}
