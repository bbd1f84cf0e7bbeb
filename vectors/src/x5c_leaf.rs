//! §6: the checks on the leaf.

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;

use crate::case::{APPLIED, Topic};
use crate::chain::{
    NO, by_admin, critical, forged, grind, harmless, head, leaf, leaf_key, no, now, ok, rsa_leaf, rsa_no, token,
    with_user, x5c,
};
use crate::der::{NULL, algorithm, bits, bits_unused, oid, seq, tlv, tlv_long};
use crate::keys::Key;
use crate::oid;
use crate::points::{self, add_order, join};
use crate::rsa_key::RsaKey;
use crate::token::Token;
use crate::world::{ADMIN, STRANGER, admin, admin_key, claims, guest, guest_id, guest_key};
use crate::x509::{
    Cert, DIGITAL_SIGNATURE, IA5, PRINTABLE, Signer, UTF8, attribute, constraints, ed25519, extension, name, rdn,
    sha256_with_rsa, usage, utc, utf8,
};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s6-x5c-leaf");
    uid(&mut t);
    other_names(&mut t);
    basic_constraints(&mut t);
    key_usage(&mut t);
    extensions(&mut t);
    algorithms(&mut t);
    keys(&mut t);
    forged_keys(&mut t);
    signatures(&mut t);
    every_path(&mut t);
    t
}

fn issued_by(attributes: &[Vec<u8>]) -> Cert {
    Cert { issuer: name(attributes), ..leaf() }
}

fn uid(t: &mut Topic) {
    let upper = ADMIN.to_uppercase();
    for (tail, tag) in [("utf8", UTF8), ("printable", PRINTABLE), ("ia5", IA5)] {
        let note = "§6: a UID in each of the string types that are read";
        ok(t, &format!("uid-{tail}"), note, &issued_by(&[attribute(&oid::UID, tag, ADMIN.as_bytes())]));
    }
    let note = "§6: a UID of somebody else";
    for (tail, tag) in [("utf8", UTF8), ("printable", PRINTABLE)] {
        let other = issued_by(&[attribute(&oid::UID, tag, STRANGER.as_bytes())]);
        no(t, &format!("uid-{tail}-other"), note, &other);
    }
    let note = "§4: letter case carries no meaning in a UUID";
    ok(t, "uid-upper", note, &issued_by(&[utf8(&oid::UID, &upper)]));
    let note = "§4, §6: `iss` in capitals and the UID not";
    let upper_claims = claims().with_str("iss", &upper);
    let token = Token::raw(head(&x5c(&[by_admin(&leaf())])).render(), upper_claims.render()).by(leaf_key());
    t.ok("x5c-uid-iss-upper", note, &token);
    for (tail, text) in [
        ("empty", String::new()),
        ("last-digit", format!("{}f", &ADMIN[..35])),
        ("braces", format!("{{{ADMIN}}}")),
        ("nul-and-more", format!("{ADMIN}\0{STRANGER}")),
    ] {
        let note = "§6: a UID that is not the UUID of `iss`";
        no(t, &format!("uid-no-{tail}"), note, &issued_by(&[utf8(&oid::UID, &text)]));
    }
    let good = utf8(&oid::UID, ADMIN);
    let same = attribute(&oid::UID, PRINTABLE, upper.as_bytes());
    let bad = utf8(&oid::UID, STRANGER);
    let common = utf8(&oid::COMMON_NAME, "a");
    for (tail, attributes) in [
        ("last", vec![common.clone(), good.clone()]),
        ("twice-spelled-differently", vec![same, common.clone(), good.clone()]),
    ] {
        ok(t, &format!("uid-{tail}"), "§6: the UID among other attributes", &issued_by(&attributes));
    }
    for (tail, attributes) in
        [("then-other", vec![good.clone(), bad.clone()]), ("after-other", vec![bad.clone(), good.clone()])]
    {
        no(t, &format!("uid-{tail}"), "§6: every UID of the issuer has to be `iss`", &issued_by(&attributes));
    }
    let issuer = seq(&[rdn(&[common.clone(), bad.clone()])]);
    no(t, "uid-other-in-rdn", "§6: in an RDN of several attributes too", &Cert { issuer, ..leaf() });
    let issuer = seq(&[rdn(&[common, good]), rdn(&[bad])]);
    no(t, "uid-other-in-next-rdn", "§6: every UID of the issuer has to be `iss`", &Cert { issuer, ..leaf() });
    let acl = [admin(), guest(1).role("ADMIN")];
    let by_guest = |cert: &Cert| cert.by(&Signer::Edwards(&guest_key(1)));
    for (tail, iss, note) in [
        ("of-somebody-on-the-acl", guest_id(1), "§6: bound to guest 1 by its key, but the UID is the ADMIN's"),
        ("of-iss-not-of-the-signer", ADMIN.to_owned(), "§6: the UID is right, but guest 1 signed the leaf"),
    ] {
        let claims = claims().with_str("iss", &iss);
        let token = Token::raw(head(&x5c(&[by_guest(&leaf())])).render(), claims.render()).by(leaf_key());
        let case = t.case(&format!("x5c-uid-{tail}"), note).acl(&acl);
        t.push(case.step(&token.jws(), NO));
    }
}

fn other_names(t: &mut Topic) {
    let note = "§6: without a UID in the issuer's name there is nothing to compare";
    for (tail, attributes) in [
        ("common-name-of-a-uuid", vec![utf8(&oid::COMMON_NAME, STRANGER)]),
        ("x500-unique-id", vec![utf8(&oid::X500_UNIQUE_ID, STRANGER)]),
    ] {
        ok(t, &format!("no-uid-{tail}"), note, &issued_by(&attributes));
    }
    let note = "§6: the subject of the leaf is not looked at";
    for (tail, subject) in [("empty", name(&[])), ("uid-of-another", name(&[utf8(&oid::UID, STRANGER)]))] {
        ok(t, &format!("subject-{tail}"), note, &Cert { subject, ..leaf() });
    }
}

fn basic_constraints(t: &mut Topic) {
    let with = |extension: Option<Vec<u8>>| {
        let mut cert = leaf();
        cert.extensions = extension.into_iter().chain([usage(&DIGITAL_SIGNATURE)]).collect();
        cert
    };
    let plain = |value: &[u8]| extension(&oid::BASIC_CONSTRAINTS, &[], value);
    ok(t, "constraints-absent", "§6: basicConstraints may be absent", &with(None));
    ok(t, "constraints-not-critical", "§6: CA:FALSE, not critical", &with(Some(plain(&[0x30, 0]))));
    for (tail, value) in [
        ("ca", vec![0x30, 3, 1, 1, 0xff]),
        ("path-0", vec![0x30, 3, 2, 1, 0]),
        ("explicit-false", vec![0x30, 3, 1, 1, 0]),
        ("long-length", vec![0x30, 0x81, 0]),
    ] {
        let note = "§6: basicConstraints is an empty SEQUENCE, which says CA:FALSE";
        no(t, &format!("constraints-{tail}"), note, &with(Some(constraints(&value))));
        if tail == "ca" {
            no(t, &format!("constraints-{tail}-not-critical"), note, &with(Some(plain(&value))));
        }
    }
}

fn key_usage(t: &mut Topic) {
    let with = |extension: Option<Vec<u8>>| {
        let mut cert = leaf();
        cert.extensions = [constraints(&[0x30, 0])].into_iter().chain(extension).collect();
        cert
    };
    let plain = |value: &[u8]| extension(&oid::KEY_USAGE, &[], value);
    ok(t, "usage-absent", "§6: keyUsage may be absent", &with(None));
    ok(t, "usage-not-critical", "§6: keyUsage, not critical", &with(Some(plain(&DIGITAL_SIGNATURE))));
    let note = "§6: digitalSignature and further bits";
    ok(t, "usage-and-decipher-only", note, &with(Some(usage(&[3, 3, 7, 0x80, 0x80]))));
    ok(t, "usage-and-key-encipherment", note, &with(Some(usage(&[3, 2, 5, 0xa0]))));
    for (tail, note, value) in [
        ("non-repudiation", "§6: no digitalSignature", vec![3, 2, 6, 0x40]),
        ("none", "§6: no digitalSignature", vec![3, 1, 0]),
        ("unused-6", "§6: a named bit list ends with a bit that is set", vec![3, 2, 6, 0x80]),
        ("zero-octet-after-7", "§6: a named bit list ends with a bit that is set", vec![3, 3, 7, 0x80, 0]),
        ("unused-bit-set", "§6: unused bits are zero", vec![3, 2, 7, 0xc0]),
        ("constructed", "§6: a BIT STRING is primitive in DER", vec![0x23, 4, 3, 2, 7, 0x80]),
        ("then-zero", "§6: something after the BIT STRING", vec![3, 2, 7, 0x80, 0]),
    ] {
        no(t, &format!("usage-no-{tail}"), note, &with(Some(usage(&value))));
        if tail == "non-repudiation" {
            no(t, &format!("usage-no-{tail}-not-critical"), note, &with(Some(plain(&value))));
        }
    }
}

fn extensions(t: &mut Topic) {
    let bare = Cert { extensions: vec![], ..leaf() };
    ok(t, "extensions-none", "§6: a leaf without extensions", &bare);
    let note = "§6: extensions that nobody knows are ignored when they are not critical";
    ok(t, "extensions-unknown", note, &bare.clone().extended(harmless(1)));
    let junk = extension(&oid::unknown(2), &[], b"\xff\x80 no DER");
    ok(t, "extensions-unknown-junk", note, &bare.clone().extended(junk));
    let purpose = seq(&[oid(&[0x2b, 6, 1, 5, 5, 7, 3, 1])]);
    let known: [(&str, &[u8], Vec<u8>); 2] = [
        ("subject-key-id", &oid::SUBJECT_KEY_ID, tlv(0x04, &[7; 20])),
        ("extended-key-usage", &oid::EXTENDED_KEY_USAGE, purpose),
    ];
    for (tail, kind, value) in &known {
        ok(t, &format!("extensions-{tail}"), note, &leaf().extended(extension(kind, &[], value)));
        let note = "§6: no critical extension but basicConstraints and keyUsage";
        no(t, &format!("critical-{tail}"), note, &leaf().extended(critical(kind, value)));
    }
    let note = "§6: no critical extension but basicConstraints and keyUsage";
    no(t, "critical-unknown", note, &leaf().extended(critical(&oid::unknown(1), b"\x05\x00")));
    let mut first = leaf().extended(critical(&oid::unknown(1), b"\x05\x00"));
    first.extensions.reverse();
    no(t, "critical-unknown-first", note, &first);
    let long = [&oid::KEY_USAGE[..], &[0]].concat();
    no(t, "critical-longer-oid", note, &leaf().extended(critical(&long, &DIGITAL_SIGNATURE)));
    let note = "§6: an extension that is there twice";
    let [limits, signs] = [constraints(&[0x30, 0]), usage(&DIGITAL_SIGNATURE)];
    let plain_usage = extension(&oid::KEY_USAGE, &[], &DIGITAL_SIGNATURE);
    for (tail, extensions) in [
        ("constraints", vec![limits.clone(), signs.clone(), limits.clone()]),
        ("usage-not-critical", vec![limits.clone(), signs.clone(), plain_usage]),
        ("unknown", vec![limits.clone(), signs.clone(), harmless(1), harmless(1)]),
        ("unknown-far-apart", vec![harmless(1), limits, harmless(2), signs, harmless(3), harmless(1)]),
    ] {
        no(t, &format!("repeated-{tail}"), note, &Cert { extensions, ..leaf() });
    }
    let cert = Cert { extensions: (0..85).map(harmless).collect(), ..leaf() };
    ok(t, "extensions-85", "§6: many extensions, none of them repeated or critical", &cert);
    no(t, "repeated-after-85", "§6: the last of many repeats another one", &cert.extended(harmless(40)));
    let last = critical(&oid::unknown(127), b"");
    let cert = Cert { extensions: (0..20).map(harmless).chain([last]).collect(), ..leaf() };
    no(t, "critical-after-20", "§6: the last of many is critical", &cert);
}

fn algorithms(t: &mut Topic) {
    let note = "§6: inner and outer signature algorithm are equal";
    let null = algorithm(&oid::ED25519, &NULL);
    let (rsa, rsa_null) = (sha256_with_rsa(), algorithm(&oid::SHA256_WITH_RSA, &NULL));
    for (tail, inner, outer) in [
        ("outer-null", ed25519(), null.clone()),
        ("outer-rsa", ed25519(), rsa.clone()),
        ("inner-long-length", tlv_long(0x30, &oid(&oid::ED25519), 1), ed25519()),
    ] {
        no(t, &format!("unequal-{tail}"), note, &Cert { inner, outer, ..leaf() });
    }
    for (tail, inner, outer) in
        [("rsa-outer-null", rsa.clone(), rsa_null.clone()), ("rsa-inner-null", rsa_null, rsa.clone())]
    {
        let cert = Cert { inner, outer, ..leaf() };
        rsa_no(t, &format!("unequal-{tail}"), note, &with_user(cert.by(&Signer::Rsa(&RsaKey::user()))));
    }
    let note = "§6: signed by the Ed25519 key, but that is not what the algorithm says";
    for (tail, raw) in [("null", null), ("sha256-with-rsa", sha256_with_rsa())] {
        no(t, &format!("algorithm-{tail}"), note, &leaf().algorithm(&raw));
    }
}

fn keys(t: &mut Topic) {
    let public = leaf_key().public();
    let key = |kind: &[u8], parameters: &[u8], raw: &[u8]| seq(&[algorithm(kind, parameters), bits(raw)]);
    let inner = algorithm(&oid::ED25519, &[]);
    for (tail, key) in [
        ("null", key(&oid::ED25519, &NULL, &public)),
        ("x25519", key(&oid::X25519, &[], &public)),
        ("31-bytes", key(&oid::ED25519, &[], &public[..31])),
        ("unused-1", seq(&[inner.clone(), bits_unused(1, &public)])),
        ("constructed-bits", seq(&[inner.clone(), tlv(0x23, &bits(&public))])),
    ] {
        let note = "§6: SubjectPublicKeyInfo is the one form of an Ed25519 key";
        no(t, &format!("key-{tail}"), note, &Cert { key, ..leaf() });
    }
    for (tail, public) in
        [("non-canonical", points::non_canonical_large()[0]), ("off-curve", points::non_canonical_off_curve()[0])]
    {
        no(t, &format!("key-{tail}"), "§6: no key that anyone could have signed with", &leaf().of(&public));
    }
    for n in [1, 4] {
        let key = points::mixed("mixed leaf", n);
        let nonce = points::scalar("nonce of the mixed leaf");
        let r = EdwardsPoint::mul_base(&nonce).compress().0;
        let header = head(&x5c(&[by_admin(&leaf().of(&key.public))])).render();
        let attempt = |jti: u32, holds: bool| {
            let claims = claims().with_str("jti", &format!("ground-{jti}"));
            let token = Token::raw(header.as_bytes(), claims.render());
            let message = token.signing_input();
            let vanishes = points::torsion(n) * Scalar::from(points::octant(&r, &key.public, &message)?);
            let fits = (vanishes == points::torsion(0)) == holds;
            fits.then(|| token.jws_with(&points::sign(&key, &nonce, &r, &message)))
        };
        let jws = |holds: bool| (0..1000).find_map(|n| attempt(n, holds)).expect("one in eight fits");
        let case = t.case(&format!("x5c-key-mixed-{n}-holds"), "§6: a leaf of mixed order; the equation holds");
        t.push(case.step(&jws(true), APPLIED).grants(&[guest(1)]));
        let note = "§6: a leaf of mixed order; only the cofactored equation holds";
        t.no_jws(&format!("x5c-key-mixed-{n}-fails"), note, NO, &jws(false));
    }
}

/// Keys of small order, with which anybody signs.
fn forged_keys(t: &mut Topic) {
    let spellings = points::small_order().into_iter().chain(points::small_order_non_canonical());
    for (n, public) in spellings.enumerate().step_by(2) {
        let chain = [by_admin(&leaf().of(&public))];
        let note = "§6: a leaf of small order; the equation holds for a forger";
        t.no_jws(&format!("x5c-key-small-order-{n}"), note, NO, &forged(&chain, &public));
        if n == 2 {
            let note = "§6: the leaf's key is the issuer's, but it is of small order";
            let case = t.case(&format!("x5c-own-key-small-order-{n}"), note).acl(&[admin().key(&public)]);
            t.push(case.step(&forged(&chain, &public), NO));
        }
    }
}

/// The signature on the leaf is an Ed25519 signature like any other.
fn signatures(t: &mut Topic) {
    let cert = leaf();
    let tbs = cert.tbs();
    let signature = admin_key().sign(&tbs);
    let (r, s) = (signature[..32].try_into().expect("R"), signature[32..].try_into().expect("S"));
    let with = |signature: &[u8]| token(&[cert.with(signature)]);
    let more = add_order(&s, 1).expect("fits");
    t.no("x5c-signature-s-plus-l", "§6: S < L on the leaf too", NO, &with(&join(&r, &more)));
    for bit in [255, 256] {
        let mut flipped = signature;
        flipped[bit / 8] ^= 1 << (bit % 8);
        t.no(&format!("x5c-signature-bit-{bit}"), "§6: one flipped bit of the leaf's signature", NO, &with(&flipped));
    }
    let other = Cert { serial: tlv(0x02, &[0x2b]), ..leaf() };
    let note = "§6: the right key, but it signed another leaf";
    t.no("x5c-signature-over-other-serial", note, NO, &with(&admin_key().sign(&other.tbs())));
    let header = head(&x5c(&[leaf().of(&Key::named("mallory").public()).with(&signature)]));
    let note = "§6: another key was put in after the leaf was signed";
    t.no("x5c-signature-changed-key", note, NO, &Token::header(&header).by(Key::named("mallory")));
    let issuer = points::mixed("mixed signer of leaves", 1);
    let nonce = points::scalar("nonce of a leaf");
    let r = EdwardsPoint::mul_base(&nonce).compress().0;
    for (tail, holds) in [("holds", true), ("fails", false)] {
        let der = grind(&leaf(), |cert| {
            let tbs = cert.tbs();
            let vanishes = points::octant(&r, &issuer.public, &tbs)? == 0;
            (vanishes == holds).then(|| cert.with(&points::sign(&issuer, &nonce, &r, &tbs)))
        });
        let note = "§6: a leaf signed by a key of mixed order: the cofactorless equation decides";
        let case = t.case(&format!("x5c-signature-mixed-{tail}"), note).acl(&[admin().key(&issuer.public)]);
        let jws = token(&[der]).jws();
        t.push(if holds { case.step(&jws, APPLIED).grants(&[guest(1)]) } else { case.step(&jws, NO) });
    }
    let small = points::small_order()[1];
    let der = grind(&leaf(), |cert| {
        let holds = points::octant(&r, &small, &cert.tbs())? == 0;
        holds.then(|| cert.with(&join(&r, &nonce.to_bytes())))
    });
    let note = "§6: a leaf that a forger signed for an issuer's key of small order";
    let case = t.case("x5c-signature-small-order", note).acl(&[admin().key(&small)]);
    t.push(case.step(&token(&[der]).jws(), NO));
}

/// One fault of each kind for each way of binding.
fn every_path(t: &mut Topic) {
    let moment = now();
    type Change = Box<dyn Fn(&mut Cert)>;
    let changes: [(&str, Change); 4] = [
        ("expired", Box::new(move |c| c.validity[1] = utc(moment - 61))),
        ("uid", Box::new(|c| c.issuer = name(&[utf8(&oid::UID, STRANGER)]))),
        ("ca", Box::new(|c| c.extensions[0] = constraints(&[0x30, 3, 1, 1, 0xff]))),
        ("critical", Box::new(|c| c.extensions.push(critical(&oid::unknown(1), b"\x05\x00")))),
    ];
    for (tail, change) in changes {
        let mut own = rsa_leaf().of(&admin_key().public());
        change(&mut own);
        let note = "§6: (a) the leaf's key is the issuer's, but the leaf itself is refused";
        let header = head(&x5c(&[own.with(&[0x5a; 256])]));
        t.no(&format!("x5c-path-a-{tail}"), note, NO, &Token::header(&header));
        let mut signed = rsa_leaf();
        change(&mut signed);
        let note = "§6: (c) the issuer's RSA key signed the leaf, but the leaf itself is refused";
        rsa_no(t, &format!("path-c-{tail}"), note, &with_user(signed.by(&Signer::Rsa(&RsaKey::user()))));
    }
    let mut own = rsa_leaf().of(&admin_key().public());
    own.extensions.push(harmless(1));
    let note = "§6: (a) the leaf that the ones above spoil";
    t.ok("x5c-path-a-good", note, &Token::header(&head(&x5c(&[own.with(&[0x5a; 256])]))));
    let own = own.around(&own.tbs(), &[0x5a; 256]);
    let note = "§6: (a) something after the leaf";
    t.no("x5c-path-a-trailing", note, NO, &Token::header(&head(&x5c(&[[own, vec![0]].concat()]))));
    let own = rsa_leaf().of(&admin_key().public());
    let raw = seq(&[own.tbs(), own.outer.clone(), bits_unused(1, &[0x5a; 256])]);
    let note = "§6: (a) unused bits in the leaf's signature";
    t.no("x5c-path-a-unused-bits", note, NO, &Token::header(&head(&x5c(&[raw]))));
}
