import type { Unsent } from '../client/outbox.svelte';
import type { MemberId, Message } from '../protocol';
import { sameDay } from '../shared/when';

/** One row of a conversation. */
export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'unread'; key: string }
  /** `first`: shows its author; those after it in a row do not. */
  | { kind: 'message'; key: string; message: Message; first: boolean }
  | { kind: 'unsent'; key: string; entry: Unsent; first: boolean };

/** Messages of one author this close together are one block. */
const BLOCK_MS = 5 * 60_000;

/** The rows of a conversation: days, the line before what is new, messages, what is on its way. */
export function timeline(
  messages: readonly Message[],
  unsent: readonly Unsent[],
  you: MemberId,
  firstUnread: number | null,
): Row[] {
  const rows: Row[] = [];
  let before: { by: MemberId; at: string } | null = null;
  for (const message of messages) {
    if (!before || !sameDay(before.at, message.at)) {
      rows.push({
        kind: 'day',
        key: `day-${message.at.slice(0, 10)}-${message.id}`,
        at: message.at,
      });
      before = null;
    }
    if (message.seq === firstUnread) {
      rows.push({ kind: 'unread', key: 'unread' });
      before = null;
    }
    rows.push({ kind: 'message', key: message.id, message, first: !continues(before, message) });
    before = message;
  }
  const sent = new Set(messages.map((message) => message.id));
  for (const entry of unsent) {
    if (sent.has(entry.id)) continue;
    const mine = { by: you, at: entry.made_at };
    // The same key as the message it becomes, so that it stays where it stands.
    rows.push({ kind: 'unsent', key: entry.id, entry, first: !continues(before, mine) });
    before = mine;
  }
  return rows;
}

/** The number of the first message that is new: counted back over what others wrote. */
export function firstUnread(
  messages: readonly Message[],
  unread: number,
  you: MemberId,
): number | null {
  let left = unread;
  let first: number | null = null;
  for (const message of [...messages].reverse()) {
    if (left <= 0) break;
    if (message.by === you) continue;
    first = message.seq;
    left -= 1;
  }
  return first;
}

function continues(
  before: { by: MemberId; at: string } | null,
  next: { by: MemberId; at: string },
): boolean {
  if (before?.by !== next.by) return false;
  return Date.parse(next.at) - Date.parse(before.at) < BLOCK_MS;
}
