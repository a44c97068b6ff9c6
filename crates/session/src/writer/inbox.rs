//! What the writer can be asked for.

use std::sync::Arc;

use hearth_protocol::call::Call;
use hearth_protocol::error::CallError;
use hearth_protocol::http::StoredFile;
use hearth_protocol::{CallId, Fact, Member, MemberId, NoteKey, RoomId, RunId};
use hearth_store::{CopyHost, CopyState, Past, PastCopied, PastOf, Write};
use hearth_text::{Pen, Text};
use tokio::sync::oneshot;

use crate::connection::Seen;
use crate::door::Newcomer;
use crate::feed::{FeedSender, Out, Ticket};
use crate::held::Loaded;
use crate::outbox::Waiting;
use crate::prepare::Prepared;
use crate::tell::{ConnectionId, Live};

/// One piece of work for the writer.
pub(crate) enum Job {
    Call(Box<CallJob>),
    Admit(Box<Admission>),
    Attach(Attach),
    File(Box<FileJob>),
    /// Something that is stored beside the log.
    Write {
        write: Write,
        done: oneshot::Sender<Result<(), CallError>>,
    },
    /// A client without Yjs writes against this text: answers a pen of the host's to do it with.
    BeginWrite {
        key: NoteKey,
        base: Box<Text>,
        done: oneshot::Sender<Result<Begun, CallError>>,
    },
    /// A note that was put together beside the writer, for the calls that follow.
    Loaded {
        loaded: Box<Loaded>,
        done: oneshot::Sender<()>,
    },
    /// Nothing came of it.
    AbandonWrite {
        key: NoteKey,
        pen: Pen,
    },
    /// Tells those who have a note open what its text must come to.
    CheckNotes,
    /// Purges what has been in the trash for too long.
    Tidy,
    /// Throws away some of the bytes of files that no room has; answers whether there may be more.
    SweepFiles {
        done: oneshot::Sender<bool>,
    },
    /// A joined session: something happened at the host, or between here and there.
    Joined(JoinedJob),
    /// Finishes what came before and stops.
    Stop,
}

/// What only the writer of a joined session is asked for.
pub(crate) enum JoinedJob {
    /// The answer to a call that was sent to the host.
    Relayed {
        no: u64,
        result: Result<serde_json::Value, CallError>,
    },
    /// Facts of the host's log; answers what came into sight.
    Copy {
        copied: Copied,
        done: oneshot::Sender<Result<Vec<Past>, CallError>>,
    },
    /// Facts of the past of what came into sight.
    CopyPast {
        copied: CopiedPast,
        done: oneshot::Sender<Result<PastCopied, CallError>>,
    },
    /// The host does not show the past of this any longer.
    GiveUpPast {
        of: PastOf,
        done: oneshot::Sender<Result<(), CallError>>,
    },
    /// How to come back to the host has changed.
    SetHost {
        host: CopyHost,
        done: oneshot::Sender<Result<(), CallError>>,
    },
    /// How far the copy goes.
    CopyState { done: oneshot::Sender<CopyState> },
    /// What the host made of calls that had waited. Answers whether they have left the outbox; an
    /// error when that could not be written down.
    Settle {
        ids: Vec<CallId>,
        outcome: Settled,
        done: oneshot::Sender<Result<bool, CallError>>,
    },
    /// What waits longest and has not been taken by the host, up to so many.
    First {
        limit: usize,
        done: oneshot::Sender<Vec<Waiting>>,
    },
    /// How it stands with the link, after the answers to everything sent before.
    Link(hearth_protocol::signal::LinkState),
    /// The answer to a call was held back long enough for what it did.
    Release { no: u64 },
}

/// What the host made of a call that had waited.
#[derive(Debug, Clone)]
pub enum Settled {
    /// It has it, and what became of it comes with the fact of this number at the latest.
    Taken(u64),
    /// It has it, and there is nothing to come.
    Done,
    /// It refuses for good.
    Refused(CallError),
}

/// A page of the host's log, or a moment of its feed.
pub(crate) struct Copied {
    /// In order, each with its number.
    pub(crate) facts: Vec<Fact>,
    /// How far the host has looked: everything up to here that concerns this member is copied.
    pub(crate) next: u64,
    /// The run in which that number had been reached, where it is known.
    pub(crate) run: Option<RunId>,
}

/// A page of the past of what came into sight.
pub(crate) struct CopiedPast {
    /// As it was asked for.
    pub(crate) asked: Past,
    pub(crate) facts: Vec<Fact>,
    pub(crate) next: u64,
    /// The number of the host's last fact when it told them.
    pub(crate) head: u64,
}

/// The pen to write with, and the text to write against.
pub(crate) type Begun = (Pen, Box<Text>);

/// A changing call.
pub(crate) struct CallJob {
    pub(crate) me: MemberId,
    pub(crate) id: CallId,
    /// Whether the client made the id: only then can it be a repeat.
    pub(crate) own_id: bool,
    pub(crate) digest: [u8; 8],
    pub(crate) call: Call,
    pub(crate) prepared: Option<Prepared>,
    /// What its socket has seen of the note that it writes into.
    pub(crate) seen: Option<Seen>,
    /// Why it cannot be carried out, found before it came here; only a repeat is answered even so.
    pub(crate) refused: Option<CallError>,
    pub(crate) answer_to: AnswerTo,
}

/// Adds a file to a room.
pub(crate) struct FileJob {
    pub(crate) me: MemberId,
    pub(crate) id: CallId,
    /// Whether the client made the id: only then can it be a repeat.
    pub(crate) own_id: bool,
    pub(crate) digest: [u8; 8],
    pub(crate) room: RoomId,
    pub(crate) file: StoredFile,
    /// Answered with nothing when the file's bytes have to come first.
    pub(crate) done: oneshot::Sender<Result<Option<StoredFile>, CallError>>,
}

/// Where the answer goes: into the socket's feed, before the facts that follow it.
pub(crate) struct AnswerTo {
    pub(crate) feed: FeedSender,
    pub(crate) ticket: Option<Ticket>,
    /// Dropped once the answer is in the feed.
    pub(crate) done: oneshot::Sender<()>,
}

/// Lets somebody in, or gives somebody who is in already another sign-in.
pub(crate) struct Admission {
    pub(crate) who: Who,
    /// The hash of the new sign-in's token.
    pub(crate) sign_in: [u8; 32],
    /// The call that did it, where one did.
    pub(crate) made_by: Option<(MemberId, CallId)>,
    pub(crate) done: oneshot::Sender<Result<Admitted, CallError>>,
}

/// Who comes in.
pub(crate) enum Who {
    New(Newcomer),
    /// Somebody with an invitation of which a use is left; this is its secret's hash.
    Invited(Newcomer, [u8; 32]),
    /// The person whose file this is; made at the first opening, renamed when the profile was.
    Owner(Newcomer),
}

impl Who {
    pub(crate) fn newcomer(&self) -> &Newcomer {
        let (Self::New(newcomer) | Self::Invited(newcomer, _) | Self::Owner(newcomer)) = self;
        newcomer
    }
}

/// Who came in.
pub(crate) struct Admitted {
    pub(crate) member: Arc<Member>,
    pub(crate) seq: u64,
}

/// What a socket is to hear from now on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    /// The facts that concern its member.
    Facts(Live),
    /// The edits of an open note.
    Note(NoteKey),
}

/// Makes a socket live, or opens a note for it.
pub(crate) struct Attach {
    pub(crate) connection: ConnectionId,
    /// It has seen everything up to here.
    pub(crate) from: u64,
    pub(crate) wanted: Wanted,
    /// Put into the feed in the same step.
    pub(crate) answer: Option<Out>,
    /// False when `from` is too long ago: look for more first.
    pub(crate) done: oneshot::Sender<bool>,
}
