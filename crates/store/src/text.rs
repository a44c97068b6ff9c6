//! The words that stand for a choice in the file. They are part of the file's format, so they are
//! spelled out here and do not follow a change of the event API.

use hearth_protocol::Role;
use hearth_protocol::object::{Admission, Browsers};

use crate::error::StoreError;

macro_rules! words {
    ($type:ident, $name:ident, $parse:ident: $($variant:ident $word:literal),* $(,)?) => {
        pub(crate) fn $name(value: $type) -> &'static str {
            match value { $($type::$variant => $word),* }
        }

        pub(crate) fn $parse(word: &str) -> Result<$type, StoreError> {
            match word {
                $($word => Ok($type::$variant),)*
                _ => Err(damaged(stringify!($type), word)),
            }
        }
    };
}

words!(Role, role, parse_role: Viewer "viewer", Editor "editor", Host "host");
words!(Admission, admission, parse_admission: Ask "ask", Pin "pin", Anyone "anyone");
words!(Browsers, browsers, parse_browsers: Encrypted "encrypted", Plain "plain", Off "off");

/// Reads a short text that was checked before it was written.
pub(crate) fn parse<T: TryFrom<String, Error = String>>(text: String) -> Result<T, StoreError> {
    T::try_from(text).map_err(|detail| StoreError::Damaged { detail })
}

fn damaged(what: &str, found: &str) -> StoreError {
    StoreError::Damaged {
        detail: format!("{found:?} is no {what}"),
    }
}
