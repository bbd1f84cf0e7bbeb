//! Where the search begins: the kinds of inputs that ought to be dear.

use super::filler::{Filler, Order};
use super::recipe::{Chain, Leaf, Recipe};

/// A leaf that is said to be signed with RSA-4096, the dearest arithmetic.
pub(super) const RSA4096: Chain = Chain { leaf: Leaf { rsa_bytes: 512, fillers: 0, attributes: false }, more: (0, 0) };

/// Every one of them; none says whether it is signed.
pub(crate) fn all() -> Vec<Recipe> {
    let plain = Recipe::PLAIN;
    let names = |order| Filler::Names { len: 3, escaped: false, order, value: "0" };
    let fillers = [
        Filler::Plain,
        names(Order::Counted),
        names(Order::Ascending),
        names(Order::Descending),
        Filler::Names { len: 3, escaped: true, order: Order::Descending, value: "0" },
        Filler::Names { len: 126, escaped: false, order: Order::Counted, value: "{}" },
        // What a review found: names that crowd the table, and nested objects around all others.
        Filler::Nested { first: 64, depth: 14, names: 0, order: Order::Counted },
        Filler::Nested { first: 0, depth: 1, names: 64, order: Order::Descending },
        Filler::Nested { first: 0, depth: 14, names: 200, order: Order::Descending },
        Filler::Objects { names: 65 },
        Filler::Objects { names: 1 },
        Filler::Text { begin: "\"", again: "\\u0041", end: "\"" },
        Filler::Text { begin: "\"", again: "\u{10348}", end: "\"" },
        Filler::Text { begin: "[", again: "[[[[[[[[]]]]]]]],", end: "0]" },
        Filler::Text { begin: "0e", again: "9", end: "" },
        Filler::Text { begin: "", again: " ", end: "0" },
    ];
    let mut all = Vec::new();
    for filler in fillers {
        all.push(Recipe { payload: vec![filler], ..plain.clone() });
        all.push(Recipe {
            payload: vec![filler],
            chain: Some(RSA4096),
            users: 25,
            ed25519_users: true,
            ..plain.clone()
        });
        all.push(Recipe { header: (vec![filler], 20_000), ..plain.clone() });
    }
    // Certificates: two verifications of Ed25519; many extensions, each compared with all that follow; six of the greatest size.
    for (rsa_bytes, attributes) in [(0, false), (0, true), (256, false), (512, false), (512, true)] {
        let leaf = Leaf { rsa_bytes, fillers: 1_000, attributes };
        all.push(Recipe {
            chain: Some(Chain { leaf, more: (0, 0) }),
            payload: vec![names(Order::Descending)],
            ..plain.clone()
        });
        all.push(Recipe { chain: Some(Chain { leaf, more: (5, 3_000) }), users: 25, ..plain.clone() });
    }
    all
}
