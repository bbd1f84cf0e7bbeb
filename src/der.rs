//! Strict DER (X.690 §10), as much of it as keys need.

/// The tags that are read here.
mod tag {
    pub(super) const INTEGER: u8 = 0x02;
    pub(super) const BIT_STRING: u8 = 0x03;
    pub(super) const SEQUENCE: u8 = 0x30;
}

/// `rsaEncryption` with its NULL parameters (RFC 8017 A.1).
const RSA_ENCRYPTION: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// 65537, the only public exponent that is accepted (§5).
const EXPONENT: [u8; 3] = [1, 0, 1];

/// Sizes of a modulus in bits (§5).
const MODULUS_BITS: core::ops::RangeInclusive<usize> = 2048..=4096;

/// Takes one element with this tag from the front: its content, and what follows it.
fn take(tag: u8, input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = input.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (len, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81 => {
            let (&len, rest) = rest.split_first()?;
            (usize::from(len), rest)
        }
        0x82 => {
            let (&[high, low], rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes([high, low])), rest)
        }
        // Nothing that is read here is longer than 64 KiB.
        _ => return None,
    };
    // The shortest form of the length, and no other (X.690 §10.1).
    let shortest = match length {
        0x81 => len >= 0x80,
        0x82 => len >= 0x100,
        _ => true,
    };
    if first != tag || !shortest {
        return None;
    }
    rest.split_at_checked(len)
}

/// Takes the one element of this tag that `input` consists of.
fn all(tag: u8, input: &[u8]) -> Option<&[u8]> {
    take(tag, input).and_then(|(content, rest)| rest.is_empty().then_some(content))
}

/// Takes a positive INTEGER in its shortest form (X.690 §8.3.2): its bytes without a sign byte, and what follows.
fn positive(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (content, rest) = take(tag::INTEGER, input)?;
    let magnitude = match content {
        [0, magnitude @ ..] if magnitude.first().is_some_and(|byte| *byte >= 0x80) => magnitude,
        [1..=0x7f, ..] => content,
        _ => return None,
    };
    Some((magnitude, rest))
}

/// Reads an RSA SubjectPublicKeyInfo (RFC 8017 A.1.1, RFC 5280 §4.1): its modulus, big-endian without leading zeros.
///
/// 2048 to 4096 bits, odd, with the exponent 65537; nothing else is one.
pub(crate) fn rsa_spki(bytes: &[u8]) -> Option<&[u8]> {
    let key = all(tag::SEQUENCE, bytes)?.strip_prefix(&RSA_ENCRYPTION)?;
    let key = all(tag::BIT_STRING, key)?.strip_prefix(&[0])?;
    let (modulus, exponent) = positive(all(tag::SEQUENCE, key)?)?;
    let (exponent, rest) = positive(exponent)?;
    let first = modulus.first()?;
    let bits = modulus.len() * 8 - usize::try_from(first.leading_zeros()).ok()?;
    let odd = modulus.last()? & 1 == 1;
    (odd && exponent == EXPONENT && rest.is_empty() && MODULUS_BITS.contains(&bits)).then_some(modulus)
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
            assert_eq!(rsa_spki(&key(bits)), Some(&modulus(bits)[..]), "{bits}");
        }
        for bits in [512, 2047, 4097] {
            assert_eq!(rsa_spki(&key(bits)), None, "{bits}");
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
                assert_eq!(rsa_spki(&bad).is_some(), another_key, "{place} {flip}");
            }
        }
        for cut in 0..good.len() {
            assert_eq!(rsa_spki(&good[..cut]), None);
        }
        assert_eq!(rsa_spki(&[&good[..], &[0]].concat()), None);
    }

    #[test]
    fn exponents_and_signs() {
        let n = integer(&modulus(2048));
        for exponent in [&[3][..], &[1, 0, 3], &[1], &[1, 0, 0, 1]] {
            assert_eq!(rsa_spki(&spki(&element(tag::SEQUENCE, &[&n[..], &integer(exponent)].concat()))), None);
        }
        let padded = element(tag::INTEGER, &[0, 1, 0, 1]);
        assert_eq!(rsa_spki(&spki(&element(tag::SEQUENCE, &[&n[..], &padded].concat()))), None);
        let negative = element(tag::INTEGER, &modulus(2048));
        assert_eq!(rsa_spki(&spki(&element(tag::SEQUENCE, &[negative, integer(&EXPONENT)].concat()))), None);
    }
}
