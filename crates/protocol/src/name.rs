//! Short texts that people give to things. Each is checked when it is read from outside and cannot
//! be wrong afterwards.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! short_texts {
    ($($(#[$doc:meta])* $name:ident: $min:literal..=$max:literal, $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        #[ts(type = "string")]
        pub struct $name(String);

        impl $name {
            /// The most characters it may have.
            pub const MAX_CHARS: usize = $max;

            /// Takes `text` without the white space around it. Fails, with a sentence for people,
            /// when it is too short, too long, or has characters that cannot be seen.
            pub fn new(text: &str) -> Result<Self, String> {
                let text = text.trim();
                let count = text.chars().count();
                if count == 0 && $min > 0 {
                    return Err(concat!($what, " cannot be empty.").to_owned());
                }
                if !($min..).contains(&count) {
                    return Err(format!(
                        concat!($what, " has at least {} characters; this one has {}."),
                        $min, count
                    ));
                }
                if count > $max {
                    return Err(format!(
                        concat!($what, " may have at most {} characters; this one has {}."),
                        $max, count
                    ));
                }
                if text.chars().any(is_invisible_control) {
                    return Err(concat!(
                        $what,
                        " may not contain line breaks, control characters or direction overrides."
                    )
                    .to_owned());
                }
                Ok(Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

short_texts! {
    /// The name of a member, a room or a session: 1 to 40 characters.
    Name: 1..=40, "A name";
    /// The title of a note: 1 to 120 characters.
    Title: 1..=120, "A title";
    /// What a room is about: at most 120 characters, may be empty.
    Topic: 0..=120, "A topic";
    /// What a session's PIN is: 4 to 40 characters.
    Pin: 4..=40, "A PIN";
    /// What is searched for: 1 to 200 characters.
    Query: 1..=200, "A search";
    /// The name of a file, without any folder: 1 to 120 characters.
    FileName: 1..=120, "A file's name";
}

/// Control characters, line separators, and the marks that change the direction of the text around
/// them (Unicode Bidirectional Algorithm, UAX #9, section 2): with these one name can look like
/// another.
pub fn is_invisible_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// A member's colour, `#rrggbb` in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
#[ts(type = "string")]
pub struct Color(String);

/// Colours given to those who chose none; each carries white text at a contrast of 4.5:1 or more.
const PALETTE: [&str; 12] = [
    "#b4443c", "#a34f12", "#85620b", "#5c7018", "#2f7a3d", "#14786a", "#13728f", "#2f68b1",
    "#5a5bc0", "#7e4fb3", "#9c4596", "#aa4470",
];

impl Color {
    /// Reads `#rrggbb`. Fails with a sentence for people.
    pub fn new(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('#').unwrap_or_default();
        if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err("A colour is written #rrggbb.".to_owned())
        }
    }

    /// The palette's colour for this number, which may be any.
    pub fn from_palette(number: u128) -> Self {
        Self(PALETTE[(number % PALETTE.len() as u128) as usize].to_owned())
    }

    /// The colour as `#rrggbb`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Color {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::new(&text)
    }
}

impl From<Color> for String {
    fn from(color: Color) -> String {
        color.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_counted_in_characters() {
        assert_eq!(Name::new("  Mina ").unwrap().as_str(), "Mina");
        assert!(Name::new(&"é".repeat(40)).is_ok());
        assert!(
            Name::new(&"é".repeat(41))
                .unwrap_err()
                .contains("at most 40")
        );
        assert!(Name::new("   ").is_err());
    }

    #[test]
    fn a_pin_that_is_too_short_is_told_so() {
        assert!(Pin::new("123").unwrap_err().contains("at least 4"));
        assert!(Pin::new(" ").unwrap_err().contains("empty"));
        assert!(Pin::new("1234").is_ok());
    }

    #[test]
    fn a_name_cannot_turn_the_text_around_it() {
        for bad in ["a\nb", "a\u{202E}b", "a\u{2067}b", "a\u{0}b"] {
            assert!(Name::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_colour_is_six_hex_digits() {
        assert_eq!(Color::new("#ABCDEF").unwrap().as_str(), "#abcdef");
        for bad in ["red", "#abc", "#gggggg", "#ééé", ""] {
            assert!(Color::new(bad).is_err(), "{bad}");
        }
    }
}
