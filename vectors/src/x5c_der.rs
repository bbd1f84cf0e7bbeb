//! §6: the leaf is strict DER.

use crate::case::Topic;
use crate::chain::{NO, by_admin, harmless, leaf, no, ok, token};
use crate::der::{bits, bits_unused, join, oid, seq, tlv, tlv_long};
use crate::der_walk::{elements_of, spoil};
use crate::oid;
use crate::world::{ADMIN, admin_key};
use crate::x509::{
    CRITICAL, Cert, DIGITAL_SIGNATURE, PRINTABLE, Signer, attribute, extension, name, rdn, utf8, version,
};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s6-x5c-der");
    ok(&mut t, "der-good", "§6: the leaf that the next ones spoil", &leaf());
    elements(&mut t);
    certificate(&mut t);
    lengths(&mut t);
    integers(&mut t);
    booleans(&mut t);
    identifiers(&mut t);
    sets(&mut t);
    tags(&mut t);
    fields(&mut t);
    t
}

/// Every element of the TBSCertificate, from the outside and from the left.
const ELEMENTS: [&str; 33] = [
    "tbs",
    "version",
    "version-number",
    "serial",
    "algorithm",
    "algorithm-oid",
    "issuer",
    "issuer-rdn",
    "issuer-attribute",
    "issuer-type",
    "issuer-value",
    "validity",
    "not-before",
    "not-after",
    "subject",
    "subject-rdn",
    "subject-attribute",
    "subject-type",
    "subject-value",
    "key",
    "key-algorithm",
    "key-oid",
    "key-bits",
    "extensions-field",
    "extensions",
    "constraints",
    "constraints-oid",
    "constraints-critical",
    "constraints-octets",
    "usage",
    "usage-oid",
    "usage-critical",
    "usage-octets",
];

/// The algorithm, which stands outside the TBSCertificate a second time.
const ALGORITHM: usize = 4;

struct Fault {
    name: &'static str,
    note: &'static str,
    encode: fn(u8, &[u8]) -> Vec<u8>,
    /// Where.
    at: &'static [&'static str],
}

const FAULTS: [Fault; 6] = [
    Fault {
        name: "long-length",
        note: "§6: DER lengths are as short as possible",
        encode: |tag, content| tlv_long(tag, content, if content.len() < 0x80 { 1 } else { 3 }),
        at: &[
            "tbs",
            "serial",
            "issuer",
            "issuer-value",
            "subject-value",
            "key-bits",
            "extensions",
            "constraints-oid",
            "usage-octets",
        ],
    },
    Fault {
        name: "constructed-bit",
        note: "§6: each type is either primitive or constructed",
        encode: |tag, content| tlv(tag ^ 0x20, content),
        at: &["serial", "issuer-value", "extensions-field", "usage-octets"],
    },
    Fault {
        name: "class",
        note: "§6: another class of tag",
        encode: |tag, content| tlv(tag ^ 0x80, content),
        at: &["tbs", "issuer-rdn", "issuer-attribute", "not-before", "usage"],
    },
    Fault {
        name: "indefinite",
        note: "§6: DER has no indefinite lengths",
        encode: |tag, content| [&[tag, 0x80], content, &[0, 0]].concat(),
        at: &["tbs", "issuer", "subject", "extensions"],
    },
    Fault {
        name: "trailing",
        note: "§6: something more at the end of a structure",
        encode: |tag, content| tlv(tag, &[content, &[5, 0]].concat()),
        at: &CONSTRUCTED,
    },
    Fault {
        name: "trailing-zero",
        note: "§6: a byte that is no element at the end of a structure",
        encode: |tag, content| tlv(tag, &[content, &[0]].concat()),
        at: &["tbs", "extensions"],
    },
];

const CONSTRUCTED: [&str; 13] = [
    "tbs",
    "version",
    "algorithm",
    "issuer",
    "issuer-rdn",
    "issuer-attribute",
    "validity",
    "subject-attribute",
    "key",
    "extensions-field",
    "extensions",
    "constraints",
    "usage",
];

fn elements(t: &mut Topic) {
    let leaf = leaf();
    let tbs = leaf.tbs();
    assert_eq!(elements_of(&tbs), ELEMENTS.len(), "one name for each element");
    for fault in &FAULTS {
        for (at, what) in ELEMENTS.into_iter().enumerate() {
            if !fault.at.contains(&what) {
                continue;
            }
            let tbs = spoil(&tbs, at, &fault.encode);
            let mut cert = leaf.clone();
            if (ALGORITHM..ALGORITHM + 2).contains(&at) {
                cert.outer = spoil(&cert.outer, at - ALGORITHM, &fault.encode);
            }
            let der = cert.around_by(&tbs, &Signer::Edwards(&admin_key()));
            t.no(&format!("x5c-der-{}-{what}", fault.name), fault.note, NO, &token(&[der]));
        }
    }
}

fn certificate(t: &mut Topic) {
    let leaf = leaf();
    let der = by_admin(&leaf);
    let tbs = leaf.tbs();
    let signature = admin_key().sign(&tbs);
    let good = [tbs.clone(), leaf.outer.clone(), bits(&signature)];
    assert_eq!(seq(&good), der);
    let with_signature = |raw: Vec<u8>| seq(&[tbs.clone(), leaf.outer.clone(), raw]);
    let mut faults = vec![
        ("long-length", tlv_long(0x30, &join(&good), 3)),
        ("set", tlv(0x31, &join(&good))),
        ("then-zero", [&der[..], &[0]].concat()),
        ("then-null", [&der[..], &[5, 0]].concat()),
        ("cut-1", der[..der.len() - 1].to_vec()),
        ("tbs-alone", tbs.clone()),
        ("signature-constructed", with_signature(tlv(0x23, &bits(&signature)))),
        ("signature-no-bits", with_signature(bits(&[]))),
        ("signature-63-bytes", with_signature(bits(&signature[..63]))),
    ];
    // S is below L, so the upper bits of its last byte are zero, but the lower ones may not be.
    for (tail, unused) in [("signature-unused-1", 1), ("signature-unused-7", 7)] {
        faults.push((tail, with_signature(bits_unused(unused, &signature))));
    }
    for (tail, der) in faults {
        let note = "§6: the certificate itself is not strict DER, or is not one certificate";
        t.no(&format!("x5c-der-certificate-{tail}"), note, NO, &token(&[der]));
    }
    let junk: [(&str, &[u8]); 3] = [
        ("one-byte", b"\x30"),
        ("length-2-pow-64", b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff\x30\x00"),
        ("length-alone", b"\x30\x82"),
    ];
    for (tail, der) in junk {
        t.no(&format!("x5c-der-junk-{tail}"), "§6: junk in place of the leaf", NO, &token(&[der.to_vec()]));
    }
}

/// Lengths that disagree with what they enclose.
fn lengths(t: &mut Topic) {
    let leaf = leaf();
    let off = |at: usize, by: i8| {
        let encode = |tag: u8, content: &[u8]| {
            let mut out = tlv(tag, content);
            let octet = out.len() - content.len() - 1;
            out[octet] = out[octet].checked_add_signed(by).expect("no carry");
            out
        };
        leaf.around_by(&spoil(&leaf.tbs(), at, &encode), &Signer::Edwards(&admin_key()))
    };
    for at in [0, 10] {
        for (tail, by) in [("short", -1), ("long", 1)] {
            let note = "§6: a length that does not fit";
            t.no(&format!("x5c-der-too-{tail}-{}", ELEMENTS[at]), note, NO, &token(&[off(at, by)]));
        }
    }
}

fn integers(t: &mut Topic) {
    let serial = |content: &[u8]| Cert { serial: tlv(0x02, content), ..leaf() };
    let note = "§6: positive serial numbers of up to 20 octets (RFC 5280)";
    ok(t, "der-serial-20-octets", note, &serial(&[0x7f; 20]));
    let note = "§6, §11: a negative serial number is good DER, and serial numbers are not judged";
    ok(t, "der-serial-negative", note, &serial(&[0x80]));
    for (tail, note, content) in [
        ("empty", "§6: an INTEGER has a content", vec![]),
        ("leading-zero", "§6: an INTEGER is as short as possible", vec![0, 0x7f]),
    ] {
        no(t, &format!("der-serial-{tail}"), note, &serial(&content));
    }
}

fn booleans(t: &mut Topic) {
    let note = "§6: `critical` is TRUE as FF, or absent: DER writes no default";
    for (tail, critical) in [("false", vec![1, 1, 0]), ("1", vec![1, 1, 1])] {
        let mut cert = leaf();
        cert.extensions[1] = extension(&oid::KEY_USAGE, &critical, &DIGITAL_SIGNATURE);
        no(t, &format!("der-critical-{tail}"), note, &cert);
        let cert = leaf().extended(extension(&oid::unknown(1), &critical, b"\x05\x00"));
        let note = "§6: in an extension that is ignored too";
        no(t, &format!("der-critical-{tail}-unknown"), note, &cert);
    }
}

fn identifiers(t: &mut Topic) {
    let faults: [(&str, &str, Vec<u8>); 2] = [
        ("empty", "§6: an OBJECT IDENTIFIER has a content", vec![]),
        ("padded", "§6: an arc is as short as possible (X.690 8.19.2)", vec![0x55, 0x04, 0x80, 0x03]),
    ];
    for (tail, note, content) in faults {
        let issuer = name(&[utf8(&oid::UID, ADMIN), utf8(&content, "x")]);
        no(t, &format!("der-oid-{tail}-issuer"), note, &Cert { issuer, ..leaf() });
        let cert = leaf().extended(extension(&content, &[], b"\x05\x00"));
        no(t, &format!("der-oid-{tail}-extension"), note, &cert);
    }
    let algorithms = [("missing", seq::<&[u8]>(&[])), ("bare", oid(&oid::ED25519))];
    for (tail, raw) in algorithms {
        let note = "§6: the AlgorithmIdentifier of Ed25519 has one form";
        no(t, &format!("der-algorithm-{tail}"), note, &leaf().algorithm(&raw));
    }
}

fn sets(t: &mut Topic) {
    // Sorted by their encodings, which differ in a length first.
    let uid = utf8(&oid::UID, ADMIN);
    let (a, b) = (utf8(&oid::COMMON_NAME, "a"), utf8(&oid::COMMON_NAME, "b"));
    let good = Cert { subject: seq(&[rdn(&[a.clone(), uid.clone()])]), ..leaf() };
    ok(t, "der-set-subject", "§6: an RDN of several attributes in order", &good);
    let bad = Cert { subject: seq(&[rdn(&[uid.clone(), a.clone()])]), ..leaf() };
    no(t, "der-set-subject-reversed", "§6: DER sorts the elements of a SET OF", &bad);
    let note = "§6: the UID in an RDN of several attributes";
    let good = Cert { issuer: seq(&[rdn(&[a.clone(), uid.clone()])]), ..leaf() };
    ok(t, "der-set-issuer", note, &good);
    let note = "§6: DER sorts the elements of a SET OF";
    let bad = Cert { issuer: seq(&[rdn(&[uid.clone(), a.clone()])]), ..leaf() };
    no(t, "der-set-issuer-reversed", note, &bad);
    let good = Cert { issuer: seq(&[rdn(&[b]), rdn(&[a]), rdn(&[uid])]), ..leaf() };
    ok(t, "der-sequence-of-rdns", "§6: RDNs are in any order", &good);
}

/// Fields that are missing, repeated or in another order.
/// An attribute of a private type in the leaf's subject, which is not looked at otherwise.
fn tags(t: &mut Topic) {
    let with = |value: &[u8]| Cert { subject: name(&[seq(&[oid(&oid::COMMON_NAME), value.to_vec()])]), ..leaf() };
    ok(t, "der-tag-of-one-byte", "§6, §11: a tag of one byte", &with(&[0xde, 1, b'x']));
    for (tail, value) in [("two", &[0xdf, 0x1f, 1, b'x'][..]), ("three", &[0xdf, 0xff, 0x0c, 1, b'x'])] {
        no(t, &format!("der-tag-of-{tail}-bytes"), "§11: no tag is of several bytes", &with(value));
    }
}

fn fields(t: &mut Topic) {
    let leaf = leaf();
    let tbs = |fields: &[Vec<u8>]| leaf.around_by(&seq(fields), &Signer::Edwards(&admin_key()));
    let extensions = tlv(0xa3, &seq(&leaf.extensions));
    let all = [
        leaf.version.clone(),
        leaf.serial.clone(),
        leaf.inner.clone(),
        leaf.issuer.clone(),
        seq(&leaf.validity),
        leaf.subject.clone(),
        leaf.key.clone(),
        extensions.clone(),
    ];
    assert_eq!(seq(&all), leaf.tbs());
    let names = ["version", "serial", "algorithm", "issuer", "validity", "subject", "key", "extensions"];
    for (n, what) in names.into_iter().enumerate() {
        if [4, 6].contains(&n) {
            let mut fields = all.to_vec();
            fields.remove(n);
            no_raw(t, &format!("missing-{what}"), "§6: a field is missing", tbs(&fields));
        }
        if [1, 7].contains(&n) {
            let mut fields = all.to_vec();
            fields.insert(n, all[n].clone());
            no_raw(t, &format!("repeated-{what}"), "§6: a field is there twice", tbs(&fields));
        }
        if [3, 6].contains(&n) {
            let mut fields = all.to_vec();
            fields.swap(n, n + 1);
            no_raw(t, &format!("swapped-{what}"), "§6: two fields are in the wrong order", tbs(&fields));
        }
    }
    let note = "§6: the order of the extensions is free";
    let mut reversed = leaf.clone().extended(harmless(1));
    reversed.extensions.reverse();
    ok(t, "der-extensions-reversed", note, &reversed);
    for (tail, extensions) in [("implicit", tlv(0xa3, &join(&leaf.extensions))), ("untagged", seq(&leaf.extensions))] {
        let fields = [&all[..7], &[extensions]].concat();
        no_raw(t, &format!("extensions-{tail}"), "§6: `[3] EXPLICIT SEQUENCE OF Extension`", tbs(&fields));
    }
    let value = tlv(0x04, &DIGITAL_SIGNATURE);
    let usage = oid(&oid::KEY_USAGE);
    for (tail, parts) in [
        ("no-value", vec![usage.clone(), CRITICAL.to_vec()]),
        ("constructed-octets", vec![usage.clone(), CRITICAL.to_vec(), tlv(0x24, &value)]),
        ("critical-last", vec![usage.clone(), value.clone(), CRITICAL.to_vec()]),
    ] {
        let mut cert = leaf.clone();
        cert.extensions[1] = seq(&parts);
        no(t, &format!("der-extension-{tail}"), "§6: `SEQUENCE {OID, BOOLEAN DEFAULT FALSE, OCTET STRING}`", &cert);
    }
    let attribute_faults = [
        ("no-value", seq(&[rdn(&[seq(&[oid(&oid::UID)])])])),
        ("no-set", seq(&[utf8(&oid::UID, ADMIN)])),
        ("constructed-printable", name(&[attribute(&oid::UID, PRINTABLE | 0x20, &tlv(PRINTABLE, ADMIN.as_bytes()))])),
    ];
    for (tail, issuer) in attribute_faults {
        no(t, &format!("der-name-{tail}"), "§6: the issuer is no Name in DER", &Cert { issuer, ..leaf.clone() });
    }
    let [before, after] = leaf.validity.clone();
    for (tail, validity) in [
        ("three-times", seq(&[before.clone(), after.clone(), after.clone()])),
        ("no-sequence", [before, after].concat()),
    ] {
        let mut fields = all.to_vec();
        fields[4] = validity;
        no_raw(t, &format!("validity-{tail}"), "§6: the validity is a SEQUENCE of two times", tbs(&fields));
    }
    versions(t);
}

fn versions(t: &mut Topic) {
    let note = "§6: X.509 v3";
    let number = |content: &[u8]| tlv(0x02, content);
    for (tail, version, extensions) in [
        ("1", vec![], false),
        ("1-with-extensions", vec![], true),
        ("1-explicit-with-extensions", version(0), true),
        ("2-with-extensions", version(1), true),
        ("4", version(3), true),
        ("leading-zero", tlv(0xa0, &number(&[0, 2])), true),
        ("implicit", tlv(0x80, &[2]), true),
    ] {
        let mut cert = Cert { version, ..leaf() };
        if !extensions {
            cert.extensions.clear();
        }
        no(t, &format!("version-{tail}"), note, &cert);
    }
}

fn no_raw(t: &mut Topic, tail: &str, note: &str, der: Vec<u8>) {
    t.no(&format!("x5c-der-{tail}"), note, NO, &token(&[der]));
}
