import type {
  Hosting,
  HostRequest,
  AskedToJoin,
  JoinRequest,
  KnownBy,
  JoinStep,
  Knocking,
  Nearby,
  NetworkCheck,
  ProbeRequest,
  Probed,
  OpenSession,
  Profile,
  RoomId,
  SessionId,
  Settings,
  SignedIn,
  SignIn,
  StartInfo,
  StoredFile,
  Health,
} from '../protocol';

/** How the event API is reached. */
export interface Access {
  /** Where the server is, without a path. */
  url: string;
  /** The credential, where no cookie carries it. */
  token?: string;
}

/** What happens to a connection; `refused` is final until `connect` is called again. */
export type WireEvent =
  { kind: 'open' } | { kind: 'lost' } | { kind: 'refused'; code: string } | { kind: 'unreachable' };

export interface WireListener {
  onWire(event: WireEvent): void;
  /** An event from the host; `answer` is there when the host waits for one. */
  onEvent(name: string, payload: unknown, answer?: (value: unknown) => void): void;
}

/** A connection to the event API that comes back by itself. */
export interface Wire {
  connect(): void;
  /** Sends a call; `answered` is not called when the connection breaks first. */
  call(name: string, payload: unknown, answered: (answer: unknown) => void): void;
  /** Says something that may be lost. */
  tell(name: string, payload: unknown): void;
  /** Drops a connection that looks dead, or a pause between two tries, and tries at once. */
  retry(): void;
  close(): void;
}

/** Where this page runs: the app's own window, or somebody's browser. */
export type Platform = BrowserPlatform | WindowPlatform;

/** A file to be sent. */
export interface SendFile {
  room: RoomId;
  name: string;
  /** Sent again under the same, it is there once. */
  id: string;
  bytes: Blob;
  signal: AbortSignal;
  /** How much of it is sent, of 1. */
  onprogress(share: number): void;
}

/** Pictures and files of rooms. Every refusal is thrown as `Refusal`. */
export interface Files {
  send(file: SendFile): Promise<StoredFile>;
  get(room: RoomId, hash: string): Promise<Blob>;
}

interface AnyPlatform {
  openWire(access: Access, listener: WireListener): Wire;
  openFiles(access: Access): Files;
}

/** A guest's browser: the page came from the host, which also lets people in. */
export interface BrowserPlatform extends AnyPlatform {
  kind: 'browser';
  door: Door;
}

/** Coming in by HTTP. Every refusal is thrown as `Refusal`. */
export interface Door {
  /** Where the page came from. */
  access: Access;
  health(): Promise<Health>;
  signIn(request: SignIn): Promise<SignedIn | Knocking>;
  /** Waits until the host has answered or half a minute is over; null: not yet. */
  awaitAnswer(knock: string, signal: AbortSignal): Promise<SignedIn | null>;
  /** Shows the host the nonce that `commit` spoke of, in hex: the six digits are known then. */
  reveal(knock: string, nonce: string): Promise<void>;
  giveUp(knock: string): Promise<void>;
  signOut(): Promise<void>;
}

/** The app's own window: it hosts, and has a tray and a disk. */
export interface WindowPlatform extends AnyPlatform {
  kind: 'window';
  startInfo(): Promise<StartInfo>;
  saveProfile(profile: Profile): Promise<void>;
  saveSettings(settings: Settings): Promise<void>;
  host(request: HostRequest): Promise<Hosting>;
  hosting(): Promise<Hosting | null>;
  /** Begins to join, in place of an earlier try; gives how far that has come. */
  joinSession(request: JoinRequest): Promise<JoinStep>;
  /** Waits until joining has come further than was said last, or half a minute is over. */
  joinProgress(): Promise<JoinStep>;
  cancelJoin(): Promise<void>;
  /** What is open in this process, such as before the page was loaded anew. */
  openNow(): Promise<OpenSession | null>;
  /** Opens a session that is on this computer; of a copy, whether the host is there or not. */
  openSession(id: SessionId): Promise<OpenSession>;
  /** Closes somebody else's session, and keeps the copy or moves it into the trash. */
  leaveSession(keep: boolean): Promise<void>;
  /** Asks where a backup is to go; null: nowhere. */
  chooseBackupPlace(name: string): Promise<string | null>;
  /** Saves a whole copy of a session's file, open or not. */
  backupSession(id: SessionId, to: string): Promise<{ path: string }>;
  /** Asks for a session's file and opens it, as one's own or only to look; null: none. */
  openBackup(readOnly: boolean): Promise<OpenSession | null>;
  stopHosting(): Promise<void>;
  forgetSession(id: SessionId): Promise<void>;
  /** What is announced on this network just now. To be asked again and again while it is shown. */
  nearby(): Promise<Nearby>;
  /** Looks what is at an address, for some seconds at most. */
  probe(request: ProbeRequest): Promise<Probed>;
  /** Looks whether others can find and reach this computer; takes some seconds. */
  networkCheck(): Promise<NetworkCheck>;
  /** Opens a page in the system's browser. */
  openOutside(page: string): void;
  answerClose(choice: CloseChoice): Promise<void>;
  openLogs(): Promise<void>;
  /** What this computer is known by. A keyring may ask its person first. */
  knownBy(): Promise<KnownBy>;
  /** An invitation that the system handed to the app, once. Nothing was done with it. */
  joinAsked(): Promise<AskedToJoin | null>;
  /** There is one to be taken. */
  onJoinAsked(listener: () => void): void;
  /** Tells the person by the system, unless the window is looked at. */
  notify(title: string, body: string): Promise<void>;
  onCloseRequested(listener: (request: CloseRequest) => void): void;
  /** What is open changed by other means than this page, such as the tray. */
  onSessionChanged(listener: () => void): void;
}

export type CloseChoice = 'tray' | 'end' | 'stay';

/** Somebody closes the window while hosting. */
export interface CloseRequest {
  /** Whether there is a tray to keep hosting in. */
  tray: boolean;
  /** How many others are connected. */
  people: number;
}
