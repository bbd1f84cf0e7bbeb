//! SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): the two kinds of key that users have.

use crate::der::{Der, tag};

/// What stands before the 32 bytes of the key in an Ed25519 SubjectPublicKeyInfo (RFC 8410 §4).
const ED25519: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// `rsaEncryption` with its NULL parameters (RFC 8017 A.1).
const RSA_ENCRYPTION: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// 65537, the only public exponent that is accepted (§5).
const EXPONENT: [u8; 3] = [1, 0, 1];

/// Sizes of a modulus in bits (§5).
const MODULUS_BITS: core::ops::RangeInclusive<usize> = 2048..=4096;

/// Reads an Ed25519 SubjectPublicKeyInfo: the 32 bytes of the key, whether or not they are a point.
pub(crate) fn ed25519(bytes: &[u8]) -> Option<[u8; 32]> {
    bytes.strip_prefix(&ED25519)?.try_into().ok()
}

/// Reads an RSA SubjectPublicKeyInfo (RFC 8017 A.1.1): its modulus, big-endian without leading zeros.
///
/// 2048 to 4096 bits, odd, with the exponent 65537; nothing else is one (§5).
pub(crate) fn rsa(bytes: &[u8]) -> Option<&[u8]> {
    let mut outside = Der::new(bytes);
    let mut info = Der::new(outside.take(tag::SEQUENCE)?.strip_prefix(&RSA_ENCRYPTION)?);
    let mut key = Der::new(info.bit_string()?);
    let mut numbers = key.inside(tag::SEQUENCE)?;
    let modulus = numbers.positive()?;
    let exponent = numbers.positive()?;
    for der in [outside, info, key, numbers] {
        der.end()?;
    }
    let (first, last) = (modulus.first()?, modulus.last()?);
    let bits = modulus.len() * 8 - usize::try_from(first.leading_zeros()).ok()?;
    let good = last & 1 == 1 && exponent == EXPONENT && MODULUS_BITS.contains(&bits);
    good.then_some(modulus)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec;
    use std::vec::Vec;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let len = content.len();
        let length = match len {
            0..=0x7f => vec![u8::try_from(len).unwrap()],
            0x80..=0xff => vec![0x81, u8::try_from(len).unwrap()],
            _ => [&[0x82], &u16::try_from(len).unwrap().to_be_bytes()[..]].concat(),
        };
        [&[tag], &length[..], content].concat()
    }

    fn integer(magnitude: &[u8]) -> Vec<u8> {
        let sign: &[u8] = if magnitude[0] >= 0x80 { &[0] } else { &[] };
        element(tag::INTEGER, &[sign, magnitude].concat())
    }

    fn spki(key: &[u8]) -> Vec<u8> {
        let bits = element(tag::BIT_STRING, &[&[0], key].concat());
        element(tag::SEQUENCE, &[&RSA_ENCRYPTION[..], &bits].concat())
    }

    fn modulus(bits: usize) -> Vec<u8> {
        let mut bytes = vec![0x5a; bits.div_ceil(8)];
        bytes[0] = 1 << ((bits - 1) % 8);
        *bytes.last_mut().unwrap() |= 1;
        bytes
    }

    fn key(bits: usize) -> Vec<u8> {
        spki(&element(tag::SEQUENCE, &[integer(&modulus(bits)), integer(&EXPONENT)].concat()))
    }

    #[test]
    fn sizes_from_2048_to_4096_bits() {
        for bits in [2048, 2049, 3072, 4095, 4096] {
            assert_eq!(rsa(&key(bits)), Some(&modulus(bits)[..]), "{bits}");
        }
        for bits in [512, 2047, 4097] {
            assert_eq!(rsa(&key(bits)), None, "{bits}");
        }
        assert_eq!((key(2048).len(), key(4096).len()), (294, 550));
    }

    #[test]
    fn every_single_deviation_is_refused() {
        let good = key(2048);
        // The INTEGER of the modulus is bytes 32 to 288, its sign byte first; within it, other values are other keys.
        for place in 0..good.len() {
            for flip in 1..=0xff {
                let mut bad = good.clone();
                bad[place] ^= flip;
                let another_key = match place {
                    32 => bad[32] < 0x80,
                    33 => bad[33] >= 0x80,
                    34..288 => true,
                    288 => bad[288] & 1 == 1,
                    _ => false,
                };
                assert_eq!(rsa(&bad).is_some(), another_key, "{place} {flip}");
            }
        }
        for cut in 0..good.len() {
            assert_eq!(rsa(&good[..cut]), None);
        }
        assert_eq!(rsa(&[&good[..], &[0]].concat()), None);
    }

    #[test]
    fn exponents_and_signs() {
        let n = integer(&modulus(2048));
        for exponent in [&[3][..], &[1, 0, 3], &[1], &[1, 0, 0, 1]] {
            assert_eq!(rsa(&spki(&element(tag::SEQUENCE, &[&n[..], &integer(exponent)].concat()))), None);
        }
        let padded = element(tag::INTEGER, &[0, 1, 0, 1]);
        assert_eq!(rsa(&spki(&element(tag::SEQUENCE, &[&n[..], &padded].concat()))), None);
        let negative = element(tag::INTEGER, &modulus(2048));
        assert_eq!(rsa(&spki(&element(tag::SEQUENCE, &[negative, integer(&EXPONENT)].concat()))), None);
    }
}
