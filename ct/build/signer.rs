//! Signatures: as everybody makes them, and by scalars of one's choice.

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_compact::{KeyPair, Seed, sha512};

/// The group order, 2^252 + 27742317777372353535851937790883648493.
pub(crate) const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The keys of somebody.
pub(crate) fn key_pair(number: u8) -> KeyPair {
    KeyPair::from_seed(Seed::new([number; 32]))
}

/// A signature from its halves.
pub(crate) fn join(r: [u8; 32], s: [u8; 32]) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice(&s);
    signature
}

/// R and S of a signature.
pub(crate) fn split(signature: [u8; 64]) -> ([u8; 32], [u8; 32]) {
    let (r, s) = signature.split_at(32);
    (r.try_into().expect("32 bytes"), s.try_into().expect("32 bytes"))
}

/// S plus a multiple of L, as a number of 256 bits.
pub(crate) fn plus_l(mut s: [u8; 32], times: u8) -> [u8; 32] {
    for _ in 0..times {
        let mut carry = 0;
        for (byte, l) in s.iter_mut().zip(L) {
            let sum = u16::from(*byte) + u16::from(l) + carry;
            [*byte, _] = sum.to_le_bytes();
            carry = sum >> 8;
        }
    }
    s
}

/// Keys whose secret scalar is known, with something added to the public key.
pub(crate) struct Chosen {
    pub(crate) secret: Scalar,
    /// A point of small order.
    pub(crate) torsion: EdwardsPoint,
}

impl Chosen {
    /// The public key.
    pub(crate) fn key(&self) -> [u8; 32] {
        (ED25519_BASEPOINT_POINT * self.secret + self.torsion).compress().0
    }

    /// k of RFC 8032 §5.1.7.
    pub(crate) fn challenge(&self, r: [u8; 32], message: &[u8]) -> Scalar {
        let hashed = [&r[..], &self.key(), message].concat();
        Scalar::from_bytes_mod_order_wide(&sha512::Hash::hash(hashed))
    }

    /// The signature with this nonce, with something added to R. The equation holds but for points of small order.
    pub(crate) fn sign(&self, nonce: Scalar, r_torsion: EdwardsPoint, message: &[u8]) -> [u8; 64] {
        let r = (ED25519_BASEPOINT_POINT * nonce + r_torsion).compress().0;
        let s = nonce + self.challenge(r, message) * self.secret;
        join(r, s.to_bytes())
    }
}
