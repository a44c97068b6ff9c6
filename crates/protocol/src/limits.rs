//! Limits: every number in one place. Each client is told them in `welcome`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! limits {
    ($($(#[$doc:meta])* $kind:ident $name:ident = $default:literal;)*) => {
        /// What may be sent, how much and how often. Names end in their unit.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, JsonSchema)]
        pub struct Limits { $($(#[$doc])* pub $name: u64),* }

        /// As another build says them: one that is older knows fewer. All of them are told, so that
        /// clients need not guess; what is missing is as here.
        impl<'de> Deserialize<'de> for Limits {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                struct Told { $($name: Option<u64>),* }
                let told = Told::deserialize(deserializer)?;
                let here = Self::default();
                Ok(Self { $($name: told.$name.unwrap_or(here.$name)),* })
            }
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default),* }
            }
        }

        impl Limits {
            /// Lifts rates and counts; sizes stay.
            pub fn off() -> Self {
                let mut limits = Self::default();
                $(limits!(@lift $kind limits.$name);)*
                limits
            }

            /// Sets one limit by its name. Fails with a sentence for people when there is none of
            /// that name, or when nothing could be done with that little or that much.
            pub fn set(&mut self, name: &str, value: u64) -> Result<(), String> {
                let limit = match name {
                    $(stringify!($name) => &mut self.$name,)*
                    _ => return Err(format!("There is no limit named `{name}`.")),
                };
                let least = u64::from(name != "free_disk_bytes");
                if !(least..=MOST).contains(&value) {
                    return Err(format!("`{name}` is a number from {least} to {MOST}."));
                }
                *limit = value;
                Ok(())
            }
        }
    };
    (@lift size $field:expr) => {};
    (@lift rate $field:expr) => { $field = LIFTED; };
}

/// What a lifted limit says: more than anybody reaches, and small enough for every JSON reader.
pub const LIFTED: u64 = 1_000_000_000;

/// The most a limit may say: a terabyte, exact in every JSON reader.
const MOST: u64 = 1_000_000_000_000;

limits! {
    /// One message of a connection before sign-in.
    size message_before_sign_in_bytes = 65_536;
    /// One message of a connection after sign-in, polling too.
    size message_bytes = 4_194_304;
    /// Calls a socket may have outstanding.
    rate outstanding_calls = 64;
    /// Events waiting inward before the socket is cut.
    rate inward_events = 256;
    /// Packets waiting outward before the socket is cut.
    rate outward_packets = 4_096;
    /// Bytes waiting outward before the socket is cut.
    size outward_bytes = 8_388_608;
    /// Time to sign in after opening a connection.
    size sign_in_within_ms = 5_000;
    /// TCP connections from one address.
    rate connections_per_address = 64;
    /// Connections that are not signed in, knocks included.
    rate not_signed_in = 32;
    /// Sockets of one member; the newest wins.
    rate sockets_per_member = 4;
    /// Sockets in all.
    rate sockets = 128;
    /// Calls of one member each second.
    rate calls_per_s = 60;
    /// Calls of one member at once.
    rate calls_burst = 240;
    /// Messages of one member each second.
    rate messages_per_s = 5;
    /// Messages of one member at once.
    rate messages_burst = 20;
    /// Note edits of one member each second.
    rate edits_per_s = 30;
    /// Catching up: bytes of pages for one member each second.
    rate catch_up_bytes_per_s = 8_388_608;
    /// Presence and cursors of one socket each second.
    rate presence_per_s = 20;
    /// HTTP requests of one address each second, `/socket.io/` and static files aside.
    rate http_per_s = 20;
    /// HTTP requests of one address at once.
    rate http_burst = 80;
    /// Failed sign-ins of one address in ten minutes.
    rate failed_sign_ins = 5;
    /// Failed sign-ins from everywhere in ten minutes, after which the host is asked instead.
    rate failed_sign_ins_in_all = 100;
    /// Knocks with six digits of one address in ten minutes.
    rate knocks_with_digits = 60;
    /// Knocks with six digits from everywhere in ten minutes. Each is a chance, of one in a
    /// million, for somebody in between to hit the number that another screen shows.
    rate knocks_with_digits_in_all = 300;
    /// How long somebody may wait at the door for an answer.
    size knock_lapses_ms = 900_000;
    /// Whoever waits at the door and does not ask for this long has gone away. A waiting client
    /// asks every 25 s.
    size knock_silent_ms = 60_000;
    /// A note's text, in UTF-8.
    size note_bytes = 1_048_576;
    /// A message's characters.
    size message_chars = 4_000;
    /// A name's characters.
    size name_chars = 40;
    /// A title's characters.
    size title_chars = 120;
    /// A file.
    size file_bytes = 10_485_760;
    /// Files of all rooms together, the same bytes counted once.
    size files_bytes = 1_073_741_824;
    /// Files that are taken in at one time; each may wait in memory until it is whole.
    size uploads = 6;
    /// Files of one member that are taken in at one time.
    rate uploads_per_member = 3;
    /// Files of one member each minute.
    rate uploads_per_min = 60;
    /// Time for all of a file to arrive.
    size upload_within_ms = 120_000;
    /// Files fetched by one address each second.
    rate downloads_per_s = 60;
    /// Files fetched by one address at once: a note full of pictures.
    rate downloads_burst = 300;
    /// Free disk below which nothing new is written.
    size free_disk_bytes = 209_715_200;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifting_the_limits_never_lifts_a_size() {
        let (off, on) = (Limits::off(), Limits::default());
        assert_eq!(off.note_bytes, on.note_bytes);
        assert_eq!(off.outward_bytes, on.outward_bytes);
        assert_eq!(off.calls_per_s, LIFTED);
    }

    #[test]
    fn what_an_older_build_does_not_say_is_as_here() {
        let told = r#"{ "calls_per_s": 7, "of_a_newer_build": 1 }"#;
        let read: Limits = serde_json::from_str(told).expect("it can be read");
        let expected = Limits {
            calls_per_s: 7,
            ..Limits::default()
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn a_limit_is_set_by_its_name() {
        let mut limits = Limits::default();
        assert!(limits.set("calls_per_s", 7).is_ok());
        assert_eq!(limits.calls_per_s, 7);
        assert!(limits.set("no_such", 7).is_err());
    }

    #[test]
    fn a_limit_that_lets_nothing_through_or_has_no_end_is_refused() {
        let mut limits = Limits::default();
        for value in [0, MOST + 1, u64::MAX] {
            assert!(limits.set("inward_events", value).is_err(), "{value}");
        }
        assert!(limits.set("free_disk_bytes", 0).is_ok());
        assert!(limits.set("inward_events", MOST).is_ok());
    }
}
