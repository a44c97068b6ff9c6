//! Where the host is: the place where it was found is written down, and while it is lost it is
//! looked for.

use hearth_replica::{Address, Keeper, LinkError, State};
use hearth_session::Handle;
use hearth_store::CopyHost;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Duration, sleep};

use super::announced::listen;

/// How long another host stays where ours was is not known.
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// Places that are remembered, the newest first.
const MOST_REMEMBERED: usize = 8;

/// Follows a host as long as a copy of its session is open.
pub(super) struct Whereabouts(JoinHandle<()>);

impl Whereabouts {
    /// Begins; `give` tells the keeper where else to try.
    pub(super) fn follow(
        keeper: Keeper,
        session: Handle,
        give: watch::Sender<Vec<Address>>,
    ) -> Self {
        Self(tokio::spawn(run(keeper, session, give)))
    }

    /// Ends; done when nothing listens any more.
    pub(super) async fn stop(self) {
        self.0.abort();
        // It was aborted, which is no failure.
        let _ = self.0.await;
    }
}

async fn run(keeper: Keeper, session: Handle, give: watch::Sender<Vec<Address>>) {
    let id = session.state().session().id;
    let mut state = keeper.state();
    loop {
        let now = state.borrow_and_update().clone();
        if now == State::Live {
            remember(&keeper, &session).await;
        }
        let goes_on = if is_lost(&now) {
            // One ear for all attempts that fail meanwhile.
            let found = state.wait_for(|state| !is_lost(state));
            tokio::select! {
                found = found => found.is_ok(),
                () = listen(id, &give) => true,
                () = look_again(&keeper) => true,
            }
        } else {
            state.changed().await.is_ok()
        };
        if !goes_on {
            return;
        }
    }
}

/// Whether another address could help.
fn is_lost(state: &State) -> bool {
    match state {
        State::Away { .. } => true,
        State::Refused { why } => matches!(why, LinkError::Reach(_)),
        State::Connecting | State::Live => false,
    }
}

/// Somebody else may be where the host was, and may be gone again. Never ends by itself.
async fn look_again(keeper: &Keeper) {
    let state = keeper.state();
    loop {
        sleep(AGAIN_AFTER).await;
        if matches!(*state.borrow(), State::Refused { .. }) {
            keeper.retry();
        }
    }
}

/// Writes down where the host was found, to be tried first next time.
async fn remember(keeper: &Keeper, session: &Handle) {
    let (Some(link), Ok(copy)) = (keeper.link(), session.copy_state().await) else {
        return;
    };
    let found = link.address().to_string();
    if copy.host.addresses.first() == Some(&found) {
        return;
    }
    let known = copy.host.addresses.into_iter();
    let others = known.filter(|other| *other != found);
    let addresses = std::iter::once(found.clone()).chain(others);
    let host = CopyHost {
        addresses: addresses.take(MOST_REMEMBERED).collect(),
        ..copy.host
    };
    if let Err(error) = session.set_host(host).await {
        tracing::warn!(%error, "the host's new address was not written down");
    }
}
