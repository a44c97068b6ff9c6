//! What one transaction writes.

use std::sync::Arc;

use hearth_protocol::id::DeviceId;
use hearth_protocol::name::Pin;
use hearth_protocol::{CallError, CallId, Fact, FileHash, MemberId, NoteKey, RoomId, Timestamp};

use crate::copy::CopyHost;
use crate::earlier::EarlierCopy;
use crate::invites::InviteRow;
use crate::outbox::OutboxCall;
use crate::sign_ins::SignInRow;

/// Everything that is written together, or not at all.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Facts in order, numbered from the log's head on.
    pub facts: Vec<NewFact>,
    /// What is not in the log; written after the facts.
    pub other: Vec<Write>,
}

/// One fact to append.
#[derive(Debug, Clone)]
pub struct NewFact {
    /// The fact, with its number.
    pub fact: Arc<Fact>,
    /// The room whose members it concerns; `None`: everybody.
    pub room: Option<RoomId>,
    /// Of the contents of the call that made it. On the first fact of a call and no other; the
    /// facts of one call stand next to each other.
    pub digest: Option<[u8; 8]>,
}

/// One change of what is not in the log.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Somebody signed in.
    SignIn {
        /// SHA-256 of the credential.
        hash: [u8; 32],
        /// Who, when and with what.
        sign_in: SignInRow,
    },
    /// A member's app came by this key; written together with its sign-in.
    LinkKey {
        /// SHA-256 of the public key.
        key: [u8; 32],
        /// Whose app it is.
        member: MemberId,
    },
    /// A sign-in was used.
    SignInUsed {
        /// SHA-256 of the credential.
        hash: [u8; 32],
        /// When.
        used_at: Timestamp,
    },
    /// A sign-in ended.
    SignOut {
        /// SHA-256 of the credential.
        hash: [u8; 32],
    },
    /// A sign-in was ended by a host.
    DeviceGone {
        /// Which.
        device: DeviceId,
    },
    /// Sign-ins that were last used before this are forgotten, those of banned members aside.
    SweepSignIns {
        /// When.
        before: Timestamp,
    },
    /// Every sign-in of a member ended, and is forgotten, with the keys of their apps.
    ForgetSignIns {
        /// Whose.
        member: MemberId,
    },
    /// An invitation was made.
    Invite(InviteRow),
    /// Somebody came with an invitation that has a use left.
    InviteUsed {
        /// SHA-256 of its secret.
        hash: [u8; 32],
    },
    /// An invitation is no longer good.
    InviteGone {
        /// SHA-256 of its secret.
        hash: [u8; 32],
    },
    /// Invitations that ended before this are forgotten.
    SweepInvites {
        /// When.
        before: Timestamp,
    },
    /// A member has read a room up to here. A mark never goes back.
    Read {
        /// Who.
        member: MemberId,
        /// Where.
        room: RoomId,
        /// Up to and including this fact.
        seq: u64,
    },
    /// A note's text at a version.
    Checkpoint {
        /// The note.
        note: NoteKey,
        /// The version.
        version: u64,
        /// The text, as Yjs update v1.
        state: Vec<u8>,
        /// Which member each of its client ids belongs to.
        owners: Vec<u8>,
    },
    /// A part of a file's bytes: `FILE_PART_BYTES` of them, or in the last part the rest. They are
    /// swept away unless a fact speaks of the file.
    FilePart {
        /// Of all the bytes.
        hash: FileHash,
        /// How many bytes the file has in all.
        size: u64,
        /// Which part, from 0 on.
        part: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// How to come back to the host of this copy.
    CopyHost(CopyHost),
    /// A call waits for the host of this copy.
    Outbox(OutboxCall),
    /// What a waiting call became is here, or the host answered that it changes nothing.
    OutboxDone {
        /// Which.
        id: CallId,
    },
    /// The host refused a waiting call for good: with all that wait and need it, it becomes a bundle.
    OutboxRefused {
        /// Which.
        id: CallId,
        /// Why.
        error: CallError,
    },
    /// A bundle of refused calls is thrown away.
    OutboxDiscarded {
        /// Which.
        bundle: u64,
    },
    /// There is a copy from before, beside this one.
    Earlier(EarlierCopy),
    /// This copy is whole, and may be compared with the one from before.
    EarlierReady {
        /// Its file.
        file: String,
    },
    /// Something of a copy from before is not offered any more.
    EarlierDiscarded {
        /// Its file.
        file: String,
        /// What.
        item: String,
    },
    /// Nothing of a copy from before is offered any more.
    EarlierDone {
        /// Its file.
        file: String,
    },
    /// Who the person is that this file belongs to.
    Owner(MemberId),
    /// The session's PIN; `None`: it has none.
    Pin(Option<Pin>),
}
