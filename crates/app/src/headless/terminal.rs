//! What somebody sees who started `hearthd` in a terminal: how others come in, and what this host is
//! known by.
//!
//! The invitation is a secret that is good for many. It goes to a terminal, where somebody looks at
//! it, and nowhere else: standard error that is a file or a journal gets the words only.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};

use hearth_protocol::fingerprint::Fingerprint;
use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};

/// Black on white whatever the terminal's colours are: cameras want dark on light.
const PAPER: &str = "\x1b[38;5;16;48;5;231m";
const PLAIN: &str = "\x1b[0m";

/// Says how this host is recognised and, to who looks at a terminal, how others come in. Without
/// an invitation nobody but this computer reaches the session.
pub(super) fn welcome(fingerprint: Fingerprint, invitation: Option<&str>) {
    let words = fingerprint.words().join(" ");
    let mut out = io::stderr().lock();
    if !out.is_terminal() {
        drop(out);
        tracing::info!(%words, "others recognise this host by its words: {words}");
        return;
    }
    let text = match invitation {
        Some(url) => invite(url, &words),
        None => only_here(&words),
    };
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        drop(out);
        tracing::debug!(%error, "the terminal is gone");
    }
}

fn invite(url: &str, words: &str) -> String {
    format!(
        "\nWhoever scans this or opens the link comes in without being asked, until this program \
         ends:\n\n{}\n  {url}\n\nOthers recognise this host by its words:\n\n  {words}\n\n",
        qr(url)
    )
}

fn only_here(words: &str) -> String {
    format!(
        "\nOnly this computer reaches the session. To let others in, listen on its address in the \
         network: --listen 0.0.0.0:4747.\n\nOthers recognise this host by its words:\n\n  \
         {words}\n\n"
    )
}

/// The text as a QR code of half blocks: two of its rows in each line.
fn qr(text: &str) -> String {
    // Low correction: a screen gets no stains, and every row counts in a terminal.
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::L) else {
        // Only a text of thousands of characters has no code.
        return String::new();
    };
    let blocks = code.render::<Dense1x2>().module_dimensions(1, 1).build();
    let mut lines = String::new();
    for line in blocks.lines() {
        writeln!(lines, "{PAPER}{line}{PLAIN}").expect("a string takes everything");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_fits_a_terminal_and_is_dark_on_light() {
        let url = format!(
            "https://192.168.100.200:47470/#{}.{}",
            "s".repeat(43),
            "f".repeat(64)
        );
        let lines = qr(&url);
        for line in lines.lines() {
            let inner = line
                .strip_prefix(PAPER)
                .and_then(|line| line.strip_suffix(PLAIN));
            let width = inner.expect("coloured").chars().count();
            assert!((20..=60).contains(&width), "{width} columns");
        }
        // The quiet zone around it is light: blocks are what is dark.
        assert!(lines.lines().next().unwrap().contains("    "));
    }
}
