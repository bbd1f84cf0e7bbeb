//! Just enough DER for a leaf certificate that is as dear as one can be.

use super::recipe::Leaf;

/// An element.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).expect("less than 64 KiB").to_be_bytes();
    let header = match (high, low) {
        (0, 0..=0x7f) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [header, content.to_vec()].concat()
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn bits(content: &[u8]) -> Vec<u8> {
    tlv(3, &[&[0], content].concat())
}

/// 1.3.101.112
const ED25519: [u8; 3] = [0x2b, 0x65, 0x70];
/// 1.2.840.113549.1.1.11
const SHA256_WITH_RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
/// 1.2.840.113549.1.1.1
const RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// Longest certificate that is read.
const LONGEST: usize = 2048;

/// A leaf certificate of `key`, filled up to the greatest length with extensions or attributes; `sign` signs for the
/// Ed25519 issuer.
pub(crate) fn leaf(leaf: Leaf, key: &[u8; 32], sign: impl Fn(&[u8]) -> [u8; 64]) -> Vec<u8> {
    let build = |fillers: usize| {
        let algorithm = sequence(&[&tlv(6, if leaf.rsa_bytes == 0 { &ED25519 } else { &SHA256_WITH_RSA })]);
        let (mut name, mut extensions) = (Vec::new(), Vec::new());
        for number in 0..fillers {
            // Different, in ascending order, and as short as they can be.
            let low = u8::try_from(number % 128).expect("7 bits");
            let high = u8::try_from(number / 128).expect("few");
            let id: &[u8] = if high == 0 { &[0x2a, low] } else { &[0x2a, 0x80 | high, low] };
            let oid = tlv(6, id);
            if leaf.attributes {
                name.extend(tlv(0x31, &sequence(&[&oid, &tlv(12, b"")])));
            } else {
                extensions.extend(sequence(&[&oid, &tlv(4, b"")]));
            }
        }
        if extensions.is_empty() {
            extensions = sequence(&[&tlv(6, &[0x2a, 1]), &tlv(4, b"")]);
        }
        let validity = sequence(&[&tlv(23, b"200101000000Z"), &tlv(23, b"491231235959Z")]);
        let public = sequence(&[&sequence(&[&tlv(6, &ED25519)]), &bits(key)]);
        let tbs = sequence(&[
            &tlv(0xa0, &tlv(2, &[2])),
            &tlv(2, &[1]),
            &algorithm,
            &tlv(0x30, &[]),
            &validity,
            &tlv(0x30, &name),
            &public,
            &tlv(0xa3, &tlv(0x30, &extensions)),
        ]);
        // An RSA signature need not be good to be dear, only less than the modulus.
        let signature = if leaf.rsa_bytes == 0 { sign(&tbs).to_vec() } else { vec![0x55; leaf.rsa_bytes] };
        sequence(&[&tbs, &algorithm, &bits(&signature)])
    };
    let mut fillers = 0;
    while leaf.fillers > fillers && build(fillers + 1).len() <= LONGEST {
        fillers += 1;
    }
    build(fillers)
}

/// A certificate around an RSA key of so many bytes: nothing but the key in it is looked at.
pub(crate) fn rsa_certificate(bytes: usize) -> Vec<u8> {
    let modulus = [&[0], vec![0xff; bytes].as_slice()].concat();
    let key = sequence(&[&tlv(2, &modulus), &tlv(2, &[1, 0, 1])]);
    let public = sequence(&[&sequence(&[&tlv(6, &RSA), &tlv(5, &[])]), &bits(&key)]);
    let empty = tlv(0x30, &[]);
    let tbs = sequence(&[&tlv(2, &[1]), &empty, &empty, &empty, &empty, &public]);
    sequence(&[&tbs, &empty, &bits(&[])])
}
