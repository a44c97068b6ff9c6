//! The window's own listener serves the window's page and nobody else, not even a guest of the
//! same session on the same machine.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use hearth_app::hosting::Hosted;
use hearth_protocol::http::SignedIn;
use hearth_protocol::name::Color;
use hearth_protocol::object::Admission;
use hearth_protocol::{Name, SessionId};
use hearth_server::{Config, Listener};
use hearth_session::{Changes, Options, Out, Ticket};
use reqwest::{Client, Method, StatusCode, header};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

const PAGE: &str = "tauri://localhost";
const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
const DEADLINE: Duration = Duration::from_secs(5);

/// What ends asking: being greeted, or refused.
const ANSWERED: [&str; 2] = ["welcome", "44{"];

/// A session that anyone may enter, with a listener for the window and one for others.
struct House {
    hosted: Hosted,
    token: String,
    window: String,
    others: String,
    http: Client,
    _folder: TempDir,
}

impl House {
    async fn open() -> Result<Self> {
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
        Ok(Self {
            window: serve(&hosted, window).await?,
            others: serve(&hosted, others).await?,
            hosted,
            token,
            http: Client::new(),
            _folder: folder,
        })
    }

    async fn get(&self, path: &str, origin: Option<&str>) -> Result<reqwest::Response> {
        let mut request = self.http.get(format!("{}{path}", self.window));
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        Ok(request.send().await?)
    }

    /// What the window's listener says to a socket that comes with this.
    async fn connect(&self, auth: Option<Value>, cookie: &str) -> Result<String> {
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
    async fn general(&self) -> Result<String> {
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

    async fn sign_in_guest(&self) -> Result<SignedIn> {
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
        ..Options::default()
    };
    let name = Name::new("House").map_err(anyhow::Error::msg)?;
    Ok(Hosted::open(file, SessionId::new(), name, options).await?)
}

async fn serve(hosted: &Hosted, kind: Listener) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let serve_client = true;
    let tls = None;
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

#[tokio::test]
async fn the_windows_page_connects_with_the_token_of_this_launch() -> Result<()> {
    let house = House::open().await?;
    let connected = house
        .connect(Some(json!({ "token": house.token })), "")
        .await?;
    assert!(connected.contains(r#"40{"sid""#), "{connected}");
    assert!(connected.contains("welcome"), "{connected}");
    house.hosted.stop().await;
    Ok(())
}

#[tokio::test]
async fn nobody_else_connects_to_the_windows_listener_not_even_a_guest() -> Result<()> {
    let house = House::open().await?;
    let guest = house.sign_in_guest().await?;
    let cookie = format!("hearth.sid.{}={}", guest.session.id.short(), house.token);
    for (auth, cookie) in [
        (None, ""),
        (None, cookie.as_str()),
        (Some(json!({})), cookie.as_str()),
        (Some(json!({ "token": guest.token })), ""),
        (Some(json!({ "token": "" })), ""),
    ] {
        let answer = house.connect(auth.clone(), cookie).await?;
        assert!(
            answer.contains("44{\"message\":\"unauthorized\"}"),
            "{auth:?}: {answer}"
        );
    }
    house.hosted.stop().await;
    Ok(())
}

#[tokio::test]
async fn only_the_windows_page_may_read_what_its_listener_answers() -> Result<()> {
    let house = House::open().await?;
    let answer = house.get(POLLING, Some(PAGE)).await?;
    assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], PAGE);
    assert_eq!(house.get("/health", None).await?.status(), StatusCode::OK);
    for origin in [house.window.as_str(), "http://evil.example", "null"] {
        let answer = house.get(POLLING, Some(origin)).await?;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{origin}");
        assert!(
            !answer
                .headers()
                .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
        );
    }
    house.hosted.stop().await;
    Ok(())
}

#[tokio::test]
async fn the_windows_page_brings_and_fetches_files_with_its_token_alone() -> Result<()> {
    let house = House::open().await?;
    let guest = house.sign_in_guest().await?;
    let room = house.general().await?;
    let url = format!("{}/files?room={room}&name=cat.gif", house.window);
    let asked = house.http.request(Method::OPTIONS, &url).headers(
        [
            (header::ORIGIN, PAGE),
            (header::ACCESS_CONTROL_REQUEST_METHOD, "POST"),
            (header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization"),
        ]
        .into_iter()
        .map(|(name, value)| (name, header::HeaderValue::from_static(value)))
        .collect(),
    );
    let allowed = asked.send().await?;
    assert_eq!(allowed.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], PAGE);
    let may_send = allowed.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str()?;
    assert!(may_send.contains("authorization"), "{may_send}");

    let bring = |token: &str| {
        let post = house.http.post(&url).header(header::ORIGIN, PAGE);
        post.bearer_auth(token).body("GIF89a and more").send()
    };
    assert_eq!(
        bring(&guest.token).await?.status(),
        StatusCode::UNAUTHORIZED
    );
    let added = bring(&house.token).await?;
    assert_eq!(added.status(), StatusCode::CREATED);
    assert_eq!(added.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], PAGE);
    let added: Value = added.json().await?;
    let hash = added["hash"].as_str().context("a hash")?;

    let fetch = |name, value: String| {
        let url = format!("{}/files/{room}/{hash}", house.window);
        let get = house.http.get(url).header(header::ORIGIN, PAGE);
        get.header(name, value).send()
    };
    let got = fetch(header::AUTHORIZATION, format!("Bearer {}", house.token)).await?;
    assert_eq!(got.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], PAGE);
    assert_eq!(got.bytes().await?, "GIF89a and more");
    let cookie = format!("hearth.sid.{}={}", guest.session.id.short(), house.token);
    let refused = fetch(header::COOKIE, cookie).await?;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let refused = fetch(header::AUTHORIZATION, format!("Bearer {}", guest.token)).await?;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    house.hosted.stop().await;
    Ok(())
}

#[tokio::test]
async fn the_windows_listener_has_no_page_and_no_way_in() -> Result<()> {
    let house = House::open().await?;
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/index.html"),
        (Method::GET, "/socket.io/socket.io.js"),
        (Method::POST, "/sign-in"),
        (Method::POST, "/sign-out"),
    ] {
        let url = format!("{}{path}", house.window);
        let answer = house
            .http
            .request(method, url)
            .json(&json!({ "name": "Ann" }))
            .send()
            .await?;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.headers().contains_key(header::SET_COOKIE));
        let body: Value = answer.json().await?;
        assert_eq!(body["error"]["code"], "not_found", "{path}");
    }
    house.hosted.stop().await;
    Ok(())
}
