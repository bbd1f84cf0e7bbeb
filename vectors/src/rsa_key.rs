//! RSA signatures with the padding written out, so that each part of it can be wrong (RFC 8017).

use ed25519_compact::sha512;
use num_bigint::BigUint;

use crate::b64;
use crate::der::{NULL, RsaParts, integers, oid, seq, tlv};
use crate::oid;

/// An RSA key pair, made once with OpenSSL for these vectors alone.
pub(crate) struct RsaKey {
    modulus: BigUint,
    primes: [BigUint; 2],
    exponents: [BigUint; 2],
    inverse: BigUint,
}

impl RsaKey {
    /// The key of a user, whose fingerprint happens to be the encoding of a good Ed25519 key too.
    pub(crate) fn user() -> Self {
        Self::fixture(include_str!("../keys/user2048.pkcs1.b64"))
    }

    /// The keys of users with longer moduli.
    pub(crate) fn user_of(bits: usize) -> Self {
        match bits {
            2048 => Self::user(),
            3072 => Self::fixture(include_str!("../keys/user3072.pkcs1.b64")),
            4096 => Self::fixture(include_str!("../keys/user4096.pkcs1.b64")),
            _ => panic!("no fixture of {bits} bits"),
        }
    }

    /// Somebody else's key of 2048 bits.
    pub(crate) fn other() -> Self {
        Self::fixture(include_str!("../keys/other2048.pkcs1.b64"))
    }

    /// The key of the intermediate certificate, 4096 bits.
    pub(crate) fn intermediate() -> Self {
        Self::fixture(include_str!("../keys/intermediate4096.pkcs1.b64"))
    }

    /// The key of the root certificate, 4096 bits.
    pub(crate) fn root() -> Self {
        Self::fixture(include_str!("../keys/root4096.pkcs1.b64"))
    }

    fn fixture(text: &str) -> Self {
        let numbers: Vec<BigUint> =
            integers(&b64::fixture(text)).iter().map(|content| BigUint::from_bytes_be(content)).collect();
        let [_, modulus, _, _, p, q, dp, dq, inverse] = numbers.try_into().expect("RSAPrivateKey");
        Self { modulus, primes: [p, q], exponents: [dp, dq], inverse }
    }

    /// Octets of the modulus and of every signature.
    pub(crate) fn size(&self) -> usize {
        self.modulus.to_bytes_be().len()
    }

    /// The modulus.
    pub(crate) fn modulus(&self) -> &BigUint {
        &self.modulus
    }

    /// The parts of the SubjectPublicKeyInfo.
    pub(crate) fn parts(&self) -> RsaParts {
        RsaParts::new(&self.modulus.to_bytes_be())
    }

    /// The SubjectPublicKeyInfo, which is the user's `publicKey`.
    pub(crate) fn spki(&self) -> Vec<u8> {
        self.parts().der()
    }

    /// What the ACL keeps.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        sha256(&self.spki())
    }

    /// The number whose 65537th power is `message`.
    pub(crate) fn power(&self, message: &[u8]) -> Vec<u8> {
        let message = BigUint::from_bytes_be(message);
        assert!(message < self.modulus, "too large a number to sign");
        let [p, q] = &self.primes;
        let [a, b] = [0, 1].map(|n| message.modpow(&self.exponents[n], &self.primes[n]));
        let h = (a + p - &b % p) * &self.inverse % p;
        self.octets(&(b + h * q))
    }

    /// A number as a signature.
    pub(crate) fn octets(&self, number: &BigUint) -> Vec<u8> {
        let bytes = number.to_bytes_be();
        let zeros = self.size().checked_sub(bytes.len()).expect("too large a number for a signature");
        [vec![0; zeros], bytes].concat()
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.power(&self.encoded(&digest_info(message)))
    }

    /// EMSA-PKCS1-v1_5 around any DigestInfo.
    pub(crate) fn encoded(&self, info: &[u8]) -> Vec<u8> {
        self.padded(&[0, 1], 0xff, &[&[0], info].concat())
    }

    /// An encoded message with any start, filling and end.
    pub(crate) fn padded(&self, start: &[u8], fill: u8, end: &[u8]) -> Vec<u8> {
        let filling = vec![fill; self.size() - start.len() - end.len()];
        [start, &filling, end].concat()
    }

    /// RSASSA-PSS with SHA-256, MGF1 and a salt of 32 octets.
    pub(crate) fn sign_pss(&self, message: &[u8]) -> Vec<u8> {
        let salt = sha256(b"salt");
        let hash = sha256(&[&[0; 8][..], &sha256(message), &salt].concat());
        let block = [vec![0; self.size() - 32 - 34], vec![1], salt.to_vec()].concat();
        let mask = (0_u32..).flat_map(|n| sha256(&[&hash[..], &n.to_be_bytes()].concat()));
        let mut out: Vec<u8> = block.iter().zip(mask).map(|(b, m)| b ^ m).collect();
        out[0] &= 0x7f;
        out.extend_from_slice(&hash);
        out.push(0xbc);
        self.power(&out)
    }
}

/// SHA-256.
pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
    hmac_sha256::Hash::hash(message)
}

/// The right DigestInfo of a message.
pub(crate) fn digest_info(message: &[u8]) -> Vec<u8> {
    digest_info_of(&oid::SHA256, &NULL, &sha256(message))
}

/// A DigestInfo of any parts.
pub(crate) fn digest_info_of(hash: &[u8], parameters: &[u8], digest: &[u8]) -> Vec<u8> {
    seq(&[seq(&[oid(hash), parameters.to_vec()]), tlv(0x04, digest)])
}

/// DigestInfos that are right for other hashes: name and encoding.
pub(crate) fn other_hashes(message: &[u8]) -> [(&'static str, Vec<u8>); 3] {
    let sha1 = sha1_smol::Sha1::from(message).digest().bytes();
    let sha384 = hmac_sha512::sha384::Hash::hash(message);
    let sha512 = sha512::Hash::hash(message);
    [
        ("sha1", digest_info_of(&oid::SHA1, &NULL, &sha1)),
        ("sha384", digest_info_of(&oid::SHA384, &NULL, &sha384)),
        ("sha512", digest_info_of(&oid::SHA512, &NULL, &sha512)),
    ]
}

/// The parameters that go with `sign_pss`.
pub(crate) fn pss_parameters() -> Vec<u8> {
    let hash = seq(&[oid(&oid::SHA256), NULL.to_vec()]);
    let mask = seq(&[oid(&oid::MGF1), hash.clone()]);
    seq(&[tlv(0xa0, &hash), tlv(0xa1, &mask), tlv(0xa2, &tlv(0x02, &[32]))])
}
