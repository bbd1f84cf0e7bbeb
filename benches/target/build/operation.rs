//! Signed operations.

use std::fmt::{self, Display, Formatter};

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use ed25519_compact::{KeyPair, Seed};

use crate::json::{array, object, raw, string};
use crate::signer::{LeafSignature, Signer};

/// The lock.
pub const DEVICE: [u8; 16] = uuid(0xd0, 0);
/// The user who signs.
pub const ISSUER: [u8; 16] = uuid(0xa0, 0);
/// The device's clock.
pub const NOW: u64 = 1_700_000_000;

/// The base64 of a real SubjectPublicKeyInfo.
pub const RSA_KEY: &str = "../../vectors/keys/rsa2048.b64";

/// One case.
pub struct Operation {
    pub users: u8,
    pub keys: Keys,
    pub signer: Signer,
    pub encoding: Encoding,
}

/// The users' keys in the batch.
#[derive(Clone, Copy)]
pub enum Keys {
    Ed25519,
    Rsa2048,
}

/// The two families of clients (docs/operation.md, §1).
#[derive(Clone, Copy)]
pub enum Encoding {
    /// The documented recipe: base64url without padding.
    Rfc7515,
    /// The vendor's SDK: padded standard base64, its order of members, explicit nulls.
    Sdk,
}

impl Display for Operation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let keys = match self.keys {
            Keys::Ed25519 => "ed25519",
            Keys::Rsa2048 => "rsa2048",
        };
        let encoding = match self.encoding {
            Encoding::Rfc7515 => "rfc7515",
            Encoding::Sdk => "sdk",
        };
        write!(f, "{}-{keys}{}-{encoding}", self.users, self.signer.name())
    }
}

impl Operation {
    /// The JWS, and the same with one bit of the signature flipped.
    pub fn sign(&self) -> (String, String) {
        let (input, signature) = self.signed_batch();
        let mut wrong = signature;
        wrong[0] ^= 1;
        (format!("{input}.{}", self.encode(&signature)), format!("{input}.{}", self.encode(&wrong)))
    }

    /// A JWS with this header and an empty payload.
    pub fn sign_nothing(&self) -> String {
        self.sign_payload("{}")
    }

    /// A JWS with the same claims and an operation of an unknown type.
    pub fn sign_unsupported(&self) -> String {
        self.sign_payload(&self.payload(&object(&[string("type", "REMOVE_USER")])))
    }

    fn sign_payload(&self, payload: &str) -> String {
        let (input, signature) = self.signed(LeafSignature::Good, payload);
        format!("{input}.{}", self.encode(&signature))
    }

    /// The JWS with a leaf that nobody has signed.
    pub fn sign_with_leaf(&self, leaf: LeafSignature) -> String {
        let (input, signature) = self.signed(leaf, &self.payload(&self.batch()));
        format!("{input}.{}", self.encode(&signature))
    }

    /// The signing input of the batch, and its signature.
    pub fn signed_batch(&self) -> (String, [u8; 64]) {
        self.signed(LeafSignature::Good, &self.payload(&self.batch()))
    }

    /// The signing input, and its signature.
    fn signed(&self, leaf: LeafSignature, payload: &str) -> (String, [u8; 64]) {
        let [header, payload] = [&self.header(leaf), payload].map(|json| self.encode(json.as_bytes()));
        let input = format!("{header}.{payload}");
        let signature = self.signer.key_pair().sk.sign(&input, None);
        (input, *signature)
    }

    pub fn encode(&self, bytes: &[u8]) -> String {
        match self.encoding {
            Encoding::Rfc7515 => Base64UrlUnpadded::encode_string(bytes),
            Encoding::Sdk => Base64::encode_string(bytes),
        }
    }

    fn header(&self, leaf: LeafSignature) -> String {
        let (alg, typ) = (string("alg", "EdDSA"), string("typ", "JWT"));
        let x5c = self.signer.x5c(leaf).map(|chain| raw("x5c", chain));
        match (self.encoding, x5c) {
            (Encoding::Rfc7515, None) => object(&[alg, typ]),
            (Encoding::Rfc7515, Some(x5c)) => object(&[alg, typ, x5c]),
            (Encoding::Sdk, x5c) => object(&[alg, x5c.unwrap_or_else(|| raw("x5c", "null")), typ]),
        }
    }

    fn batch(&self) -> String {
        let users: Vec<String> = (1..=self.users).map(|number| self.user(number)).collect();
        object(&[string("type", "BATCH_ADD_USER"), raw("users", array(&users))])
    }

    fn payload(&self, operation: &str) -> String {
        let iss = string("iss", &text(ISSUER));
        let sub = string("sub", &text(DEVICE));
        let nbf = raw("nbf", NOW - 1);
        let iat = raw("iat", NOW - 1);
        let exp = raw("exp", NOW + 60);
        let jti = string("jti", &text(uuid(0xe0, self.users)));
        let operation = raw("operation", operation);
        object(&match self.encoding {
            Encoding::Rfc7515 => [iss, sub, jti, nbf, iat, exp, operation],
            Encoding::Sdk => [iss, sub, nbf, iat, exp, jti, operation],
        })
    }

    fn user(&self, number: u8) -> String {
        let key = string("publicKey", &Base64::encode_string(&self.keys.of_user(number)));
        let user = string("user", &text(uuid(0xc0, number)));
        let role = string("role", if number % 5 == 1 { "ADMIN" } else { "USER" });
        object(&match self.encoding {
            Encoding::Rfc7515 => [key, user, role, raw("start", NOW), raw("end", NOW + 86_400)],
            Encoding::Sdk => [user, key, role, raw("start", "null"), raw("end", "null")],
        })
    }
}

impl Keys {
    fn of_user(self, number: u8) -> Vec<u8> {
        match self {
            Self::Ed25519 => key_pair(number).pk.to_vec(),
            Self::Rsa2048 => {
                let text = std::fs::read_to_string(RSA_KEY).expect(RSA_KEY);
                let mut key = Base64::decode_vec(text.trim()).expect(RSA_KEY);
                // Another user, another modulus: odd and as long as before, which is all that a device looks at.
                key[100] ^= number;
                key
            }
        }
    }
}

/// The keys of somebody.
pub fn key_pair(number: u8) -> KeyPair {
    KeyPair::from_seed(Seed::new([number; 32]))
}

const fn uuid(kind: u8, number: u8) -> [u8; 16] {
    let mut bytes = [kind; 16];
    bytes[6] = 0x40;
    bytes[8] = 0x80;
    bytes[15] = number;
    bytes
}

fn text(uuid: [u8; 16]) -> String {
    let hex: String = uuid.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
