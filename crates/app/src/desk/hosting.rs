//! The one session being hosted from this desk, and how its window reaches it.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use hearth_protocol::{
    error::{CallError, Code},
    id::SessionId,
    name::Pin,
    object::Admission,
    window::{HostRequest, Hosting, Profile, WindowAccess},
};
use hearth_server::{Config, Listener, Tls, bind};
use hearth_session::{Changes, Handle, Options};
use hearth_store::OpenError;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time};

use crate::{
    discovery::{Announced, AnnouncementId, Announcer},
    hosting::{HostError, Hosted},
    identity::{Identity, IdentityError},
    invitation::{invitation, likeliest_url, shown},
};

/// Where others find the session. The same each time, so that an address typed
/// or noted down once goes on working.
const PORT: u16 = 4747;

/// What the window's page is loaded from: Linux and macOS, then Windows.
pub(super) const ORIGINS: [&str; 2] = ["tauri://localhost", "http://tauri.localhost"];

/// How soon the tray learns that somebody came or went.
const COUNT_EVERY: Duration = Duration::from_millis(500);

/// A hosted session and its two listeners.
pub(super) struct Running {
    hosted: Hosted,
    access: Access,
    counting: JoinHandle<()>,
    announcer: Announcer,
}

/// What tells the window and others where the session is; cheap to clone, so
/// that an invitation can be made without holding on to the session.
#[derive(Clone)]
pub(super) struct Access {
    session: Handle,
    window: WindowAccess,
    port: u16,
    announcement: AnnouncementId,
}

impl Running {
    /// Opens the session in `file` and serves it: to others on this computer's
    /// addresses, to the window on loopback.
    pub(super) async fn start(
        file: &Path,
        id: SessionId,
        request: HostRequest,
        owner: Profile,
        people: watch::Sender<Option<usize>>,
        announce: watch::Receiver<bool>,
        identity: &Identity,
    ) -> Result<Self, CallError> {
        check(&request)?;
        let tls = identity.tls().map_err(|error| no_identity(&error))?;
        let others = listen().map_err(|error| no_port(&error))?;
        let window = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(|error| no_port(&error))?;
        let port = port(&others)?;
        let url = format!("http://127.0.0.1:{}", self::port(&window)?);

        let hosted = open(file, id, request).await?;
        let token = match hosted
            .session()
            .sign_in_owner(owner.name, owner.color)
            .await
        {
            Ok(signed_in) => signed_in.token,
            Err(error) => {
                hosted.stop().await;
                return Err(error);
            }
        };
        let fingerprint = identity.fingerprint();
        hosted.session().show_invites(move |secret, browsers| {
            shown(&likeliest_url(port, browsers), secret, fingerprint)
        });
        serve(&hosted, others, window, &token, tls);
        let announced = Announced {
            session: hosted.session().clone(),
            fingerprint,
            listening: SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
        };
        let announcer = Announcer::start(announced, announce);
        let access = Access {
            session: hosted.session().clone(),
            window: WindowAccess { url, token },
            port,
            announcement: announcer.id(),
        };
        let counting = tokio::spawn(count(hosted.session().clone(), people));
        Ok(Self {
            hosted,
            access,
            counting,
            announcer,
        })
    }

    pub(super) fn access(&self) -> Access {
        self.access.clone()
    }

    /// Ends hosting for everybody.
    pub(super) async fn stop(self) {
        self.counting.abort();
        // The window's sign-in was for this launch only.
        let token = &self.access.window.token;
        if let Err(error) = self.hosted.session().sign_out(token).await {
            tracing::warn!(%error, "The window's sign-in was not ended");
        }
        tokio::join!(self.announcer.stop(), self.hosted.stop());
    }
}

impl Access {
    /// Which session it is and what it is called now.
    pub(super) fn session(&self) -> hearth_protocol::object::Session {
        self.session.state().session().clone()
    }

    /// The port that others reach.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// What tells its announcement from others.
    pub(super) fn announcement(&self) -> AnnouncementId {
        self.announcement
    }

    /// Everything the window wants to know, with the addresses as they are now.
    pub(super) async fn describe(&self) -> Hosting {
        let session = self.session();
        Hosting {
            window: self.window.clone(),
            session: session.id,
            name: session.name,
            pin: self.session.pin().and_then(|pin| Pin::new(&pin).ok()),
            invitation: invitation(self.port, session.browsers).await,
        }
    }
}

/// What goes together, as far as the types do not say it.
fn check(request: &HostRequest) -> Result<(), CallError> {
    if request.admission == Admission::Pin && request.pin.is_none() {
        return Err(CallError::bad_request(
            "Type the PIN that guests are to use.",
        ));
    }
    Ok(())
}

/// Listens on every address, on the usual port if nobody else has it.
fn listen() -> io::Result<TcpListener> {
    let on = |port| bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)));
    match on(PORT) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => on(0),
        listener => listener,
    }
}

fn port(listener: &TcpListener) -> Result<u16, CallError> {
    let address = listener.local_addr().map_err(|error| no_port(&error))?;
    Ok(address.port())
}

async fn open(file: &Path, id: SessionId, request: HostRequest) -> Result<Hosted, CallError> {
    let changes = Changes {
        name: Some(request.name.clone()),
        admission: Some(request.admission),
        pin: request.pin,
        guests: Some(request.guests),
        browsers: Some(request.browsers),
    };
    let options = Options {
        changes,
        ..Options::default()
    };
    Hosted::open(file, id, request.name, options)
        .await
        .map_err(not_opened)
}

fn serve(hosted: &Hosted, others: TcpListener, window: TcpListener, token: &str, tls: Tls) {
    let public = Listener::Public { names: Vec::new() };
    let own = Listener::Window {
        token: token.to_owned(),
        origins: ORIGINS.map(str::to_owned).to_vec(),
    };
    for (listener, kind, tls) in [(others, public, Some(tls)), (window, own, None)] {
        let config = Config {
            kind,
            serve_client: true,
            tls,
        };
        hosted.serve(listener, config);
    }
}

/// Follows how many are connected. Asked now and then: the tray needs no more.
async fn count(session: Handle, people: watch::Sender<Option<usize>>) {
    let mut tick = time::interval(COUNT_EVERY);
    loop {
        tick.tick().await;
        let now = Some(session.people());
        people.send_if_modified(|before| std::mem::replace(before, now) != now);
    }
}

pub(super) fn no_identity(error: &IdentityError) -> CallError {
    tracing::error!(%error, "This installation has no key to be known by");
    CallError::new(Code::Internal, error.to_string())
}

pub(super) fn no_port(error: &io::Error) -> CallError {
    tracing::warn!(%error, "No port could be opened");
    CallError::new(
        Code::Internal,
        "This computer does not let Hearth open a port. Look at its firewall or security settings.",
    )
}

fn not_opened(error: HostError) -> CallError {
    tracing::warn!(%error, "The session could not be opened");
    let code = match &error {
        HostError::SignIn(refusal) => return refusal.clone(),
        HostError::Open(OpenError::InUse) => Code::Conflict,
        HostError::Open(OpenError::Missing) => Code::NotFound,
        HostError::Open(OpenError::Full) => Code::StorageFull,
        HostError::Open(_) => Code::Internal,
        HostError::Session(_) => {
            return CallError::new(Code::Internal, "The session's file could not be written.");
        }
    };
    // These sentences are made for the person at this computer.
    CallError::new(code, error.to_string())
}
