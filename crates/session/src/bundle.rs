//! Facts as they go out: each encoded once for everybody, and those that were committed together
//! once more as the list they are told in.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use hearth_protocol::{Fact, FactKind};
use serde_json::value::RawValue;

use crate::feed::raw;

/// A fact, encoded once for everybody.
#[derive(Debug)]
pub struct FactMessage {
    /// The event's name.
    pub name: Cow<'static, str>,
    /// The fact as it stands in a list, with its name.
    pub listed: Box<RawValue>,
    event: OnceLock<Box<RawValue>>,
}

impl FactMessage {
    /// Encodes `fact`.
    pub fn new(fact: &Fact) -> Self {
        Self {
            name: name_of(&fact.kind),
            listed: raw(fact.to_listed_json()),
            event: OnceLock::new(),
        }
    }

    /// The payload of an event of its own. Most sockets take facts in lists, so it is made when
    /// the first one wants it.
    pub fn event(&self) -> &RawValue {
        let made = || raw(Fact::without_name(self.listed.get(), &self.name));
        self.event.get_or_init(made)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.listed.get().len()
    }
}

fn name_of(kind: &FactKind) -> Cow<'static, str> {
    match FactKind::name_of(kind.code()) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(kind.name().to_owned()),
    }
}

/// Facts that were committed together, as far as they concern a socket. Shared by all sockets
/// that are told the same.
#[derive(Debug)]
pub struct Bundle {
    facts: Box<[Arc<FactMessage>]>,
    bytes: usize,
    list: OnceLock<Box<RawValue>>,
    packed: OnceLock<Box<[u8]>>,
}

impl Bundle {
    pub(crate) fn new(facts: Vec<Arc<FactMessage>>) -> Self {
        Self {
            bytes: facts.iter().map(|fact| fact.bytes()).sum(),
            facts: facts.into(),
            list: OnceLock::new(),
            packed: OnceLock::new(),
        }
    }

    /// The facts, in order.
    pub fn facts(&self) -> &[Arc<FactMessage>] {
        &self.facts
    }

    /// How long they are.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// All of them as one payload: `{facts: […]}`.
    pub fn list(&self) -> &RawValue {
        self.list.get_or_init(|| list([self]))
    }

    /// What `pack` makes of that payload, made once for everybody: it has to make the same of it
    /// each time.
    pub fn packed(&self, pack: impl FnOnce(&RawValue) -> Box<[u8]>) -> &[u8] {
        self.packed.get_or_init(|| pack(&list([self])))
    }
}

/// The facts of several bundles as one payload: `{facts: […]}`.
pub fn list<'a>(bundles: impl IntoIterator<Item = &'a Bundle> + Clone) -> Box<RawValue> {
    let bytes: usize = bundles.clone().into_iter().map(Bundle::bytes).sum();
    let mut json = String::with_capacity(bytes + bytes / 64 + 16);
    json.push_str("{\"facts\":[");
    let facts = bundles.into_iter().flat_map(Bundle::facts);
    for (index, fact) in facts.enumerate() {
        if index > 0 {
            json.push(',');
        }
        json.push_str(fact.listed.get());
    }
    json.push_str("]}");
    raw(json)
}

/// Bundles of one round, so that sockets that are told the same share one.
#[derive(Debug, Default)]
pub(crate) struct Bundles {
    /// Each with the places of its facts among the round's.
    made: Vec<(Box<[usize]>, Arc<Bundle>)>,
    /// Used again for each socket.
    places: Vec<usize>,
}

/// The most different bundles a round looks through; rooms beyond that make their own.
const MOST_SHARED: usize = 16;

impl Bundles {
    /// The bundle of those of the round's facts that are `told`; nothing if none is. Each round
    /// has bundles of its own.
    pub(crate) fn of<T>(
        &mut self,
        round: &[T],
        told: impl Fn(&T) -> bool,
        message: impl Fn(&T) -> Arc<FactMessage>,
    ) -> Option<Arc<Bundle>> {
        self.places.clear();
        let places = round.iter().enumerate().filter(|(_, one)| told(one));
        self.places.extend(places.map(|(place, _)| place));
        if self.places.is_empty() {
            return None;
        }
        if let Some((_, bundle)) = self.made.iter().find(|(it, _)| **it == *self.places) {
            return Some(bundle.clone());
        }
        let facts = self.places.iter().map(|place| message(&round[*place]));
        let bundle = Arc::new(Bundle::new(facts.collect()));
        if self.made.len() < MOST_SHARED {
            self.made
                .push((self.places.as_slice().into(), bundle.clone()));
        }
        Some(bundle)
    }
}

#[cfg(test)]
mod tests {
    use hearth_protocol::{FactKind, RoomId, Timestamp};
    use serde_json::Value;

    use super::*;

    fn message(seq: u64) -> Arc<FactMessage> {
        Arc::new(FactMessage::new(&Fact {
            seq: Some(seq),
            at: Timestamp(0),
            by: None,
            id: None,
            pending: None,
            kind: FactKind::RoomPurged {
                room: RoomId::new(),
            },
        }))
    }

    #[test]
    fn sockets_that_are_told_the_same_share_one_bundle() {
        let round = [message(1), message(2)];
        let mut bundles = Bundles::default();
        let mut of = |which: &[usize]| {
            let told =
                |one: &Arc<FactMessage>| which.iter().any(|at| Arc::ptr_eq(one, &round[*at]));
            bundles.of(&round, told, Arc::clone)
        };
        let (both, first) = (of(&[0, 1]).expect("two"), of(&[0]).expect("one"));
        assert!(Arc::ptr_eq(&both, &of(&[0, 1]).expect("two")));
        assert!(Arc::ptr_eq(&first, &of(&[0]).expect("one")));
        assert_eq!((both.facts().len(), first.facts().len()), (2, 1));
        assert!(of(&[]).is_none());
    }

    #[test]
    fn a_list_holds_the_facts_of_all_bundles_in_order() {
        let bundles = [
            Bundle::new(vec![message(1), message(2)]),
            Bundle::new(vec![message(3)]),
        ];
        let list: Value = serde_json::from_str(list(&bundles).get()).unwrap();
        let facts = list["facts"].as_array().unwrap();
        let numbers: Vec<_> = facts.iter().map(|fact| &fact["seq"]).collect();
        assert_eq!(numbers, [1, 2, 3]);
        let alone: Value = serde_json::from_str(bundles[1].list().get()).unwrap();
        assert_eq!(alone["facts"][0], list["facts"][2]);
        assert_eq!(alone["facts"][0]["name"], "roompurged");
        let event: Value = serde_json::from_str(bundles[1].facts()[0].event().get()).unwrap();
        assert_eq!((event["seq"].as_u64(), event.get("name")), (Some(3), None));
    }
}
