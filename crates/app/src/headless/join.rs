//! `hearthd join`: a copy of somebody else's session that is always on.

use std::fs::{File, TryLockError};
use std::net::TcpListener as StdListener;
use std::path::{Path, PathBuf};

use hearth_protocol::fragment::Fragment;
use hearth_protocol::name::Name;
use hearth_protocol::object::Browsers;
use hearth_protocol::signal::LinkTrouble;
use hearth_protocol::window::JoinStep;
use hearth_server::{Config, Listener};
use hearth_store::OpenError;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::arguments::JoinOptions;
use super::exit::Exit;
use super::host::{FILE, Ready, listen, make_folder, print, stop_signal, url};
use crate::desk::alias;
use crate::hosting::HostError;
use crate::identity::Identity;
use crate::joined::{CopyError, JoinedSession, free_name};
use crate::joining::{Arrived, Place, Refusal, Request, Steps, join};

/// In a folder that is joined from; stays there, as a sign of that.
pub(super) const LOCK: &str = "join.lock";

/// Keeps the copy in step until SIGTERM or SIGINT.
pub(super) async fn run(options: JoinOptions) -> Result<(), Exit> {
    let request = options.request(default_name())?;
    make_folder(&options.data)?;
    let lock = Lock::take(&options.data)?;
    let listener = listen(options.listen)?;
    // From here on the first signal means: finish, then stop.
    let stopping = CancellationToken::new();
    let stop = stop_signal().map_err(Exit::Other)?;
    tokio::spawn({
        let stopping = stopping.clone();
        async move {
            stop.await;
            stopping.cancel();
        }
    });
    let identity = Identity::open(&options.data)?;
    let file = options.data.join(FILE);
    let joined = match come(request, &file, &identity, &stopping).await {
        Ok(joined) => joined,
        Err(exit) => {
            let is_hosted = matches!(exit, Exit::Join(Refusal::Copy(CopyError::Hosted)));
            if is_hosted || !file.exists() {
                lock.leave_nothing();
            }
            return match exit {
                Exit::Join(Refusal::Cancelled) => Ok(()),
                exit => Err(exit),
            };
        }
    };
    let port = Port::new(listener).map_err(|error| Exit::Other(error.into()))?;
    serve(joined, port, &identity, &stopping).await
}

/// With what the folder holds, or by coming in.
async fn come(
    request: Option<Request>,
    file: &Path,
    identity: &Identity,
    stopping: &CancellationToken,
) -> Result<JoinedSession, Exit> {
    let Some(request) = request else {
        return match JoinedSession::open(file, identity).await {
            Err(CopyError::Open(OpenError::Missing)) => Err(Exit::Usage(
                "There is no copy in this folder yet. Say what to join: hearthd join \
                 INVITATION-OR-ADDRESS --data DIR"
                    .to_owned(),
            )),
            opened => Ok(opened?),
        };
    };
    let steps = Steps::new(JoinStep::Connecting);
    let place = Place::File(file.to_owned());
    let telling = tokio::spawn(tell(steps.subscribe()));
    let arrived = join(&request, &place, identity, &steps, stopping).await;
    telling.abort();
    match arrived {
        Ok(Arrived { session, set_aside }) => {
            if let Some(before) = set_aside {
                let before = before.display();
                say(&format!("The copy from before is kept as {before}."));
            }
            Ok(session)
        }
        // An invitation is used once and stays in a script; the copy needs it no more.
        Err(refusal) if refusal.is_for_now() && file.exists() => {
            say(&format!("{refusal}"));
            say("Going on with the copy that is here.");
            Ok(JoinedSession::open(file, identity).await?)
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Says on standard error what is waited for.
async fn tell(mut steps: watch::Receiver<JoinStep>) {
    let mut said = 0;
    while steps.changed().await.is_ok() {
        let step = steps.borrow_and_update().clone();
        match step {
            JoinStep::Waiting { session, digits } if digits.is_empty() => {
                say(&format!("Waiting for the host of {session} to let you in."));
            }
            JoinStep::Waiting { session, digits } => say(&format!(
                "Waiting for the host of {session} to let you in. Both screens show {digits}."
            )),
            JoinStep::Copying {
                session,
                copied,
                of,
            } => {
                let tenths = copied
                    .saturating_mul(10)
                    .checked_div(of)
                    .unwrap_or_default();
                if tenths > said {
                    said = tenths;
                    say(&format!("Copying {session}: {} %.", tenths * 10));
                }
            }
            _ => {}
        }
    }
}

/// Says on standard error what keeps the copy from being in step.
async fn tell_trouble(mut trouble: watch::Receiver<Option<LinkTrouble>>) {
    while trouble.changed().await.is_ok() {
        match *trouble.borrow_and_update() {
            Some(why) => say(sentence(why)),
            None => say("That is over."),
        }
    }
}

fn sentence(why: LinkTrouble) -> &'static str {
    match why {
        LinkTrouble::OtherKey => {
            "Where the host was, somebody with another key answers. Nothing was told to them; the \
             host is looked for again and again."
        }
        LinkTrouble::SignedOut => {
            "The host does not know this sign-in any longer. Join again with an invitation."
        }
        LinkTrouble::Removed => "The host removed you from this session. The copy stays as it is.",
        LinkTrouble::Version => {
            "The host has another version of Hearth than you have. Update the older of the two."
        }
        LinkTrouble::HostVersion => {
            "The host has an older version of Hearth than you have. It has to be updated there."
        }
        LinkTrouble::OwnVersion => {
            "The host has a newer version of Hearth than you have. Update Hearth here."
        }
        LinkTrouble::DiskFull => {
            "The disk of this computer is full. Make room; until then nothing more is copied."
        }
        LinkTrouble::HostDiskFull => {
            "The host's disk is full. What was written here waits until there is room there."
        }
        LinkTrouble::NotCopied => {
            "What the host tells cannot be copied. What is here stays as it is; update Hearth, or \
             join again in another folder."
        }
    }
}

/// The port, which stays ours while the session behind it is opened anew.
struct Port(StdListener);

impl Port {
    fn new(listener: TcpListener) -> std::io::Result<Self> {
        Ok(Self(listener.into_std()?))
    }

    fn listener(&self) -> std::io::Result<TcpListener> {
        TcpListener::from_std(self.0.try_clone()?)
    }
}

/// Serves it until it is time to stop; anew when the host's history has become another one.
async fn serve(
    mut joined: JoinedSession,
    port: Port,
    identity: &Identity,
    stopping: &CancellationToken,
) -> Result<(), Exit> {
    let other = |error: std::io::Error| Exit::Other(error.into());
    listen_on(&joined, port.listener().map_err(other)?);
    print(&ready(&joined, &port).await?).map_err(Exit::Other)?;
    loop {
        // It ends with the session, whose sender it listens to.
        drop(tokio::spawn(tell_trouble(joined.session().link_trouble())));
        let diverged = stopping.run_until_cancelled(joined.diverged());
        match diverged.await {
            Some(true) => {}
            // It is not kept in step any more, and is still of use.
            Some(false) => stopping.cancelled().await,
            None => break,
        }
        if stopping.is_cancelled() {
            break;
        }
        let before = free_name(joined.file()).map_err(other)?;
        joined = joined.begin_anew(&before, identity).await?;
        listen_on(&joined, port.listener().map_err(other)?);
        say_what_became(&before);
        // Whoever had a sign-in for the copy's page has none for the new one's.
        print(&ready(&joined, &port).await?).map_err(Exit::Other)?;
    }
    tracing::info!("finishing what was acknowledged, then stopping");
    joined.stop().await;
    Ok(())
}

/// Where the copy from before is, and how to have what it has and the new one lacks.
fn say_what_became(before: &Path) {
    say(&format!(
        "The host went back to an earlier state of the session, or is another copy of it. What was \
         here is kept as {}, and a new copy was begun. To read the old one, open that file with \
         Hearth (Open a session file, Only look at it). What it has and the new one lacks is \
         offered on the new copy's page: its sign_in_url follows on standard output.",
        before.display()
    ));
}

fn listen_on(joined: &JoinedSession, listener: TcpListener) {
    let config = Config {
        kind: Listener::Public { names: Vec::new() },
        serve_client: true,
        tls: None,
    };
    joined.serve(listener, config);
}

async fn ready(joined: &JoinedSession, port: &Port) -> Result<Ready, Exit> {
    let address = port.0.local_addr();
    let address = address.map_err(|error| Exit::Other(error.into()))?;
    let copy = joined.session().copy_state().await;
    let copy = copy.map_err(HostError::SignIn)?;
    let url = url(address, Browsers::Plain);
    let state = joined.session().state();
    Ok(Ready {
        sign_in_url: sign_in_url(joined, port)?,
        url,
        fingerprint: copy.host.fingerprint,
        session: state.session().id,
        head: state.head(),
    })
}

/// The copy's page, with an invitation for the person at this computer that is good once.
fn sign_in_url(joined: &JoinedSession, port: &Port) -> Result<String, Exit> {
    let address = port.0.local_addr();
    let address = address.map_err(|error| Exit::Other(error.into()))?;
    let secret = joined.session().invite_joined();
    let fragment = Fragment {
        secret: &secret,
        fingerprint: None,
    };
    let url = url(address, Browsers::Plain);
    Ok(format!("{url}/#{fragment}"))
}

/// One program at a time comes in for a folder: before there is a copy, that has no lock.
struct Lock {
    path: PathBuf,
    _held: File,
}

impl Lock {
    fn take(folder: &Path) -> Result<Self, Exit> {
        let path = folder.join(LOCK);
        let unusable = |error| Exit::Folder {
            folder: folder.display().to_string(),
            error,
        };
        let held = File::create(&path).map_err(unusable)?;
        match held.try_lock() {
            Ok(()) => Ok(Self { path, _held: held }),
            Err(TryLockError::WouldBlock) => Err(CopyError::from(OpenError::InUse).into()),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// Nothing was joined here.
    fn leave_nothing(self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "a lock file stays behind");
        }
    }
}

fn default_name() -> Name {
    alias::profile().name
}

#[expect(
    clippy::print_stderr,
    reason = "it is for whoever started the program, not a log"
)]
fn say(sentence: &str) {
    eprintln!("hearthd: {sentence}");
}
