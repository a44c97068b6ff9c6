//! The name and colour somebody has before choosing any.

use hearth_protocol::{
    name::{Color, Name},
    window::Profile,
};

const MANNERS: [&str; 16] = [
    "Bright", "Calm", "Cheerful", "Clever", "Gentle", "Glad", "Keen", "Kind", "Lively", "Merry",
    "Nice", "Patient", "Quiet", "Sunny", "Swift", "Warm",
];

const THINGS: [&str; 16] = [
    "Acorn", "Apple", "Badger", "Birch", "Clover", "Finch", "Hazel", "Heron", "Maple", "Orange",
    "Otter", "Pear", "Plum", "Robin", "Sparrow", "Willow",
];

/// A friendly alias, such as "Nice Orange", and a colour.
pub(crate) fn profile() -> Profile {
    let chance = uuid::Uuid::new_v4().as_u128();
    // Bytes that the version and variant of a UUID leave alone.
    let pick =
        |words: [&'static str; 16], shift: u32| words[(chance >> shift) as usize % words.len()];
    let alias = format!("{} {}", pick(MANNERS, 0), pick(THINGS, 8));
    Profile {
        name: Name::new(&alias).expect("every alias is short and plain"),
        color: Color::from_palette(chance >> 16 & 0xffff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alias_is_a_name() {
        for manner in MANNERS {
            for thing in THINGS {
                Name::new(&format!("{manner} {thing}")).unwrap();
            }
        }
        assert_eq!(profile().name.as_str().split(' ').count(), 2);
    }
}
