//! A session with a listener for the window and one for others, in this process.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use hearth_app::hosting::Hosted;
use hearth_app::identity::Identity;
use hearth_protocol::http::SignedIn;
use hearth_protocol::limits::Limits;
use hearth_protocol::name::Color;
use hearth_protocol::object::Admission;
use hearth_protocol::{Name, SessionId};
use hearth_server::{Config, Listener, Tls};
use hearth_session::{Changes, Options, Out, Ticket};
use reqwest::{Client, header};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const PAGE: &str = "tauri://localhost";
pub(crate) const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
const DEADLINE: Duration = Duration::from_secs(5);

/// What ends asking: being greeted, or refused.
const ANSWERED: [&str; 2] = ["welcome", "44{"];

/// A session that anyone may enter, with a listener for the window and one for others.
pub(crate) struct House {
    pub(crate) hosted: Hosted,
    pub(crate) token: String,
    /// Where the window asks, without TLS: it never leaves this computer.
    pub(crate) window: String,
    /// Where everybody else asks, who may use TLS.
    pub(crate) others: String,
    /// What it shows there, as DER.
    pub(crate) certificate: Vec<u8>,
    pub(crate) http: Client,
    _folder: TempDir,
}

impl House {
    pub(crate) async fn open() -> Result<Self> {
        let folder = TempDir::new()?;
        let hosted = open_session(&folder.path().join("session.hearth")).await?;
        let (name, color) = (Name::new("Mina"), Color::new("#14786a"));
        let owner = hosted.session().sign_in_owner(
            name.map_err(anyhow::Error::msg)?,
            color.map_err(anyhow::Error::msg)?,
        );
        let token = owner.await?.token;
        let window = Listener::Window {
            token: token.clone(),
            origins: vec![PAGE.to_owned()],
        };
        let others = Listener::Public { names: Vec::new() };
        let identity = Identity::open(folder.path())?;
        Ok(Self {
            window: serve(&hosted, window, None).await?,
            others: serve(&hosted, others, Some(identity.tls()?)).await?,
            certificate: std::fs::read(folder.path().join("identity.crt"))?,
            hosted,
            token,
            http: Client::new(),
            _folder: folder,
        })
    }

    pub(crate) async fn get(&self, path: &str, origin: Option<&str>) -> Result<reqwest::Response> {
        let mut request = self.http.get(format!("{}{path}", self.window));
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        Ok(request.send().await?)
    }

    /// What the window's listener says to a socket that comes with this.
    pub(crate) async fn connect(&self, auth: Option<Value>, cookie: &str) -> Result<String> {
        let opening = self.get(POLLING, Some(PAGE)).await?.text().await?;
        let opening: Value = serde_json::from_str(opening.get(1..).context("an opening")?)?;
        let sid = opening["sid"].as_str().context("an id")?;
        let url = format!("{}{POLLING}&sid={sid}", self.window);
        let auth = auth.map(|auth| auth.to_string()).unwrap_or_default();
        let sent = self.http.post(&url).body(format!("40{auth}"));
        sent.header(header::COOKIE, cookie).send().await?;
        // A ping may come first, and what follows being connected may come with it or after it.
        let mut heard = String::new();
        while !ANSWERED.iter().any(|answer| heard.contains(answer)) {
            let poll = self.http.get(&url).timeout(DEADLINE).send().await?;
            heard += &poll.error_for_status()?.text().await?;
        }
        Ok(heard)
    }

    /// The id of the room that everybody is in.
    pub(crate) async fn general(&self) -> Result<String> {
        let session = self.hosted.session();
        let credential = session.authenticate(&self.token).await?;
        let (connection, mut feed) = session.connect(credential, "a socket".to_owned())?;
        connection.receive("room:list", Value::Null, Some(Ticket(1)))?;
        loop {
            if let Out::Answer { answer, .. } = feed.recv().await.map_err(|_| anyhow!("cut"))? {
                let answer: Value = serde_json::from_str(answer.get())?;
                let id = answer["ok"]["rooms"][0]["id"].as_str();
                return Ok(id.context("a room")?.to_owned());
            }
        }
    }

    pub(crate) async fn sign_in_guest(&self) -> Result<SignedIn> {
        let sign_in = self.http.post(format!("{}/sign-in", self.others));
        let answer = sign_in.json(&json!({ "name": "Ann" })).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }
}

async fn open_session(file: &Path) -> Result<Hosted> {
    let options = Options {
        changes: Changes {
            admission: Some(Admission::Anyone),
            ..Changes::default()
        },
        limits: Limits::off(),
    };
    let name = Name::new("House").map_err(anyhow::Error::msg)?;
    Ok(Hosted::open(file, SessionId::new(), name, options).await?)
}

async fn serve(hosted: &Hosted, kind: Listener, tls: Option<Tls>) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let serve_client = true;
    hosted.serve(
        listener,
        Config {
            kind,
            serve_client,
            tls,
        },
    );
    Ok(url)
}
