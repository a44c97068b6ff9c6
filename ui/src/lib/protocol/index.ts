// Generated from crates/protocol by `cargo run -p hearth-protocol --bin generate`. Do not edit.

/**
 * `achtung`: the host has an announcement for everybody.
 */
export type Achtung = { 
/**
 * What.
 */
warning: string, 
/**
 * Who announced it.
 */
by: MemberId, };

/**
 * Tells everybody something.
 */
export type AchtungSend = { 
/**
 * The call's id.
 */
id?: CallId, 
/**
 * What.
 */
warning: string, };

/**
 * Who may come in without an invitation.
 */
export type Admission = "ask" | "pin" | "anyone";

/**
 * What has become of one's own announcement.
 */
export type AnnouncementCheck = "seen" | "unseen" | "off";

/**
 * What an invitation for the app says.
 */
export type AppInvitation = { 
/**
 * `HOST:PORT`.
 */
address: string, 
/**
 * The host that is to be found there: 64 lower-case hex digits.
 */
fingerprint: string, 
/**
 * The whole invitation: `hearth://HOST:PORT/#SECRET.FINGERPRINT`.
 */
url: string, 
/**
 * The same for a browser.
 */
browser_url: string, };

/**
 * What somebody said to a request, or that nobody said anything within a minute.
 */
export type AskAnswer = { 
/**
 * The answer.
 */
answer?: JsonValue, 
/**
 * It arrived and was not answered.
 */
delivered?: boolean, };

/**
 * A question from one member to another.
 */
export type AskId = string;

/**
 * An invitation that the system handed to the app. Nothing was done with it.
 */
export type AskedToJoin = { 
/**
 * What it says; absent where it cannot be read.
 */
invitation?: AppInvitation, };

/**
 * A session was written into a file.
 */
export type BackedUp = { 
/**
 * Which.
 */
path: string, };

/**
 * How browsers may reach the session.
 */
export type Browsers = "encrypted" | "plain" | "off";

/**
 * One burst of typing by one person.
 */
export type Burst = { 
/**
 * The version that its first edit made: before it, the text was as at the version before.
 */
first: number, 
/**
 * The version at its end.
 */
version: number, 
/**
 * When it ended.
 */
at: Timestamp, 
/**
 * Who typed.
 */
by: MemberId, 
/**
 * UTF-16 code units typed.
 */
added: number, 
/**
 * UTF-16 code units deleted.
 */
removed: number, };

/**
 * A refusal: a code for programs, a sentence for people.
 */
export type CallError = { 
/**
 * What kind of refusal.
 */
code: Code, 
/**
 * A sentence a person can act on.
 */
message: string, 
/**
 * When to try again, in milliseconds from now.
 */
retry_after_ms?: number, 
/**
 * Wrong PIN: how many tries are left before a wait.
 */
tries_left?: number, };

/**
 * A changing call, made by its client; a repeat carries the same one.
 */
export type CallId = string;

/**
 * One change of a note's text, in UTF-16 code units of the version it was made against.
 */
export type Change = { 
/**
 * Where it begins.
 */
from: number, 
/**
 * Where the text it replaces ends; absent where nothing is replaced.
 */
to?: number, 
/**
 * What is put there; absent where text is only removed.
 */
insert?: string, };

/**
 * What is checked when hosting begins.
 */
export type Check = "port" | "reachable";

/**
 * One address of this computer.
 */
export type CheckedAddress = { 
/**
 * As others would type it, with the port while something is hosted.
 */
address: string, 
/**
 * The network adapter it belongs to.
 */
interface: string, 
/**
 * Whether that adapter is a virtual one.
 */
virtual: boolean, 
/**
 * Whether the session answers there, asked from this computer; absent while none is hosted.
 */
answers?: boolean, };

/**
 * What kind of refusal it is. Programs decide on this and never on the message.
 */
export type Code = "bad_request" | "unauthorized" | "forbidden" | "not_found" | "conflict" | "gone" | "diverged" | "too_large" | "rate_limited" | "offline" | "absent" | "storage_full" | "internal" | "expired" | "removed" | "version" | "full";

/**
 * A member's colour, `#rrggbb` in lower case.
 */
export type Color = string;

/**
 * What the joiner says of its nonce before it shows it: SHA-256 of `hearth commit v1` and the
 * nonce; in JSON 64 lower-case hex digits.
 */
export type Commitment = string;

/**
 * How many.
 */
export type CountAnswer = { 
/**
 * The number.
 */
count: number, };

/**
 * One socket's cursor.
 */
export type Cursor = { 
/**
 * Whose socket.
 */
socket: string, 
/**
 * Whose.
 */
member: MemberId, 
/**
 * The member's name, as the host knows it.
 */
name: Name, 
/**
 * The member's colour, as the host knows it.
 */
color: Color, 
/**
 * As the client sent it; absent: gone.
 */
position?: JsonValue, };

/**
 * Where somebody's cursor is in a note. Client to server as `cursor {key, position}`, unanswered.
 */
export type CursorReport = { 
/**
 * The note; this socket must have it open.
 */
key: NoteKey, 
/**
 * Yjs relative positions, opaque to the host; absent: nowhere.
 */
position?: JsonValue, };

/**
 * `cursors`: cursors that moved in an open note.
 */
export type Cursors = { 
/**
 * The note.
 */
key: NoteKey, 
/**
 * Those that moved.
 */
cursors: Array<Cursor>, };

/**
 * A remembered sign-in.
 */
export type Device = { 
/**
 * For `device:revoke`.
 */
id: DeviceId, 
/**
 * Who signed in.
 */
member: MemberId, 
/**
 * With what.
 */
kind: DeviceKind, 
/**
 * The address they came from.
 */
address?: string, 
/**
 * When they signed in.
 */
created_at: Timestamp, 
/**
 * When it was used last, to the hour.
 */
used_at: Timestamp, };

/**
 * A remembered sign-in.
 */
export type DeviceId = string;

/**
 * What somebody signed in with.
 */
export type DeviceKind = "browser" | "app";

/**
 * Ends a remembered sign-in, and its connections with it.
 */
export type DeviceRevoke = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * Which.
 */
device: DeviceId, };

/**
 * Remembered sign-ins.
 */
export type DevicesAnswer = { 
/**
 * Those used last first.
 */
devices: Array<Device>, };

/**
 * Nothing to add.
 */
export type Done = Record<symbol, never>;

/**
 * What is offered.
 */
export type EarlierAnswer = { 
/**
 * What comes first in the order in which it is to be brought back, up to 200.
 */
items: Array<EarlierItem>, 
/**
 * There is more, which is told once some of these are settled.
 */
more: boolean, 
/**
 * There is a copy from before, and the present one is not whole yet: they are compared when the
 * host has told everything.
 */
waits: boolean, };

/**
 * A call to be made.
 */
export type EarlierCall = { 
/**
 * Its name.
 */
name: string, 
/**
 * What is sent with it.
 */
payload: JsonValue, };

/**
 * Offers one such thing no more. It stays in the copy from before.
 */
export type EarlierDiscard = { 
/**
 * Which.
 */
item: string, };

/**
 * Puts a file of the copy from before into its room again. Nothing happens where it is there.
 */
export type EarlierFile = { 
/**
 * The copy.
 */
copy: string, 
/**
 * The room.
 */
room: RoomId, 
/**
 * Which of its files.
 */
hash: FileHash, };

/**
 * One thing that the copy from before has and the present one lacks.
 */
export type EarlierItem = { 
/**
 * For `earlier:read` and `earlier:discard`.
 */
item: string, 
/**
 * What it is.
 */
kind: EarlierKind, 
/**
 * When it was written, where that is known.
 */
at?: Timestamp, 
/**
 * Who wrote it; of a note, who was the last.
 */
by: MemberId, 
/**
 * What they are called there.
 */
name: Name, 
/**
 * The room it is in.
 */
room?: RoomId, 
/**
 * What that room is called there.
 */
room_name?: Name, 
/**
 * A note's title, a room's name.
 */
title?: string, 
/**
 * The call that had waited, of a change.
 */
call?: string, 
/**
 * The beginning of its text.
 */
text: string, 
/**
 * There is more of it: `earlier:read`.
 */
cut: boolean, 
/**
 * It is in the present copy too, and reads otherwise there.
 */
differs: boolean, 
/**
 * It had not reached the host.
 */
unsent: boolean, 
/**
 * Whether `earlier:read` says what brings it back.
 */
again: boolean, 
/**
 * How it comes back without touching what anybody has written since.
 */
best: EarlierWay, };

/**
 * What something is.
 */
export type EarlierKind = "room" | "note" | "message" | "change";

/**
 * What the copy from before has and this one lacks, after the host's history has become another
 * one. Nothing anywhere else.
 */
export type EarlierList = Record<symbol, never>;

/**
 * One such thing whole, and what brings it back.
 */
export type EarlierRead = { 
/**
 * Which.
 */
item: string, 
/**
 * Under new ids: the old ones are taken by something that is not seen here.
 */
anew?: boolean, };

/**
 * How something comes back.
 */
export type EarlierWay = "again" | "beside" | "ask";

/**
 * One thing whole.
 */
export type EarlierWhole = { 
/**
 * All of its text.
 */
text: string, 
/**
 * What brings it back, in order: of a note that reads otherwise now, an edit made against the
 * text that both have in common, which merges with what was written since.
 */
again: Array<EarlierCall>, 
/**
 * What brings the files that its text speaks of, where it is put elsewhere: before that. They
 * are among `again` too.
 */
files: Array<EarlierCall>, 
/**
 * The id for a note made of it beside the present one: the same for everybody who brings the
 * same text back, so that there is one.
 */
beside?: NoteKey, };

/**
 * One numbered fact.
 */
export type Fact = { 
/**
 * Its place in the log; rising, and for one client not consecutive. Absent while `pending`.
 */
seq?: number, 
/**
 * When the host wrote it down.
 */
at: Timestamp, 
/**
 * Who did it; absent when no call made it.
 */
by?: MemberId, 
/**
 * The `id` of the call that made it; facts of one call share it.
 */
id?: CallId, 
/**
 * In a joined app whose host is away: not yet with the host.
 */
pending?: boolean, } & ({ "name": "sessionhosted", 
/**
 * The new run.
 */
run: RunId, } | { "name": "sessionupdated", 
/**
 * The session as it is now.
 */
session: Session, } | { "name": "memberjoined", 
/**
 * The new member.
 */
member: Member, } | { "name": "memberupdated", 
/**
 * The member as it is now.
 */
member: Member, } | { "name": "rolechanged", 
/**
 * The member as it is now.
 */
member: Member, } | { "name": "memberremoved", 
/**
 * The member as it is now.
 */
member: Member, } | { "name": "memberunbanned", 
/**
 * The member as it is now: still removed.
 */
member: Member, } | { "name": "devicerevoked", 
/**
 * Which.
 */
device: DeviceId, } | { "name": "roomcreated", 
/**
 * The room.
 */
room: Room, } | { "name": "roomupdated", 
/**
 * The room as it is now.
 */
room: Room, } | { "name": "roomdestroyed", 
/**
 * The room as it is now.
 */
room: Room, } | { "name": "roomrestored", 
/**
 * The room as it is now.
 */
room: Room, } | { "name": "roompurged", 
/**
 * The room.
 */
room: RoomId, } | { "name": "roomjoined", 
/**
 * The room.
 */
room: RoomId, 
/**
 * Who came.
 */
member: MemberId, } | { "name": "roomleft", 
/**
 * The room.
 */
room: RoomId, 
/**
 * Who left.
 */
member: MemberId, } | { "name": "notecreated", 
/**
 * The note, without its body.
 */
note: Note, } | { "name": "noteupdated", 
/**
 * The note as it is now, without its body.
 */
note: Note, } | { "name": "noteedited", 
/**
 * The note.
 */
key: NoteKey, 
/**
 * The version this edit made.
 */
version: number, 
/**
 * What was new: Yjs update v1, base64.
 */
update: string, } | { "name": "notedestroyed", 
/**
 * The note.
 */
key: NoteKey, 
/**
 * The note as it is now, without its body.
 */
note: Note, } | { "name": "noterestored", 
/**
 * The note.
 */
key: NoteKey, 
/**
 * The note as it is now, without its body.
 */
note: Note, } | { "name": "notepurged", 
/**
 * The note.
 */
key: NoteKey, } | { "name": "notemoved", 
/**
 * The note, in its new room.
 */
note: Note, } | { "name": "noteleft", 
/**
 * The note.
 */
key: NoteKey, 
/**
 * The room it was in.
 */
room: RoomId, } | { "name": "messageposted", 
/**
 * The message.
 */
message: Message, } | { "name": "messageedited", 
/**
 * The message as it is now.
 */
message: Message, } | { "name": "messagedestroyed", 
/**
 * The message, its body empty.
 */
message: Message, } | { "name": "fileadded", 
/**
 * The room.
 */
room: RoomId, 
/**
 * The SHA-256 of its bytes: `GET /files/ROOM/HASH` answers them.
 */
hash: FileHash, 
/**
 * What it is called.
 */
file_name: FileName, 
/**
 * Its media type: that of a picture, or `application/octet-stream`.
 */
type: FileType, 
/**
 * How many bytes it has.
 */
size: number, });

/**
 * The SHA-256 of a file's bytes, written as 64 lower-case hex digits.
 */
export type FileHash = string;

/**
 * The name of a file, without any folder: 1 to 120 characters.
 */
export type FileName = string;

/**
 * What a file is, as its first bytes say; what its sender calls it is not believed. A type that
 * this build does not know counts as [`FileType::Other`].
 */
export type FileType = string;

/**
 * A firewall that was noticed on this computer. Whether it lets Hearth through is not known.
 */
export type Firewall = "none" | "ufw" | "firewalld" | "windows" | "macos";

/**
 * What a replica follows.
 */
export type Follow = "everything";

/**
 * A host that answered.
 */
export type FoundHost = { 
/**
 * Where it answered, `HOST:PORT`.
 */
address: string, 
/**
 * The session's own page there, for a browser, with what an invitation has after `#`.
 */
page: string, 
/**
 * The session.
 */
session: SessionId, 
/**
 * What it is called.
 */
name: Name, 
/**
 * The host's version of Hearth, `1.2.3` or the like.
 */
version: string, 
/**
 * The oldest and the newest version of the event API that it speaks.
 */
protocol: [number, number], 
/**
 * Whether browsers may come in, and how.
 */
browsers: Browsers, 
/**
 * The key that it has proven to hold, 64 hex digits; absent where it was asked without TLS.
 */
fingerprint?: string, };

/**
 * A message that has what was searched for.
 */
export type FoundMessage = { 
/**
 * The message's id.
 */
id: MessageId, 
/**
 * The number of the fact that posted it: `message:list` with `before` above it shows it.
 */
seq: number, 
/**
 * The room it is in.
 */
room: RoomId, 
/**
 * When the host wrote it down.
 */
at: Timestamp, 
/**
 * Its author.
 */
by: MemberId, 
/**
 * When its author changed it last.
 */
edited_at?: Timestamp, 
/**
 * The note it is about.
 */
note?: NoteKey, 
/**
 * When it was written, where that was long before the host heard of it.
 */
made_at?: Timestamp, 
/**
 * A piece of its text around the best place, on one line.
 */
excerpt: string, 
/**
 * Where the excerpt has it, in UTF-16 code units, ascending: from, and up to but not with.
 */
ranges: Array<[number, number]>, };

/**
 * A note that has what was searched for.
 */
export type FoundNote = { 
/**
 * Where its title has it, in UTF-16 code units, ascending.
 */
title_ranges: Array<[number, number]>, 
/**
 * A piece of its text around the best place, on one line; the beginning when only the title has
 * it.
 */
excerpt: string, 
/**
 * Where the excerpt has it, in UTF-16 code units, ascending: from, and up to but not with.
 */
ranges: Array<[number, number]>, 
/**
 * The note's id.
 */
id: NoteKey, 
/**
 * The same as `id`.
 */
key: NoteKey, 
/**
 * The room it is in.
 */
room: RoomId, 
/**
 * Its title.
 */
title: Title, 
/**
 * Counts accepted edits of the body; 0 is the empty body.
 */
version: number, 
/**
 * When it was created.
 */
created_at: Timestamp, 
/**
 * Who created it.
 */
created_by: MemberId, 
/**
 * When title or body changed last.
 */
updated_at: Timestamp, 
/**
 * Who changed title or body last.
 */
updated_by: MemberId, 
/**
 * When it went to the trash; it can be restored for 30 days.
 */
trashed_at?: Timestamp, 
/**
 * The text, where said.
 */
body?: string, 
/**
 * In lists of a joined app: the host does not have it as it is here.
 */
pending?: boolean, };

/**
 * `GET /health`.
 */
export type Health = { 
/**
 * `ok`.
 */
status: string, 
/**
 * The session's id.
 */
session: SessionId, 
/**
 * The session's name.
 */
name: Name, 
/**
 * Who hosts, where that is known: whoever asks to come in is told who they wait for.
 */
host?: Name, 
/**
 * That this is somebody's own copy of the session, which lets in nobody else.
 */
copy?: OwnCopy, 
/**
 * Hearth's version.
 */
version: string, 
/**
 * The oldest and the newest version of the event API that is spoken.
 */
protocol: [number, number], 
/**
 * How browsers may reach the session.
 */
browsers: Browsers, };

/**
 * Who wrote what when.
 */
export type HistoryAnswer = { 
/**
 * One page, the newest first.
 */
bursts: Array<Burst>, 
/**
 * Where the next page begins: the next call's `before`.
 */
next?: number, };

/**
 * What to host and how.
 */
export type HostRequest = { 
/**
 * A session hosted before; absent: a new one.
 */
session?: SessionId, 
/**
 * The session's name.
 */
name: Name, 
/**
 * Who may come in.
 */
admission: Admission, 
/**
 * The PIN, where one is asked for.
 */
pin?: Pin, 
/**
 * The role of those who come in by PIN or as anyone.
 */
guests: Role, 
/**
 * How browsers may reach the session.
 */
browsers: Browsers, };

/**
 * The session being hosted, as it was found.
 */
export type HostedCheck = { 
/**
 * The port that others reach.
 */
port: number, 
/**
 * Whether the session answers on it.
 */
answers: boolean, 
/**
 * What has become of its announcement.
 */
announcement: AnnouncementCheck, };

/**
 * A session being hosted here.
 */
export type Hosting = { 
/**
 * How the window reaches its own server.
 */
window: WindowAccess, 
/**
 * The session's id.
 */
session: SessionId, 
/**
 * The session's name.
 */
name: Name, 
/**
 * The PIN, where one is asked for.
 */
pin?: Pin, 
/**
 * How others come in.
 */
invitation: Invitation, };

/**
 * Any refusal by HTTP.
 */
export type HttpError = { 
/**
 * What and why.
 */
error: CallError, };

/**
 * How others come in.
 */
export type Invitation = { 
/**
 * Every usable address, the likeliest first, virtual adapters last.
 */
urls: Array<InvitationUrl>, 
/**
 * The first address as a QR code, SVG.
 */
qr_svg: string, 
/**
 * The port that others reach.
 */
port: number, 
/**
 * What was checked when hosting began.
 */
self_test: Array<SelfTest>, };

/**
 * One address that others can type.
 */
export type InvitationUrl = { 
/**
 * `http://ADDRESS:PORT/`.
 */
url: string, 
/**
 * The network adapter it belongs to.
 */
interface: string, 
/**
 * Whether that adapter is a virtual one.
 */
virtual: boolean, };

/**
 * An invitation that was just made.
 */
export type Invite = { 
/**
 * For `session:uninvite`.
 */
id: InviteId, 
/**
 * An address with the invitation's secret and the host's fingerprint after `#`:
 * `SECRET.FINGERPRINT`. It cannot be had again.
 */
url: string, 
/**
 * The same as a QR code, SVG.
 */
qr_svg: string, 
/**
 * What whoever comes with it may do.
 */
role: Role, 
/**
 * How many may come with it.
 */
uses: number, 
/**
 * Until when.
 */
expires_at: Timestamp, };

/**
 * An invitation.
 */
export type InviteAnswer = { 
/**
 * The invitation.
 */
invite: Invite, };

/**
 * An invitation.
 */
export type InviteId = string;

/**
 * An invitation as it stands in the list.
 */
export type InviteLine = { 
/**
 * For `session:uninvite`.
 */
id: InviteId, 
/**
 * What whoever comes with it may do.
 */
role: Role, 
/**
 * How many may come with it in all.
 */
uses: number, 
/**
 * How many still may.
 */
uses_left: number, 
/**
 * Until when.
 */
expires_at: Timestamp, };

/**
 * Invitations.
 */
export type InvitesAnswer = { 
/**
 * The newest first.
 */
invites: Array<InviteLine>, };

/**
 * Why joining did not work.
 */
export type JoinError = { 
/**
 * What kind of failure.
 */
reason: JoinFailure, 
/**
 * The address that was tried.
 */
address: string, 
/**
 * A sentence a person can act on.
 */
message: string, 
/**
 * After too many wrong PINs: when to try again.
 */
retry_after_ms?: number, };

/**
 * What kind of failure.
 */
export type JoinFailure = "address" | "no_answer" | "not_hearth" | "other_key" | "version" | "invitation" | "not_let_in" | "nobody_answered" | "too_many_tries" | "hosted_here" | "storage" | "other";

/**
 * Somebody else's session that the person wants to join.
 */
export type JoinRequest = { 
/**
 * An invitation (`https://…#…` or `hearth://…#…`), or an address as it is typed.
 */
address: string, 
/**
 * More addresses of the same host, as it announces them.
 */
also: Array<string>, 
/**
 * How the fingerprint of the host's key begins, as it announces it: in lower-case hex digits.
 * An invitation says all of it by itself.
 */
key?: string, 
/**
 * The PIN, when the host has asked for it.
 */
pin?: string, };

/**
 * How far joining has come.
 */
export type JoinStep = { "step": "connecting" } | { "step": "pin", 
/**
 * The session's name.
 */
session: Name, 
/**
 * How many tries are left after a wrong one.
 */
tries_left?: number, } | { "step": "waiting", 
/**
 * The session's name.
 */
session: Name, 
/**
 * Six digits.
 */
digits: string, } | { "step": "copying", 
/**
 * The session's name.
 */
session: Name, 
/**
 * How far the copy goes.
 */
copied: number, 
/**
 * How far the host's log goes.
 */
of: number, } | { "step": "joined" } & Joined | { "step": "failed", 
/**
 * Why, and what to do.
 */
error: JoinError, };

/**
 * Somebody else's session that is open here.
 */
export type Joined = { 
/**
 * How the window reaches its own server.
 */
window: WindowAccess, 
/**
 * The session's id.
 */
session: SessionId, 
/**
 * The session's name.
 */
name: Name, 
/**
 * The fingerprint of the host's key, in lower-case hex digits; absent where it speaks no TLS.
 */
fingerprint?: string, 
/**
 * Where the host was reached last.
 */
addresses: Array<string>, 
/**
 * A copy that is looked at and not gone on with.
 */
read_only: boolean, };

export type JsonValue = number | string | boolean | Array<JsonValue> | { [key in string]: JsonValue } | null;

/**
 * The beginning of a fingerprint, as far as somebody was told it: 16 to 64 lower-case hex digits.
 */
export type KeyHint = string;

/**
 * Where a private key is kept.
 */
export type KeyPlace = "keyring" | "file" | "folder";

/**
 * Whose a session on this computer is.
 */
export type Kind = "hosted" | "joined" | "read_only";

/**
 * `knock`: somebody waits at the door.
 */
export type Knock = { 
/**
 * The knock.
 */
knock: KnockId, 
/**
 * The name they gave.
 */
name: Name, 
/**
 * The address they come from.
 */
address: string, 
/**
 * The digits both screens show, where there are some.
 */
code?: string, 
/**
 * Whether they still wait.
 */
state: KnockState, };

/**
 * Lets somebody in who waits at the door, or not.
 */
export type KnockAnswer = { 
/**
 * The call's id.
 */
id?: CallId, 
/**
 * Who waits.
 */
knock: KnockId, 
/**
 * Whether they come in.
 */
admit: boolean, 
/**
 * As what: the session's `guests` unless said.
 */
role?: Role, };

/**
 * Somebody waiting at the door.
 */
export type KnockId = string;

/**
 * Whether somebody still waits.
 */
export type KnockState = "waiting" | "gone";

/**
 * 202: the host is being asked.
 */
export type Knocking = { 
/**
 * For `GET /sign-in/:knock`.
 */
knock: KnockId, 
/**
 * The host's nonce, where the request had a `commit`. To be answered with [`Reveal`]; the host
 * can let nobody in before.
 */
nonce?: Nonce, };

/**
 * Who waits at the door.
 */
export type KnocksAnswer = { 
/**
 * The oldest first.
 */
knocks: Array<Knock>, };

/**
 * What this computer is known by.
 */
export type KnownBy = { 
/**
 * The SHA-256 of its public key, 64 lower-case hex digits.
 */
fingerprint: string, 
/**
 * Where its private key is kept.
 */
key: KeyPlace, };

/**
 * What may be sent, how much and how often. Names end in their unit.
 */
export type Limits = { 
/**
 * One message of a connection before sign-in.
 */
message_before_sign_in_bytes: number, 
/**
 * One message of a connection after sign-in, polling too.
 */
message_bytes: number, 
/**
 * Calls a socket may have outstanding.
 */
outstanding_calls: number, 
/**
 * Events waiting inward before the socket is cut.
 */
inward_events: number, 
/**
 * Packets waiting outward before the socket is cut.
 */
outward_packets: number, 
/**
 * Bytes waiting outward before the socket is cut.
 */
outward_bytes: number, 
/**
 * Time to sign in after opening a connection.
 */
sign_in_within_ms: number, 
/**
 * TCP connections from one address.
 */
connections_per_address: number, 
/**
 * Connections that are not signed in, knocks included.
 */
not_signed_in: number, 
/**
 * Sockets of one member; the newest wins.
 */
sockets_per_member: number, 
/**
 * Sockets in all.
 */
sockets: number, 
/**
 * Calls of one member each second.
 */
calls_per_s: number, 
/**
 * Calls of one member at once.
 */
calls_burst: number, 
/**
 * Messages of one member each second.
 */
messages_per_s: number, 
/**
 * Messages of one member at once.
 */
messages_burst: number, 
/**
 * Note edits of one member each second.
 */
edits_per_s: number, 
/**
 * Catching up: bytes of pages for one member each second.
 */
catch_up_bytes_per_s: number, 
/**
 * Presence and cursors of one socket each second.
 */
presence_per_s: number, 
/**
 * HTTP requests of one address each second, `/socket.io/` and static files aside.
 */
http_per_s: number, 
/**
 * HTTP requests of one address at once.
 */
http_burst: number, 
/**
 * Failed sign-ins of one address in ten minutes.
 */
failed_sign_ins: number, 
/**
 * Failed sign-ins from everywhere in ten minutes, after which the host is asked instead.
 */
failed_sign_ins_in_all: number, 
/**
 * Knocks with six digits of one address in ten minutes.
 */
knocks_with_digits: number, 
/**
 * Knocks with six digits from everywhere in ten minutes. Each is a chance, of one in a
 * million, for somebody in between to hit the number that another screen shows.
 */
knocks_with_digits_in_all: number, 
/**
 * How long somebody may wait at the door for an answer.
 */
knock_lapses_ms: number, 
/**
 * Whoever waits at the door and does not ask for this long has gone away. A waiting client
 * asks every 25 s.
 */
knock_silent_ms: number, 
/**
 * A note's text, in UTF-8.
 */
note_bytes: number, 
/**
 * A message's characters.
 */
message_chars: number, 
/**
 * A name's characters.
 */
name_chars: number, 
/**
 * A title's characters.
 */
title_chars: number, 
/**
 * A file.
 */
file_bytes: number, 
/**
 * Files of all rooms together, the same bytes counted once.
 */
files_bytes: number, 
/**
 * Files that are taken in at one time; each may wait in memory until it is whole.
 */
uploads: number, 
/**
 * Files of one member that are taken in at one time.
 */
uploads_per_member: number, 
/**
 * Files of one member each minute.
 */
uploads_per_min: number, 
/**
 * Time for all of a file to arrive.
 */
upload_within_ms: number, 
/**
 * Files fetched by one address each second.
 */
downloads_per_s: number, 
/**
 * Files fetched by one address at once: a note full of pictures.
 */
downloads_burst: number, 
/**
 * Free disk below which nothing new is written.
 */
free_disk_bytes: number, };

/**
 * `link`: in a joined app, how it stands with the host, told on connecting and at each change.
 */
export type Link = { 
/**
 * Whether the host is there.
 */
state: LinkState, 
/**
 * Since when it is away.
 */
since?: Timestamp, 
/**
 * Calls in the outbox: on this computer's disk, and not yet with the host.
 */
pending: number, 
/**
 * What keeps the two apart, where that is something else than that nobody answers.
 */
why?: LinkTrouble, };

/**
 * How it stands with the link from a joined app to its host.
 */
export type LinkState = "live" | "catching_up" | "away";

/**
 * What stands between a joined app and its host, and does not pass by itself: somebody has to know
 * of it.
 */
export type LinkTrouble = "other_key" | "signed_out" | "removed" | "version" | "host_version" | "own_version" | "disk_full" | "host_disk_full" | "not_copied";

/**
 * A person in the session.
 */
export type Member = { 
/**
 * The member's id.
 */
id: MemberId, 
/**
 * Need not be unique.
 */
name: Name, 
/**
 * `#rrggbb`.
 */
color: Color, 
/**
 * What this member may do.
 */
role: Role, 
/**
 * Whether this person came in by browser.
 */
guest: boolean, 
/**
 * Only of somebody whom the host removed; what they wrote keeps their name.
 */
removed?: Removed, };

/**
 * Answers a request.
 */
export type MemberAnswer = { 
/**
 * The request.
 */
ask: AskId, 
/**
 * The answer.
 */
answer: JsonValue, };

/**
 * Asks one person, or one of that person's sockets, for something.
 */
export type MemberAsk = { 
/**
 * Whom.
 */
member?: MemberId, 
/**
 * Or which socket.
 */
socket?: string, 
/**
 * What.
 */
message: string, 
/**
 * About which note or room.
 */
about?: string, };

/**
 * A person in a session.
 */
export type MemberId = string;

/**
 * Everybody in the session.
 */
export type MemberList = { 
/**
 * Those who were removed instead.
 */
removed?: boolean, };

/**
 * Takes a member out of the session. Their sign-ins are over at once; what they wrote stays.
 */
export type MemberRemove = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * Who.
 */
member: MemberId, 
/**
 * Whether the same browser or app stays out even with an invitation.
 */
ban?: boolean, };

/**
 * Changes what a member may do.
 */
export type MemberRole = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * Who.
 */
member: MemberId, 
/**
 * The new role.
 */
role: Role, };

/**
 * Lets somebody who was removed or banned come in again, as somebody new.
 */
export type MemberUnban = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * Who.
 */
member: MemberId, };

/**
 * Changes one's own name or colour.
 */
export type MemberUpdate = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The new name.
 */
name?: Name, 
/**
 * The new colour.
 */
color?: Color, };

/**
 * One member.
 */
export type MemberView = { 
/**
 * The member.
 */
member: Member, };

/**
 * Members.
 */
export type MembersAnswer = { 
/**
 * In the order of their coming.
 */
members: Array<Member>, };

/**
 * A message in a room's conversation.
 */
export type Message = { 
/**
 * The message's id.
 */
id: MessageId, 
/**
 * The number of the fact that posted it; it stays when the message is edited.
 */
seq: number, 
/**
 * The room it is in.
 */
room: RoomId, 
/**
 * Markdown; empty once destroyed.
 */
body: string, 
/**
 * When the host wrote it down.
 */
at: Timestamp, 
/**
 * Its author.
 */
by: MemberId, 
/**
 * When its author changed it last.
 */
edited_at?: Timestamp, 
/**
 * The note it is about.
 */
note?: NoteKey, 
/**
 * When it was written, where that was long before the host heard of it.
 */
made_at?: Timestamp, };

/**
 * One message.
 */
export type MessageAnswer = { 
/**
 * The message.
 */
message: Message, };

/**
 * Takes a message back.
 */
export type MessageDestroy = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The message.
 */
message: MessageId, };

/**
 * Changes one's own message.
 */
export type MessageEdit = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The message.
 */
message: MessageId, 
/**
 * The new text.
 */
body: string, };

/**
 * A message.
 */
export type MessageId = string;

/**
 * Messages of a room, the newest last.
 */
export type MessageList = { 
/**
 * The room.
 */
room: RoomId, 
/**
 * Only those before this `seq`: the last answer's `next`.
 */
before?: number, 
/**
 * How many at most: 50 unless said, at most 500.
 */
limit?: number, };

/**
 * Posts a message.
 */
export type MessageSend = { 
/**
 * The message's id, made by the client.
 */
id?: CallId, 
/**
 * The room.
 */
room: RoomId, 
/**
 * Markdown.
 */
body: string, 
/**
 * The note it is about.
 */
note?: NoteKey, 
/**
 * When it was written, where that is not now: the host was away.
 */
made_at?: Timestamp, };

/**
 * Messages of a room.
 */
export type MessagesAnswer = { 
/**
 * One page, the newest last.
 */
messages: Array<Message>, 
/**
 * Where the page before begins: the next call's `before`.
 */
next?: number, };

/**
 * The name of a member, a room or a session: 1 to 40 characters.
 */
export type Name = string;

/**
 * What is nearby just now.
 */
export type Nearby = { 
/**
 * Whether the network can be listened to at all.
 */
listening: boolean, 
/**
 * The sessions, by name.
 */
sessions: Array<NearbySession>, };

/**
 * A session that somebody announces on this network.
 */
export type NearbySession = { 
/**
 * What tells one announcement from another; new each time hosting begins.
 */
id: string, 
/**
 * The session.
 */
session: SessionId, 
/**
 * What its host calls it.
 */
name: Name, 
/**
 * How many people are in it.
 */
people: number, 
/**
 * Who may come in.
 */
admission: Admission, 
/**
 * The oldest and the newest version of the event API that it speaks.
 */
protocol: [number, number], 
/**
 * Whether this build speaks one of them.
 */
fits: boolean, 
/**
 * The beginning of the fingerprint its host should have.
 */
key: KeyHint, 
/**
 * Where it is, `ADDRESS:PORT`, the likeliest first.
 */
addresses: Array<string>, };

/**
 * Whether others can find and reach this computer.
 */
export type NetworkCheck = { 
/**
 * The addresses others could reach it by, the likeliest first, virtual adapters last.
 */
addresses: Array<CheckedAddress>, 
/**
 * The firewall that was noticed.
 */
firewall: Firewall, 
/**
 * How the session being hosted is reached; absent while none is.
 */
hosted?: HostedCheck, };

/**
 * 32 random bytes of one side, used once; in JSON 64 lower-case hex digits. Nothing that is not
 * random may be used, and nothing twice: a nonce that can be guessed can be worked against.
 */
export type Nonce = string;

/**
 * A note: a title and a Markdown body.
 */
export type Note = { 
/**
 * The note's id.
 */
id: NoteKey, 
/**
 * The same as `id`.
 */
key: NoteKey, 
/**
 * The room it is in.
 */
room: RoomId, 
/**
 * Its title.
 */
title: Title, 
/**
 * Counts accepted edits of the body; 0 is the empty body.
 */
version: number, 
/**
 * When it was created.
 */
created_at: Timestamp, 
/**
 * Who created it.
 */
created_by: MemberId, 
/**
 * When title or body changed last.
 */
updated_at: Timestamp, 
/**
 * Who changed title or body last.
 */
updated_by: MemberId, 
/**
 * When it went to the trash; it can be restored for 30 days.
 */
trashed_at?: Timestamp, 
/**
 * The text, where said.
 */
body?: string, 
/**
 * In lists of a joined app: the host does not have it as it is here.
 */
pending?: boolean, };

/**
 * One note.
 */
export type NoteAnswer = { 
/**
 * The note.
 */
note: Note, };

/**
 * `note check`: what an open note's text must come to.
 */
export type NoteCheck = { 
/**
 * The note.
 */
key: NoteKey, 
/**
 * At this version.
 */
version: number, 
/**
 * CRC-32 of the text's UTF-8.
 */
crc32: number, };

/**
 * This socket no longer wants to hear of the note's text.
 */
export type NoteClose = { 
/**
 * The note.
 */
key: NoteKey, };

/**
 * How many notes there are.
 */
export type NoteCount = { 
/**
 * Only of this room.
 */
room?: RoomId, };

/**
 * Makes a note.
 */
export type NoteCreate = { 
/**
 * The note's id, made by the client.
 */
id?: CallId, 
/**
 * The room it goes into.
 */
room: RoomId, 
/**
 * Its title.
 */
title: Title, 
/**
 * Its first text.
 */
body?: string, };

/**
 * Puts a note into the trash, for 30 days.
 */
export type NoteDestroy = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The note.
 */
key: NoteKey, };

/**
 * Types into a note.
 */
export type NoteEdit = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The note.
 */
key: NoteKey, 
/**
 * Yjs update v1, base64.
 */
update: string, };

/**
 * Who wrote what when: bursts of typing, the newest first.
 */
export type NoteHistory = { 
/**
 * The note.
 */
key: NoteKey, 
/**
 * Only bursts that end before this version: the last answer's `next`.
 */
before?: number, 
/**
 * How many at most: 50 unless said, at most 200.
 */
limit?: number, };

/**
 * A note; the API calls it `key`.
 */
export type NoteKey = string;

/**
 * A note's line in a list.
 */
export type NoteLine = { 
/**
 * The note.
 */
key: NoteKey, 
/**
 * Its title.
 */
title: Title, 
/**
 * The room it is in.
 */
room: RoomId, 
/**
 * Its version.
 */
version: number, 
/**
 * When title or body changed last.
 */
updated_at: Timestamp, 
/**
 * In a joined app: the host does not have it as it is here.
 */
pending?: boolean, };

/**
 * Notes by title.
 */
export type NoteList = { 
/**
 * Only of this room.
 */
room?: RoomId, 
/**
 * Those in the trash instead.
 */
trashed?: boolean, 
/**
 * Goes on after this note: the last answer's `next`.
 */
after?: NoteKey, 
/**
 * How many at most: 100 unless said, at most 1,000.
 */
limit?: number, };

/**
 * Notes by title.
 */
export type NoteListAnswer = { 
/**
 * One page.
 */
notelist: Array<NoteLine>, 
/**
 * Where the next page begins: the next call's `after`.
 */
next?: NoteKey, };

/**
 * Puts a note into another room.
 */
export type NoteMove = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The note.
 */
key: NoteKey, 
/**
 * The room it goes into.
 */
room: RoomId, };

/**
 * Opens a note for writing together: from the answer on, this socket gets its `noteedited` and
 * `cursors`.
 */
export type NoteOpen = { 
/**
 * The note.
 */
key: NoteKey, 
/**
 * The version this client has already; absent: it has nothing.
 */
since_version?: number, 
/**
 * The run that version was seen in; absent: the present history is assumed.
 */
run?: RunId, };

/**
 * A note opened for writing together.
 */
export type NoteOpened = { 
/**
 * The note, without its body.
 */
note: Note, 
/**
 * Up to which version `update` reaches.
 */
version: number, 
/**
 * Everything since `since_version`, as one Yjs update v1, base64. The text is
 * `doc.getText("body")`.
 */
update: string, };

/**
 * A note with its text.
 */
export type NoteRead = { 
/**
 * The note.
 */
key: NoteKey, 
/**
 * The text as it was then; absent: as it is now.
 */
version?: number, };

/**
 * Brings a note back from the trash.
 */
export type NoteRestore = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The note.
 */
key: NoteKey, };

/**
 * A note's title, as `/home` tells it.
 */
export type NoteTitle = { 
/**
 * The note.
 */
key: NoteKey, 
/**
 * Its title.
 */
title: Title, };

/**
 * `notetitles` on `/home`.
 */
export type NoteTitles = { 
/**
 * Every note this member may see, by title.
 */
notelist: Array<NoteTitle>, };

/**
 * Changes a note's title, or its text against a version.
 */
export type NoteUpdate = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The note.
 */
key: NoteKey, 
/**
 * The new title.
 */
title?: Title, 
/**
 * The version that `body` or `changes` was made against.
 */
version?: number, 
/**
 * The whole new text.
 */
body?: string, 
/**
 * Changes of the text, ascending, in positions of that version.
 */
changes?: Array<Change>, };

/**
 * One note's present version.
 */
export type NoteVersion = { 
/**
 * The note.
 */
key: NoteKey, 
/**
 * Its version.
 */
version: number, 
/**
 * When it changed.
 */
updated_at: Timestamp, 
/**
 * Who changed it.
 */
updated_by: MemberId, };

/**
 * `note versions`: notes whose body changed, for those who have them not open.
 */
export type NoteVersions = { 
/**
 * The changed notes.
 */
notes: Array<NoteVersion>, };

/**
 * What closing the window does while hosting.
 */
export type OnClose = "ask" | "tray" | "end";

/**
 * The open invitation.
 */
export type OpenInvite = { 
/**
 * An address with the invitation's secret and the host's fingerprint after `#`.
 */
url: string, 
/**
 * The same as a QR code, SVG.
 */
qr_svg: string, 
/**
 * What whoever comes with it may do: what guests may, as it is when they come.
 */
role: Role, };

/**
 * The open invitation.
 */
export type OpenInviteAnswer = { 
/**
 * The invitation.
 */
invite: OpenInvite, };

/**
 * What is open in this window.
 */
export type OpenSession = { "kind": "hosting" } & Hosting | { "kind": "joined" } & Joined;

/**
 * What waits for the host of a joined session, and what it refused.
 */
export type OutboxAnswer = { 
/**
 * How many calls wait.
 */
waiting: number, 
/**
 * Calls that the host refused, each with those that built on it, the oldest first.
 */
refused: Array<RefusedBundle>, };

/**
 * Throws away a refused call and those that built on it.
 */
export type OutboxDiscard = { 
/**
 * The refused call's id.
 */
id: CallId, };

/**
 * What waits for the host of a joined session, and what the host refused of what had waited.
 * Nothing where the session is hosted.
 */
export type OutboxList = Record<symbol, never>;

/**
 * Whose copy of a session is served.
 */
export type OwnCopy = { 
/**
 * Who joined the session here, once the copy has come so far.
 */
member?: Name, };

/**
 * What a session's PIN is: 4 to 40 characters.
 */
export type Pin = string;

/**
 * Where somebody is, for one of that person's sockets.
 */
export type Presence = { 
/**
 * Who.
 */
member: MemberId, 
/**
 * By which socket.
 */
socket: string, 
/**
 * The member's name, as the host knows it.
 */
name: Name, 
/**
 * The member's colour, as the host knows it.
 */
color: Color, 
/**
 * The member's role, as the host knows it.
 */
role: Role, 
/**
 * How present.
 */
state: PresenceState, 
/**
 * In which room.
 */
room?: RoomId, 
/**
 * In which note.
 */
note?: NoteKey, 
/**
 * Whether writing just now.
 */
typing?: boolean, };

/**
 * `presence`: entries that changed.
 */
export type PresenceChanges = { 
/**
 * The changed entries.
 */
people: Array<Presence>, };

/**
 * Client to server, unanswered: where I am.
 */
export type PresenceReport = { 
/**
 * In which room.
 */
room?: RoomId, 
/**
 * In which note.
 */
note?: NoteKey, 
/**
 * `active` unless said.
 */
state?: PresenceState, 
/**
 * Whether writing just now.
 */
typing?: boolean, };

/**
 * How present somebody is.
 */
export type PresenceState = "active" | "idle" | "gone";

/**
 * Where to look, and for whom.
 */
export type ProbeRequest = { 
/**
 * Addresses of one host, as they were announced, or the one that a person typed or pasted:
 * an address, a link, an invitation. At most 8 are looked at.
 */
places: Array<string>, 
/**
 * The key that host should have, as far as it is known; what stands in an invitation counts
 * as well.
 */
key?: KeyHint, };

/**
 * What is found at an address.
 */
export type Probed = { "found": "no_address" } | { "found": "nothing", 
/**
 * Where.
 */
address: string, } | { "found": "not_hearth", 
/**
 * Where.
 */
address: string, } | { "found": "hearth", 
/**
 * What it says of itself.
 */
host: FoundHost, } | { "found": "other_key", 
/**
 * What it says of itself, which may be a lie.
 */
host: FoundHost, } | { "found": "other_version", 
/**
 * What it says of itself.
 */
host: FoundHost, };

/**
 * Who the person at this computer is.
 */
export type Profile = { 
/**
 * The name others see.
 */
name: Name, 
/**
 * The colour others see.
 */
color: Color, };

/**
 * What is searched for: 1 to 200 characters.
 */
export type Query = string;

/**
 * A session that is on this computer.
 */
export type RecentSession = { 
/**
 * Whether it is hosted here or a copy.
 */
kind: Kind, 
/**
 * The session; a copy that is only looked at has an id of its own.
 */
id: SessionId, 
/**
 * Its name when it was open last.
 */
name: Name, 
/**
 * When it was open last.
 */
opened_at: Timestamp, 
/**
 * The size of its file.
 */
data_bytes: number, };

/**
 * `refused`: in a joined app, the host did not accept what had waited.
 */
export type Refused = { 
/**
 * The call's id.
 */
id: CallId, 
/**
 * Its name and payload, for people to take their words back.
 */
call: RefusedCall, 
/**
 * Why.
 */
error: CallError, };

/**
 * A call that the host refused, kept until its person throws it away.
 */
export type RefusedBundle = { 
/**
 * The call's id.
 */
id: CallId, 
/**
 * Its name.
 */
name: string, 
/**
 * What it said.
 */
payload: JsonValue, 
/**
 * Why it was refused.
 */
error: CallError, 
/**
 * When it was made.
 */
made_at: Timestamp, 
/**
 * Calls that made no sense without it, in order.
 */
with: Array<RefusedDependent>, };

/**
 * A call that the host did not accept.
 */
export type RefusedCall = { 
/**
 * The event's name.
 */
name: string, 
/**
 * What it said.
 */
payload: JsonValue, };

/**
 * A call that made no sense without a refused one.
 */
export type RefusedDependent = { 
/**
 * Its id.
 */
id: CallId, 
/**
 * Its name.
 */
name: string, 
/**
 * What it said.
 */
payload: JsonValue, 
/**
 * When it was made.
 */
made_at: Timestamp, };

/**
 * How somebody was taken out of the session.
 */
export type Removed = "removed" | "banned";

/**
 * `request`: somebody asks this person for something.
 */
export type Request = { 
/**
 * What `member:answer` names.
 */
ask: AskId, 
/**
 * Who asks.
 */
from: MemberId, 
/**
 * What for.
 */
message: string, 
/**
 * About which note or room.
 */
about?: string, };

/**
 * `POST /sign-in/:knock`: 204, and both sides show the digits. A nonce that is not the one that
 * was committed to ends the knock, 403.
 */
export type Reveal = { 
/**
 * The nonce that `commit` spoke of.
 */
reveal: Nonce, };

/**
 * What a member may do, rising: each may do what those before it may.
 */
export type Role = "viewer" | "editor" | "host";

/**
 * A place for notes and messages.
 */
export type Room = { 
/**
 * The room's id.
 */
id: RoomId, 
/**
 * Empty never; for a direct conversation the interface shows the other person's name.
 */
name: Name, 
/**
 * What the room is about; may be empty.
 */
topic: Topic, 
/**
 * Whether it exists only for its members.
 */
private: boolean, 
/**
 * In a direct conversation its two members.
 */
direct?: [MemberId, MemberId], 
/**
 * When it was destroyed; it can be restored for 30 days.
 */
destroyed_at?: Timestamp, };

/**
 * One room.
 */
export type RoomAnswer = { 
/**
 * The room as the caller sees it.
 */
room: RoomView, };

/**
 * What is in a room.
 */
export type RoomContents = { 
/**
 * The room as the caller sees it.
 */
room: RoomView, 
/**
 * Who has joined it.
 */
members: Array<Member>, 
/**
 * Its notes, without bodies.
 */
notes: Array<Note>, 
/**
 * Its newest 50 messages, the newest last.
 */
messages: Array<Message>, 
/**
 * The last fact this takes into account.
 */
head: number, };

/**
 * Makes a room; its maker joins it.
 */
export type RoomCreate = { 
/**
 * The room's id, made by the client.
 */
id?: CallId, 
/**
 * Its name.
 */
name: Name, 
/**
 * Whether it exists only for its members.
 */
private?: boolean, 
/**
 * What it is about.
 */
topic?: Topic, };

/**
 * Takes a room away, its notes and messages with it, for 30 days.
 */
export type RoomDestroy = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The room.
 */
room: RoomId, };

/**
 * The direct conversation with another member; made when there is none yet.
 */
export type RoomDirect = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * With whom.
 */
member: MemberId, };

/**
 * A room.
 */
export type RoomId = string;

/**
 * Brings another member into a room.
 */
export type RoomInvite = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The room.
 */
room: RoomId, 
/**
 * Who.
 */
member: MemberId, };

/**
 * Joins a public room and answers what is in it.
 */
export type RoomJoin = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The room.
 */
room: RoomId, };

/**
 * Leaves a room.
 */
export type RoomLeave = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The room.
 */
room: RoomId, };

/**
 * The rooms this member may see.
 */
export type RoomList = { 
/**
 * Those destroyed instead, as far as the caller may restore them.
 */
destroyed?: boolean, };

/**
 * Answers what is in a room, without joining it.
 */
export type RoomOpen = { 
/**
 * The room.
 */
room: RoomId, };

/**
 * Says up to which message a room has been read.
 */
export type RoomRead = { 
/**
 * The room.
 */
room: RoomId, 
/**
 * The `seq` of the last message read.
 */
seq: number, };

/**
 * Takes a member out of a room.
 */
export type RoomRemove = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The room.
 */
room: RoomId, 
/**
 * Who.
 */
member: MemberId, };

/**
 * Brings a destroyed room back.
 */
export type RoomRestore = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The room.
 */
room: RoomId, };

/**
 * Changes a room's name or topic.
 */
export type RoomUpdate = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The room.
 */
room: RoomId, 
/**
 * The new name.
 */
name?: Name, 
/**
 * The new topic.
 */
topic?: Topic, };

/**
 * A room as the member who asked sees it.
 */
export type RoomView = { 
/**
 * Whether the asking member has joined it.
 */
joined: boolean, 
/**
 * How many have joined it.
 */
members: number, 
/**
 * How many messages the asking member has not read.
 */
unread: number, 
/**
 * In a joined app: the host does not have it as it is here.
 */
pending?: boolean, 
/**
 * The room's id.
 */
id: RoomId, 
/**
 * Empty never; for a direct conversation the interface shows the other person's name.
 */
name: Name, 
/**
 * What the room is about; may be empty.
 */
topic: Topic, 
/**
 * Whether it exists only for its members.
 */
private: boolean, 
/**
 * In a direct conversation its two members.
 */
direct?: [MemberId, MemberId], 
/**
 * When it was destroyed; it can be restored for 30 days.
 */
destroyed_at?: Timestamp, };

/**
 * Rooms.
 */
export type RoomsAnswer = { 
/**
 * Those the caller may see.
 */
rooms: Array<RoomView>, };

/**
 * One opening of a session for hosting; every fact belongs to the run before it.
 */
export type RunId = string;

/**
 * Looks for words in notes, their titles and messages.
 */
export type Search = { 
/**
 * The words: all of them must be there, the last one may be only begun. Case and accents do
 * not matter.
 */
query: Query, 
/**
 * Only in this room.
 */
room?: RoomId, 
/**
 * How many notes and how many messages at most: 20 unless said, at most 100.
 */
limit?: number, };

/**
 * What was found.
 */
export type SearchAnswer = { 
/**
 * Those with it in the title first, then the best first.
 */
notes: Array<FoundNote>, 
/**
 * The newest first.
 */
messages: Array<FoundMessage>, 
/**
 * The host is still reading what there is, and may find more in a moment.
 */
partial?: boolean, };

/**
 * One check in plain words.
 */
export type SelfTest = { 
/**
 * What was checked.
 */
check: Check, 
/**
 * Whether it is well.
 */
ok: boolean, 
/**
 * What was found, and what to do when it is not well.
 */
message: string, };

/**
 * The shared space.
 */
export type Session = { 
/**
 * Stays the same for the life of the session's file and its copies.
 */
id: SessionId, 
/**
 * As the host typed it.
 */
name: Name, 
/**
 * Which opening for hosting this is.
 */
run: RunId, 
/**
 * Who may come in without an invitation.
 */
admission: Admission, 
/**
 * The role of those who come in by PIN or as anyone.
 */
guests: Role, 
/**
 * How browsers may reach the session.
 */
browsers: Browsers, };

/**
 * The session.
 */
export type SessionAnswer = { 
/**
 * The session as it is now.
 */
session: Session, };

/**
 * Remembered sign-ins, those used last first, at most 1,000.
 */
export type SessionDevices = Record<symbol, never>;

/**
 * A session: one shared space, one file.
 */
export type SessionId = string;

/**
 * The open invitation: good for as many as come, until hosting stops or it is renewed. There
 * is one at a time; it is made when it is first asked for, and kept nowhere.
 */
export type SessionInvitation = { 
/**
 * The call's id.
 */
id?: CallId, 
/**
 * Whether to make a new one: the old one is void at once.
 */
renew?: boolean, };

/**
 * Makes an invitation.
 */
export type SessionInvite = { 
/**
 * The invitation's id, made by the client.
 */
id?: CallId, 
/**
 * What whoever comes with it may do: `editor` unless said.
 */
role?: Role, 
/**
 * How many may come with it: 1 unless said, at most 10,000.
 */
uses?: number, 
/**
 * How long it is good: 86,400 s unless said, at most a year.
 */
expires_in_s?: number, };

/**
 * Invitations that are still good, the newest first. Their secrets are kept nowhere.
 */
export type SessionInvites = Record<symbol, never>;

/**
 * Who waits at the door.
 */
export type SessionKnocks = Record<symbol, never>;

/**
 * Revokes an invitation.
 */
export type SessionUninvite = { 
/**
 * The call's id.
 */
id?: CallId, 
/**
 * Which.
 */
invite: InviteId, };

/**
 * Changes the session.
 */
export type SessionUpdate = { 
/**
 * The change's id.
 */
id?: CallId, 
/**
 * The new name.
 */
name?: Name, 
/**
 * Who may come in.
 */
admission?: Admission, 
/**
 * The new PIN.
 */
pin?: Pin, 
/**
 * The role of those who come in by PIN or as anyone: `editor` or `viewer`.
 */
guests?: Role, 
/**
 * How browsers may reach the session.
 */
browsers?: Browsers, };

/**
 * Choices of the person at this computer.
 */
export type Settings = { 
/**
 * How the window looks.
 */
theme: Theme, 
/**
 * What closing the window does while hosting.
 */
on_close: OnClose, 
/**
 * Whether a session hosted here is announced on the network, so that others see it nearby.
 */
announce: boolean, };

/**
 * `POST /sign-in`.
 */
export type SignIn = { 
/**
 * Who is coming in.
 */
name: Name, 
/**
 * The session's PIN.
 */
pin?: string, 
/**
 * What stands after `#` in an invitation's address.
 */
invite?: string, 
/**
 * `#rrggbb`; one is chosen when absent.
 */
color?: Color, 
/**
 * The same id and secret within two minutes get the same answer.
 */
id?: CallId, 
/**
 * Commits to a nonce, for the six digits that both screens show while the host is asked; see
 * [`crate::digits`].
 */
commit?: Commitment, };

/**
 * 201: in.
 */
export type SignedIn = { 
/**
 * For `auth.token` and `Authorization: Bearer`.
 */
token: string, 
/**
 * Who the token stands for.
 */
member: Member, 
/**
 * The session.
 */
session: Session, };

/**
 * The state of the session at `head`.
 */
export type Snapshot = { 
/**
 * Rooms the member may see.
 */
rooms: Array<RoomView>, 
/**
 * Notes of the rooms the member has joined, without bodies.
 */
notes: Array<Note>, 
/**
 * Everybody who ever came in, those who were removed too: the log speaks of them.
 */
members: Array<Member>, 
/**
 * The newest 50 messages of each room the member has joined, oldest first.
 */
messages: Array<Message>, };

/**
 * What the start screen shows.
 */
export type StartInfo = { 
/**
 * Who the person at this computer is.
 */
profile: Profile, 
/**
 * This person's choices.
 */
settings: Settings, 
/**
 * Sessions of this computer, the newest first.
 */
recent: Array<RecentSession>, 
/**
 * Whether this desktop has a tray to keep hosting in.
 */
tray: boolean, 
/**
 * Hearth's version.
 */
version: string, };

/**
 * 201: a file is in a room. `POST /files?room=ID&name=NAME&id=ID`, the body being the file's bytes
 * or a form with one file; `GET /files/ROOM/HASH` answers the bytes.
 */
export type StoredFile = { 
/**
 * The SHA-256 of its bytes.
 */
hash: FileHash, 
/**
 * What it is called: the name it was given, cleaned, when it first came into the room.
 */
name: FileName, 
/**
 * Its media type as its first bytes say: that of a picture, or `application/octet-stream`.
 */
type: FileType, 
/**
 * How many bytes it has.
 */
size: number, };

/**
 * The state of the session, or a page of what was missed.
 */
export type Thanked = { 
/**
 * Starting over: the state at `head`.
 */
snapshot?: Snapshot, 
/**
 * Coming back: what was missed, in order.
 */
facts?: Array<Fact>, 
/**
 * Coming back: how far the host has looked; the next page's `since`.
 */
next?: number, 
/**
 * The last fact there is.
 */
head: number, 
/**
 * The present run.
 */
run: RunId, 
/**
 * Whether later facts come by themselves from here on.
 */
live: boolean, };

/**
 * Asks for the state of the session, or for what was missed.
 */
export type Thanks = { 
/**
 * The last number known; absent when starting over.
 */
since?: number, 
/**
 * The run that number was seen in; absent: the present history is assumed.
 */
run?: RunId, 
/**
 * Later facts may come several at once, as `facts`.
 */
batch?: boolean, 
/**
 * A replica's way: pages from `since` on (absent: 0), and later facts, of all that the
 * member may see, joined or not, with every note's edits.
 */
follow?: Follow, 
/**
 * Only the past of this room, which came into sight: pages of its facts and of its notes',
 * with numbers after `since` (absent: 0) up to `until`. The socket does not become live by
 * it; the last page is the one whose `next` has reached `until`.
 */
room?: RoomId, 
/**
 * Only the past of this note, which came into sight by being moved; otherwise as `room`.
 */
note?: NoteKey, 
/**
 * Where a past ends; absent: at the head.
 */
until?: number, };

/**
 * How the window looks.
 */
export type Theme = "system" | "light" | "dark";

/**
 * A moment, in milliseconds since 1970-01-01T00:00:00Z; on the wire an RFC 3339 string in UTC.
 */
export type Timestamp = string;

/**
 * The title of a note: 1 to 120 characters.
 */
export type Title = string;

/**
 * What a room is about: at most 120 characters, may be empty.
 */
export type Topic = string;

/**
 * What is left unread.
 */
export type UnreadAnswer = { 
/**
 * How many messages of the room.
 */
unread: number, };

/**
 * `user count`: how many people are connected.
 */
export type UserCount = { 
/**
 * A person with three tabs counts once.
 */
count: number, };

/**
 * The version an edit made.
 */
export type VersionAnswer = { 
/**
 * The note's version.
 */
version: number, };

/**
 * `welcome`: the first event after connecting.
 */
export type Welcome = { 
/**
 * A greeting for people.
 */
message: string, 
/**
 * Who this socket is.
 */
you: Member, 
/**
 * The session.
 */
session: Session, 
/**
 * Who is connected, and where.
 */
people: Array<Presence>, 
/**
 * What may be sent, how much and how often.
 */
limits: Limits, 
/**
 * The last fact there is.
 */
head: number, 
/**
 * Protocol versions the host speaks: lowest and highest.
 */
protocol: [number, number], };

/**
 * How the window reaches its own server.
 */
export type WindowAccess = { 
/**
 * The loopback listener's address.
 */
url: string, 
/**
 * For `auth.token`.
 */
token: string, };

/** Every call: its payload and what stands under `ok`. */
export interface Calls {
  "thanks": { payload: Thanks; answer: Thanked };
  "room:create": { payload: RoomCreate; answer: RoomAnswer };
  "room:update": { payload: RoomUpdate; answer: RoomAnswer };
  "room:destroy": { payload: RoomDestroy; answer: RoomAnswer };
  "room:restore": { payload: RoomRestore; answer: RoomAnswer };
  "room:join": { payload: RoomJoin; answer: RoomContents };
  "room:open": { payload: RoomOpen; answer: RoomContents };
  "room:leave": { payload: RoomLeave; answer: Done };
  "room:invite": { payload: RoomInvite; answer: Done };
  "room:remove": { payload: RoomRemove; answer: Done };
  "room:direct": { payload: RoomDirect; answer: RoomAnswer };
  "room:list": { payload: RoomList; answer: RoomsAnswer };
  "room:read": { payload: RoomRead; answer: UnreadAnswer };
  "note:create": { payload: NoteCreate; answer: NoteAnswer };
  "note:read": { payload: NoteRead; answer: NoteAnswer };
  "note:update": { payload: NoteUpdate; answer: NoteAnswer };
  "note:destroy": { payload: NoteDestroy; answer: NoteAnswer };
  "note:restore": { payload: NoteRestore; answer: NoteAnswer };
  "note:move": { payload: NoteMove; answer: NoteAnswer };
  "note:open": { payload: NoteOpen; answer: NoteOpened };
  "note:edit": { payload: NoteEdit; answer: VersionAnswer };
  "note:close": { payload: NoteClose; answer: Done };
  "note:history": { payload: NoteHistory; answer: HistoryAnswer };
  "note:list": { payload: NoteList; answer: NoteListAnswer };
  "note:count": { payload: NoteCount; answer: CountAnswer };
  "message:send": { payload: MessageSend; answer: MessageAnswer };
  "message:edit": { payload: MessageEdit; answer: MessageAnswer };
  "message:destroy": { payload: MessageDestroy; answer: MessageAnswer };
  "message:list": { payload: MessageList; answer: MessagesAnswer };
  "search": { payload: Search; answer: SearchAnswer };
  "member:update": { payload: MemberUpdate; answer: MemberView };
  "member:list": { payload: MemberList; answer: MembersAnswer };
  "member:ask": { payload: MemberAsk; answer: AskAnswer };
  "member:answer": { payload: MemberAnswer; answer: Done };
  "outbox:list": { payload: OutboxList; answer: OutboxAnswer };
  "outbox:discard": { payload: OutboxDiscard; answer: Done };
  "earlier:list": { payload: EarlierList; answer: EarlierAnswer };
  "earlier:read": { payload: EarlierRead; answer: EarlierWhole };
  "earlier:file": { payload: EarlierFile; answer: Done };
  "earlier:discard": { payload: EarlierDiscard; answer: Done };
  "session:update": { payload: SessionUpdate; answer: SessionAnswer };
  "session:invite": { payload: SessionInvite; answer: InviteAnswer };
  "session:invites": { payload: SessionInvites; answer: InvitesAnswer };
  "session:uninvite": { payload: SessionUninvite; answer: Done };
  "session:invitation": { payload: SessionInvitation; answer: OpenInviteAnswer };
  "session:devices": { payload: SessionDevices; answer: DevicesAnswer };
  "device:revoke": { payload: DeviceRevoke; answer: Done };
  "session:knocks": { payload: SessionKnocks; answer: KnocksAnswer };
  "knock:answer": { payload: KnockAnswer; answer: Done };
  "member:role": { payload: MemberRole; answer: MemberView };
  "member:remove": { payload: MemberRemove; answer: MemberView };
  "member:unban": { payload: MemberUnban; answer: MemberView };
  "achtung:send": { payload: AchtungSend; answer: Done };
}

/** Every fact's event name. */
export const FACT_NAMES = [
  "sessionhosted",
  "sessionupdated",
  "memberjoined",
  "memberupdated",
  "rolechanged",
  "memberremoved",
  "memberunbanned",
  "devicerevoked",
  "roomcreated",
  "roomupdated",
  "roomdestroyed",
  "roomrestored",
  "roompurged",
  "roomjoined",
  "roomleft",
  "notecreated",
  "noteupdated",
  "noteedited",
  "notedestroyed",
  "noterestored",
  "notepurged",
  "notemoved",
  "noteleft",
  "messageposted",
  "messageedited",
  "messagedestroyed",
  "fileadded",
] as const;

/** Signals from the server, by event name. */
export interface Signals {
  "welcome": Welcome;
  "user count": UserCount;
  "presence": PresenceChanges;
  "note versions": NoteVersions;
  "cursors": Cursors;
  "note check": NoteCheck;
  "notetitles": NoteTitles;
  "achtung": Achtung;
  "request": Request;
  "knock": Knock;
  "link": Link;
  "refused": Refused;
}

/** The newest protocol version this build speaks. */
export const PROTOCOL = 1;

/** The words that stand for a fingerprint's bytes. */
export const WORDS = [
  "acorn",
  "album",
  "amber",
  "anchor",
  "apple",
  "apron",
  "arrow",
  "atlas",
  "autumn",
  "axle",
  "badge",
  "baker",
  "bamboo",
  "banjo",
  "barn",
  "basil",
  "basket",
  "bean",
  "beaver",
  "berry",
  "bird",
  "biscuit",
  "blanket",
  "bonfire",
  "boot",
  "bottle",
  "branch",
  "bread",
  "brick",
  "bridge",
  "brush",
  "bucket",
  "butter",
  "button",
  "cabin",
  "cactus",
  "camel",
  "candle",
  "canoe",
  "carpet",
  "castle",
  "cello",
  "chair",
  "cherry",
  "chimney",
  "cinema",
  "circle",
  "clay",
  "cliff",
  "cloud",
  "clover",
  "coffee",
  "comet",
  "copper",
  "coral",
  "cotton",
  "cradle",
  "crayon",
  "cricket",
  "cube",
  "daisy",
  "dolphin",
  "door",
  "dragon",
  "drum",
  "earth",
  "easel",
  "echo",
  "elbow",
  "engine",
  "envelope",
  "fabric",
  "falcon",
  "farm",
  "feather",
  "fence",
  "fiddle",
  "field",
  "flag",
  "flame",
  "flute",
  "forest",
  "fossil",
  "fox",
  "galaxy",
  "garden",
  "garlic",
  "gate",
  "ginger",
  "glove",
  "goose",
  "grape",
  "guitar",
  "hammer",
  "harbour",
  "hazel",
  "hedge",
  "heron",
  "honey",
  "horse",
  "hotel",
  "igloo",
  "indigo",
  "iris",
  "island",
  "ivy",
  "jacket",
  "jaguar",
  "jasmine",
  "jelly",
  "jigsaw",
  "jungle",
  "kayak",
  "kettle",
  "key",
  "kitchen",
  "kite",
  "koala",
  "ladder",
  "lagoon",
  "lamp",
  "lantern",
  "laurel",
  "lemon",
  "lentil",
  "library",
  "lily",
  "lion",
  "lobster",
  "lotus",
  "magnet",
  "mango",
  "maple",
  "marble",
  "market",
  "meadow",
  "melon",
  "mirror",
  "mitten",
  "monkey",
  "moon",
  "moss",
  "mountain",
  "muffin",
  "music",
  "mustard",
  "napkin",
  "needle",
  "nest",
  "noodle",
  "novel",
  "nutmeg",
  "oasis",
  "ocean",
  "olive",
  "onion",
  "opal",
  "orange",
  "orchid",
  "otter",
  "oven",
  "owl",
  "oyster",
  "palace",
  "panda",
  "paper",
  "parrot",
  "peach",
  "pearl",
  "pebble",
  "pelican",
  "pencil",
  "penguin",
  "pepper",
  "piano",
  "picnic",
  "pigeon",
  "pillar",
  "pirate",
  "planet",
  "plum",
  "poem",
  "pony",
  "poppy",
  "potato",
  "puzzle",
  "pyramid",
  "quilt",
  "rabbit",
  "radio",
  "rainbow",
  "raven",
  "ribbon",
  "river",
  "robin",
  "rocket",
  "roof",
  "rose",
  "saddle",
  "saffron",
  "sailor",
  "salmon",
  "sandal",
  "sapphire",
  "shadow",
  "shell",
  "silk",
  "silver",
  "skate",
  "sleigh",
  "snow",
  "soap",
  "sofa",
  "spider",
  "spoon",
  "spruce",
  "stamp",
  "star",
  "stone",
  "storm",
  "straw",
  "sugar",
  "sunset",
  "swan",
  "table",
  "teapot",
  "tent",
  "tiger",
  "toast",
  "tomato",
  "tower",
  "train",
  "tulip",
  "tunnel",
  "turtle",
  "umbrella",
  "valley",
  "vanilla",
  "velvet",
  "village",
  "violet",
  "violin",
  "volcano",
  "waffle",
  "walnut",
  "water",
  "whale",
  "wheat",
  "willow",
  "window",
  "wolf",
  "wool",
  "yellow",
  "yoga",
  "zebra",
  "zipper",
] as const;
