import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Presence, PresenceReport } from '../protocol';
import { Roster } from './roster.svelte';

let told: PresenceReport[];
let roster: Roster;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  roster = new Roster((report) => told.push(report));
});
afterEach(() => vi.useRealTimers());

function presence(socket: string, fields: Partial<Presence> = {}): Presence {
  return {
    member: 'ada',
    socket,
    name: 'Ada',
    color: '#c8553d',
    role: 'editor',
    state: 'active',
    ...fields,
  };
}

it('a person with two tabs is one person, at the place of the active one', () => {
  roster.reset([presence('1', { state: 'idle', room: 'tea' }), presence('2', { room: 'general' })]);
  expect([...roster.people.values()]).toMatchObject([
    { member: 'ada', state: 'active', room: 'general' },
  ]);
  roster.hear([presence('2', { state: 'gone' })]);
  expect(roster.people.get('ada')).toMatchObject({ state: 'idle', room: 'tea' });
});

it('writing that is not renewed is over after five seconds', () => {
  roster.hear([presence('1', { room: 'general', typing: true })]);
  expect(roster.typing({ room: 'general' })).toEqual(['ada']);
  vi.advanceTimersByTime(5_001);
  expect(roster.typing({ room: 'general' })).toEqual([]);
});

it('writing in a note is not writing in its room', () => {
  roster.hear([presence('1', { room: 'general', note: 'plan', typing: true })]);
  expect(roster.typing({ room: 'general' })).toEqual([]);
  expect(roster.typing({ note: 'plan' })).toEqual(['ada']);
});

it('says at once that one writes, not at every key, and ends by itself', () => {
  roster.wrote();
  roster.wrote();
  expect(told).toEqual([{ state: 'active', typing: true }]);
  vi.advanceTimersByTime(3_001);
  expect(told.at(-1)).toMatchObject({ typing: false });
  expect(told).toHaveLength(2);
});

it('is idle after two minutes without a touch, and active with the next', () => {
  roster.touch();
  vi.advanceTimersByTime(120_001);
  expect(told.at(-1)).toMatchObject({ state: 'idle' });
  roster.touch();
  expect(told.at(-1)).toMatchObject({ state: 'active' });
});

it('going elsewhere ends writing and is told once', () => {
  roster.wrote();
  roster.moveTo({ room: 'tea' });
  roster.moveTo({ room: 'tea' });
  expect(told.at(-1)).toEqual({ room: 'tea', state: 'active', typing: false });
  expect(told).toHaveLength(2);
});
