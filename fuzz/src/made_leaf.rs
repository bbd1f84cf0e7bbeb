//! Leaf certificates of the target `signed`: in order, but for what the input changes, and then really signed.

use std::sync::LazyLock;

use ed25519_dalek::Signer;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use lockop::Uuid;

use crate::changed_der::Element;
use crate::choices::{byte, mostly};
use crate::made_rsa;
use crate::world::{RSA_OWNER, leaf_key, signing_key};

/// AlgorithmIdentifiers: Ed25519, sha256WithRSAEncryption without parameters and with, and ecdsa-with-SHA256.
const ED25519: &[u8] = &[0x30, 5, 6, 3, 0x2b, 0x65, 0x70];
const RSA: &[u8] = &[0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
const RSA_NULL: &[u8] = &[0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11, 5, 0];
const ECDSA: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

const UID: &[u8] = &[6, 10, 9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1];
const COMMON_NAME: &[u8] = &[6, 3, 0x55, 4, 3];

/// Versions: 3, 2, none (which is 1), and 3 with something behind it.
const VERSIONS: &[&[u8]] = &[&[0xa0, 3, 2, 1, 2], &[0xa0, 3, 2, 1, 1], &[], &[0xa0, 5, 2, 1, 2, 5, 0]];
const SERIALS: &[&[u8]] = &[&[2, 1, 1], &[2, 1, 0x80], &[2, 2, 0, 1], &[2, 0]];
/// Validity: around the time of the device, whose leeway is a minute.
const BEGINS: &[(u8, &str)] = &[
    (0x17, "231114221320Z"),
    (0x17, "231114221420Z"),
    (0x17, "231114221421Z"),
    (0x18, "19691231235959Z"),
    (0x17, "500228000000Z"),
    (0x17, "500229000000Z"),
    (0x17, "2311142213Z"),
];
const ENDS: &[(u8, &str)] = &[
    (0x17, "231114221320Z"),
    (0x17, "231114221220Z"),
    (0x17, "231114221219Z"),
    (0x18, "99991231235959Z"),
    (0x18, "20230230000000Z"),
];

/// Extensions, of which the first are those of a real leaf: what is critical, and what is not.
const EXTENSIONS: &[&[u8]] = &[
    &[0x30, 12, 6, 3, 0x55, 0x1d, 0x13, 1, 1, 0xff, 4, 2, 0x30, 0],
    &[0x30, 14, 6, 3, 0x55, 0x1d, 0x0f, 1, 1, 0xff, 4, 4, 3, 2, 7, 0x80],
    &[0x30, 11, 6, 3, 0x55, 0x1d, 0x0e, 4, 4, 4, 2, 1, 2],
    // CA:TRUE, CA:FALSE in so many words, a path length; another usage, two usages, one zero too many.
    &[0x30, 15, 6, 3, 0x55, 0x1d, 0x13, 1, 1, 0xff, 4, 5, 0x30, 3, 1, 1, 0xff],
    &[0x30, 15, 6, 3, 0x55, 0x1d, 0x13, 1, 1, 0xff, 4, 5, 0x30, 3, 1, 1, 0],
    &[0x30, 15, 6, 3, 0x55, 0x1d, 0x13, 1, 1, 0xff, 4, 5, 0x30, 3, 2, 1, 0],
    &[0x30, 14, 6, 3, 0x55, 0x1d, 0x0f, 1, 1, 0xff, 4, 4, 3, 2, 6, 0x40],
    &[0x30, 14, 6, 3, 0x55, 0x1d, 0x0f, 1, 1, 0xff, 4, 4, 3, 2, 6, 0xc0],
    &[0x30, 14, 6, 3, 0x55, 0x1d, 0x0f, 1, 1, 0xff, 4, 4, 3, 2, 6, 0x80],
    // Unknown and critical; FALSE in so many words.
    &[0x30, 10, 6, 3, 0x55, 0x1d, 0x1e, 1, 1, 0xff, 4, 0],
    &[0x30, 10, 6, 3, 0x55, 0x1d, 0x1e, 1, 1, 0, 4, 0],
];

/// Tag, length and content.
pub(crate) fn tlv(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    Element { tag, content: content.concat() }.bytes()
}

/// The AlgorithmIdentifier, the key and the issuer of a TBSCertificate.
struct Parts<'a> {
    version: &'a [u8],
    serial: &'a [u8],
    algorithm: &'a [u8],
    issuer: Vec<u8>,
    validity: [(u8, &'a str); 2],
    key: [u8; 32],
    extensions: Vec<&'a [u8]>,
}

impl Parts<'_> {
    fn tbs(&self) -> Vec<u8> {
        let [begin, end] = self.validity.map(|(tag, digits)| tlv(tag, &[digits.as_bytes()]));
        let info = tlv(0x30, &[ED25519, &tlv(0x03, &[&[0], &self.key])]);
        let subject = tlv(0x30, &[&tlv(0x31, &[&attribute(COMMON_NAME, 0x0c, "leaf")])]);
        let extensions = tlv(0xa3, &[&tlv(0x30, &self.extensions)]);
        let validity = tlv(0x30, &[&begin, &end]);
        let fields: [&[u8]; 8] =
            [self.version, self.serial, self.algorithm, &self.issuer, &validity, &subject, &info, &extensions];
        tlv(0x30, &fields)
    }
}

fn attribute(kind: &[u8], tag: u8, value: &str) -> Vec<u8> {
    tlv(0x30, &[kind, &tlv(tag, &[value.as_bytes()])])
}

fn certificate(tbs: &[u8], algorithm: &[u8], signature: &[u8]) -> Vec<u8> {
    tlv(0x30, &[tbs, algorithm, &tlv(0x03, &[&[0], signature])])
}

/// A leaf that is signed with the RSA key, and a certificate with that key.
static RSA_CHAIN: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let owner = tlv(0x30, &[&tlv(0x31, &[&attribute(UID, 0x0c, &RSA_OWNER.to_string())])]);
    let parts = Parts {
        version: VERSIONS[0],
        serial: SERIALS[0],
        algorithm: RSA_NULL,
        issuer: owner.clone(),
        validity: [BEGINS[0], ENDS[0]],
        key: leaf_key().verifying_key().to_bytes(),
        extensions: EXTENSIONS[..3].to_vec(),
    };
    let tbs = parts.tbs();
    let validity = tlv(0x30, &[&tlv(0x17, &[b"231114221320Z"]), &tlv(0x17, &[b"231114221320Z"])]);
    let user = tlv(0x30, &[VERSIONS[0], SERIALS[0], RSA, &owner, &validity, &owner, made_rsa::INFO.as_slice()]);
    [certificate(&tbs, RSA_NULL, &made_rsa::sign(&tbs)), certificate(&user, RSA, &[0; 256])]
});

/// A chain for operations of this issuer.
///
/// # Errors
///
/// None: there are zeros behind the last byte.
pub fn chain(choices: &mut Unstructured<'_>, iss: Uuid) -> Result<Vec<Vec<u8>>> {
    let spoil = byte(choices)?;
    if iss == RSA_OWNER {
        let [mut leaf, mut next] = RSA_CHAIN.clone();
        let place = usize::from(choices.arbitrary::<u16>()?);
        match spoil {
            // Any byte of either, the signature's last, and no second certificate.
            200..220 => *leaf.get_mut(place % 1000).unwrap_or(&mut 0) ^= spoil,
            220..240 => *next.get_mut(place % 1000).unwrap_or(&mut 0) ^= spoil,
            240..248 => *leaf.last_mut().unwrap_or(&mut 0) ^= 1,
            248.. => return Ok(vec![leaf]),
            _ => {}
        }
        return Ok(vec![leaf, next]);
    }
    let uid = iss.to_string();
    let names = [
        tlv(0x31, &[&attribute(UID, 0x0c, &uid)]),
        tlv(0x31, &[&attribute(UID, 0x13, &uid.to_uppercase())]),
        tlv(0x31, &[&attribute(UID, 0x0c, &RSA_OWNER.to_string())]),
        tlv(0x31, &[&attribute(UID, 0x04, &uid)]),
        tlv(0x31, &[&attribute(COMMON_NAME, 0x0c, "x"), &attribute(UID, 0x16, &uid)]),
        tlv(0x31, &[&attribute(UID, 0x16, &uid), &attribute(COMMON_NAME, 0x0c, "x")]),
        tlv(0x31, &[]),
        Vec::new(),
    ];
    let mut extensions = EXTENSIONS[..3].to_vec();
    match byte(choices)? {
        192..208 => extensions.clear(),
        208..224 => extensions.truncate(1),
        224.. => extensions.push(mostly(choices, EXTENSIONS)?),
        _ => {}
    }
    if byte(choices)? > 224 {
        extensions[..].reverse();
        extensions.pop();
        extensions.push(mostly(choices, EXTENSIONS)?);
    }
    let keys = [leaf_key(), signing_key(iss)].map(|key| key.verifying_key().to_bytes());
    let parts = Parts {
        version: mostly(choices, VERSIONS)?,
        serial: mostly(choices, SERIALS)?,
        algorithm: mostly(choices, &[ED25519, RSA, ECDSA])?,
        issuer: tlv(0x30, &[&mostly(choices, &names)?]),
        validity: [mostly(choices, BEGINS)?, mostly(choices, ENDS)?],
        key: mostly(choices, &keys)?,
        extensions,
    };
    let tbs = parts.tbs();
    let mut signature = signing_key(iss).sign(&tbs).to_bytes();
    signature[0] ^= u8::from(spoil > 224);
    let outer = mostly(choices, &[parts.algorithm, ED25519, RSA_NULL])?;
    Ok(vec![certificate(&tbs, outer, &signature)])
}
