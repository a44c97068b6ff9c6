//! What a host says of its session, and how it is written into a TXT record.

use std::fmt;

use hearth_protocol::PROTOCOL;
use hearth_protocol::fingerprint::KeyHint;
use hearth_protocol::id::SessionId;
use hearth_protocol::name::Name;
use hearth_protocol::object::Admission;
use uuid::Uuid;

/// More than any session takes; a larger number is nonsense or meant to impress.
const MOST_PEOPLE: u32 = 9_999;

/// No value of ours is longer: a name of 40 characters of four bytes.
const VALUE_BYTES: usize = 160;

/// The keys of a TXT record.
const ID: &str = "id";
const SESSION: &str = "session";
const NAME: &str = "name";
const PEOPLE: &str = "people";
const ADMISSION: &str = "admission";
const VERSIONS: &str = "protocol";
const KEY: &str = "key";

/// What tells one announcement from another; new each time hosting begins, so that it says nothing
/// about who hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AnnouncementId(Uuid);

impl AnnouncementId {
    pub(crate) fn new() -> Self {
        Self(Uuid::new_v4())
    }

    /// A name in DNS that nobody else has by chance, and that says nothing.
    pub(super) fn name(self) -> String {
        let digits = self.0.simple().to_string();
        format!("hearth-{}", &digits[..12])
    }

    /// What the computer is called where this is announced. It holds the id, so that the half of
    /// an announcement that says where and the half that says who are known to belong together.
    pub(super) fn host(self) -> String {
        format!("{}.local.", self.name())
    }
}

impl fmt::Display for AnnouncementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a host says of its session. Nothing in it is about a person but the name that the host
/// typed for the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Announcement {
    pub(super) id: AnnouncementId,
    pub(super) session: SessionId,
    pub(super) name: Name,
    pub(super) people: u32,
    pub(super) admission: Admission,
    /// The oldest and the newest version of the event API.
    pub(super) protocol: [u32; 2],
    pub(super) key: KeyHint,
}

impl Announcement {
    /// As keys and values of a TXT record.
    pub(super) fn write(&self) -> Vec<(&'static str, String)> {
        let [lowest, highest] = self.protocol;
        vec![
            (ID, self.id.to_string()),
            (SESSION, self.session.to_string()),
            (NAME, self.name.to_string()),
            (PEOPLE, self.people.min(MOST_PEOPLE).to_string()),
            (ADMISSION, admission_word(self.admission).to_owned()),
            (VERSIONS, format!("{lowest}-{highest}")),
            (KEY, self.key.to_string()),
        ]
    }

    /// Reads what `value` gives for each key. `None` where anything is missing or is not exactly
    /// what it should be: such an announcement is not Hearth's.
    pub(super) fn read<'a>(value: impl Fn(&str) -> Option<&'a [u8]>) -> Option<Self> {
        let text = |key| {
            let bytes = value(key).filter(|bytes| bytes.len() <= VALUE_BYTES)?;
            std::str::from_utf8(bytes).ok()
        };
        Some(Self {
            id: AnnouncementId(text(ID)?.parse().ok()?),
            session: SessionId(text(SESSION)?.parse().ok()?),
            name: Name::new(text(NAME)?).ok()?,
            people: number(text(PEOPLE)?).filter(|people| *people <= MOST_PEOPLE)?,
            admission: read_admission(text(ADMISSION)?)?,
            protocol: versions(text(VERSIONS)?)?,
            key: KeyHint::try_from(text(KEY)?.to_owned()).ok()?,
        })
    }
}

/// Whether this build speaks one of these versions.
pub(crate) fn fits([lowest, highest]: [u32; 2]) -> bool {
    let [ours_lowest, ours_highest] = PROTOCOL;
    lowest <= ours_highest && ours_lowest <= highest
}

fn versions(text: &str) -> Option<[u32; 2]> {
    let (lowest, highest) = text.split_once('-')?;
    let versions = [number(lowest)?, number(highest)?];
    (versions[0] <= versions[1]).then_some(versions)
}

/// Digits only: Rust would also take a `+` in front.
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

fn admission_word(admission: Admission) -> &'static str {
    match admission {
        Admission::Ask => "ask",
        Admission::Pin => "pin",
        Admission::Anyone => "anyone",
    }
}

fn read_admission(word: &str) -> Option<Admission> {
    [Admission::Ask, Admission::Pin, Admission::Anyone]
        .into_iter()
        .find(|admission| admission_word(*admission) == word)
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::HashMap;

    use hearth_protocol::fingerprint::Fingerprint;

    use super::*;

    /// An announcement like any other.
    pub(in crate::discovery) fn sample(name: &str) -> Announcement {
        Announcement {
            id: AnnouncementId::new(),
            session: SessionId::new(),
            name: Name::new(name).unwrap(),
            people: 3,
            admission: Admission::Pin,
            protocol: [1, 1],
            key: KeyHint::of(Fingerprint([7; 32])),
        }
    }

    fn record(of: &Announcement) -> HashMap<String, Vec<u8>> {
        of.write()
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.into_bytes()))
            .collect()
    }

    fn read(record: &HashMap<String, Vec<u8>>) -> Option<Announcement> {
        Announcement::read(|key| record.get(key).map(Vec::as_slice))
    }

    #[test]
    fn an_announcement_is_read_as_it_is_written() {
        let longest = "🦊".repeat(Name::MAX_CHARS);
        for name in ["Tea", "Über uns — 朝", &longest] {
            let announced = sample(name);
            assert_eq!(read(&record(&announced)), Some(announced));
        }
    }

    #[test]
    fn an_announcement_from_a_later_version_may_say_more() {
        let announced = sample("Tea");
        let mut record = record(&announced);
        record.insert("colour".to_owned(), b"blue".to_vec());
        assert_eq!(read(&record), Some(announced));
    }

    #[test]
    fn what_is_missing_or_wrong_makes_it_no_announcement() {
        let announced = record(&sample("Tea"));
        let too_long = "a".repeat(VALUE_BYTES + 1);
        for (key, wrong) in [
            (ID, vec!["", "1", "not-an-id", too_long.as_str()]),
            (SESSION, vec!["", "0", too_long.as_str()]),
            (
                NAME,
                vec![
                    "",
                    "  ",
                    "a\u{202e}b",
                    "a\nb",
                    "a\u{0}b",
                    "\u{2066}x",
                    &too_long,
                ],
            ),
            (PEOPLE, vec!["", "-1", "+1", "1.5", "10000", "99999999999"]),
            (ADMISSION, vec!["", "Ask", "nobody"]),
            (
                VERSIONS,
                vec!["", "1", "-", "2-1", "1-", "1-x", "+1-1", "1-1-1"],
            ),
            (KEY, vec!["", "07", "zz07070707070707", too_long.as_str()]),
        ] {
            for value in wrong {
                let mut bent = announced.clone();
                bent.insert(key.to_owned(), value.as_bytes().to_vec());
                assert_eq!(read(&bent), None, "{key}={value:?}");
            }
            let mut bent = announced.clone();
            bent.insert(key.to_owned(), vec![0xff, 0xfe]);
            assert_eq!(read(&bent), None, "{key} that is no UTF-8");
            bent.remove(key);
            assert_eq!(read(&bent), None, "{key} missing");
        }
    }

    #[test]
    fn versions_fit_where_the_ranges_meet() {
        for (range, expected) in [
            ([1, 1], true),
            ([1, 9], true),
            ([2, 9], false),
            ([0, 0], false),
        ] {
            assert_eq!(fits(range), expected, "{range:?}");
        }
    }
}
