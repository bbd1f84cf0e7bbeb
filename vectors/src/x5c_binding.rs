//! §6: how a leaf is bound to the issuer, and how it is not.

use std::slice::from_ref;

use crate::b64::{self, Spelling};
use crate::case::{APPLIED, Topic};
use crate::chain::{
    NO, by_admin, by_stranger, by_user, harmless, head, leaf, leaf_key, real, real_leaf, rsa_admin, rsa_leaf, rsa_no,
    rsa_ok, token, token_claims, user, with_user, x5c,
};
use crate::der::{NULL, RsaParts, algorithm, tlv};
use crate::keys::{Key, seed, spki};
use crate::oid;
use crate::rsa_key::{RsaKey, pss_parameters};
use crate::text::{Obj, array, pretty, quote};
use crate::token::Token;
use crate::world::{
    ADMIN, Entry, LOCK, NOW, admin, admin_key, claims, claims_users, guest, guest_id, guest_key, guest_obj,
};
use crate::x509::{Cert, Signer, ed25519, name, sha256_with_rsa, utf8};

pub(crate) fn topic() -> Topic {
    let mut t = Topic::new("s6-x5c-binding");
    lengths(&mut t);
    spellings(&mut t);
    clients(&mut t);
    own_key(&mut t);
    edwards(&mut t);
    rsa(&mut t);
    confusions(&mut t);
    stories(&mut t);
    replays(&mut t);
    t
}

/// The issuer's own key in a leaf that an RSA key signed, as a real chain would have it.
fn own() -> Vec<u8> {
    rsa_leaf().of(&admin_key().public()).by(&Signer::Rsa(&RsaKey::user()))
}

/// A way of binding: its name, the issuer, a chain, and who signs the operation.
type Path = (&'static str, Entry, Vec<Vec<u8>>, fn() -> Key);

fn paths() -> [Path; 3] {
    [
        ("own-key", admin(), vec![own()], admin_key),
        ("ed25519", admin(), vec![by_admin(&leaf())], leaf_key),
        ("rsa", rsa_admin(), with_user(by_user(&rsa_leaf())), leaf_key),
    ]
}

fn lengths(t: &mut Topic) {
    let real = real();
    let sizes: Vec<usize> = real.iter().map(Vec::len).collect();
    assert_eq!(sizes, [671, 1201, 1472, 1368], "the sizes of the published example (§6)");
    for (path, entry, chain, key) in paths() {
        let user = by_stranger(&user(&RsaKey::user()));
        let two = vec![chain[0].clone(), user];
        let six = [two.clone(), vec![vec![0x30, 0]; 4]].concat();
        for (count, chain) in [(1, two[..1].to_vec()), (6, six)] {
            if path == "rsa" && count == 1 {
                continue;
            }
            let case = t.case(&format!("x5c-{path}-{count}"), "§3, §6: the shortest and the longest chain");
            let jws = Token::header(&head(&x5c(&chain))).by(key()).jws();
            t.push(case.acl(from_ref(&entry)).step(&jws, APPLIED).grants(&[guest(1)]));
        }
    }
    rsa_ok(t, "real-chain", "§6: a chain of the shape and the sizes of the published example", &real);
    rsa_no(t, "real-leaf-alone", "§6: the RSA key has to be in x5c[1]", &real[..1]);
}

fn spellings(t: &mut Topic) {
    for (path, entry, chain, key) in paths() {
        let case =
            t.case(&format!("x5c-{path}-std-padded"), "§1, §3, §6: the other encoding and name of the algorithm");
        let header = head(&x5c(&chain)).with_str("alg", "Ed25519");
        let jws = Token::header(&header).spelled(Spelling::StdPad).by(key()).jws();
        t.push(case.acl(&[entry]).step(&jws, APPLIED).grants(&[guest(1)]));
    }
}

/// Claims with every optional member as an explicit `null`, in the order of the SDK.
fn sdk_claims(users: &[Obj]) -> Obj {
    let users: Vec<String> = users.iter().map(Obj::render).collect();
    let operation = Obj::new().with_str("type", "BATCH_ADD_USER").with("users", array(&users));
    Obj::new()
        .with_str("iss", ADMIN)
        .with_str("sub", LOCK)
        .with("nbf", NOW.to_string())
        .with("iat", NOW.to_string())
        .with("exp", (NOW + 60).to_string())
        .with("jti", quote("0f6b7a1e-51c8-4a0e-9d7c-2b8d6f3e4a5c"))
        .with("operation", operation.render())
}

/// A user with an RSA key, which nobody has the other half of.
fn rsa_guest(n: usize) -> Entry {
    let mut modulus: Vec<u8> = (0..8).flat_map(|part| seed(&format!("modulus {n} {part}"))).collect();
    (modulus[0], modulus[255]) = (modulus[0] | 0x80, modulus[255] | 1);
    guest(n).key(&RsaParts::new(&modulus).der())
}

fn sdk_user(entry: &Entry) -> Obj {
    Obj::new()
        .with_str("user", &entry.user)
        .with_str("publicKey", &b64::std(&entry.key))
        .with_str("role", "USER")
        .with("start", "null")
        .with("end", "null")
}

fn clients(t: &mut Topic) {
    let real = real();
    let sdk_head = Obj::new().with_str("alg", "EdDSA").with("x5c", x5c(&real)).with_str("typ", "JWT");
    let entries: Vec<Entry> = (1..=25).map(rsa_guest).collect();
    let objects: Vec<Obj> = entries.iter().map(sdk_user).collect();
    let token = Token::raw(sdk_head.render(), sdk_claims(&objects).render()).spelled(Spelling::StdPad).by(leaf_key());
    let jws = token.jws();
    assert!((24_000..=32_768).contains(&jws.len()), "{} bytes", jws.len());
    let note = "§1, §5, §6: what the SDK sends: four certificates, 25 users with RSA keys, padded base64, nulls";
    let case = t.case("x5c-sdk-25-rsa-users", note).acl(&[rsa_admin()]);
    t.push(case.step(&jws, APPLIED).grants(&entries));
    let token = Token::raw(pretty(&head(&x5c(&with_user(by_user(&rsa_leaf())))).render()), pretty(&claims().render()))
        .by(leaf_key());
    let note = "§1, §6: what the shell recipe sends: base64url, pretty-printed";
    let case = t.case("x5c-shell", note).acl(&[rsa_admin()]);
    t.push(case.step(&token.jws(), APPLIED).grants(&[guest(1)]));
}

/// Path (a): the leaf's key is the issuer's.
fn own_key(t: &mut Topic) {
    let cert = |algorithm: &[u8]| leaf().of(&admin_key().public()).algorithm(algorithm);
    let token = |chain: &[Vec<u8>]| Token::header(&head(&x5c(chain)));
    let note = "§6: (a) the leaf's own signature is not verified, whatever its algorithm";
    for (tail, algorithm, signature) in [
        ("ed25519", ed25519(), vec![0; 64]),
        ("rsa", sha256_with_rsa(), vec![0; 256]),
        ("rsa-pss", algorithm(&oid::RSA_PSS, &pss_parameters()), vec![1; 256]),
        ("ecdsa", algorithm(&oid::ECDSA_WITH_SHA256, &[]), vec![0x30; 70]),
    ] {
        t.ok(&format!("x5c-own-key-by-{tail}"), note, &token(&[cert(&algorithm).with(&signature)]));
    }
    let own_cert = cert(&ed25519());
    let self_signed = by_admin(&own_cert);
    t.ok("x5c-own-key-self-signed", "§6: (a) and (b) both hold", &token(from_ref(&self_signed)));
    let note = "§6: (a) x5c[1] is not needed, even if the leaf is signed with RSA";
    t.ok("x5c-own-key-then-junk", note, &token(&[own(), b"no certificate".to_vec()]));
    t.ok("x5c-own-key-then-other-rsa", note, &token(&[own(), by_stranger(&user(&RsaKey::other()))]));
    let note = "§6: (a) holds, but somebody else signed the operation";
    for (tail, key) in [("mallory", Key::named("mallory")), ("leaf", leaf_key())] {
        let signed = token(from_ref(&self_signed)).by(key);
        t.no(&format!("x5c-own-key-signed-by-{tail}"), note, NO, &signed);
    }
    let note = "§6: (a) for guest 1, but the issuer is the ADMIN";
    let acl = [admin(), guest(1).role("ADMIN")];
    let other = leaf().of(&guest_key(1).public()).with(&[0; 64]);
    let case = t.case("x5c-own-key-of-another-user", note).acl(&acl);
    t.push(case.step(&token(&[other]).by(guest_key(1)).jws(), NO));
    for bit in [0, 255] {
        let mut public = admin_key().public();
        public[bit / 8] ^= 1 << (bit % 8);
        let der = leaf().of(&public).with(&[0; 64]);
        let note = "§6: (a) the leaf's key differs from the issuer's in one bit";
        t.no(&format!("x5c-own-key-bit-{bit}"), note, NO, &token(&[der]));
    }
    let note = "§6: the issuer's key is in x5c[1], not in the leaf";
    let mallory = Key::named("mallory");
    let der = leaf().of(&mallory.public()).with(&[0; 64]);
    t.no("x5c-own-key-second", note, NO, &token(&[der, self_signed.clone()]).by(mallory));
}

/// Path (b): the issuer's Ed25519 key signed the leaf.
fn edwards(t: &mut Topic) {
    let good = by_admin(&leaf());
    let note = "§6: (b) holds, but it was not the leaf's key that signed the operation";
    for (tail, key) in [("the-issuer", admin_key()), ("mallory", Key::named("mallory"))] {
        let token = Token::header(&head(&x5c(from_ref(&good)))).by(key);
        t.no(&format!("x5c-ed25519-signed-by-{tail}"), note, NO, &token);
    }
    let note = "§6: the leaf is signed by an Ed25519 key that is not the issuer's";
    for (tail, key) in [("mallory", Key::named("mallory")), ("itself", leaf_key()), ("a-guest", guest_key(1))] {
        let case = t.case(&format!("x5c-ed25519-by-{tail}"), note).acl(&[admin(), guest(1).role("ADMIN")]);
        t.push(case.step(&token(&[leaf().by(&Signer::Edwards(&key))]).jws(), NO));
    }
    let mallory = Key::named("mallory");
    let above = Cert { key: spki(&mallory.public()), subject: leaf().issuer, ..leaf() };
    let chain = [leaf().by(&Signer::Edwards(&mallory)), by_admin(&above)];
    let note = "§6: the issuer signed the certificate that signed the leaf; nothing binds over two steps";
    t.no("x5c-ed25519-two-steps", note, NO, &token(&chain));
    let own = Cert { key: spki(&admin_key().public()), subject: leaf().issuer, ..leaf() };
    let note = "§6: (b) with the issuer's own certificate behind it";
    t.ok("x5c-ed25519-issuer-second", note, &token(&[good.clone(), by_admin(&own)]));
    let note = "§6: the order of the certificates is turned round";
    t.no("x5c-ed25519-swapped", note, NO, &token(&[by_admin(&own), good.clone()]));
    let note = "§6: the good leaf is not the first";
    t.no("x5c-ed25519-second", note, NO, &token(&[leaf().by(&Signer::Edwards(&mallory)), good]));
    let mut real = real_leaf().algorithm(&ed25519());
    real.extensions.push(harmless(3));
    t.ok("x5c-ed25519-real-leaf", "§6: (b) with all the extensions of a real leaf", &token(&[by_admin(&real)]));
    let case = t.case("x5c-ed25519-acl-spki", "§5: the ACL was given the key as an SPKI");
    let case = case.acl(&[admin().key(&spki(&admin_key().public()))]);
    t.push(case.step(&token(&[by_admin(&leaf())]).jws(), APPLIED).grants(&[guest(1)]));
}

/// Path (c): the issuer's RSA key signed the leaf.
fn rsa(t: &mut Topic) {
    let null = algorithm(&oid::SHA256_WITH_RSA, &NULL);
    for (bits, tail, algorithm) in [
        (2048, "absent", sha256_with_rsa()),
        (2048, "null", null.clone()),
        (3072, "absent", sha256_with_rsa()),
        (4096, "null", null),
    ] {
        let key = RsaKey::user_of(bits);
        let leaf = leaf().algorithm(&algorithm).by(&Signer::Rsa(&key));
        let note = "§6: (c) with each size of modulus, parameters absent or NULL";
        let case = t.case(&format!("x5c-rsa-{bits}-{tail}"), note).acl(&[admin().key(&key.spki())]);
        let jws = token(&[leaf, by_stranger(&user(&key))]).jws();
        t.push(case.step(&jws, APPLIED).grants(&[guest(1)]));
    }
    let chain = with_user(by_user(&rsa_leaf()));
    let note = "§6: the ACL has the fingerprint of another key";
    let case = t.case("x5c-rsa-other-on-acl", note).acl(&[admin().key(&RsaKey::other().spki())]);
    t.push(case.step(&token(&chain).jws(), NO));
    let note = "§6: (c) holds, but it was not the leaf's key that signed the operation";
    let case = t.case("x5c-rsa-signed-by-mallory", note).acl(&[rsa_admin()]);
    t.push(case.step(&token(&chain).by(Key::named("mallory")).jws(), NO));
    let other = RsaKey::other();
    let by_other = rsa_leaf().by(&Signer::Rsa(&other));
    let note = "§6: the leaf is signed by another RSA key, which x5c[1] holds";
    rsa_no(t, "rsa-by-other-with-its-certificate", note, &[by_other.clone(), by_stranger(&user(&other))]);
    let note = "§6: x5c[1] holds another RSA key than the ACL's";
    let good = by_user(&rsa_leaf());
    rsa_no(t, "rsa-other-certificate", note, &[good.clone(), by_stranger(&user(&other))]);
    let note = "§6: the issuer's RSA key has to be in x5c[1]";
    rsa_no(t, "rsa-alone", note, from_ref(&good));
    let mine = by_stranger(&user(&RsaKey::user()));
    rsa_no(t, "rsa-swapped", "§6: the user certificate comes first", &[mine.clone(), good.clone()]);
    let note = "§6: another user's RSA key signed the leaf, and x5c[1] is that user's certificate";
    let entry = guest(1).key(&other.spki()).role("ADMIN");
    let case = t.case("x5c-rsa-of-another-user", note).acl(&[rsa_admin(), entry]);
    t.push(case.step(&token(&[by_other, by_stranger(&user(&other))]).jws(), NO));
    let note = "§6: the issuer's RSA key signed x5c[1], and x5c[1] signed the leaf";
    let middle = Cert { key: other.spki(), ..user(&other) }.algorithm(&sha256_with_rsa());
    let chain = [rsa_leaf().by(&Signer::Rsa(&other)), by_user(&middle), mine];
    rsa_no(t, "rsa-two-steps", note, &chain);
    let issuer = name(&[utf8(&oid::COMMON_NAME, "anybody")]);
    let bare = Cert { issuer, extensions: vec![], ..rsa_leaf() };
    let note = "§6: no extensions in the leaf, and no UID in the name of its issuer";
    rsa_ok(t, "rsa-bare-leaf", note, &with_user(by_user(&bare)));
}

/// Keys of one kind in the place of the other.
fn confusions(t: &mut Topic) {
    let key = RsaKey::user();
    let fingerprint = key.fingerprint();
    let note = "§6: the issuer has an Ed25519 key; its 32 bytes are the fingerprint of the RSA key";
    let entry = admin().key(&fingerprint);
    let case = t.case("x5c-confused-fingerprint-as-key", note).acl(&[entry]);
    t.push(case.step(&token(&with_user(by_user(&rsa_leaf()))).jws(), NO));
    let note = "§6: the issuer has an RSA key; the leaf's key is the 32 bytes of its fingerprint";
    rsa_no(t, "confused-key-as-fingerprint-alone", note, &[leaf().of(&fingerprint).with(&[0; 64])]);
    let note = "§6: an Ed25519 issuer, and a leaf signed with the RSA key in x5c[1]";
    t.no("x5c-confused-rsa-for-ed25519", note, NO, &token(&with_user(by_user(&rsa_leaf()))));
    let note = "§6: an RSA issuer, and a leaf signed with an Ed25519 key";
    let second = by_stranger(&Cert { key: spki(&admin_key().public()), ..user(&key) });
    rsa_no(t, "confused-ed25519-for-rsa", note, &with_user(by_admin(&leaf())));
    let note = "§6: an RSA issuer, and an Ed25519 key in x5c[1]";
    rsa_no(t, "confused-ed25519-second", note, &[by_user(&rsa_leaf()), second]);
    let note = "§6: an Ed25519 signature under the algorithm of RSA";
    let signature = admin_key().sign(&rsa_leaf().tbs());
    t.no("x5c-confused-ed25519-as-rsa", note, NO, &token(&with_user(rsa_leaf().with(&signature))));
}

fn stories(t: &mut Topic) {
    let key = RsaKey::user();
    let chain = with_user(by_user(&rsa_leaf()));
    let grant = |entry: &Entry| {
        let object = Obj::new()
            .with_str("user", &entry.user)
            .with_str("publicKey", &b64::std(&entry.key))
            .with_str("role", entry.role);
        claims_users(&[object])
    };
    let late = |claims: &Obj| claims.clone().with_str("jti", "later");
    let new = guest(1).key(&key.spki()).role("ADMIN");
    let issuer = name(&[utf8(&oid::UID, &guest_id(1))]);
    let guests_leaf = with_user(by_user(&Cert { issuer, ..rsa_leaf() }));
    let next = claims_users(&[guest_obj(2)]).with_str("iss", &guest_id(1)).with_str("jti", "later");
    let case = t.case("x5c-story-granted-rsa", "§5, §6: a key that was granted is the anchor of the next chain");
    let case = case.step(&token_claims(&guests_leaf, &next).jws(), NO);
    let case = case.step(&Token::claims(&grant(&new)).jws(), APPLIED);
    let case = case.step(&token_claims(&guests_leaf, &next).jws(), APPLIED);
    t.push(case.grants(&[new, guest(2)]));
    let note = "§5, §6: once the issuer's key is replaced, the old chain is nothing and the new key is the anchor";
    let mine = admin();
    let header = head(&x5c(&[own()]));
    let case = t.case("x5c-story-key-replaced", note).acl(&[rsa_admin()]);
    let case = case.step(&token_claims(&chain, &grant(&mine)).jws(), APPLIED);
    let case = case.step(&token_claims(&chain, &late(&claims())).jws(), NO);
    let case = case.step(&Token::raw(header.render(), late(&claims()).render()).jws(), APPLIED);
    t.push(case.grants(&[mine, guest(1)]));
}

fn replays(t: &mut Topic) {
    let second = Cert { serial: tlv(0x02, &[0x2b]), ..leaf() };
    let [first, second] = [by_admin(&leaf()), by_admin(&second)];
    let one = token(from_ref(&first)).jws();
    let two = token(from_ref(&second)).jws();
    let case = t.case("x5c-replay", "§8: the same operation with a chain, twice");
    t.push(case.step(&one, APPLIED).step(&one, "replayed").grants(&[guest(1)]));
    let case = t.case("x5c-replay-other-leaf", "§8: the same jti with another leaf");
    t.push(case.step(&one, APPLIED).step(&two, "replayed").grants(&[guest(1)]));
    let other_key = by_admin(&leaf().of(&Key::named("next leaf").public()));
    let renewed = Token::header(&head(&x5c(&[other_key]))).by(Key::named("next leaf")).jws();
    let case = t.case("x5c-replay-other-leaf-key", "§8: the same jti with a leaf of another key");
    t.push(case.step(&one, APPLIED).step(&renewed, "replayed").grants(&[guest(1)]));
    let bare = Token::good().jws();
    let own = Token::header(&head(&x5c(&[own()]))).jws();
    let note = "§8: the same jti with a chain, without one, and with another way of binding";
    let case = t.case("x5c-replay-other-path", note);
    let case = case.step(&one, APPLIED).step(&bare, "replayed").step(&own, "replayed");
    t.push(case.grants(&[guest(1)]));
    let bad = token(&[leaf().by(&Signer::Edwards(&leaf_key()))]).jws();
    let note = "§7, §8: an unbound leaf does not learn that the jti is used, nor does it use one up";
    let case = t.case("x5c-replay-unbound", note);
    let case = case.step(&bad, NO).step(&one, APPLIED).step(&bad, NO).step(&one, "replayed");
    t.push(case.grants(&[guest(1)]));
    let plain = claims().without("jti");
    let [one, two] = [&first, &second].map(|der| token_claims(from_ref(der), &plain).jws());
    let note = "§8: without a jti, the digest of the signing input, of which the chain is a part";
    let case = t.case("x5c-replay-digest", note).step(&one, APPLIED).step(&one, "replayed");
    t.push(case.step(&two, APPLIED).step(&two, "replayed").grants(&[guest(1)]));
}
