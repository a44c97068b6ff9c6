//! A WebSocket client that costs next to nothing: several hundred of them share
//! one core, and are not to be what is measured.

use std::{io, net::SocketAddr, rc::Rc};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Binary,
    Ping,
    Other,
}

/// Both halves of a connection.
pub(crate) struct Socket {
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
}

/// The half that frames come from.
pub(crate) struct Reader {
    stream: OwnedReadHalf,
    read: Vec<u8>,
    /// The beginning of a frame whose end has not come.
    rest: Vec<u8>,
}

/// The half that frames go to. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Writer(Rc<OwnedWriteHalf>);

impl Socket {
    /// Connects and asks for a WebSocket.
    pub(crate) async fn open(address: SocketAddr, path: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.context("no answer to a handshake")?);
        }
        ensure!(
            head.starts_with(b"HTTP/1.1 101"),
            "no WebSocket: {}",
            String::from_utf8_lossy(&head)
        );
        let (reader, writer) = stream.into_split();
        Ok(Self {
            reader: Reader {
                stream: reader,
                read: vec![0; 1 << 16],
                rest: Vec::new(),
            },
            writer: Writer(Rc::new(writer)),
        })
    }
}

impl Reader {
    /// Waits for more, and gives every frame that is whole now.
    pub(crate) async fn frames(&mut self, mut each: impl FnMut(Kind, &[u8])) -> Result<()> {
        let count = self.stream.read(&mut self.read).await?;
        if count == 0 {
            bail!("the server has closed a connection");
        }
        let read = &self.read[..count];
        if self.rest.is_empty() {
            let used = take_frames(read, &mut each)?;
            self.rest.extend_from_slice(&read[used..]);
        } else {
            self.rest.extend_from_slice(read);
            let used = take_frames(&self.rest, &mut each)?;
            self.rest.drain(..used);
        }
        Ok(())
    }
}

impl Writer {
    /// Sends one frame at once. What is sent here always fits, unless the server
    /// has stopped reading.
    pub(crate) fn send(&self, kind: Kind, payload: &[u8]) -> Result<()> {
        let frame = frame(kind, payload);
        match self.0.try_write(&frame) {
            Ok(count) if count == frame.len() => Ok(()),
            Ok(_) => bail!("the server takes nothing more"),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                bail!("the server takes nothing more")
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Sends a frame that may be large.
    pub(crate) async fn send_large(&self, kind: Kind, payload: &[u8]) -> Result<()> {
        let frame = frame(kind, payload);
        let mut sent = 0;
        while sent < frame.len() {
            self.0.writable().await?;
            match self.0.try_write(&frame[sent..]) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn frame(kind: Kind, payload: &[u8]) -> Vec<u8> {
    let opcode = match kind {
        Kind::Text => 0x81,
        Kind::Binary => 0x82,
        Kind::Ping | Kind::Other => 0x8a,
    };
    let mut frame = Vec::with_capacity(payload.len() + 14);
    frame.push(opcode);
    match payload.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    // A client has to mask; this mask leaves the bytes as they are.
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// Gives the whole frames at the beginning of `bytes`; answers how long they are.
fn take_frames(bytes: &[u8], each: &mut impl FnMut(Kind, &[u8])) -> Result<usize> {
    let mut used = 0;
    while let Some((kind, from, to)) = first_frame(&bytes[used..])? {
        each(kind, &bytes[used + from..used + to]);
        used += to;
    }
    Ok(used)
}

/// Kind, and where the payload stands; nothing when the frame is not whole.
fn first_frame(bytes: &[u8]) -> Result<Option<(Kind, usize, usize)>> {
    let [first, second, ..] = *bytes else {
        return Ok(None);
    };
    let number = |from: usize, to: usize| {
        let digits = bytes.get(from..to)?.iter();
        Some(digits.fold(0, |number, digit| number << 8 | usize::from(*digit)))
    };
    let (length, from) = match second & 0x7f {
        126 => (number(2, 4), 4),
        127 => (number(2, 10), 10),
        length => (Some(usize::from(length)), 2),
    };
    let Some(to) = length.map(|length| from + length) else {
        return Ok(None);
    };
    if bytes.len() < to {
        return Ok(None);
    }
    let kind = match first {
        0x81 => Kind::Text,
        0x82 => Kind::Binary,
        0x89 => Kind::Ping,
        0x88 => bail!("the server closes: {:?}", bytes.get(from..to)),
        first if first & 0x80 == 0 => bail!("a message came in parts"),
        _ => Kind::Other,
    };
    Ok(Some((kind, from, to)))
}
