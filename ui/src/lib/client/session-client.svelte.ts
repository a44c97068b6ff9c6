import { FACT_NAMES } from '../protocol';
import type {
  Achtung,
  AskAnswer,
  Cursors,
  Fact,
  Knock,
  Limits,
  Link,
  MemberId,
  Message,
  Note,
  NoteCheck,
  NoteKey,
  NoteVersions,
  PresenceChanges,
  Refused,
  Request,
  Role,
  RoomId,
  UserCount,
  Welcome,
} from '../protocol';
import type { Files, Wire, WireListener } from '../platform';
import { isCallError, Refusal } from '../shared/refusal';
import type { Answer, CallName, Payload } from './calls';
import { Callers } from './callers.svelte';
import { Earlier } from './earlier.svelte';
import { Connection, type LinkState, PATIENCE_MS } from './connection.svelte';
import type { EditStore, Leftovers } from './edit-store';
import { NoteDesk } from './note-desk.svelte';
import { NotAccepted } from './not-accepted.svelte';
import { Outbox } from './outbox.svelte';
import { Roster } from './roster.svelte';
import { Known } from './known.svelte';
import { fromSnapshot, type SessionState, WAITING_SEQ } from './session-state';
import { mentions } from './references';
import { SetBack } from './set-back.svelte';
import type { Shelf } from './shelf';

/** How long somebody asked may think, and a little for the way. */
const ASK_WITHIN_MS = 70_000;
/** A host that let this page in and does not greet it is not well. */
const WELCOME_WITHIN_MS = 10_000;
const SETTLE_WITHIN_MS = 3_000;
const SETTLE_LOOK_MS = 50;
/** Facts may come right behind the word that nothing waits any more. */
const FORGET_AFTER_MS = 2_000;
/** Refusals come in bundles. */
const LOOK_AGAIN_MS = 50;
const FACTS: ReadonlySet<string> = new Set(FACT_NAMES);

export interface SessionClientOptions {
  openWire(listener: WireListener): Wire;
  files: Files;
  shelf: Shelf;
  edits: EditStore;
  /** What earlier pages wrote and could not send. */
  left: Leftovers;
  /** A copy that is looked at and not gone on with. */
  readOnly?: boolean;
}

/** A session as one page sees it: what is known, who is here, what is on its way. */
export class SessionClient {
  readonly known = new Known();
  /** In a joined app, how it stands with the host; null where the host is asked directly. */
  link = $state.raw<Link | null>(null);
  /** What the host did not accept of what had waited. */
  readonly notAccepted: NotAccepted;
  /** What the copy from before has and this one lacks. */
  readonly earlier: Earlier;
  /** In a browser's page, what the host does not have any more after it went back. */
  readonly setBack: SetBack;
  readonly readOnly: boolean;
  limits = $state.raw<Limits | null>(null);
  /** Whether somebody looks at this page. */
  looked = $state(true);
  /** The newest message that was meant for this person: by mention, or in a conversation of two. */
  calling = $state.raw<Message | null>(null);

  readonly connection: Connection;
  readonly roster: Roster;
  readonly callers = new Callers();
  readonly outbox: Outbox;
  readonly desk: NoteDesk;
  readonly shelf: Shelf;
  readonly files: Files;
  /** Takes the `welcome` that each connection begins with. */
  #onWelcome: (welcome: Welcome) => void = () => undefined;
  /** Rooms whose contents are being fetched because they came into sight. */
  readonly #fetching = new Set<RoomId>();
  /** Facts that came right behind the answer they follow, before it was taken in. */
  #early: Fact[] | null = null;
  #forgetting: ReturnType<typeof setTimeout> | undefined;
  #lookingAgain: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SessionClientOptions) {
    this.shelf = options.shelf;
    this.files = options.files;
    this.readOnly = options.readOnly ?? false;
    this.connection = new Connection({
      openWire: options.openWire,
      enter: (call) => this.#enter(call),
      onLive: () => this.#onLive(),
      onEvent: (name, payload, answer) => this.#onEvent(name, payload, answer),
    });
    this.roster = new Roster((report) => this.connection.tell('presence', report));
    this.outbox = new Outbox(this.connection.call, this.shelf, ({ message, pending }) =>
      this.known.learnMessage(message, pending),
    );
    this.notAccepted = new NotAccepted(this.connection.call);
    this.earlier = new Earlier(this.connection.call);
    this.setBack = new SetBack(this.shelf);
    const around = {
      call: this.connection.call,
      tell: (name: string, payload: unknown) => this.connection.tell(name, payload),
      edits: options.edits,
      files: options.files,
      roomOf: (key: NoteKey) => this.state?.notes.get(key)?.room,
      fileBytes: () => this.limits?.file_bytes,
      messageBytes: () => this.limits?.message_bytes,
      run: () => this.state?.run,
      you: () => this.state?.you,
      live: () => this.live,
      onNote: (note: Note) => this.known.learnNote(note),
    };
    this.desk = new NoteDesk(around, options.left);
  }

  /** What is shown; null until the first snapshot. */
  get state(): SessionState | null {
    return this.known.state;
  }
  me = $derived(this.state ? this.state.members.get(this.state.you) : undefined);
  role = $derived.by<Role>(() => (this.mayTalk ? (this.me?.role ?? 'viewer') : 'viewer'));
  /** Whether this person can do anything here but read. */
  get mayTalk(): boolean {
    return !this.readOnly && !this.me?.removed;
  }
  mayWrite = $derived(this.role !== 'viewer');
  /** Whether this is the window of an app that has joined: reading and searching need no host then. */
  get joined(): boolean {
    return this.link !== null && !this.readOnly;
  }
  /** How it stands with the host, however many lie in between. */
  get reach(): LinkState {
    const here = this.connection.state;
    return here === 'live' && this.joined ? this.link!.state : here;
  }
  /** Whether the host has at once what is written. */
  get live(): boolean {
    return this.reach === 'live';
  }
  /** Whether nothing can be changed here before the host is back, texts and messages aside. */
  get needsHost(): boolean {
    return !this.joined && !this.live;
  }
  /** Whether questions are answered: by the host, or in a joined app by its copy. */
  get answers(): boolean {
    return this.connection.state === 'live';
  }
  /** What the host lacks: notes and messages on this page, and calls that a joined app keeps. */
  get pending(): number {
    const kept = this.joined ? this.link!.pending : 0;
    return this.desk.unsaved + this.outbox.waiting + kept;
  }

  open() {
    this.connection.open();
  }

  /** Waits until what is left is sent, as far as that goes quickly: the host is about to end. */
  async settle(): Promise<void> {
    const end = Date.now() + SETTLE_WITHIN_MS;
    // A joined app goes on by itself with what it has.
    const owed = () => (this.joined ? this.desk.unsaved + this.outbox.waiting : this.pending);
    while (this.answers && owed() > 0 && Date.now() < end) {
      await new Promise((done) => setTimeout(done, SETTLE_LOOK_MS));
    }
  }

  close() {
    this.desk.keepAll();
    this.desk.close();
    this.connection.close();
    clearTimeout(this.#forgetting);
    clearTimeout(this.#lookingAgain);
  }

  /** Does what a person asked for and waits for; gives up when the host is away. */
  do<N extends CallName>(name: N, payload: Payload<N>): Promise<Answer<N>> {
    return this.connection.call(name, payload, { patience_ms: PATIENCE_MS });
  }

  /** Fetches what is in a room; joins it first where that is wanted. */
  async enterRoom(room: RoomId, join: boolean): Promise<void> {
    this.known.learnContents(await this.do(join ? 'room:join' : 'room:open', { room }));
  }

  /** Older messages than those loaded; false when there are none. */
  async loadOlder(room: RoomId, limit?: number): Promise<boolean> {
    const before = this.state?.messages.get(room)?.[0]?.seq;
    const { messages, next } = await this.do('message:list', { room, before, limit });
    this.known.learnMessages(messages);
    return next !== undefined;
  }

  /** Everything loaded of this room has been seen. */
  async markRead(room: RoomId): Promise<void> {
    const newest = this.state?.messages.get(room)?.findLast(({ seq }) => seq < WAITING_SEQ);
    if (!newest || !this.state?.rooms.get(room)?.unread) return;
    this.known.learnUnread(room, 0);
    const { unread } = await this.do('room:read', { room, seq: newest.seq });
    // What arrived meanwhile is counted by its fact; the host's number only matters if it is lower.
    const known = this.state?.rooms.get(room)?.unread ?? 0;
    if (unread < known) this.known.learnUnread(room, unread);
  }

  /** Everything the host lacks, to be taken elsewhere. */
  unsentText(): string {
    const messages = this.outbox.entries.map((entry) => entry.body);
    return [...this.desk.unsavedTexts(), ...messages].join('\n\n');
  }

  askMember(member: MemberId, message: string, about?: string): Promise<AskAnswer> {
    const options = { patience_ms: ASK_WITHIN_MS, answer_within_ms: ASK_WITHIN_MS };
    return this.connection.call('member:ask', { member, message, about }, options);
  }

  async #enter(call: Connection['call']) {
    this.#early = [];
    this.link = null;
    this.desk.hold();
    const welcome = await this.#greeting();
    this.limits = welcome.limits;
    this.roster.reset(welcome.people);
    await this.#learnSession(call, welcome);
    this.#endEarly();
  }

  #endEarly() {
    const early = this.#early ?? [];
    this.#early = null;
    this.#hearFacts(early);
  }

  async #learnSession(call: Connection['call'], welcome: Welcome) {
    if (this.state?.you === welcome.you.id) {
      // What waits for the host is in no log: pages of it would not tell what has become of it.
      if (this.link) return this.#takeSnapshot(call, welcome);
      if (await this.#catchUp(call)) return;
    }
    const [before, texts] = [this.known.told, this.desk.texts()];
    // Before anything that waits is sent again: it was meant for another history.
    if (before) this.desk.startOver();
    await this.#takeSnapshot(call, welcome);
    if (before?.you === welcome.you.id) this.setBack.hear(before, this.known.told!, texts);
    else this.setBack.remember(welcome.you.id);
  }

  /** Who comes in again after a long while is another member, but called the same. */
  #isMe(member: MemberId | undefined): boolean {
    if (member === undefined || member === this.state?.you) return true;
    return this.me !== undefined && this.state?.members.get(member)?.name === this.me.name;
  }

  #greeting(): Promise<Welcome> {
    return new Promise((resolve, reject) => {
      this.#onWelcome = resolve;
      setTimeout(() => reject(new Error('no welcome')), WELCOME_WITHIN_MS);
    });
  }

  /** False if what is known belongs to another history. */
  async #catchUp(call: Connection['call']): Promise<boolean> {
    try {
      await this.#fetchMissed(call);
      return true;
    } catch (thrown) {
      if (Refusal.from(thrown).code === 'diverged') return false;
      throw thrown;
    }
  }

  async #takeSnapshot(call: Connection['call'], welcome: Welcome) {
    const { snapshot, head, run } = await call('thanks', { batch: true });
    if (!snapshot) throw new Refusal({ code: 'internal', message: 'The host sent no snapshot.' });
    this.known.begin(fromSnapshot(welcome.session, welcome.you.id, snapshot, head, run));
    // In the same step: a page that shows a note must find what is left of it.
    this.desk.takeOver((member) => this.#isMe(member));
  }

  async #fetchMissed(call: Connection['call']) {
    for (let live = false; !live;) {
      const { head: since, run } = this.known.told!;
      const page = await call('thanks', { since, run, batch: true });
      this.#hearFacts(page.facts ?? []);
      this.known.reach(page.next ?? page.head, page.run);
      live = page.live;
    }
  }

  #onLive() {
    this.roster.report();
    this.desk.refresh();
    if (this.role === 'host') void this.#listKnocks();
    if (this.joined) {
      void this.notAccepted.list();
      void this.earlier.list();
    }
  }

  #hearLink(link: Link) {
    const wasLive = this.live;
    this.link = link;
    clearTimeout(this.#forgetting);
    if (link.pending === 0) {
      this.#forgetting = setTimeout(() => this.#forgetWaiting(), FORGET_AFTER_MS);
    }
    if (!wasLive && this.live) {
      // A host that was away does not know where this page is.
      this.roster.report();
      if (this.role === 'host') void this.#listKnocks();
      // Two copies are compared once this one is whole.
      if (this.answers) void this.earlier.list();
    }
  }

  /** Nothing waits: what was not replaced by a fact has become nothing, or somebody else's doing. */
  #forgetWaiting() {
    const owed = this.known.waiting.facts.length > 0;
    this.known.waiting.clear();
    if (owed) void this.#lookAgain();
  }

  #hearRefused(refused: Refused) {
    this.known.waiting.drop(refused.id);
    this.desk.takeOut(refused.call, refused.id);
    this.notAccepted.hear();
    this.#lookAgainSoon();
  }

  #lookAgainSoon() {
    clearTimeout(this.#lookingAgain);
    this.#lookingAgain = setTimeout(() => void this.#lookAgain(), LOOK_AGAIN_MS);
  }

  /** Takes the state anew, in which what was refused is not. */
  async #lookAgain() {
    if (!this.state || !this.answers) return;
    if (this.#early) return this.#lookAgainSoon();
    const { opening } = this.connection;
    this.#early = [];
    const asked = this.connection.call('thanks', { batch: true }, { patience_ms: PATIENCE_MS });
    const thanked = await asked.catch(() => null);
    // Coming in again meanwhile, the page has it from there.
    if (opening !== this.connection.opening) return;
    if (thanked?.snapshot) {
      const { session, you } = this.known.told!;
      this.known.renew(fromSnapshot(session, you, thanked.snapshot, thanked.head, thanked.run));
    }
    this.#endEarly();
  }

  async #listKnocks() {
    const { knocks } = await this.do('session:knocks', {}).catch(() => ({ knocks: [] }));
    this.callers.setKnocks(knocks);
  }

  #onEvent(name: string, payload: unknown, answer?: (value: unknown) => void) {
    if (FACTS.has(name)) return this.#onFacts([{ ...(payload as Fact), name } as Fact]);
    switch (name) {
      case 'facts':
        return this.#onFacts((payload as { facts: Fact[] }).facts);
      case 'welcome':
        return this.#onWelcome(payload as Welcome);
      case 'user count':
        this.roster.count = (payload as UserCount).count;
        return;
      case 'presence':
        return this.roster.hear((payload as PresenceChanges).people);
      case 'note versions':
        return this.#hearVersions(payload as NoteVersions);
      case 'cursors':
        return this.desk.hearCursors(payload as Cursors);
      case 'note check':
        return this.desk.check(payload as NoteCheck);
      case 'achtung':
        return this.callers.announce(payload as Achtung);
      case 'request':
        return this.#hearRequest(payload as Request, answer);
      case 'knock':
        return this.callers.knock(payload as Knock);
      case 'link':
        return this.#hearLink(payload as Link);
      case 'refused':
        return this.#hearRefused(payload as Refused);
    }
  }

  #onFacts(facts: Fact[]) {
    if (this.#early) this.#early.push(...facts);
    else this.#hearFacts(facts);
  }

  #hearFacts(facts: Fact[]) {
    if (!this.state || facts.length === 0) return;
    this.known.hear(facts);
    const { state } = this;
    for (const fact of facts) {
      if (fact.name === 'messageposted' && isForMe(state, fact.message))
        this.calling = fact.message;
      if (comesIntoSight(fact, state.you)) this.#fetchSoon(fact);
      this.desk.hear(fact);
    }
  }

  #hearVersions({ notes }: NoteVersions) {
    this.known.hearVersions(notes);
  }

  #hearRequest(request: Request, acknowledge?: (value: unknown) => void) {
    const opening = this.connection.opening;
    this.callers.ask(request, (value) => {
      // An acknowledgement belongs to its connection; after another one the call says the same.
      if (acknowledge && opening === this.connection.opening) acknowledge({ answer: value });
      else
        void this.do('member:answer', { ask: request.ask, answer: value }).catch(() => undefined);
    });
  }

  /** Fetches a room that came into sight, unless the call that did it answers with its contents. */
  #fetchSoon(fact: Fact & { name: 'roomjoined' | 'roomrestored' }) {
    const room = fact.name === 'roomjoined' ? fact.room : fact.room.id;
    if (this.#fetching.has(room)) return;
    this.#fetching.add(room);
    void this.enterRoom(room, false)
      .catch((thrown: unknown) => {
        if (!isCallError(thrown)) throw thrown;
      })
      .finally(() => this.#fetching.delete(room));
  }
}

function isForMe(state: SessionState, message: Message): boolean {
  if (message.by === state.you) return false;
  return mentions(message.body, state.you) || Boolean(state.rooms.get(message.room)?.direct);
}

function comesIntoSight(
  fact: Fact,
  you: MemberId,
): fact is Fact & { name: 'roomjoined' | 'roomrestored' } {
  return (fact.name === 'roomjoined' && fact.member === you) || fact.name === 'roomrestored';
}
