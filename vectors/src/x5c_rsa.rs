//! §6: leaves signed with RSA, and the certificate that the RSA key is taken from.

use num_bigint::BigUint;

use crate::case::{APPLIED, Topic};
use crate::chain::{
    NO, by_stranger, by_user, critical, grind, leaf, rsa_admin, rsa_leaf, rsa_no, rsa_ok, token, token_claims, user,
    with_user,
};
use crate::der::{NULL, RsaParts, algorithm, tlv, tlv_long};
use crate::oid;
use crate::rsa_key::{RsaKey, digest_info, digest_info_of, other_hashes, pss_parameters, sha256};
use crate::world::{STRANGER, claims, guest};
use crate::x509::{Cert, Signer, constraints, name, utc, utf8};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s6-x5c-rsa");
    algorithms(&mut t);
    paddings(&mut t);
    infos(&mut t);
    numbers(&mut t);
    messages(&mut t);
    certificate_ok(&mut t);
    certificate_no(&mut t);
    keys(&mut t);
    t
}

fn algorithms(t: &mut Topic) {
    let key = RsaKey::user();
    let no = |t: &mut Topic, tail: &str, note: &str, cert: &Cert, signature: &[u8]| {
        rsa_no(t, &format!("rsa-algorithm-{tail}"), note, &with_user(cert.with(signature)));
    };
    for (tail, raw) in [
        ("sha1", algorithm(&oid::SHA1_WITH_RSA, &NULL)),
        ("null-long-length", algorithm(&oid::SHA256_WITH_RSA, &[5, 0x81, 0])),
    ] {
        let cert = leaf().algorithm(&raw);
        let note = "§6: an RSA signature with SHA-256, but that is not what the algorithm says";
        no(t, tail, note, &cert, &key.sign(&cert.tbs()));
    }
    let oids = [&oid::SHA1_WITH_RSA, &oid::SHA384_WITH_RSA];
    for (n, kind) in oids.into_iter().enumerate() {
        let cert = leaf().algorithm(&algorithm(kind, &NULL));
        let (tail, info) = other_hashes(&cert.tbs())[n].clone();
        let note = "§6: a right signature of another algorithm";
        no(t, &format!("really-{tail}"), note, &cert, &key.power(&key.encoded(&info)));
    }
    let cert = leaf().algorithm(&algorithm(&oid::RSA_PSS, &pss_parameters()));
    no(t, "really-pss", "§6: a right signature of another algorithm", &cert, &key.sign_pss(&cert.tbs()));
    let cert = rsa_leaf();
    let note = "§6: a PSS signature under the algorithm of PKCS#1 v1.5";
    no(t, "pss-in-disguise", note, &cert, &key.sign_pss(&cert.tbs()));
}

/// A leaf with the signature of this encoded message.
fn signed(encode: impl FnOnce(&RsaKey, &[u8]) -> Vec<u8>) -> Vec<Vec<u8>> {
    let (key, cert) = (RsaKey::user(), rsa_leaf());
    let encoded = encode(&key, &cert.tbs());
    assert_eq!(encoded.len(), key.size(), "an encoded message is as long as the modulus");
    with_user(cert.with(&key.power(&encoded)))
}

fn paddings(t: &mut Topic) {
    type Encode = fn(&RsaKey, &[u8]) -> Vec<u8>;
    let spoil = |at: usize, value: u8| {
        signed(move |k, m| {
            let mut out = k.encoded(&digest_info(m));
            out[at] = value;
            out
        })
    };
    let note = "§6: EMSA-PKCS1-v1_5 is 00 01, FFs, 00 and the DigestInfo (RFC 8017 9.2)";
    // 256 octets, of which the DigestInfo is 51: the FFs are from 2 to 203.
    for (tail, at, value) in [("type-02", 1, 2), ("ff-first-fe", 2, 0xfe), ("ff-middle-00", 100, 0)] {
        rsa_no(t, &format!("rsa-padding-{tail}"), note, &spoil(at, value));
    }
    let whole: [(&str, Encode); 4] = [
        ("short-then-zeros", |k, m| {
            let start = [&[0, 1][..], &[0xff; 8], &[0], &digest_info(m)].concat();
            k.padded(&start, 0, &[])
        }),
        ("short-then-garbage", |k, m| {
            let start = [&[0, 1][..], &[0xff; 8], &[0], &digest_info(m)].concat();
            k.padded(&start, 0x5a, &[])
        }),
        ("one-short-one-more", |k, m| k.encoded(&[&digest_info(m)[..], &[0]].concat())),
        ("garbage-before", |k, m| k.padded(&[&[0, 1][..], &[0xff; 8], &[0]].concat(), 0x5a, &digest_info(m))),
    ];
    for (tail, encode) in whole {
        rsa_no(t, &format!("rsa-padding-{tail}"), note, &signed(encode));
    }
}

fn infos(t: &mut Topic) {
    type Info = fn(&[u8]) -> Vec<u8>;
    let note = "§6: the DigestInfo is SHA-256 with NULL and the digest, in DER, and nothing else (RFC 8017 9.2)";
    let faults: [(&str, Info); 7] = [
        ("no-null", |m| digest_info_of(&oid::SHA256, &[], &sha256(m))),
        ("null-with-garbage", |m| digest_info_of(&oid::SHA256, &tlv(5, &[0x5a; 40]), &sha256(m))),
        ("sha512-256-oid", |m| digest_info_of(&oid::SHA512_256, &NULL, &sha256(m))),
        ("really-sha1", |m| other_hashes(m)[0].1.clone()),
        ("31-bytes", |m| digest_info_of(&oid::SHA256, &NULL, &sha256(m)[..31])),
        ("long-length", |m| tlv_long(0x30, &digest_info(m)[2..], 1)),
        ("last-bit", |m| {
            let mut info = digest_info(m);
            info[50] ^= 1;
            info
        }),
    ];
    for (tail, info) in faults {
        rsa_no(t, &format!("rsa-info-{tail}"), note, &signed(|k, m| k.encoded(&info(m))));
    }
}

fn numbers(t: &mut Topic) {
    let key = RsaKey::user();
    let n = key.modulus();
    let cert = rsa_leaf();
    let good = key.sign(&cert.tbs());
    let s = BigUint::from_bytes_be(&good);
    let one = BigUint::from(1_u8);
    let note = "§6: no signature of this key";
    for (tail, signature) in [("n-minus-1", key.octets(&(n - &one))), ("empty", vec![])] {
        rsa_no(t, &format!("rsa-s-{tail}"), note, &with_user(cert.with(&signature)));
    }
    let note = "§6: a signature is as long as the modulus (RFC 8017 8.2.2)";
    for (tail, signature) in [
        ("257-bytes", [&[0], &good[..]].concat()),
        ("255-bytes", good[..255].to_vec()),
        ("plus-n-257-bytes", {
            let bytes = (&s + (n << 8_u8)).to_bytes_be();
            assert_eq!(bytes.len(), 257);
            bytes
        }),
    ] {
        rsa_no(t, &format!("rsa-s-{tail}"), note, &with_user(cert.with(&signature)));
    }
    let larger = grind(&cert, |cert| {
        let sum = BigUint::from_bytes_be(&key.sign(&cert.tbs())) + n;
        (sum.bits() <= 2048).then(|| cert.with(&key.octets(&sum)))
    });
    let note = "§6: s + n has the right power, but a signature is below the modulus (RFC 8017 5.2.2)";
    rsa_no(t, "rsa-s-plus-n", note, &with_user(larger));
    // One signature in 256 begins with a zero.
    let with_serial = |n: u16| Cert { serial: tlv(0x02, &[&[0x40], &n.to_be_bytes()[..]].concat()), ..rsa_leaf() };
    let cert = (ZERO_FIRST..).map(with_serial).find(|cert| key.sign(&cert.tbs())[0] == 0).expect("one in 256");
    let signature = key.sign(&cert.tbs());
    rsa_ok(t, "rsa-s-zero-first", "§6: a signature that begins with a zero", &with_user(cert.with(&signature)));
    let note = "§6: the zero in front belongs to the signature";
    rsa_no(t, "rsa-s-zero-cut", note, &with_user(cert.with(&signature[1..])));
}

/// The first serial number that works, to save the time of looking for it.
const ZERO_FIRST: u16 = 626;

fn messages(t: &mut Topic) {
    let cert = rsa_leaf();
    let other = Cert { serial: tlv(0x02, &[0x2b]), ..rsa_leaf() };
    let note = "§6: the issuer's RSA key, but it signed another leaf";
    rsa_no(t, "rsa-over-other-serial", note, &with_user(cert.with(&RsaKey::user().sign(&other.tbs()))));
}

/// The leaf with this in the second place.
fn behind(second: Vec<u8>) -> Vec<Vec<u8>> {
    vec![by_user(&rsa_leaf()), second]
}

fn certificate_ok(t: &mut Topic) {
    let key = RsaKey::user();
    let good = user(&key);
    let note = "§6: of x5c[1] only the SubjectPublicKeyInfo is used";
    let certificates = [
        ("expired", Cert { validity: [utc(0), utc(1)], ..good.clone() }),
        ("no-ca", Cert { extensions: vec![constraints(&[0x30, 0])], ..good.clone() }),
        ("critical", good.clone().extended(critical(&oid::unknown(1), b"\x05\x00"))),
        ("other-subject", Cert { subject: name(&[utf8(&oid::UID, STRANGER)]), ..good.clone() }),
    ];
    for (tail, cert) in certificates {
        rsa_ok(t, &format!("user-{tail}"), note, &behind(by_stranger(&cert)));
    }
    let by_rsa = good.clone().algorithm(&algorithm(&oid::SHA256_WITH_RSA, &NULL));
    for (tail, der) in [("wrong-signature", good.with(&[0x5a; 64])), ("self-signed", by_rsa.by(&Signer::Rsa(&key)))] {
        rsa_ok(t, &format!("user-{tail}"), note, &behind(der));
    }
}

fn certificate_no(t: &mut Topic) {
    let key = RsaKey::user();
    let good = user(&key);
    let der = by_stranger(&good);
    for (tail, second) in [
        ("bare-key", key.spki()),
        ("cut-1", der[..der.len() - 1].to_vec()),
        ("then-zero", [&der[..], &[0]].concat()),
        ("no-key", by_stranger(&Cert { key: vec![], ..good.clone() })),
    ] {
        rsa_no(t, &format!("user-no-{tail}"), "§6: x5c[1] cannot be read as a certificate", &behind(second));
    }
}

fn keys(t: &mut Topic) {
    let key = RsaKey::user();
    let real = || key.parts();
    let good = user(&key);
    let with = |spki: Vec<u8>| behind(by_stranger(&Cert { key: spki, ..good.clone() }));
    let note = "§5, §6: x5c[1] has the issuer's RSA key in another spelling, which has another fingerprint";
    let parameters = |raw: &[u8]| RsaParts { algorithm: algorithm(&oid::RSA, raw), ..real() }.der();
    for (tail, raw) in
        [("no-null", parameters(&[])), ("long-length-outer", RsaParts { lengths: [3, 0, 0, 0, 0], ..real() }.der())]
    {
        rsa_no(t, &format!("user-key-{tail}"), note, &with(raw));
    }
    // With e = 1 every encoded message is its own signature.
    let cert = rsa_leaf();
    let trivial = RsaParts { exponent: vec![1], ..real() };
    let chain = [cert.with(&key.encoded(&digest_info(&cert.tbs()))), by_stranger(&Cert { key: trivial.der(), ..good })];
    rsa_no(t, "user-key-exponent-1-forged", "§6: with e = 1 every encoded message signs itself", &chain);
    let case = t.case("x5c-user-key-twins", "§6: two users with the same RSA key; the UID tells them apart");
    let twin = guest(1).key(&key.spki()).role("ADMIN");
    let claims = claims().with_str("iss", &guest(1).user);
    let jws = token_claims(&with_user(by_user(&rsa_leaf())), &claims).jws();
    let case = case.acl(&[rsa_admin(), twin]).step(&jws, NO);
    let own = token(&with_user(by_user(&rsa_leaf()))).jws();
    t.push(case.step(&own, APPLIED).grants(&[guest(1)]));
}
