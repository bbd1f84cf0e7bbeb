//! The dearest inputs that the search has found, and the valid operations that they are held against.

use super::filler::{Filler, Order};
use super::recipe::{Chain, Leaf, Recipe};

/// The lengths that are compared; the last is the size limit of docs/operation.md §1.
const LENGTHS: [usize; 4] = [4_096, 8_192, 16_384, 32_768];

/// An input that is kept.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    /// It is a little shorter than this.
    pub(crate) longest: usize,
    pub(crate) recipe: Recipe,
}

/// Every one of them, by length; the first of a length is the valid one.
pub(crate) fn all() -> Vec<Known> {
    LENGTHS.into_iter().flat_map(of_length).collect()
}

/// As many users with RSA keys as there is room for, signed with a certificate, and an ordinary text.
pub(crate) fn valid(longest: usize) -> Recipe {
    let leaf = Leaf { rsa_bytes: 256, fillers: 5, attributes: false };
    // The certificates behind the first two, where they leave room for users.
    let more = if longest < 16_384 { (0, 0) } else { (2, 1_400) };
    let mut recipe = Recipe { chain: Some(Chain { leaf, more }), users: 25, ..Recipe::PLAIN };
    while recipe.make(0).len() > longest {
        recipe.users -= 1;
    }
    Recipe { payload: vec![Filler::Plain], ..recipe }
}

fn of_length(longest: usize) -> Vec<Known> {
    // What there is room for.
    let (fillers, users) = match longest {
        0..8_192 => (0, 1),
        8_192..16_384 => (1_000, 1),
        _ => (1_000, 25),
    };
    let names = vec![Filler::Names { len: 3, escaped: false, order: Order::Descending, value: "0" }];
    // Nobody looks at the users of an operation that nobody has signed.
    let crowded = Recipe { signed: false, users: 0, payload: names, ..Recipe::PLAIN };
    let chain = |rsa_bytes| Some(Chain { leaf: Leaf { rsa_bytes, fillers, attributes: false }, more: (0, 0) });
    let stranger = |rsa_bytes| Recipe { chain: chain(rsa_bytes), ..crowded.clone() };
    let insider = |rsa_bytes| Recipe { signed: true, users, ed25519_users: true, ..stranger(rsa_bytes) };
    // What a review found, when each object was read again at its end.
    let nested = vec![Filler::Nested { first: 64, depth: 14, names: 0, order: Order::Counted }];
    let inputs = [
        ("valid", valid(longest)),
        ("nested", Recipe { payload: nested, ..crowded.clone() }),
        ("stranger", crowded.clone()),
        ("stranger-leaf", stranger(0)),
        ("stranger-rsa", stranger(512)),
        ("insider-leaf", insider(0)),
        ("insider-rsa", insider(512)),
    ];
    inputs.into_iter().map(|(name, recipe)| Known { name, longest, recipe }).collect()
}
