//! Odd points, scalars and signatures of edwards25519.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use ed25519_compact::sha512;

use crate::keys::seed;

/// p = 2^255 - 19, little-endian.
pub(crate) const P: [u8; 32] = {
    let mut out = [0xff; 32];
    out[0] = 0xed;
    out[31] = 0x7f;
    out
};

/// The group order L = 2^252 + 27742317777372353535851937790883648493, little-endian.
pub(crate) const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The encodings with y = p + k, of which each field element below 19 has one.
fn beyond_p() -> impl Iterator<Item = [u8; 32]> {
    (0..19_u8).flat_map(|k| {
        [0x7f, 0xff].map(|top| {
            let mut out = P;
            out[0] += k;
            out[31] = top;
            out
        })
    })
}

fn residue(encoding: &[u8; 32]) -> [u8; 32] {
    let mut out = [0; 32];
    out[0] = encoding[0] - P[0];
    out[31] = encoding[31] & 0x80;
    out
}

/// Encodings with y >= p of points of large order.
pub(crate) fn non_canonical_large() -> Vec<[u8; 32]> {
    let large = |e: &[u8; 32]| CompressedEdwardsY(residue(e)).decompress().is_some_and(|p| !p.is_small_order());
    beyond_p().filter(large).collect()
}

/// Encodings with y >= p of no point at all.
pub(crate) fn non_canonical_off_curve() -> Vec<[u8; 32]> {
    beyond_p().filter(|e| CompressedEdwardsY(residue(e)).decompress().is_none()).collect()
}

/// The eight points of small order.
pub(crate) fn small_order() -> Vec<[u8; 32]> {
    EIGHT_TORSION.iter().map(|p| p.compress().0).collect()
}

/// Their other spellings: y >= p, or x = 0 with a sign.
pub(crate) fn small_order_non_canonical() -> Vec<[u8; 32]> {
    let mut one = [0; 32];
    (one[0], one[31]) = (1, 0x80);
    let mut minus_one = P;
    (minus_one[0], minus_one[31]) = (0xec, 0xff);
    let mut out = vec![one, minus_one];
    out.extend(beyond_p().filter(|e| e[0] <= 0xee));
    assert_eq!(out.len(), 6);
    out
}

/// The n-th point of small order.
pub(crate) fn torsion(n: usize) -> EdwardsPoint {
    EIGHT_TORSION[n]
}

/// A scalar from a name.
pub(crate) fn scalar(name: &str) -> Scalar {
    Scalar::from_bytes_mod_order(seed(name))
}

/// A key whose encoding is chosen apart from its scalar.
pub(crate) struct OddKey {
    /// Discrete logarithm of the part of large order.
    pub(crate) secret: Scalar,
    /// What the ACL holds.
    pub(crate) public: [u8; 32],
}

/// A key with the n-th point of small order added.
pub(crate) fn mixed(name: &str, n: usize) -> OddKey {
    let secret = scalar(name);
    let public = (EdwardsPoint::mul_base(&secret) + torsion(n)).compress().0;
    OddKey { secret, public }
}

/// SHA-512(dom || R || A || M), unreduced.
pub(crate) fn digest(dom: &[u8], r: &[u8; 32], a: &[u8; 32], message: &[u8]) -> [u8; 64] {
    sha512::Hash::hash([dom, r, a, message].concat())
}

/// R and S = r + h a, whatever R encodes.
pub(crate) fn sign(key: &OddKey, nonce: &Scalar, r: &[u8; 32], message: &[u8]) -> [u8; 64] {
    let h = Scalar::from_bytes_mod_order_wide(&digest(&[], r, &key.public, message));
    join(r, &(nonce + h * key.secret).to_bytes())
}

/// Both halves of a signature.
pub(crate) fn join(r: &[u8; 32], s: &[u8; 32]) -> [u8; 64] {
    let mut out = [0; 64];
    out[..32].copy_from_slice(r);
    out[32..].copy_from_slice(s);
    out
}

/// The hash modulo 8, if it is the same before and after the reduction modulo L: RFC 8032 and
/// verify_strict could differ on a torsion part otherwise.
pub(crate) fn octant(r: &[u8; 32], a: &[u8; 32], message: &[u8]) -> Option<u8> {
    let wide = digest(&[], r, a, message);
    let reduced = Scalar::from_bytes_mod_order_wide(&wide);
    let low = reduced.as_bytes()[0] & 7;
    (wide[0] & 7 == low).then_some(low)
}

/// S + k L, as far as 256 bits go.
pub(crate) fn add_order(s: &[u8; 32], times: u8) -> Option<[u8; 32]> {
    let mut out = *s;
    for _ in 0..times {
        let mut carry = 0_u16;
        for (byte, l) in out.iter_mut().zip(L) {
            let sum = u16::from(*byte) + u16::from(l) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        if carry != 0 {
            return None;
        }
    }
    Some(out)
}
