//! How an input is made. What the search finds is kept as recipes, in [`worst`](super::worst).

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use ed25519_compact::{KeyPair, Seed};

use super::der;
use super::filler::Filler;

/// The lock.
pub(crate) const DEVICE: [u8; 16] = [0xd0; 16];
/// The ADMIN.
pub(crate) const ISSUER: [u8; 16] = [0xa0; 16];
/// The device's clock.
pub(crate) const NOW: u64 = 1_700_000_000;

/// The base64 of a real RSA-2048 SubjectPublicKeyInfo.
const RSA_KEY: &str = include_str!("../../vectors/keys/rsa2048.b64");

/// One input.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recipe {
    /// By the ADMIN: the insider. Else nobody has signed it.
    pub(crate) signed: bool,
    pub(crate) chain: Option<Chain>,
    /// What the header is filled with, and how many bytes of JSON at most.
    pub(crate) header: (Vec<Filler>, usize),
    /// What the payload is filled with to the input's length.
    pub(crate) payload: Vec<Filler>,
    pub(crate) users: usize,
    /// Their keys; else RSA-2048.
    pub(crate) ed25519_users: bool,
    /// Places in the payload, in 65,536ths of it, at which text is put in.
    pub(crate) splices: Vec<(usize, &'static str)>,
}

/// Certificates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Chain {
    pub(crate) leaf: Leaf,
    /// Certificates behind those that are read, and their bytes of DER.
    pub(crate) more: (usize, usize),
}

/// A leaf of the issuer's own key, so that it is bound whatever its signature is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Leaf {
    /// Of the RSA key that is said to have signed; 0 if the issuer's Ed25519 key has.
    pub(crate) rsa_bytes: usize,
    /// Extensions, or attributes of the subject, if there is room.
    pub(crate) fillers: usize,
    pub(crate) attributes: bool,
}

/// The ADMIN's keys.
pub(crate) fn issuer() -> KeyPair {
    KeyPair::from_seed(Seed::new([0xff; 32]))
}

impl Recipe {
    /// A plain operation.
    pub(crate) const PLAIN: Self = Self {
        signed: true,
        chain: None,
        header: (Vec::new(), 0),
        payload: Vec::new(),
        users: 1,
        ed25519_users: false,
        splices: Vec::new(),
    };

    /// The JWS; not longer than `longest`, if that is possible.
    pub(crate) fn make(&self, longest: usize) -> String {
        let header = Base64UrlUnpadded::encode_string(self.header().as_bytes());
        // The dots, and a signature.
        let room = longest.saturating_sub(header.len() + 2 + 86) / 4 * 3;
        let payload = self.payload(room);
        let input = format!("{header}.{}", Base64UrlUnpadded::encode_string(payload.as_bytes()));
        let mut signature = *issuer().sk.sign(&input, None);
        signature[63] ^= u8::from(!self.signed);
        format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature))
    }

    fn header(&self) -> String {
        let x5c = self.chain.map_or(String::new(), |chain| {
            let sign = |tbs: &[u8]| *issuer().sk.sign(tbs, None);
            let mut certificates = vec![der::leaf(chain.leaf, &issuer().pk, sign)];
            if chain.leaf.rsa_bytes > 0 {
                certificates.push(der::rsa_certificate(chain.leaf.rsa_bytes));
            }
            let (count, bytes) = chain.more;
            certificates.extend(vec![vec![0x30; bytes.max(1)]; count.min(6 - certificates.len())]);
            let texts: Vec<String> =
                certificates.iter().map(|der| format!(r#""{}""#, Base64::encode_string(der))).collect();
            format!(r#","x5c":[{}]"#, texts.join(","))
        });
        let fill = fill(&self.header.0, self.header.1);
        format!(r#"{{"alg":"EdDSA"{x5c}{fill}}}"#)
    }

    fn payload(&self, room: usize) -> String {
        let users: Vec<String> = (0..self.users).map(|number| self.user(number)).collect();
        let claims = format!(
            r#"{{"iss":"{}","sub":"{}","nbf":{NOW},"iat":{NOW},"exp":{},"jti":"{}","#,
            uuid(ISSUER),
            uuid(DEVICE),
            NOW + 60,
            "j".repeat(128)
        );
        let operation = format!(r#""operation":{{"users":[{}],"type":"BATCH_ADD_USER"}}"#, users.join(","));
        let inserted: usize = self.splices.iter().map(|(_, text)| text.len()).sum();
        let fill = fill(&self.payload, room.saturating_sub(claims.len() + operation.len() + 1 + inserted));
        let mut payload = format!("{claims}{operation}{fill}}}");
        for (place, text) in &self.splices {
            let mut at = (place * payload.len()) >> 16;
            while !payload.is_char_boundary(at) {
                at -= 1;
            }
            payload.insert_str(at, text);
        }
        payload
    }

    fn user(&self, number: usize) -> String {
        let number = u8::try_from(number).expect("few users");
        let key = if self.ed25519_users {
            Base64::encode_string(&*KeyPair::from_seed(Seed::new([number + 1; 32])).pk)
        } else {
            RSA_KEY.trim().to_owned()
        };
        let mut user = [0xc0; 16];
        user[15] = number;
        format!(r#"{{"user":"{}","publicKey":"{key}","role":"USER","start":null,"end":null}}"#, uuid(user))
    }
}

/// Members, each with the comma before it, that take so many bytes together or a little less.
fn fill(fillers: &[Filler], room: usize) -> String {
    let mut text = String::new();
    for (place, filler) in fillers.iter().enumerate() {
        let room = room.saturating_sub(text.len()) / (fillers.len() - place);
        text += &filler.members(place, room);
    }
    text
}

fn uuid(bytes: [u8; 16]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
