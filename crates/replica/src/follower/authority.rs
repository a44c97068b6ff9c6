//! The host, as the session asks it.

use std::fmt::Write as _;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use hearth_protocol::error::{CallError, Code};
use hearth_protocol::http::StoredFile;
use hearth_session::{Answering, Authority, NewFile};
use http::Method;
use serde_json::Value;

use crate::http::{Ask, HttpFailure, ask};
use crate::keeper::{Config, Keeper};
use crate::target::{Address, Target};

/// A large file over a slow network.
const UPLOAD_WITHIN: Duration = Duration::from_secs(120);

/// Decides through whatever link there is.
pub(super) struct HostAuthority {
    pub(super) keeper: Keeper,
    pub(super) config: Config,
}

impl Authority for HostAuthority {
    fn call(&self, name: &str, payload: Value) -> Answering {
        let called = self.keeper.call(name, payload);
        async move { called.await.map_err(Into::into) }.boxed()
    }

    fn upload(&self, file: NewFile) -> BoxFuture<'static, Result<StoredFile, CallError>> {
        let Some(link) = self.keeper.link() else {
            return std::future::ready(Err(away())).boxed();
        };
        let target = Target {
            addresses: vec![Address::from(link.address())],
            trust: self.config.target.trust,
        };
        let identity = self.config.identity.clone();
        let path = format!(
            "/files?room={}&id={}&name={}",
            file.room,
            file.id,
            encoded(file.name.as_str())
        );
        let request = Ask::new(Method::POST, path)
            .token(&self.config.token)
            .body(file.bytes.into())
            .within(UPLOAD_WITHIN);
        async move {
            let told = ask(&target, &identity, request).await.map_err(refused)?;
            told.read().map_err(refused)
        }
        .boxed()
    }

    fn signal(&self, event: &str, payload: Value) {
        self.keeper.signal(event, payload);
    }
}

fn refused(failure: HttpFailure) -> CallError {
    match failure {
        HttpFailure::Refused { error, .. } => error,
        HttpFailure::Reach(_) | HttpFailure::Lost(_) | HttpFailure::Unreadable(_) => away(),
    }
}

fn away() -> CallError {
    CallError::new(
        Code::Offline,
        "The host did not take the file. Send it again when the host is back.",
    )
}

/// A name as it stands in a query.
fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(byte.into());
            }
            // Writing to a string never fails.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_query_cannot_be_taken_for_anything_else() {
        assert_eq!(encoded("a b&c=ü.png"), "a%20b%26c%3D%C3%BC.png");
    }
}
