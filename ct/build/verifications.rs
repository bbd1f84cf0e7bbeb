//! Keys, messages and signatures of every kind.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;

use crate::inputs::{MESSAGE_LEN, Verification};
use crate::points::{non_canonical, off_curve, small_order, small_order_non_canonical};
use crate::signer::{Chosen, L, join, key_pair, plus_l, split};

/// All cases, the first of which is valid.
pub(crate) fn all() -> Vec<Verification> {
    let valid = signed("valid", 1);
    let other = signed("valid, another key", 2);
    let mut cases =
        vec![valid.clone(), other.clone(), signed("valid, a third key", 3), signed("valid, a fourth key", 4)];
    cases.extend(wrong_r(&valid));
    cases.extend(wrong_s(&valid));
    cases.extend(wrong_signature(&valid, &other));
    cases.extend(wrong_key(&valid, &other));
    cases.extend(wrong_message(&valid));
    cases.extend(chosen());
    cases.extend(random(&valid));
    cases
}

/// Somebody's signature of a message of theirs.
fn signed(name: &str, number: u8) -> Verification {
    let keys = key_pair(number);
    let message = message(number);
    let signature = *keys.sk.sign(message, None);
    Verification { name: name.to_owned(), key: *keys.pk, message, signature, valid: true }
}

fn message(number: u8) -> [u8; MESSAGE_LEN] {
    let mut message = [number; MESSAGE_LEN];
    message.iter_mut().zip(0..).for_each(|(byte, place)| *byte ^= place);
    message
}

fn wrong_r(valid: &Verification) -> Vec<Verification> {
    let bits = [0, 1, 7, 8, 63, 127, 128, 200, 254, 255];
    let bits = bits.map(|bit| valid.but(format!("R, bit {bit}"), |case| flip(&mut case.signature, bit)));
    let extremes = [("ones", 0xff), ("zeros", 0)];
    let extremes =
        extremes.map(|(name, byte)| valid.but(format!("R all {name}"), |case| case.signature[..32].fill(byte)));
    let kinds = kinds().into_iter().map(|(kind, r)| {
        let put = |case: &mut Verification| case.signature[..32].copy_from_slice(&r);
        valid.but(format!("R {kind}"), put)
    });
    bits.into_iter().chain(extremes).chain(kinds).collect()
}

fn wrong_s(valid: &Verification) -> Vec<Verification> {
    let bits = [0, 1, 7, 31, 100, 128, 200, 251, 252, 255];
    let bits = bits.map(|bit| valid.but(format!("S, bit {bit}"), |case| flip(&mut case.signature[32..], bit)));
    let (_, s) = split(valid.signature);
    let mut last = L;
    last[0] -= 1;
    let mut beyond = L;
    beyond[0] += 1;
    let [mut one, mut top] = [[0; 32]; 2];
    one[0] = 1;
    top[31] = 0x10;
    let values = [
        ("S + L", plus_l(s, 1)),
        ("S + 2 L", plus_l(s, 2)),
        ("S + 14 L", plus_l(s, 14)),
        ("S = L", L),
        ("S = L - 1", last),
        ("S = L + 1", beyond),
        ("S = 0", [0; 32]),
        ("S = 1", one),
        ("S = 2^252", top),
        ("S all ones", [0xff; 32]),
    ];
    let values = values.map(|(name, s)| valid.but(name, |case| case.signature[32..].copy_from_slice(&s)));
    bits.into_iter().chain(values).collect()
}

fn wrong_signature(valid: &Verification, other: &Verification) -> Vec<Verification> {
    let (r, s) = split(valid.signature);
    let signatures = [
        ("signature all ones", [0xff; 64]),
        ("signature all zeros", [0; 64]),
        ("R and S exchanged", join(s, r)),
        ("signature of another message by another key", other.signature),
        ("R of another signature", join(split(other.signature).0, s)),
        ("S of another signature", join(r, split(other.signature).1)),
    ];
    signatures.map(|(name, signature)| valid.but(name, |case| case.signature = signature)).to_vec()
}

fn wrong_key(valid: &Verification, other: &Verification) -> Vec<Verification> {
    let with = |name: String, key: [u8; 32]| valid.but(name, |case| case.key = key);
    let bits = [0, 100, 254, 255].map(|bit| valid.but(format!("key, bit {bit}"), |case| flip(&mut case.key, bit)));
    let named = [("another key", other.key), ("key all ones", [0xff; 32]), ("key all zeros", [0; 32])];
    let named = named.map(|(name, key)| with(name.to_owned(), key));
    let kinds = kinds().into_iter().map(|(kind, key)| with(format!("key {kind}"), key));
    bits.into_iter().chain(named).chain(kinds).collect()
}

fn wrong_message(valid: &Verification) -> Vec<Verification> {
    let bits = [0, 8 * MESSAGE_LEN / 2, 8 * MESSAGE_LEN - 1];
    let bits = bits.map(|bit| valid.but(format!("message, bit {bit}"), |case| flip(&mut case.message, bit)));
    let extremes = [("ones", 0xff), ("zeros", 0)];
    let extremes =
        extremes.map(|(name, byte)| valid.but(format!("message all {name}"), |case| case.message.fill(byte)));
    let everything = [("ones", 0xff), ("zeros", 0)].map(|(name, byte)| {
        valid.but(format!("everything all {name}"), |case| {
            case.key.fill(byte);
            case.message.fill(byte);
            case.signature.fill(byte);
        })
    });
    bits.into_iter().chain(extremes).chain(everything).collect()
}

/// Keys and signatures whose scalars are known.
fn chosen() -> Vec<Verification> {
    let none = EdwardsPoint::identity();
    let secret = Scalar::from(0x1234_5678_9abc_def0_u64);
    let nonce = Scalar::from(0x0fed_cba9_8765_4321_u64);
    let message = message(5);
    let case = |name: &str, keys: &Chosen, signature, valid| Verification {
        name: name.to_owned(),
        key: keys.key(),
        message,
        signature,
        valid,
    };
    let plain = |secret| Chosen { secret, torsion: none };
    let signed = |name: &str, keys: &Chosen, nonce, valid| case(name, keys, keys.sign(nonce, none, &message), valid);
    let mixed = Chosen { secret, torsion: EIGHT_TORSION[1] };
    let of_small_order = Chosen { secret: Scalar::ZERO, torsion: EIGHT_TORSION[1] };
    // The equation without the cofactor holds for such keys exactly if 8 divides k.
    let nonce_for = |keys: &Chosen, divisible: bool| {
        let fits = |nonce: &Scalar| {
            let signature = keys.sign(*nonce, none, &message);
            keys.challenge(split(signature).0, &message).as_bytes()[0].is_multiple_of(8) == divisible
        };
        (1..=u32::MAX).map(Scalar::from).find(fits).expect("one nonce in eight")
    };
    vec![
        signed("valid, small scalars", &plain(secret), nonce, true),
        signed("valid, key is the base point", &plain(Scalar::ONE), nonce, true),
        signed("valid, key is the base point's negative", &plain(-Scalar::ONE), nonce, true),
        signed("valid, R is the base point", &plain(secret), Scalar::ONE, true),
        signed("valid, key of mixed order", &mixed, nonce_for(&mixed, true), true),
        signed("key of mixed order, equation only with cofactor", &mixed, nonce_for(&mixed, false), false),
        case(
            "R of mixed order, equation only with cofactor",
            &plain(secret),
            plain(secret).sign(nonce, EIGHT_TORSION[1], &message),
            false,
        ),
        signed("key of small order, equation holds", &of_small_order, nonce_for(&of_small_order, true), false),
        signed("R of small order, equation holds", &plain(secret), Scalar::ZERO, false),
        signed("key and R of small order, equation holds", &plain(Scalar::ZERO), Scalar::ZERO, false),
    ]
}

/// Bytes of no meaning.
fn random(valid: &Verification) -> Vec<Verification> {
    let mut random = Random(0x6c6f_636b_6f70);
    let mut cases = Vec::new();
    for number in 1..=4 {
        cases.push(valid.but(format!("random signature {number}"), |case| random.fill(&mut case.signature)));
        cases.push(valid.but(format!("random key {number}"), |case| random.fill(&mut case.key)));
        cases.push(valid.but(format!("random everything {number}"), |case| {
            random.fill(&mut case.key);
            random.fill(&mut case.message);
            random.fill(&mut case.signature);
        }));
    }
    cases
}

/// The points that are wrong as R and as a key.
fn kinds() -> Vec<(String, [u8; 32])> {
    let kind = |name: &'static str, encodings: Vec<[u8; 32]>| {
        encodings.into_iter().zip(1..).map(move |(encoding, number)| (format!("{name} {number}"), encoding))
    };
    kind("of small order", small_order())
        .chain(kind("of small order, not canonical", small_order_non_canonical()))
        .chain(kind("not canonical", non_canonical().into_iter().take(3).collect()))
        .chain(kind("not on the curve", off_curve().into_iter().take(4).collect()))
        .collect()
}

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}
