//! The bytes of rooms' files, fetched while nothing else is to be done.

use std::convert::Infallible;
use std::time::Duration;

use hearth_store::MissingFile;
use http::Method;
use tokio::time::sleep;

use super::Following;
use crate::http::{Ask, ask};
use crate::link::Link;
use crate::target::{Address, Target};

/// How many are looked for at once.
const AT_ONCE: u32 = 16;

/// How often it is looked whether a file has come.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What could not be fetched is tried again after this long.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

/// A large file over a slow network.
const WITHIN: Duration = Duration::from_secs(120);

/// Fetches what is missing for as long as the link lasts.
pub(super) async fn fetch(following: &Following, link: &Link) -> Infallible {
    let target = Target {
        addresses: vec![Address::from(link.address())],
        trust: following.config.target.trust,
    };
    let mut head = None;
    loop {
        let now = following.session.state().head();
        if head.replace(now) != Some(now) {
            let missing = following.session.missing_files(AT_ONCE).await;
            for file in missing.unwrap_or_default() {
                if !fetch_one(following, &target, &file).await {
                    head = None;
                    sleep(AGAIN_AFTER).await;
                }
            }
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Whether the file is here now, or need not be tried again.
async fn fetch_one(following: &Following, target: &Target, file: &MissingFile) -> bool {
    let most = usize::try_from(file.size).unwrap_or(usize::MAX);
    let request = Ask::new(Method::GET, format!("/files/{}/{}", file.room, file.hash))
        .token(&following.config.token)
        .most_bytes(most)
        .within(WITHIN);
    let told = match ask(target, &following.config.identity, request).await {
        Ok(told) => told,
        Err(error) => {
            tracing::debug!(%error, file.hash = %file.hash, "a file's bytes were not fetched");
            return false;
        }
    };
    match following.session.keep_file(file.hash, &told.body).await {
        Ok(()) => true,
        Err(error) => {
            let code = error.code.as_str();
            tracing::warn!(code, file.hash = %file.hash, "a file's bytes were not kept");
            false
        }
    }
}
