//! A computer that has joined: a copy in a file, kept in step with a real host, and served to the
//! person at it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hearth_protocol::limits::Limits;
use hearth_protocol::signal::LinkState;
use hearth_protocol::{CallId, Name};
use hearth_replica::{
    Address, Admitted, Ask, ComingIn, Config, Door, Events, Follower, Identity, Link, Outcome,
    Target, Trust, ask,
};
use hearth_server::{Listener, serve};
use hearth_session::Handle;
use hearth_store::{CopyHost, NewCopy, create_copy, open};
use hearth_tests::hearthd::Hearthd;
use http::Method;
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Far longer than anything takes, so that a test that hangs ends.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// What `hearthd` is started with where nothing else matters.
pub(crate) const OPEN: &[&str] = &["--admit", "anyone", "--limits", "off"];

/// The computer.
pub(crate) struct Copy {
    folder: TempDir,
    admitted: Admitted,
    identity: Identity,
    hints: watch::Sender<Vec<Address>>,
    running: Option<Running>,
}

struct Running {
    session: Handle,
    follower: Follower,
    stop: CancellationToken,
    server: tokio::task::JoinHandle<Result<()>>,
    address: std::net::SocketAddr,
    token: String,
}

fn identity() -> Result<Identity> {
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["here".to_owned()])?.self_signed(&key)?;
    Ok(Identity::new(
        certificate.der().to_vec(),
        key.serialize_der(),
    )?)
}

/// The host, by its key, at this address.
pub(crate) fn target(host: &Hearthd, address: std::net::SocketAddr) -> Result<Target> {
    let key = host.fingerprint()?.parse()?;
    Ok(Target::new(address.into(), Trust::Pinned(key)))
}

impl Copy {
    /// Joins `host` as somebody of this name and waits until everything is here.
    pub(crate) async fn join(host: &Hearthd, name: &str) -> Result<Self> {
        Self::join_at(target(host, host.address())?, name).await
    }

    pub(crate) async fn join_at(target: Target, name: &str) -> Result<Self> {
        let identity = identity()?;
        let coming = ComingIn {
            name: Name::new(name).map_err(anyhow::Error::msg)?,
            color: None,
            pin: None,
            invite: None,
            token: None,
        };
        let admitted = match Door::new(target, identity.clone()).sign_in(coming).await? {
            Outcome::In(admitted) => admitted,
            Outcome::Waiting(_) => bail!("the host is asked"),
        };
        let mut copy = Self {
            folder: TempDir::new()?,
            admitted,
            identity,
            hints: watch::channel(Vec::new()).0,
            running: None,
        };
        copy.start().await?;
        copy.until_live().await?;
        Ok(copy)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("copy.hearth")
    }

    /// Opens the copy, host reachable or not.
    pub(crate) async fn start(&mut self) -> Result<()> {
        let file = self.file();
        let signed_in = &self.admitted.signed_in;
        let addresses = &self.admitted.target.addresses;
        let (store, reader) = if file.exists() {
            open(&file).await?
        } else {
            let new = NewCopy {
                session: signed_in.session.clone(),
                member: signed_in.member.id,
                host: CopyHost {
                    addresses: addresses.iter().map(ToString::to_string).collect(),
                    fingerprint: match self.admitted.target.trust {
                        Trust::Pinned(key) => Some(key),
                        _ => None,
                    },
                    token: signed_in.token.clone(),
                },
            };
            create_copy(&file, &new).await?
        };
        let config = Config {
            target: self.admitted.target.clone(),
            identity: self.identity.clone(),
            token: signed_in.token.clone(),
            hints: self.hints.subscribe(),
        };
        let (session, follower) = Follower::start(store, reader, Limits::off(), config).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        self.until_known(&session).await?;
        let token = session.sign_in_joined().await?.token;
        let config = hearth_server::Config {
            kind: Listener::Window {
                token: token.clone(),
                origins: Vec::new(),
            },
            serve_client: false,
            tls: None,
        };
        let (served, until) = (session.clone(), stop.clone());
        let server = tokio::spawn(async move { Ok(serve(listener, served, config, until).await?) });
        self.running = Some(Running {
            session,
            follower,
            stop,
            server,
            address,
            token,
        });
        Ok(())
    }

    /// Until the copy knows the person at this computer.
    async fn until_known(&self, session: &Handle) -> Result<()> {
        let me = self.admitted.signed_in.member.id;
        let known = async {
            while session.state().member(me).is_none() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        Ok(timeout(DEADLINE, known).await?)
    }

    /// Closes it in good order.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        let running = self.running.take().context("it runs")?;
        running.follower.stop().await;
        running.session.stop().await;
        running.stop.cancel();
        running.server.await?
    }

    fn running(&self) -> Result<&Running> {
        self.running.as_ref().context("it runs")
    }

    /// Waits until what happens at the host is told as it happens.
    pub(crate) async fn until_live(&self) -> Result<()> {
        let mut progress = self.running()?.follower.progress();
        let live = progress.wait_for(|now| now.link == LinkState::Live);
        timeout(DEADLINE, live).await??;
        Ok(())
    }

    /// Waits until the host is missed.
    pub(crate) async fn until_away(&self) -> Result<()> {
        let mut progress = self.running()?.follower.progress();
        let away = progress.wait_for(|now| now.link == LinkState::Away);
        timeout(DEADLINE, away).await??;
        Ok(())
    }

    /// How it stands with the host.
    pub(crate) fn link(&self) -> Result<LinkState> {
        Ok(self.running()?.follower.progress().borrow().link)
    }

    /// Looks for the host at once.
    pub(crate) fn retry(&self) -> Result<()> {
        self.running()?.follower.keeper().retry();
        Ok(())
    }

    /// Waits until nothing waits for the host any more.
    pub(crate) async fn until_sent(&self) -> Result<()> {
        let mut waiting = self.running()?.session.waiting();
        timeout(DEADLINE, waiting.wait_for(|waiting| *waiting == 0)).await??;
        Ok(())
    }

    /// Waits until everything up to this number is here.
    pub(crate) async fn until_copied(&self, seq: u64) -> Result<()> {
        let mut progress = self.running()?.follower.progress();
        timeout(DEADLINE, progress.wait_for(|now| now.copied >= seq)).await??;
        Ok(())
    }

    /// Brings a file into a room, as the window does.
    pub(crate) async fn upload(&self, room: &Value, name: &str, bytes: &[u8]) -> Result<Value> {
        let room = room.as_str().context("an id")?;
        let name = name.replace(' ', "%20");
        let path = format!("/files?room={room}&name={name}");
        let post = Ask::new(Method::POST, path).body(bytes.to_vec().into());
        Ok(serde_json::from_slice(&self.ask(post).await?)?)
    }

    /// The bytes of a file, as the window shows it.
    pub(crate) async fn fetch(&self, room: &Value, hash: &str) -> Result<Vec<u8>> {
        let room = room.as_str().context("an id")?;
        self.ask(Ask::new(Method::GET, format!("/files/{room}/{hash}")))
            .await
    }

    async fn ask(&self, what: Ask) -> Result<Vec<u8>> {
        let running = self.running()?;
        let target = Target::new(running.address.into(), Trust::Plain);
        let what = what.token(&running.token).most_bytes(1 << 20);
        let told = timeout(DEADLINE, ask(&target, &self.identity, what)).await??;
        Ok(told.body.to_vec())
    }

    /// The window of the person at this computer.
    pub(crate) async fn window(&self) -> Result<Person> {
        let running = self.running()?;
        let target = Target::new(running.address.into(), Trust::Plain);
        let (link, events) = Link::open(&target, &self.identity, &running.token).await?;
        Person::greet(link, events).await
    }
}

/// Somebody who speaks the event API, at the host or at a copy.
pub(crate) struct Person {
    pub(crate) link: Link,
    pub(crate) events: Events,
}

impl Person {
    async fn greet(link: Link, events: Events) -> Result<Self> {
        link.call("thanks", json!({})).await?;
        Ok(Self { link, events })
    }

    /// Somebody at the host itself.
    pub(crate) async fn at(host: &Hearthd, name: &str) -> Result<Self> {
        let identity = identity()?;
        let coming = ComingIn {
            name: Name::new(name).map_err(anyhow::Error::msg)?,
            color: None,
            pin: None,
            invite: None,
            token: None,
        };
        let door = Door::new(target(host, host.address())?, identity.clone());
        let Outcome::In(admitted) = door.sign_in(coming).await? else {
            bail!("the host is asked");
        };
        let token = &admitted.signed_in.token;
        let (link, events) = Link::open(&admitted.target, &identity, token).await?;
        Self::greet(link, events).await
    }

    pub(crate) async fn call(&self, name: &str, payload: Value) -> Result<Value> {
        Ok(timeout(DEADLINE, self.link.call(name, payload)).await??)
    }

    /// The room that everybody is in.
    pub(crate) async fn general(&self) -> Result<Value> {
        let rooms = self.call("room:list", json!({})).await?;
        Ok(rooms["rooms"][0]["id"].clone())
    }

    /// The next fact or signal of this name of which `which` is true; others are passed over.
    pub(crate) async fn hears(
        &mut self,
        name: &str,
        which: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let hearing = async {
            while let Some(event) = self.events.recv().await {
                if event.name == name && which(&event.payload) {
                    return Ok(event.payload);
                }
            }
            bail!("the connection ended before {name}")
        };
        timeout(DEADLINE, hearing)
            .await
            .with_context(|| format!("{name} was not heard"))?
    }

    /// The numbered facts that somebody who follows everything is told.
    pub(crate) async fn log(&self) -> Result<Vec<Value>> {
        let mut facts = Vec::new();
        let mut since = 0;
        loop {
            let asked = json!({ "follow": "everything", "since": since });
            let page = self.call("thanks", asked).await?;
            facts.extend(page["facts"].as_array().context("facts")?.iter().cloned());
            since = page["next"].as_u64().context("a number")?;
            if page["live"] == true {
                return Ok(facts);
            }
        }
    }

    pub(crate) async fn text(&self, key: &Value) -> Result<String> {
        let read = self.call("note:read", json!({ "key": key })).await?;
        let body = read["note"]["body"].as_str().context("a body")?;
        Ok(body.to_owned())
    }

    pub(crate) async fn messages(&self, room: &Value) -> Result<Vec<String>> {
        let list = json!({ "room": room, "limit": 500 });
        let list = self.call("message:list", list).await?;
        let list = list["messages"].as_array().context("a list")?;
        let body = |message: &Value| message["body"].as_str().map(str::to_owned);
        list.iter()
            .map(|message| body(message).context("a body"))
            .collect()
    }
}

/// A new id.
pub(crate) fn id() -> Value {
    json!(CallId::new())
}
