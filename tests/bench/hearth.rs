//! Hearth, spoken to as any client does: Socket.IO by hand.

use std::{net::SocketAddr, path::Path};

use anyhow::{Context as _, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use memchr::memmem;
use serde_json::{Value, json};

use crate::{
    machine::Server,
    socket::{Kind, Reader, Socket, Writer},
};

/// A host with a session in a folder.
pub(crate) struct Host {
    pub(crate) server: Server,
    pub(crate) address: SocketAddr,
    /// Good once, for the person at that computer.
    invite: String,
}

/// Starts an app that joins a host by TLS. It is not on the host's core, as it would not be.
pub(crate) fn begin_to_join(program: &Path, data: &Path, host: SocketAddr) -> Result<Server> {
    let data = data.to_str().context("a path that is no text")?;
    let host = host.to_string();
    let args = ["join", &host, "--data", data, "--name", "Ben"];
    Server::start(false, program, &args)
}

impl Host {
    /// Starts one that takes as many clients as there are.
    pub(crate) fn start(pinned: bool, program: &Path, data: &Path) -> Result<Self> {
        let data = data.to_str().context("a path that is no text")?;
        let args = ["host", "--data", data, "--listen", "127.0.0.1:0"];
        let options = ["--admit", "anyone", "--limits", "off", "--no-announce"];
        let server = Server::start(pinned, program, &[&args[..], &options].concat())?;
        Self::ready(server)
    }

    /// Starts an app that joins the host at this address, and waits until it has copied everything.
    pub(crate) async fn join(program: &Path, data: &Path, host: SocketAddr) -> Result<Self> {
        let copy = begin_to_join(program, data, host)?;
        tokio::task::spawn_blocking(move || Self::ready(copy)).await?
    }

    /// Waits until it says where it is.
    fn ready(mut server: Server) -> Result<Self> {
        let first: Value = serde_json::from_str(&server.first_line()?)?;
        let url = first["url"].as_str().context("hearthd names no address")?;
        let address = url.trim_start_matches("http://").parse()?;
        let own = first["sign_in_url"].as_str().unwrap_or_default();
        let invite = own.rsplit('#').next().unwrap_or_default();
        let invite = invite.split('&').next().unwrap_or_default().to_owned();
        Ok(Self {
            server,
            address,
            invite,
        })
    }

    /// Signs somebody in, connects, and waits until facts go out to them.
    pub(crate) async fn enter(&self, name: &str) -> Result<Client> {
        self.connect(&json!({ "name": name })).await
    }

    /// The same for the person at that computer.
    pub(crate) async fn enter_own(&self) -> Result<Client> {
        let invite = &self.invite;
        self.connect(&json!({ "name": "Me", "invite": invite }))
            .await
    }

    async fn connect(&self, who: &Value) -> Result<Client> {
        let token = self.sign_in(who).await?;
        let path = "/socket.io/?EIO=4&transport=websocket";
        let socket = Socket::open(self.address, path).await?;
        let mut client = Client {
            socket,
            frames: Vec::new(),
            calls: 0,
        };
        client.frame("0{").await?;
        let auth = format!("40{}", json!({ "token": token }));
        client.socket.writer.send(Kind::Text, auth.as_bytes())?;
        client.frame("40{").await?;
        client.call("thanks", &json!({ "batch": true })).await?;
        Ok(client)
    }

    async fn sign_in(&self, who: &Value) -> Result<String> {
        let answer = reqwest::Client::builder()
            .no_proxy()
            .build()?
            .post(format!("http://{}/sign-in", self.address))
            .json(who)
            .send()
            .await?;
        let answer: Value = answer.json().await?;
        let token = answer["token"].as_str();
        Ok(token
            .with_context(|| format!("not let in: {answer}"))?
            .to_owned())
    }
}

/// Somebody who is connected.
pub(crate) struct Client {
    pub(crate) socket: Socket,
    frames: Vec<String>,
    calls: u64,
}

impl Client {
    /// Calls, and waits for the answer.
    pub(crate) async fn call(&mut self, event: &str, payload: &Value) -> Result<Value> {
        self.send(event, payload).await?;
        self.answer(self.calls).await
    }

    /// Calls; its answer is waited for elsewhere.
    pub(crate) async fn send(&mut self, event: &str, payload: &Value) -> Result<u64> {
        self.calls += 1;
        let frame = format!("42{}{}", self.calls, json!([event, payload]));
        let writer = self.socket.writer.clone();
        writer.send_large(Kind::Text, frame.as_bytes()).await?;
        Ok(self.calls)
    }

    /// The answer to a call that was sent.
    pub(crate) async fn answer(&mut self, call: u64) -> Result<Value> {
        let frame = self.frame(&format!("43{call}[")).await?;
        let start = frame.find('[').context("no answer")?;
        let mut answer: Vec<Value> = serde_json::from_str(&frame[start..])?;
        let mut answer = answer.pop().context("an empty answer")?;
        ensure!(answer.get("ok").is_some(), "refused: {answer}");
        Ok(answer["ok"].take())
    }

    /// The next signal of this name; earlier frames are passed over.
    pub(crate) async fn signal(&mut self, name: &str) -> Result<Value> {
        let frame = self.frame(&format!("42[\"{name}\"")).await?;
        let mut event: Vec<Value> = serde_json::from_str(&frame[2..])?;
        event.pop().context("an empty signal")
    }

    /// The next frame that begins so; earlier ones are passed over.
    async fn frame(&mut self, beginning: &str) -> Result<String> {
        loop {
            while !self.frames.is_empty() {
                let frame = self.frames.remove(0);
                if frame == "2" {
                    self.socket.writer.send(Kind::Text, b"3")?;
                }
                if frame.starts_with(beginning) {
                    return Ok(frame);
                }
            }
            let frames = &mut self.frames;
            let keep = |_, payload: &[u8]| {
                frames.push(String::from_utf8_lossy(payload).into_owned());
            };
            self.socket.reader.frames(keep).await?;
        }
    }

    /// Makes a note and opens it; answers its key.
    pub(crate) async fn new_note(&mut self, title: &str) -> Result<String> {
        let rooms = self.call("room:list", &json!({})).await?;
        let room = &rooms["rooms"][0]["id"];
        let made = json!({ "room": room, "title": title });
        let made = self.call("note:create", &made).await?;
        let key = made["note"]["key"].as_str().context("no note was made")?;
        self.open(key).await?;
        Ok(key.to_owned())
    }

    /// Opens a note.
    pub(crate) async fn open(&mut self, key: &str) -> Result<Value> {
        self.call("note:open", &json!({ "key": key })).await
    }

    /// Edits a note.
    pub(crate) async fn edit(&mut self, key: &str, update: &[u8]) -> Result<Value> {
        let call = self.send_edit(key, update).await?;
        self.answer(call).await
    }

    /// Edits a note; the answer is waited for elsewhere.
    pub(crate) async fn send_edit(&mut self, key: &str, update: &[u8]) -> Result<u64> {
        let update = STANDARD.encode(update);
        self.send("note:edit", &json!({ "key": key, "update": update }))
            .await
    }

    /// Its halves, and the number of the last call.
    pub(crate) fn into_parts(self) -> (Reader, Writer, u64) {
        (self.socket.reader, self.socket.writer, self.calls)
    }
}

/// A call that edits, whole. Its id is the call's and the client's number.
pub(crate) fn edit_frame(key: &str, client: u32, call: u64, update: &[u8]) -> Vec<u8> {
    let update = STANDARD.encode(update);
    format!(
        "42{call}[\"note:edit\",{{\"id\":\"{client:08x}-0000-7000-8000-{call:012x}\",\
         \"key\":\"{key}\",\"update\":\"{update}\"}}]"
    )
    .into_bytes()
}

/// Gives every update that is in a frame from the host; fails if it refuses something.
pub(crate) fn updates(frame: &[u8], mut each: impl FnMut(&[u8])) -> Result<()> {
    if frame.starts_with(b"43") && memmem::find(frame, b"{\"error\"").is_some() {
        bail!("the host refuses: {}", String::from_utf8_lossy(frame));
    }
    if !(frame.starts_with(b"42[\"facts\"") || frame.starts_with(b"42[\"noteedited\"")) {
        return Ok(());
    }
    const FIELD: &[u8] = b"\"update\":\"";
    let mut bytes = [0; 1024];
    let mut rest = frame;
    while let Some(at) = memmem::find(rest, FIELD) {
        rest = &rest[at + FIELD.len()..];
        let end = memchr::memchr(b'"', rest).context("a fact ends too soon")?;
        let length = STANDARD.decode_slice(&rest[..end], &mut bytes)?;
        each(&bytes[..length]);
        rest = &rest[end..];
    }
    Ok(())
}
