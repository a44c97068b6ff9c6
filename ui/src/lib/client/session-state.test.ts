import { describe, expect, it } from 'vitest';
import {
  apply,
  applyContents,
  applyMessages,
  applyVersions,
  fromSnapshot,
  type SessionState,
} from './session-state';
import { fact, member, message, note, room, session, snapshot } from './test-host';

function start(fields = {}): SessionState {
  return fromSnapshot(session, 'me', snapshot(fields).snapshot!, 10, 'run-1');
}

function after(state: SessionState, ...facts: object[]): SessionState {
  return facts.reduce<SessionState>(
    (before, fields, index) => apply(before, fact(11 + index, fields)),
    state,
  );
}

const bodies = (state: SessionState, id = 'general') =>
  state.messages.get(id)?.map((entry) => entry.body);

describe('facts', () => {
  it('heard before change nothing', () => {
    const posted = fact(11, { name: 'messageposted', message: message(11) });
    const once = apply(start(), posted);
    expect(apply(once, posted)).toBe(once);
    expect(once.rooms.get('general')?.unread).toBe(1);
    expect(once.head).toBe(11);
  });

  it('never change what was there before', () => {
    const before = start();
    after(before, { name: 'messageposted', message: message(11) });
    expect(before.messages.size).toBe(0);
    expect(before.rooms.get('general')?.unread).toBe(0);
  });

  it('of names this page does not know are passed over', () => {
    const state = after(start(), { name: 'fileadded', room: 'general' });
    expect(state.head).toBe(11);
  });

  it('keep messages in the order of their numbers and count those of others as unread', () => {
    const state = after(
      start(),
      { name: 'messageposted', message: message(13) },
      { name: 'messageposted', message: message(12) },
      { name: 'messageposted', message: message(14, { by: 'me' }) },
    );
    expect(bodies(state)).toEqual(['Text 12', 'Text 13', 'Text 14']);
    expect(state.rooms.get('general')?.unread).toBe(2);
  });

  it('replace edited and destroyed messages where they stand, and only if they are loaded', () => {
    const state = after(
      start({ messages: [message(3), message(4)] }),
      { name: 'messageedited', message: message(3, { body: 'New' }) },
      { name: 'messagedestroyed', message: message(4, { body: '' }) },
      { name: 'messageedited', message: message(1, { body: 'Long ago' }) },
    );
    expect(bodies(state)).toEqual(['New', '']);
  });

  it('make rooms appear, change, go to the trash, come back and vanish', () => {
    const created = after(start(), { name: 'roomcreated', room: room('tea') });
    expect(created.rooms.get('tea')?.joined).toBe(false);
    const destroyed = after(
      created,
      {},
      { name: 'roomdestroyed', room: room('tea', { destroyed_at: 'x' }) },
    );
    expect(destroyed.rooms.get('tea')?.destroyed_at).toBe('x');
    const gone = after(destroyed, {}, {}, { name: 'roompurged', room: 'tea' });
    expect(gone.rooms.has('tea')).toBe(false);
  });

  it('of a direct conversation need nobody to join it', () => {
    const direct = { id: 'd', name: 'd', topic: '', private: true, direct: ['mina', 'me'] };
    const state = after(start(), { name: 'roomcreated', room: direct });
    expect(state.rooms.get('d')).toMatchObject({ joined: true, members: 2 });
  });

  it('count who joins and leaves once, also when the contents said so already', () => {
    const known = applyContents(start(), {
      room: room('general', { members: 2 }),
      members: [member('me'), member('mina')],
      notes: [],
      messages: [],
      head: 12,
    });
    const state = after(
      known,
      { name: 'roomjoined', room: 'general', member: 'mina' },
      { name: 'roomjoined', room: 'general', member: 'ada' },
      { name: 'roomleft', room: 'general', member: 'mina' },
    );
    expect(state.rooms.get('general')?.members).toBe(2);
    expect([...state.joined.get('general')!]).toEqual(['me', 'ada']);
  });

  it('of leaving a private room erase all of it', () => {
    const state = after(
      start({
        rooms: [room('secret', { private: true })],
        notes: [note('plan', { room: 'secret' })],
        messages: [message(3, { room: 'secret' })],
      }),
      { name: 'roomleft', room: 'secret', member: 'me' },
    );
    expect([state.rooms.size, state.notes.size, state.messages.size]).toEqual([0, 0, 0]);
  });

  it('put notes into the trash and take them back', () => {
    const trashed = note('plan', { trashed_at: 'x' });
    const state = after(start(), { name: 'notedestroyed', key: 'plan', note: trashed });
    expect(state.notes.get('plan')?.trashed_at).toBe('x');
    const restored = after(state, {}, { name: 'noterestored', key: 'plan', note: note('plan') });
    expect(restored.notes.get('plan')?.trashed_at).toBeUndefined();
  });

  it('of a note that moved show it in its new room, or no more', () => {
    const moved = after(start({ notes: [note('plan')] }), {
      name: 'notemoved',
      note: note('plan', { room: 'tea' }),
    });
    expect(moved.notes.get('plan')?.room).toBe('tea');
    const left = after(moved, {}, { name: 'noteleft', key: 'plan', room: 'tea' });
    expect(left.notes.size).toBe(0);
  });

  it('change roles and the session', () => {
    const state = after(
      start(),
      { name: 'rolechanged', member: member('me', { role: 'viewer' }) },
      { name: 'sessionupdated', session: { ...session, name: 'Other' } },
      { name: 'sessionhosted', run: 'run-2' },
    );
    expect(state.members.get('me')?.role).toBe('viewer');
    expect(state.session.name).toBe('Other');
    expect(state.run).toBe('run-2');
  });
});

it('older pages go before what is loaded, without repeats', () => {
  const state = applyMessages(start({ messages: [message(5), message(6)] }), [
    message(4),
    message(5),
  ]);
  expect(bodies(state)).toEqual(['Text 4', 'Text 5', 'Text 6']);
});

it('versions only rise', () => {
  const state = start({ notes: [note('plan', { version: 4 })] });
  const told = (version: number) =>
    applyVersions(state, [{ key: 'plan', version, updated_at: 'x', updated_by: 'ada' }]).notes.get(
      'plan',
    )?.version;
  expect([told(3), told(5)]).toEqual([4, 5]);
});
