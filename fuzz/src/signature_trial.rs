//! The target `signature`: Ed25519 signatures, right, wrong and strange, judged by four (§6).
//!
//! The input makes a key and a signature whose points may have a part of small order, or another encoding than the
//! canonical one, so that the cases in which verifiers differ are hit often.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity, IsIdentity};
use ed25519_dalek::VerifyingKey;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use lockop::{ConstantTime, Ed25519};
use sha2::{Digest, Sha512};

/// L, little-endian.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// # Panics
///
/// If the verifiers differ otherwise than documented.
pub fn judge(input: &[u8]) {
    let Case { key, message, signature } =
        Case::choose(&mut Unstructured::new(input)).expect("there are zeros behind the last byte");

    let got = bool::from(ConstantTime.verify(&key, &message, &signature));
    assert_eq!(ConstantTime.is_valid_key(&key), crate::key::is_good_ed25519(&key), "key {key:x?}");

    let strict = VerifyingKey::from_bytes(&key)
        .is_ok_and(|key| key.verify_strict(&message, &ed25519_dalek::Signature::from_bytes(&signature)).is_ok());
    assert_eq!(got, strict, "verify_strict: {key:x?} {message:x?} {signature:x?}");

    let expected = Reasons::find(&key, &message, &signature);
    assert_eq!(got, expected == Reasons::default(), "{expected:?}: {key:x?} {message:x?} {signature:x?}");

    // It multiplies the equation by 8, and takes y >= p for y - p. Else it refuses the same.
    let compact = ed25519_compact::PublicKey::new(key);
    let compact = compact.verify(&message, &ed25519_compact::Signature::new(signature)).is_ok();
    let only_allowed = Reasons { torsion: false, not_canonical: false, ..expected } == Reasons::default();
    if expected.not_canonical {
        assert!(!compact || only_allowed, "ed25519-compact: {expected:?}: {key:x?} {message:x?} {signature:x?}");
    } else {
        assert_eq!(compact, only_allowed, "ed25519-compact: {expected:?}: {key:x?} {message:x?} {signature:x?}");
    }
}

/// Why §6 refuses a signature, by curve25519-dalek's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Reasons {
    /// S >= L.
    s: bool,
    /// A or R is no point.
    no_point: bool,
    /// A or R is not the encoding that its point has.
    not_canonical: bool,
    /// A or R is of small order.
    small_order: bool,
    /// [S]B is not R + [k]A, but 8 times them are equal.
    torsion: bool,
    /// Not even those.
    unequal: bool,
}

impl Reasons {
    fn find(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Self {
        let (r, s) = signature.split_first_chunk::<32>().expect("64 bytes");
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(s.try_into().expect("32 bytes")));
        let [a_point, r_point] = [key, r].map(|bytes| CompressedEdwardsY(*bytes).decompress());
        let (Some(a), Some(r_point)) = (a_point, r_point) else { return Self { no_point: true, ..Self::default() } };
        let Some(s) = s else { return Self { s: true, ..Self::default() } };
        let difference = ED25519_BASEPOINT_POINT * s - a * challenge(r, key, message) - r_point;
        Self {
            s: false,
            no_point: false,
            not_canonical: a.compress().0 != *key || r_point.compress().0 != *r,
            small_order: a.is_small_order() || r_point.is_small_order(),
            torsion: difference.is_small_order() && !difference.is_identity(),
            unequal: !difference.is_small_order(),
        }
    }
}

fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&Sha512::digest([r, key, message].concat()).into())
}

struct Case {
    key: [u8; 32],
    message: Vec<u8>,
    signature: [u8; 64],
}

impl Case {
    /// All zeros make a right signature of the empty message.
    fn choose(choices: &mut Unstructured<'_>) -> Result<Self> {
        // Secret numbers are small: what points are added to gives nothing to find.
        let a = Scalar::from(u64::from(choices.arbitrary::<u8>()?) + 1);
        let r = Scalar::from(u64::from(choices.arbitrary::<u8>()?) + 1);
        let (key, a) = encoded(choices, a)?;
        let (r_bytes, r) = encoded(choices, r)?;
        let len = usize::from(choices.arbitrary::<u8>()?);
        let changes = choices.arbitrary::<u8>()?;
        let message = choices.bytes(len.min(choices.len()))?.to_vec();

        let mut s = (r + challenge(&r_bytes, &key, &message) * a).to_bytes();
        match changes % 8 {
            6 => s = added(s, L),
            7 => choices.fill_buffer(&mut s)?,
            _ => {}
        }
        let mut case = Self { key, message, signature: [r_bytes, s].concat().try_into().expect("64 bytes") };
        // Single bits, last.
        for _ in 0..changes / 64 {
            let bit = usize::from(choices.arbitrary::<u16>()?) % 800;
            let mut places = case.key.iter_mut().chain(&mut case.signature).chain(&mut case.message);
            if let Some(place) = places.nth(bit / 8) {
                *place ^= 1 << (bit % 8);
            }
        }
        Ok(case)
    }
}

/// The encoding of the secret number's point, with a part of small order or without; or a point of small order alone; or
/// such a point, or any other below 19, in an encoding that is not canonical; or anything. And the secret number, which is 0
/// where the point has no part of large order that is known: then, too, the equation holds.
fn encoded(choices: &mut Unstructured<'_>, secret: Scalar) -> Result<([u8; 32], Scalar)> {
    let [how, which] = choices.arbitrary::<[u8; 2]>()?;
    let torsion = EIGHT_TORSION[usize::from(which) % 8];
    let point = |point: EdwardsPoint| point.compress().to_bytes();
    let secret = if how % 8 < 5 { secret } else { Scalar::ZERO };
    let bytes = match how % 8 {
        0..=2 => point(ED25519_BASEPOINT_POINT * secret),
        3 | 4 => point(ED25519_BASEPOINT_POINT * secret + torsion),
        5 => point(EdwardsPoint::identity() + torsion),
        6 => {
            // y + p of a y below 19, or x = 0 with a sign.
            let mut bytes = [0xff; 32];
            bytes[0] = 0xed + which % 19;
            bytes[31] = if which & 0x80 == 0 { 0x7f } else { 0xff };
            if which % 32 > 29 {
                bytes = point(EIGHT_TORSION[if which & 0x40 == 0 { 0 } else { 4 }]);
                bytes[31] |= 0x80;
            }
            bytes
        }
        _ => choices.arbitrary()?,
    };
    Ok((bytes, secret))
}

/// The sum of two little-endian numbers that is less than 2^256.
fn added(mut number: [u8; 32], other: [u8; 32]) -> [u8; 32] {
    let mut carry = 0;
    for (place, byte) in number.iter_mut().zip(other) {
        carry += u16::from(*place) + u16::from(byte);
        [*place, _] = carry.to_le_bytes();
        carry >>= 8;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_chosen_is_a_right_signature() {
        let Case { key, message, signature } = Case::choose(&mut Unstructured::new(&[])).unwrap();
        assert_eq!(Reasons::find(&key, &message, &signature), Reasons::default());
    }

    /// Each point is in one of the cases.
    #[test]
    fn the_four_agree() {
        for how in 0..8 {
            for which in 0..=255 {
                judge(&[1, 2, how, which, 0, 0, 3, 0, 1, 2, 3]);
                judge(&[1, 2, 0, 0, how, which, 3, 0, 1, 2, 3]);
                judge(&[1, 2, how, which, 3, 1, 3, 0, which, 2, 3]);
            }
        }
        for changes in 0..=255 {
            judge(&[1, 2, 0, 0, 0, 0, 3, changes, 1, 2, 3, 4, 5, 6, 7]);
        }
    }
}
