//! Files of a room: by which hash they are known, what they are called, and what they are.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::hex;
use crate::name::{FileName, is_invisible_control};

/// The SHA-256 of a file's bytes, written as 64 lower-case hex digits.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
#[ts(type = "string")]
pub struct FileHash(pub [u8; 32]);

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for FileHash {
    type Err = String;

    /// Reads exactly what [`fmt::Display`] writes: one file has one address.
    fn from_str(text: &str) -> Result<Self, String> {
        let hash = hex::read(text).map(Self);
        hash.ok_or_else(|| "A file's hash is 64 lower-case hex digits.".to_owned())
    }
}

impl TryFrom<String> for FileHash {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<FileHash> for String {
    fn from(hash: FileHash) -> String {
        hash.to_string()
    }
}

/// What a file is, as its first bytes say; what its sender calls it is not believed. A type that
/// this build does not know counts as [`FileType::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(from = "String", into = "String")]
#[schemars(with = "String")]
#[ts(type = "string")]
pub enum FileType {
    /// `image/png`
    Png,
    /// `image/jpeg`
    Jpeg,
    /// `image/gif`
    Gif,
    /// `image/webp`
    Webp,
    /// `image/avif`
    Avif,
    /// `application/octet-stream`: to be kept, never to be shown.
    Other,
}

impl FileType {
    /// The media type.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Other => "application/octet-stream",
        }
    }

    /// Whether it is a picture that browsers draw and never run.
    pub fn is_picture(self) -> bool {
        self != Self::Other
    }

    /// What a file of this type is called when nobody gave it a name.
    fn plain_name(self) -> &'static str {
        match self {
            Self::Png => "picture.png",
            Self::Jpeg => "picture.jpg",
            Self::Gif => "picture.gif",
            Self::Webp => "picture.webp",
            Self::Avif => "picture.avif",
            Self::Other => "file",
        }
    }
}

impl From<String> for FileType {
    fn from(text: String) -> Self {
        let pictures = [Self::Png, Self::Jpeg, Self::Gif, Self::Webp, Self::Avif];
        let known = pictures.into_iter().find(|known| known.as_str() == text);
        known.unwrap_or(Self::Other)
    }
}

impl From<FileType> for String {
    fn from(file_type: FileType) -> String {
        file_type.as_str().to_owned()
    }
}

impl FileName {
    /// What is left of the name a sender gave: its last part where it is a path, without what
    /// cannot be seen, short enough. Never fails; of nothing it makes a plain name.
    pub fn cleaned(given: &str, file_type: FileType) -> Self {
        let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
        let seen = last.chars().filter(|c| !is_invisible_control(*c));
        let seen: String = seen.collect();
        // A name of dots alone is a folder.
        let name = match seen.trim() {
            dots if dots.chars().all(|c| c == '.') => file_type.plain_name(),
            name => name,
        };
        let name = shortened(name);
        Self::new(&name)
            .unwrap_or_else(|_| Self::new(file_type.plain_name()).expect("a plain name is one"))
    }
}

/// At most as many characters as a name may have; the ending stays, it says what opens the file.
fn shortened(name: &str) -> String {
    const ENDING: usize = 16;
    let count = name.chars().count();
    if count <= FileName::MAX_CHARS {
        return name.to_owned();
    }
    let ending = name.rfind('.').map_or("", |at| &name[at..]);
    let ending = if ending.chars().count() > ENDING {
        ""
    } else {
        ending
    };
    let kept = FileName::MAX_CHARS - ending.chars().count();
    let mut short: String = name.chars().take(kept).collect();
    let _ = short.write_str(ending);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_one_spelling() {
        let text = "00ff".repeat(16);
        let hash: FileHash = text.parse().unwrap();
        assert_eq!(hash.to_string(), text);
        for bad in [
            "",
            "00",
            &"0".repeat(63),
            &"0".repeat(65),
            &"00FF".repeat(16),
            &"0g".repeat(32),
            &"é".repeat(32),
        ] {
            assert!(bad.parse::<FileHash>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_type_nobody_knows_is_harmless() {
        let read = |text: &str| FileType::from(text.to_owned());
        assert_eq!(read("image/png"), FileType::Png);
        for other in ["image/svg+xml", "text/html", "", "IMAGE/PNG"] {
            assert_eq!(read(other), FileType::Other);
        }
    }

    #[track_caller]
    fn cleaned(given: &str, expected: &str) {
        let name = FileName::cleaned(given, FileType::Png);
        assert_eq!(name.as_str(), expected, "{given:?}");
    }

    #[test]
    fn a_name_from_outside_is_a_name_and_nothing_else() {
        cleaned("cat.png", "cat.png");
        cleaned(" Mé & \"you\".png ", "Mé & \"you\".png");
        cleaned("../../etc/passwd", "passwd");
        cleaned("C:\\Users\\mina\\cat.png", "cat.png");
        cleaned("a\r\nSet-Cookie: x.png", "aSet-Cookie: x.png");
        cleaned("cat\u{202E}gnp.exe", "catgnp.exe");
        for nothing in ["", "  ", "..", "a/", "\u{200F}", "\0", "./..", "dir\\."] {
            cleaned(nothing, "picture.png");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let long = format!("{}.png", "é".repeat(300));
        let name = FileName::cleaned(&long, FileType::Png);
        assert_eq!(name.as_str().chars().count(), FileName::MAX_CHARS);
        assert!(name.as_str().ends_with("é.png"));
        let dots = format!("a.{}", "b".repeat(300));
        let name = FileName::cleaned(&dots, FileType::Other);
        assert_eq!(name.as_str().chars().count(), FileName::MAX_CHARS);
    }
}
