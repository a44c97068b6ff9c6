import { describe, expect, it } from 'vitest';
import type { Message } from '../protocol';
import { firstUnread, timeline } from './timeline';

function message(seq: number, by: string, at: string): Message {
  return { id: `m${seq}`, seq, room: 'r', body: 'x', by, at };
}

const noon = (day: number, minute = 0) => new Date(2026, 0, day, 12, minute).toISOString();
const kinds = (rows: ReturnType<typeof timeline>) =>
  rows.map((row) => ('first' in row && row.first ? `${row.kind}*` : row.kind));

describe('a conversation', () => {
  it('has a heading for each day, and an author for each block', () => {
    const rows = timeline(
      [
        message(1, 'ada', noon(1)),
        message(2, 'ada', noon(1, 1)),
        message(3, 'bo', noon(1, 2)),
        message(4, 'bo', noon(1, 20)),
        message(5, 'bo', noon(2)),
      ],
      [],
      'me',
      null,
    );
    expect(kinds(rows)).toEqual([
      'day',
      'message*',
      'message',
      'message*',
      'message*',
      'day',
      'message*',
    ]);
  });

  it('has a line before what is new', () => {
    const rows = timeline([message(1, 'ada', noon(1)), message(2, 'ada', noon(1, 1))], [], 'me', 2);
    expect(kinds(rows)).toEqual(['day', 'message*', 'unread', 'message*']);
  });

  it('ends with what is on its way, once', () => {
    const unsent = ['m1', 'm9'].map((id) => ({ id, room: 'r', body: 'x', made_at: noon(1, 1) }));
    const rows = timeline([message(1, 'me', noon(1))], unsent, 'me', null);
    expect(kinds(rows)).toEqual(['day', 'message*', 'unsent']);
  });
});

it('what one wrote oneself is never new', () => {
  const messages = [
    message(1, 'ada', noon(1)),
    message(2, 'me', noon(1)),
    message(3, 'ada', noon(1)),
    message(4, 'me', noon(1)),
  ];
  expect(firstUnread(messages, 1, 'me')).toBe(3);
  expect(firstUnread(messages, 2, 'me')).toBe(1);
  expect(firstUnread(messages, 9, 'me')).toBe(1);
  expect(firstUnread(messages, 0, 'me')).toBeNull();
});
