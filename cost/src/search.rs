//! A genetic search for the input that costs most: the same steps, and so the same find, for the same seed.

use super::counters::counted;
use super::filler::{Filler, Order};
use super::recipe::{Chain, Leaf, Recipe};
use super::{seeds, world};

/// How many recipes are kept.
const KEPT: usize = 24;

/// What can be put in at some place.
const SPLICES: &[&str] = &[
    "\"",
    "\\",
    "}",
    "{",
    "[",
    "]",
    ",",
    ":",
    "0",
    " ",
    "\\u0041",
    "\u{e9}",
    "1e9",
    "-",
    "{\"a\":{}}",
    ".",
    "null",
    "\0",
];

const VALUES: &[&str] = &["0", "\"\"", "{}", "[]", "null", "-0.0E-0", "[{}]", "{\"\":0}", "\"\\n\""];

const TEXTS: &[(&str, &str, &str)] = &[
    ("\"", "\\u0041", "\""),
    ("\"", "\\n", "\""),
    ("\"", "\\ud83d\\ude00", "\""),
    ("\"", "\u{e9}", "\""),
    ("\"", "\u{10348}", "\""),
    ("\"", "a\\n", "\""),
    ("", " ", "0"),
    ("", "1", ""),
    ("0.", "0", ""),
    ("0e", "9", ""),
    ("[", "0,", "0]"),
    ("[", "[],", "0]"),
    ("[", "{},", "0]"),
    ("[", "\"\",", "0]"),
    ("[", "null,", "0]"),
    ("[", "{\"\":0},", "0]"),
    ("[", "[[[[[[[[]]]]]]]],", "0]"),
    ("[", "{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\n\":0},", "0]"),
];

/// Numbers that look random: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit.max(1) as u64).expect("it is below a usize")
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// A recipe, and what its input costs.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) cost: u64,
    pub(crate) recipe: Recipe,
}

/// What one input costs; an input that is too long costs nothing.
pub(crate) fn cost(recipe: Recipe, longest: usize) -> Found {
    let jws = recipe.make(longest);
    let mut job = world::job(&jws);
    let (_, cost) = counted(|| job.run());
    Found { cost: if jws.len() > longest { 0 } else { cost }, recipe }
}

/// Inputs whose arithmetic is the same: what is counted says little of it, so that they are not compared with others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// By the ADMIN.
    pub(crate) signed: bool,
    /// The leaf's, if there is one.
    pub(crate) rsa_bytes: Option<usize>,
}

impl Kind {
    /// Of the arithmetic with a key of each kind, the dearest.
    pub(crate) const ALL: [Self; 6] = [
        Self { signed: false, rsa_bytes: None },
        Self { signed: false, rsa_bytes: Some(0) },
        Self { signed: false, rsa_bytes: Some(512) },
        Self { signed: true, rsa_bytes: None },
        Self { signed: true, rsa_bytes: Some(0) },
        Self { signed: true, rsa_bytes: Some(512) },
    ];

    /// The recipe, made one of this kind.
    fn of(self, recipe: Recipe) -> Recipe {
        let mut chain = recipe.chain.unwrap_or(seeds::RSA4096);
        chain.leaf.rsa_bytes = self.rsa_bytes.unwrap_or_default();
        // To check the users' keys is arithmetic, too, and they are only looked at if the operation is signed.
        let (users, ed25519_users) = if self.signed { (25, true) } else { (recipe.users, recipe.ed25519_users) };
        Recipe { signed: self.signed, chain: self.rsa_bytes.map(|_| chain), users, ed25519_users, ..recipe }
    }
}

/// The dearest inputs of a kind, of at most `longest` bytes, that so many tries find, from the seeds on.
pub(crate) fn search(kind: Kind, seed: u64, tries: usize, longest: usize) -> Vec<Found> {
    let mut random = Random(seed);
    let seeds = seeds::all().into_iter().map(|recipe| kind.of(recipe));
    let mut kept: Vec<Found> = seeds.map(|recipe| cost(recipe, longest)).collect();
    for _ in 0..tries {
        kept.sort_by_key(|found| std::cmp::Reverse(found.cost));
        kept.truncate(KEPT);
        let (first, second) = (random.below(kept.len()), random.below(kept.len()));
        let mut child = kept[first.min(second)].recipe.clone();
        let other = kept[random.below(kept.len())].recipe.clone();
        for _ in 0..=random.below(3) {
            change(&mut child, &other, &mut random);
        }
        let child = kind.of(child);
        if kept.iter().all(|found| found.recipe != child) {
            kept.push(cost(child, longest));
        }
    }
    kept.sort_by_key(|found| std::cmp::Reverse(found.cost));
    kept
}

fn change(recipe: &mut Recipe, other: &Recipe, random: &mut Random) {
    match random.below(12) {
        0 => recipe.chain = other.chain,
        1 => recipe.header = other.header.clone(),
        2 => recipe.payload = other.payload.clone(),
        3 => (recipe.users, recipe.ed25519_users) = (other.users, other.ed25519_users),
        4 => recipe.users = random.pick(&[0, 1, 2, 24, 25, 26]),
        5 => recipe.ed25519_users ^= true,
        6 => recipe.chain = Some(chain(random)),
        7 => recipe.header.1 = random.pick(&[0, 100, 1_000, 4_000, 8_000, 12_000, 16_000, 20_000, 24_000]),
        8 => recipe.splices.push((random.below(1 << 16), random.pick(SPLICES))),
        9 => recipe.splices.clear(),
        10 => fillers(&mut recipe.header.0, random),
        _ => fillers(&mut recipe.payload, random),
    }
}

fn chain(random: &mut Random) -> Chain {
    let leaf = Leaf {
        // The kind decides.
        rsa_bytes: 0,
        fillers: random.pick(&[0, 10, 50, 100, 150, 200, 1_000]),
        attributes: random.below(4) == 0,
    };
    Chain { leaf, more: (random.below(6), random.pick(&[1, 100, 1_000, 2_048, 3_000])) }
}

fn fillers(fillers: &mut Vec<Filler>, random: &mut Random) {
    if fillers.len() >= 4 || (random.below(3) == 0 && !fillers.is_empty()) {
        fillers.swap_remove(random.below(fillers.len()));
    } else if random.below(2) == 0 && !fillers.is_empty() {
        let place = random.below(fillers.len());
        fillers[place] = filler(random);
    } else {
        let place = random.below(fillers.len() + 1);
        fillers.insert(place, filler(random));
    }
}

fn filler(random: &mut Random) -> Filler {
    let order = random.pick(&[Order::Counted, Order::Ascending, Order::Descending]);
    match random.below(5) {
        0 | 1 => Filler::Names {
            len: random.pick(&[1, 2, 3, 4, 5, 8, 9, 10, 16, 64, 120, 125, 126, 127, 128, 129, 200]),
            escaped: random.below(2) == 0,
            order,
            value: random.pick(VALUES),
        },
        2 => Filler::Nested {
            first: random.pick(&[0, 0, 50, 60, 64, 65, 384]),
            depth: random.below(15) + 1,
            names: random.pick(&[0, 1, 4, 16, 62, 63, 64, 65, 100, 200, 192, 256, 383, 384, 385]),
            order,
        },
        3 => Filler::Objects { names: random.pick(&[1, 2, 8, 32, 60, 61, 62, 63, 64, 65, 100, 128, 383, 384, 385]) },
        _ => {
            let (begin, again, end) = random.pick(TEXTS);
            Filler::Text { begin, again, end }
        }
    }
}
