//! Hocuspocus, spoken to as its provider does.

use std::{net::SocketAddr, path::Path};

use anyhow::{Context as _, Result};

use crate::{
    machine::Server,
    socket::{Kind, Socket},
    yjs::{Input, number, string},
};

/// The name of the note.
const NOTE: &str = "note";

// Kinds of messages.
const SYNC: u32 = 0;
const AUTH: u32 = 2;
// Of those that synchronise.
const STEP_1: u32 = 0;
const STEP_2: u32 = 1;
const UPDATE: u32 = 2;

/// A running server.
pub(crate) struct Reference {
    pub(crate) server: Server,
    address: SocketAddr,
}

impl Reference {
    pub(crate) fn start(pinned: bool, script: &Path) -> Result<Self> {
        let script = script.to_str().context("a path that is no text")?;
        let mut server = Server::start(pinned, Path::new("node"), &[script])?;
        let port: u16 = server.first_line()?.trim().parse()?;
        Ok(Self {
            server,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
        })
    }

    /// Connects and waits until the note has come.
    pub(crate) async fn enter(&self) -> Result<Socket> {
        let mut socket = Socket::open(self.address, "/").await?;
        let mut auth = message(AUTH);
        number(&mut auth, 0);
        string(&mut auth, "token");
        socket.writer.send(Kind::Binary, &auth)?;
        wait_for(&mut socket, |kind, _| kind == AUTH).await?;
        let mut step = message(SYNC);
        number(&mut step, STEP_1);
        // The state vector of somebody who has nothing.
        step.extend_from_slice(&[1, 0]);
        socket.writer.send(Kind::Binary, &step)?;
        wait_for(&mut socket, |kind, of| kind == SYNC && of == STEP_2).await?;
        Ok(socket)
    }
}

async fn wait_for(socket: &mut Socket, wanted: impl Fn(u32, u32) -> bool) -> Result<()> {
    let mut found = false;
    while !found {
        let look = |_, frame: &[u8]| {
            let mut input = Input(frame);
            let kinds = input
                .bytes()
                .and_then(|_| Ok((input.number()?, input.number()?)));
            found |= kinds.is_ok_and(|(kind, of)| wanted(kind, of));
        };
        socket.reader.frames(look).await?;
    }
    Ok(())
}

fn message(kind: u32) -> Vec<u8> {
    let mut message = Vec::new();
    string(&mut message, NOTE);
    number(&mut message, kind);
    message
}

/// A message that edits, whole.
pub(crate) fn edit_frame(update: &[u8]) -> Vec<u8> {
    let mut frame = message(SYNC);
    number(&mut frame, UPDATE);
    number(&mut frame, update.len() as u32);
    frame.extend_from_slice(update);
    frame
}

/// Gives the update that is in a message from the server, if it is one.
pub(crate) fn updates(frame: &[u8], mut each: impl FnMut(&[u8])) -> Result<()> {
    let mut input = Input(frame);
    input.bytes()?;
    if input.number()? == SYNC && input.number()? == UPDATE {
        each(input.bytes()?);
    }
    Ok(())
}
