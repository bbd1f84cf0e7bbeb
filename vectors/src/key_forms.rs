//! §5: the three forms of `publicKey`.

use curve25519_dalek::edwards::CompressedEdwardsY;

use crate::b64::Spelling;
use crate::case::Topic;
use crate::der::{RSA_OID, RsaParts, algorithm, tlv, tlv_long};
use crate::keys::{rsa, seed, spki};
use crate::points;
use crate::token::Token;
use crate::world::{claims_users, guest, guest_key, guest_obj};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s5-keys");
    spellings(&mut t);
    lengths(&mut t);
    edwards(&mut t);
    ed25519_spki(&mut t);
    rsa_sizes(&mut t);
    rsa_numbers(&mut t);
    rsa_der(&mut t);
    t
}

/// Code of every key that is refused.
const INVALID: &str = "invalid-operation";

fn with(key: &[u8], spelling: Spelling) -> Token {
    let object = guest_obj(1).with_str("publicKey", &spelling.encode(key));
    Token::claims(&claims_users(&[object]))
}

fn ok(t: &mut Topic, tail: &str, note: &str, key: &[u8]) {
    let token = with(key, Spelling::StdPad);
    t.ok_grants(&format!("key-{tail}"), note, &token, &[guest(1).key(key)]);
}

fn no(t: &mut Topic, tail: &str, note: &str, key: &[u8]) {
    t.no(&format!("key-{tail}"), note, INVALID, &with(key, Spelling::StdPad));
}

fn spellings(t: &mut Topic) {
    let ed = guest_key(1).public();
    let forms = [
        ("raw", ed.to_vec()),
        ("ed25519-spki", spki(&ed).clone()),
        ("rsa-2048", rsa(2048)),
        ("rsa-3072", rsa(3072)),
        ("rsa-4096", rsa(4096)),
    ];
    for (form, key) in &forms {
        for s in Spelling::ALL {
            let note = "§5: every form of key in every spelling of base64";
            let kept = if form.starts_with("rsa") { key.clone() } else { ed.to_vec() };
            let tail = format!("key-{form}-{}", s.name());
            t.ok_grants(&tail, note, &with(key, s), &[guest(1).key(&kept)]);
        }
    }
    let users: Vec<_> = forms
        .iter()
        .enumerate()
        .map(|(n, f)| guest_obj(n + 1).with_str("publicKey", &Spelling::StdPad.encode(&f.1)))
        .collect();
    let grants: Vec<_> = forms.iter().enumerate().map(|(n, f)| guest(n + 1).key(&f.1)).collect();
    let token = Token::claims(&claims_users(&users));
    t.ok_grants("key-all-forms", "§5: all forms of key in one batch", &token, &grants);
}

fn lengths(t: &mut Topic) {
    let note = "§5: no key form has this length";
    let bytes = [guest_key(1).public(), guest_key(2).public(), guest_key(3).public()].concat();
    for length in [1, 16, 31, 33, 43, 44, 45, 48, 57, 64] {
        no(t, &format!("length-{length}"), note, &bytes[..length]);
    }
    let full = spki(&guest_key(1).public());
    no(t, "spki-43", "§5: an SPKI that is cut short", &full[..43]);
    no(t, "spki-45", "§5: an SPKI with a byte too many", &[&full[..], &[0]].concat());
    no(t, "spki-45-front", "§5: an SPKI with a byte in front", &[&[0], &full[..]].concat());
    no(t, "spki-prefix-only", "§5: an SPKI without its key", &full[..12]);
    no(t, "33-zero-in-front", "§5: a raw key with a byte in front", &[&[0], &full[12..]].concat());
    let mut pkcs8 = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    pkcs8.extend_from_slice(&seed("a private key by mistake"));
    no(t, "pkcs8", "§5: a private key is no public key", &pkcs8);
}

fn edwards(t: &mut Topic) {
    let note = "§5: a canonical point of large order";
    let mut off = 0;
    for n in 0..12_u8 {
        let mut key = [0; 32];
        key[0] = n;
        let on_curve = CompressedEdwardsY(key).decompress();
        match on_curve {
            Some(point) if !point.is_small_order() => ok(t, &format!("y-{n}"), note, &key),
            Some(_) => {}
            None => {
                off += 1;
                no(t, &format!("off-curve-y-{n}"), "§5: not on the curve", &key);
            }
        }
    }
    assert!(off > 2);
    let mut top = points::P;
    let mut last = 0;
    for k in 2..16_u8 {
        top[0] = points::P[0] - k;
        let on_curve = CompressedEdwardsY(top).decompress().is_some_and(|p| !p.is_small_order());
        if on_curve {
            last = k;
            break;
        }
    }
    assert!(last > 0);
    ok(t, &format!("y-p-minus-{last}"), "§5: a canonical y just below p", &top);
    for (n, key) in points::non_canonical_large().into_iter().enumerate() {
        let note = "§5: y >= p, though the point is of large order";
        no(t, &format!("non-canonical-{n}"), note, &key);
        no(t, &format!("non-canonical-{n}-spki"), note, &spki(&key));
    }
    for (n, key) in points::non_canonical_off_curve().into_iter().enumerate().take(4) {
        no(t, &format!("non-canonical-off-curve-{n}"), "§5: y >= p and not on the curve", &key);
    }
    for (n, key) in points::small_order().into_iter().enumerate() {
        let note = "§5: a point of small order";
        no(t, &format!("small-order-{n}"), note, &key);
        no(t, &format!("small-order-{n}-spki"), note, &spki(&key));
    }
    for (n, key) in points::small_order_non_canonical().into_iter().enumerate() {
        let note = "§5: a point of small order in a second spelling";
        no(t, &format!("small-order-non-canonical-{n}"), note, &key);
        no(t, &format!("small-order-non-canonical-{n}-spki"), note, &spki(&key));
    }
    for n in 1..8 {
        let key = points::mixed("mixed", n).public;
        let note = "§5, §6: large order with a torsion part is neither small nor non-canonical";
        ok(t, &format!("mixed-order-{n}"), note, &key);
    }
    no(t, "all-ff", "§5: y = 2^255 - 1", &[0xff; 32]);
}

fn ed25519_spki(t: &mut Topic) {
    let good = spki(&guest_key(1).public());
    for n in 0..12 {
        for bit in [0x01, 0x80] {
            let mut key = good.clone();
            key[n] ^= bit;
            let note = "§5: the 12 bytes in front of the key are fixed (RFC 8410)";
            no(t, &format!("spki-byte-{n}-bit-{bit:02x}"), note, &key);
        }
    }
    let public = guest_key(1).public();
    let bits = tlv(3, &[&[0], &public[..]].concat());
    for (tail, oid) in [("x25519", [0x2b, 0x65, 0x6e]), ("x448", [0x2b, 0x65, 0x6f]), ("ed448", [0x2b, 0x65, 0x71])] {
        let key = tlv(0x30, &[algorithm(&oid, &[]), bits.clone()].concat());
        no(t, &format!("spki-{tail}"), "§5: the OID of another algorithm", &key);
    }
    let key = tlv(0x30, &[algorithm(&[0x2b, 0x65, 0x70], &[5, 0]), bits.clone()].concat());
    no(t, "spki-null", "§5: RFC 8410 has no parameters", &key);
    let key = tlv_long(0x30, &[algorithm(&[0x2b, 0x65, 0x70], &[]), bits].concat(), 1);
    no(t, "spki-long-length", "§5: 44 bytes, no other length of length", &key);
}

/// An odd modulus of exactly this many bits.
fn modulus(bits: usize) -> Vec<u8> {
    let bytes = bits.div_ceil(8);
    let mut out: Vec<u8> = (0..).flat_map(|n| seed(&format!("modulus {n}"))).take(bytes).collect();
    let top = 1_u8 << ((bits + 7) % 8);
    out[0] = (out[0] & (top - 1)) | top;
    out[bytes - 1] |= 1;
    out
}

fn rsa_sizes(t: &mut Topic) {
    for (bits, fine) in [
        (512, false),
        (1024, false),
        (2040, false),
        (2047, false),
        (2048, true),
        (2049, true),
        (2056, true),
        (3071, true),
        (4095, true),
        (4096, true),
        (4097, false),
        (4104, false),
        (8192, false),
    ] {
        let key = RsaParts::new(&modulus(bits)).der();
        let note = "§5: a modulus of 2048 to 4096 bits";
        if fine {
            ok(t, &format!("rsa-bits-{bits}"), note, &key);
        } else {
            no(t, &format!("rsa-bits-{bits}"), note, &key);
        }
    }
}

/// The modulus of the real RSA-2048 key.
fn real() -> RsaParts {
    let der = rsa(2048);
    let end = der.len() - 5;
    let parts = RsaParts::new(&der[end - 256..end]);
    assert_eq!(parts.der(), der, "the builder makes what OpenSSL makes");
    parts
}

fn rsa_numbers(t: &mut Topic) {
    let note = "§5: the exponent is 65537";
    for (tail, exponent) in [
        ("1", vec![1]),
        ("3", vec![3]),
        ("17", vec![17]),
        ("65535", vec![0, 0xff, 0xff]),
        ("65536", vec![1, 0, 0]),
        ("65539", vec![1, 0, 3]),
        ("0", vec![0]),
        ("256-times", vec![1, 0, 1, 0]),
        ("2-pow-32-plus", vec![1, 0, 1, 0, 1]),
        ("2-pow-64-plus", vec![1, 0, 0, 0, 0, 0, 1, 0, 1]),
        ("negative", vec![0xfe, 0xff, 0xff]),
        ("reversed", vec![1, 0]),
        ("empty", vec![]),
    ] {
        let parts = RsaParts { exponent, ..real() };
        no(t, &format!("rsa-e-{tail}"), note, &parts.der());
    }
    let note = "§5: strict DER: an INTEGER is as short as possible";
    no(t, "rsa-e-leading-zero", note, &RsaParts { exponent: vec![0, 1, 0, 1], ..real() }.der());
    let good = real().modulus;
    let more = [&[0], &good[..]].concat();
    no(t, "rsa-modulus-leading-zeros", note, &RsaParts { modulus: more, ..real() }.der());
    let mut padded = modulus(2047);
    padded.insert(0, 0);
    let note = "§5: 2047 bits are too few, with a zero in front too";
    no(t, "rsa-modulus-2047-leading-zero", note, &RsaParts { modulus: padded, ..real() }.der());
    let negative = good[1..].to_vec();
    let note = "§5: a modulus is positive";
    no(t, "rsa-modulus-negative", note, &RsaParts { modulus: negative, ..real() }.der());
    no(t, "rsa-modulus-zero", note, &RsaParts { modulus: vec![0], ..real() }.der());
    no(t, "rsa-modulus-empty", note, &RsaParts { modulus: vec![], ..real() }.der());
    let mut even = good;
    *even.last_mut().expect("not empty") ^= 1;
    let note = "§11: a modulus is odd";
    no(t, "rsa-modulus-even", note, &RsaParts { modulus: even, ..real() }.der());
    let mut power = vec![0; 257];
    power[1] = 0x80;
    no(t, "rsa-modulus-2-pow-2047", note, &RsaParts { modulus: power.clone(), ..real() }.der());
    power[256] = 1;
    let note = "§5: the smallest odd modulus of 2048 bits";
    ok(t, "rsa-modulus-smallest", note, &RsaParts { modulus: power, ..real() }.der());
}

fn rsa_der(t: &mut Topic) {
    let note = "§5: strict DER: a length is as short as possible";
    let names = ["outer", "bit-string", "inner", "modulus", "exponent"];
    for (n, name) in names.into_iter().enumerate() {
        let shortest = if n == 4 { 0 } else { 2 };
        let mut parts = real();
        parts.lengths[n] = shortest + 1;
        no(t, &format!("rsa-long-length-{name}"), note, &parts.der());
        let mut parts = real();
        parts.lengths[n] = 8;
        no(t, &format!("rsa-8-byte-length-{name}"), note, &parts.der());
        let mut parts = real();
        parts.tags[n] ^= 0x20;
        no(t, &format!("rsa-tag-constructed-{name}"), "§5: DER has one form of each type", &parts.der());
        let mut parts = real();
        parts.tags[n] ^= 0x01;
        no(t, &format!("rsa-tag-{name}"), "§5: another type", &parts.der());
        let mut parts = real();
        parts.tags[n] |= 0x80;
        no(t, &format!("rsa-tag-context-{name}"), "§5: a context-specific tag", &parts.der());
    }
    let note = "§5: the AlgorithmIdentifier is rsaEncryption with NULL (§11)";
    let pss = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
    let sha256 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    let longer = [&RSA_OID[..], &[1]].concat();
    for (tail, raw) in [
        ("no-null", algorithm(&RSA_OID, &[])),
        ("null-with-content", algorithm(&RSA_OID, &[5, 1, 0])),
        ("null-long-length", algorithm(&RSA_OID, &[5, 0x81, 0])),
        ("null-twice", algorithm(&RSA_OID, &[5, 0, 5, 0])),
        ("null-then-byte", algorithm(&RSA_OID, &[5, 0, 0])),
        ("sequence-for-null", algorithm(&RSA_OID, &[0x30, 0])),
        ("boolean-for-null", algorithm(&RSA_OID, &[1, 1, 0])),
        ("pss", algorithm(&pss, &[5, 0])),
        ("pss-no-parameters", algorithm(&pss, &[])),
        ("sha256-with-rsa", algorithm(&sha256, &[5, 0])),
        ("oid-shorter", algorithm(&RSA_OID[..8], &[5, 0])),
        ("oid-longer", algorithm(&longer, &[5, 0])),
        ("oid-empty", algorithm(&[], &[5, 0])),
        ("ed25519", algorithm(&[0x2b, 0x65, 0x70], &[5, 0])),
        ("missing", vec![]),
        ("empty", vec![0x30, 0]),
        ("oid-long-length", tlv(0x30, &[tlv_long(6, &RSA_OID, 1), vec![5, 0]].concat())),
        ("long-length", tlv_long(0x30, &[tlv(6, &RSA_OID), vec![5, 0]].concat(), 1)),
        ("set", tlv(0x31, &[tlv(6, &RSA_OID), vec![5, 0]].concat())),
        ("twice", [algorithm(&RSA_OID, &[5, 0]), algorithm(&RSA_OID, &[5, 0])].concat()),
    ] {
        no(t, &format!("rsa-algorithm-{tail}"), note, &RsaParts { algorithm: raw, ..real() }.der());
    }
    let note = "§5: strict DER: nothing follows";
    for (n, name) in ["exponent", "rsa-public-key", "bit-string", "everything"].into_iter().enumerate() {
        for (what, bytes) in [("zero", vec![0]), ("null", vec![5, 0]), ("integer", vec![2, 1, 1])] {
            let mut parts = real();
            parts.tails[n] = bytes;
            no(t, &format!("rsa-after-{name}-{what}"), note, &parts.der());
        }
    }
    let note = "§5: an encoded key is whole bytes";
    for unused in [1, 7, 8, 0xff] {
        no(t, &format!("rsa-unused-bits-{unused}"), note, &RsaParts { unused, ..real() }.der());
    }
    let der = real().der();
    let mut swapped = real();
    std::mem::swap(&mut swapped.modulus, &mut swapped.exponent);
    no(t, "rsa-swapped", "§5: the modulus comes first", &swapped.der());
    no(t, "rsa-cut-short", "§5: DER that is cut short", &der[..der.len() - 1]);
    no(t, "rsa-cut-to-44", "§5: DER that is cut short", &der[..44]);
    no(t, "rsa-cut-to-32", "§5: cut to a length that a raw key has, but off the curve", &off_curve_cut(&der));
    no(t, "rsa-pkcs1", "§5: an RSAPublicKey without its SPKI", &der[24..]);
    let mut indefinite = vec![0x30, 0x80];
    indefinite.extend_from_slice(&der[4..]);
    indefinite.extend_from_slice(&[0, 0]);
    no(t, "rsa-indefinite", "§5: DER has no indefinite lengths", &indefinite);
    let mut short = der.clone();
    short[3] -= 1;
    no(t, "rsa-outer-too-short", "§5: lengths that disagree", &short);
    let mut long = der.clone();
    long[3] += 1;
    no(t, "rsa-outer-too-long", "§5: lengths that disagree", &long);
    let p256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    let curve = tlv(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
    let point = [&[0, 4], &seed("x")[..], &seed("y")].concat();
    let ec = tlv(0x30, &[algorithm(&p256, &curve), tlv(3, &point)].concat());
    no(t, "ec-p256", "§5: a P-256 key is none of the three forms", &ec);
}

/// 32 bytes of the DER that are no point, so that only one verdict is possible.
fn off_curve_cut(der: &[u8]) -> [u8; 32] {
    der.windows(32)
        .map(|w| <[u8; 32]>::try_from(w).expect("32 bytes"))
        .find(|w| CompressedEdwardsY(*w).decompress().is_none())
        .expect("half of all strings are no points")
}
