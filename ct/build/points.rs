//! Encodings of points (RFC 8032 §5.1.2) that a verifier must mind.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;

/// 32 bytes that are, or are not, a point.
pub(crate) type Encoding = [u8; 32];

/// The sign of x, in the last byte.
const SIGN: u8 = 0x80;

/// y in the lowest byte, or as much above p = 2^255 - 19.
fn y(low: u8, beyond_p: bool) -> Encoding {
    let mut encoding = [if beyond_p { 0xff } else { 0 }; 32];
    encoding[0] = if beyond_p { 0xed + low } else { low };
    encoding[31] &= !SIGN;
    encoding
}

fn with_sign(mut encoding: Encoding) -> Encoding {
    encoding[31] |= SIGN;
    encoding
}

fn is_on_curve(encoding: Encoding) -> bool {
    CompressedEdwardsY(encoding).decompress().is_some()
}

/// The eight points whose order divides 8.
pub(crate) fn small_order() -> Vec<Encoding> {
    EIGHT_TORSION.iter().map(|point| point.compress().0).collect()
}

/// Other spellings of those: y >= p, or x = 0 with a sign.
pub(crate) fn small_order_non_canonical() -> Vec<Encoding> {
    let minus_one = {
        let mut encoding = y(0, true);
        encoding[0] -= 1;
        encoding
    };
    let beyond = [y(0, true), y(1, true)];
    vec![with_sign(y(1, false)), with_sign(minus_one), beyond[0], with_sign(beyond[0]), beyond[1], with_sign(beyond[1])]
}

/// y >= p, of points of large order.
pub(crate) fn non_canonical() -> Vec<Encoding> {
    (2..19).filter(|low| is_on_curve(y(*low, false))).map(|low| y(low, true)).collect()
}

/// No point at all.
pub(crate) fn off_curve() -> Vec<Encoding> {
    let small = (2..=0xff).map(|low| y(low, false));
    let all = small.flat_map(|encoding| [encoding, with_sign(encoding)]);
    all.filter(|encoding| !is_on_curve(*encoding)).collect()
}
