//! DER, right and wrong.

/// A tag, the shortest length and the content.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    out.extend(length(content.len(), 0));
    out.extend_from_slice(content);
    out
}

/// As `tlv`, with this many octets of length even if fewer would do.
pub(crate) fn tlv_long(tag: u8, content: &[u8], octets: usize) -> Vec<u8> {
    let mut out = vec![tag];
    out.extend(length(content.len(), octets));
    out.extend_from_slice(content);
    out
}

fn length(length: usize, octets: usize) -> Vec<u8> {
    if octets == 0 && length < 0x80 {
        return vec![u8::try_from(length).expect("below 128")];
    }
    let bytes = length.to_be_bytes();
    let used = bytes.iter().position(|b| *b != 0).map_or(1, |zeros| bytes.len() - zeros);
    let used = used.max(octets);
    let mut out = vec![0x80 | u8::try_from(used).expect("at most 8")];
    out.extend_from_slice(&bytes[bytes.len() - used..]);
    out
}

/// The content of a positive INTEGER, from its magnitude.
pub(crate) fn positive(magnitude: &[u8]) -> Vec<u8> {
    let zero = magnitude[0] & 0x80 != 0;
    [if zero { &[0_u8][..] } else { &[] }, magnitude].concat()
}

/// The parts of an RSA SubjectPublicKeyInfo, each of which a vector may spoil.
#[derive(Clone)]
pub(crate) struct RsaParts {
    /// Content of the modulus INTEGER.
    pub(crate) modulus: Vec<u8>,
    /// Content of the exponent INTEGER.
    pub(crate) exponent: Vec<u8>,
    /// The whole AlgorithmIdentifier.
    pub(crate) algorithm: Vec<u8>,
    /// Octets of the lengths of the outer SEQUENCE, the BIT STRING, the inner SEQUENCE, the modulus
    /// and the exponent; 0 is as short as possible.
    pub(crate) lengths: [usize; 5],
    /// Tags of the same five.
    pub(crate) tags: [u8; 5],
    /// First octet of the BIT STRING.
    pub(crate) unused: u8,
    /// Bytes after the exponent, after the RSAPublicKey, after the BIT STRING and after everything.
    pub(crate) tails: [Vec<u8>; 4],
}

/// rsaEncryption, 1.2.840.113549.1.1.1.
pub(crate) const RSA_OID: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// An AlgorithmIdentifier of an OID and whatever follows it.
pub(crate) fn algorithm(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
    tlv(0x30, &[tlv(0x06, oid), parameters.to_vec()].concat())
}

impl RsaParts {
    /// Everything right, around the magnitude of a modulus.
    pub(crate) fn new(modulus: &[u8]) -> Self {
        Self {
            modulus: positive(modulus),
            exponent: vec![1, 0, 1],
            algorithm: algorithm(&RSA_OID, &[5, 0]),
            lengths: [0; 5],
            tags: [0x30, 0x03, 0x30, 0x02, 0x02],
            unused: 0,
            tails: [const { Vec::new() }; 4],
        }
    }

    /// The encoding.
    pub(crate) fn der(&self) -> Vec<u8> {
        let [outer, bits, inner, modulus, exponent] = self.lengths;
        let tag = self.tags;
        let key = [
            tlv_long(tag[3], &self.modulus, modulus),
            tlv_long(tag[4], &self.exponent, exponent),
            self.tails[0].clone(),
        ];
        let key = tlv_long(tag[2], &key.concat(), inner);
        let key = [vec![self.unused], key, self.tails[1].clone()].concat();
        let spki = [self.algorithm.clone(), tlv_long(tag[1], &key, bits), self.tails[2].clone()];
        [tlv_long(tag[0], &spki.concat(), outer), self.tails[3].clone()].concat()
    }
}

/// The NULL.
pub(crate) const NULL: [u8; 2] = [5, 0];

/// A SEQUENCE of encodings.
pub(crate) fn seq<P: AsRef<[u8]>>(parts: &[P]) -> Vec<u8> {
    tlv(0x30, &join(parts))
}

/// Encodings one after the other.
pub(crate) fn join<P: AsRef<[u8]>>(parts: &[P]) -> Vec<u8> {
    parts.iter().flat_map(|p| p.as_ref().to_vec()).collect()
}

/// An OBJECT IDENTIFIER.
pub(crate) fn oid(content: &[u8]) -> Vec<u8> {
    tlv(0x06, content)
}

/// A BIT STRING of whole octets.
pub(crate) fn bits(octets: &[u8]) -> Vec<u8> {
    bits_unused(0, octets)
}

/// A BIT STRING that says so many bits of its last octet are unused.
pub(crate) fn bits_unused(unused: u8, octets: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[unused], octets].concat())
}

/// The contents of the INTEGERs in a SEQUENCE of nothing else.
pub(crate) fn integers(der: &[u8]) -> Vec<Vec<u8>> {
    let (0x30, mut rest, []) = split(der) else { panic!("one SEQUENCE") };
    let mut out = Vec::new();
    while !rest.is_empty() {
        let (0x02, content, after) = split(rest) else { panic!("an INTEGER") };
        out.push(content.to_vec());
        rest = after;
    }
    out
}

/// Tag, content and what follows, of good DER.
pub(crate) fn split(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let (head, length) = match der[1] {
        short @ 0..=0x7f => (2, usize::from(short)),
        0x81 => (3, usize::from(der[2])),
        0x82 => (4, (usize::from(der[2]) << 8) | usize::from(der[3])),
        _ => panic!("fixtures are shorter"),
    };
    let (content, after) = der[head..].split_at(length);
    (der[0], content, after)
}
