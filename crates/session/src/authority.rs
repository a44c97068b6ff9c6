//! Where a session's calls are decided when it is not here: the host of a joined session.

use futures::future::BoxFuture;
use hearth_protocol::error::CallError;
use hearth_protocol::http::StoredFile;
use hearth_protocol::{CallId, FileName, RoomId};
use serde_json::Value;

/// What a call came to: the `ok` of its acknowledgement, or the refusal.
pub type Answering = BoxFuture<'static, Result<Value, CallError>>;

/// A file for a room.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// The room.
    pub room: RoomId,
    /// What it is called.
    pub name: FileName,
    /// The change's id.
    pub id: CallId,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// The one who decides calls, reached through a link.
///
/// Nothing here waits or keeps anything: a call that cannot be sent, or whose answer is lost with
/// the link, comes to [`Code::Offline`](hearth_protocol::Code::Offline), and then nobody knows
/// whether it arrived. Sending it again with its `id` is always safe.
pub trait Authority: Send + Sync + 'static {
    /// Sends a call. Calls arrive in the order in which this is called.
    fn call(&self, name: &str, payload: Value) -> Answering;

    /// Brings a file into a room there.
    fn upload(&self, file: NewFile) -> BoxFuture<'static, Result<StoredFile, CallError>>;

    /// Says something that is true only now; dropped when nobody is there to hear it.
    fn signal(&self, event: &str, payload: Value);
}
