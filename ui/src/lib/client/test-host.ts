import type { Fact, Member, Message, Note, RoomView, Session, Thanked, Welcome } from '../protocol';
import type { Wire, WireListener } from '../platform';

/** What a test says for the host: answers a call, at once or later, or keeps silent. */
export type Answerer = (
  name: string,
  payload: Record<string, unknown>,
) => object | Promise<object> | undefined;

/** The far end of a wire, for tests: a host that answers as the test says, and can go away. */
export class TestHost {
  /** Every call that arrived, in order. */
  readonly heard: { name: string; payload: Record<string, unknown> }[] = [];
  readonly told: { name: string; payload: unknown }[] = [];
  answer: Answerer = () => ({ ok: {} });
  retries = 0;
  #listener: WireListener | null = null;
  #connected = false;

  openWire = (listener: WireListener): Wire => {
    this.#listener = listener;
    return {
      connect: () => undefined,
      call: (name, payload, answered) => this.#hear(name, payload, answered),
      tell: (name, payload) => void this.told.push({ name, payload }),
      retry: () => {
        this.retries += 1;
        if (this.#connected) this.lose();
      },
      close: () => this.lose(),
    };
  };

  /** The connection opens, and the host greets. */
  appear(greeting?: Welcome) {
    this.#connected = true;
    this.#listener?.onWire({ kind: 'open' });
    if (greeting) this.emit('welcome', greeting);
  }

  lose() {
    this.#connected = false;
    this.#listener?.onWire({ kind: 'lost' });
  }

  refuse(code: string) {
    this.#listener?.onWire({ kind: 'refused', code });
  }

  emit(name: string, payload: unknown, answer?: (value: unknown) => void) {
    this.#listener?.onEvent(name, payload, answer);
  }

  tellFact(fact: Fact) {
    const { name, ...fields } = fact;
    this.emit(name, fields);
  }

  calls(name: string) {
    return this.heard.filter((call) => call.name === name).map((call) => call.payload);
  }

  #hear(name: string, payload: unknown, answered: (answer: unknown) => void) {
    const fields = payload as Record<string, unknown>;
    this.heard.push({ name, payload: fields });
    const answer = this.answer(name, fields);
    if (answer === undefined) return;
    // Late answers arrive too: what to make of them is the connection's affair.
    void Promise.resolve(answer).then(answered);
  }
}

const AT = '2026-01-01T10:00:00Z';

export const session: Session = {
  id: 'session',
  name: 'Design',
  run: 'run-1',
  admission: 'ask',
  guests: 'editor',
  browsers: 'plain',
};

export function member(id: string, fields: Partial<Member> = {}): Member {
  return { id, name: id, color: '#c8553d', role: 'editor', guest: true, ...fields };
}

export function room(id: string, fields: Partial<RoomView> = {}): RoomView {
  return {
    id,
    name: id,
    topic: '',
    private: false,
    joined: true,
    members: 1,
    unread: 0,
    ...fields,
  };
}

export function message(seq: number, fields: Partial<Message> = {}): Message {
  return {
    id: `message-${seq}`,
    seq,
    room: 'general',
    body: `Text ${seq}`,
    at: AT,
    by: 'mina',
    ...fields,
  };
}

export function note(key: string, fields: Partial<Note> = {}): Note {
  const who = { created_by: 'mina', updated_by: 'mina', created_at: AT, updated_at: AT };
  return { id: key, key, room: 'general', title: key, version: 1, ...who, ...fields };
}

export function welcome(fields: Partial<Welcome> = {}): Welcome {
  return {
    message: 'Welcome',
    you: member('me'),
    session,
    people: [],
    limits: { note_bytes: 1_048_576, message_chars: 4_000 } as Welcome['limits'],
    head: 10,
    protocol: [1, 1],
    ...fields,
  };
}

/** A session with one room, at number 10. */
export function snapshot(fields: Partial<Thanked['snapshot']> = {}): Thanked {
  return {
    snapshot: {
      rooms: [room('general')],
      notes: [],
      members: [member('me'), member('mina', { role: 'host', guest: false })],
      messages: [],
      ...fields,
    },
    head: 10,
    run: 'run-1',
    live: true,
  };
}

/** A fact that waits for the host, as a joined app tells it. */
export function waiting(id: string, fields: object): Fact {
  return { at: AT, by: 'me', id, pending: true, ...fields } as Fact;
}

export function fact(seq: number, fields: object): Fact {
  return { seq, at: AT, by: 'mina', ...fields } as Fact;
}
