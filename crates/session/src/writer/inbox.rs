//! What the writer can be asked for.

use std::sync::Arc;

use hearth_protocol::call::Call;
use hearth_protocol::error::CallError;
use hearth_protocol::http::StoredFile;
use hearth_protocol::{CallId, Member, MemberId, NoteKey, RoomId};
use hearth_store::Write;
use hearth_text::{ClientId, Text};
use tokio::sync::oneshot;

use crate::door::Newcomer;
use crate::feed::{FeedSender, Out, Ticket};
use crate::held::Loaded;
use crate::notes::Prepared;
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
    /// A client without Yjs writes against this text: answers an id of the host's to do it under.
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
        client: ClientId,
    },
    /// Tells those who have a note open what its text must come to.
    CheckNotes,
    /// Purges what has been in the trash for too long.
    Tidy,
    /// Throws away some of the bytes of files that no room has; answers whether there may be more.
    SweepFiles {
        done: oneshot::Sender<bool>,
    },
    /// Finishes what came before and stops.
    Stop,
}

/// The id to write under, and the text to write against.
pub(crate) type Begun = (ClientId, Box<Text>);

/// A changing call.
pub(crate) struct CallJob {
    pub(crate) me: MemberId,
    pub(crate) id: CallId,
    /// Whether the client made the id: only then can it be a repeat.
    pub(crate) own_id: bool,
    pub(crate) digest: [u8; 8],
    pub(crate) call: Call,
    pub(crate) prepared: Option<Prepared>,
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
