//! A fingerprint as words: what people can read to each other across a table.
//!
//! Eight words out of 256 are 64 bits. Somebody who wants to be taken for a given host has to make
//! 2^64 keys until one has the same words, and nobody compares 64 hex digits.

use crate::fingerprint::Fingerprint;

/// How many words stand for a fingerprint.
pub const COUNT: usize = 8;

/// One for each value of a byte, in alphabetical order: short, known to who has learnt some
/// English, and no two that differ by one letter. They are the same in every language of the
/// interface, so that people who see different languages still see the same words.
///
/// The order is part of what is compared: it never changes.
#[rustfmt::skip]
pub const WORDS: [&str; 256] = [
    "acorn", "album", "amber", "anchor", "apple", "apron", "arrow", "atlas", "autumn", "axle",
    "badge", "baker", "bamboo", "banjo", "barn", "basil", "basket", "bean", "beaver", "berry",
    "bird", "biscuit", "blanket", "bonfire", "boot", "bottle", "branch", "bread", "brick", "bridge",
    "brush", "bucket", "butter", "button", "cabin", "cactus", "camel", "candle", "canoe", "carpet",
    "castle", "cello", "chair", "cherry", "chimney", "cinema", "circle", "clay", "cliff", "cloud",
    "clover", "coffee", "comet", "copper", "coral", "cotton", "cradle", "crayon", "cricket", "cube",
    "daisy", "dolphin", "door", "dragon", "drum", "earth", "easel", "echo", "elbow", "engine",
    "envelope", "fabric", "falcon", "farm", "feather", "fence", "fiddle", "field", "flag", "flame",
    "flute", "forest", "fossil", "fox", "galaxy", "garden", "garlic", "gate", "ginger", "glove",
    "goose", "grape", "guitar", "hammer", "harbour", "hazel", "hedge", "heron", "honey", "horse",
    "hotel", "igloo", "indigo", "iris", "island", "ivy", "jacket", "jaguar", "jasmine", "jelly",
    "jigsaw", "jungle", "kayak", "kettle", "key", "kitchen", "kite", "koala", "ladder", "lagoon",
    "lamp", "lantern", "laurel", "lemon", "lentil", "library", "lily", "lion", "lobster", "lotus",
    "magnet", "mango", "maple", "marble", "market", "meadow", "melon", "mirror", "mitten", "monkey",
    "moon", "moss", "mountain", "muffin", "music", "mustard", "napkin", "needle", "nest", "noodle",
    "novel", "nutmeg", "oasis", "ocean", "olive", "onion", "opal", "orange", "orchid", "otter",
    "oven", "owl", "oyster", "palace", "panda", "paper", "parrot", "peach", "pearl", "pebble",
    "pelican", "pencil", "penguin", "pepper", "piano", "picnic", "pigeon", "pillar", "pirate",
    "planet", "plum", "poem", "pony", "poppy", "potato", "puzzle", "pyramid", "quilt", "rabbit",
    "radio", "rainbow", "raven", "ribbon", "river", "robin", "rocket", "roof", "rose", "saddle",
    "saffron", "sailor", "salmon", "sandal", "sapphire", "shadow", "shell", "silk", "silver",
    "skate", "sleigh", "snow", "soap", "sofa", "spider", "spoon", "spruce", "stamp", "star",
    "stone", "storm", "straw", "sugar", "sunset", "swan", "table", "teapot", "tent", "tiger",
    "toast", "tomato", "tower", "train", "tulip", "tunnel", "turtle", "umbrella", "valley",
    "vanilla", "velvet", "village", "violet", "violin", "volcano", "waffle", "walnut", "water",
    "whale", "wheat", "willow", "window", "wolf", "wool", "yellow", "yoga", "zebra", "zipper",
];

impl Fingerprint {
    /// The words people compare: one for each of the first eight bytes.
    pub fn words(&self) -> [&'static str; COUNT] {
        std::array::from_fn(|n| WORDS[usize::from(self.0[n])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_short_and_no_two_differ_by_one_letter() {
        assert!(WORDS.is_sorted());
        for (n, word) in WORDS.iter().enumerate() {
            assert!((3..=8).contains(&word.len()), "{word}");
            assert!(word.bytes().all(|letter| letter.is_ascii_lowercase()));
            for other in &WORDS[n + 1..] {
                assert!(differ(word, other), "{word} and {other} are too much alike");
            }
        }
    }

    #[test]
    fn a_fingerprint_always_has_the_same_words() {
        let fingerprint = Fingerprint(std::array::from_fn(|n| 255 - n as u8));
        let words = [
            "zipper", "zebra", "yoga", "yellow", "wool", "wolf", "window", "willow",
        ];
        assert_eq!(fingerprint.words(), words);
    }

    /// Whether it takes more than one letter changed, added or left out to make one the other.
    fn differ(one: &str, other: &str) -> bool {
        let (short, long) = match one.len() <= other.len() {
            true => (one.as_bytes(), other.as_bytes()),
            false => (other.as_bytes(), one.as_bytes()),
        };
        let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
        let rest = &long[(same + 1).min(long.len())..];
        let changed = short.len() == long.len() && short[(same + 1).min(short.len())..] == *rest;
        let added = long.len() == short.len() + 1 && short[same..] == *rest;
        !changed && !added
    }
}
