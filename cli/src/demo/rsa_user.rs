//! The demo's user with an RSA key: made-up certificates and keys, which `demo-keys/make.sh` has made once.
//!
//! This tool makes no RSA keys and no certificates, so these cannot be new in every run.

use anyhow::{Context, Result};
use ed25519_compact::SecretKey;

use crate::args::Encoding;
use crate::inspect::certificates;
use crate::{base64, pem};

const USER: &str = include_str!("../../demo-keys/user.pem");
const LEAF: &str = include_str!("../../demo-keys/leaf.pem");
const LEAF_KEY: &str = include_str!("../../demo-keys/leaf-key.pem");
const FORGED_LEAF: &str = include_str!("../../demo-keys/forged-leaf.pem");
const FORGED_LEAF_KEY: &str = include_str!("../../demo-keys/forged-leaf-key.pem");

pub(super) struct RsaUser {
    /// As `publicKey` carries it: the SubjectPublicKeyInfo in base64.
    pub(super) public_key: String,
    /// Its certificate is signed with the user's key.
    pub(super) leaf: Leaf,
    /// Its certificate says the same, and is signed with another key.
    pub(super) forged_leaf: Leaf,
}

pub(super) struct Leaf {
    pub(super) key: SecretKey,
    /// The leaf's and the user's certificate.
    pub(super) x5c: Vec<String>,
}

impl RsaUser {
    pub(super) fn new() -> Result<Self> {
        let [certificate] = &pem::certificates(USER)?[..] else { anyhow::bail!("user.pem is one certificate") };
        let spki = certificates::spki(&certificates::parse(certificate)?).context("user.pem has a key")?;
        Ok(Self {
            public_key: base64::encode(&spki, Encoding::Base64),
            leaf: Leaf::new(LEAF, LEAF_KEY)?,
            forged_leaf: Leaf::new(FORGED_LEAF, FORGED_LEAF_KEY)?,
        })
    }
}

impl Leaf {
    fn new(certificate: &str, key: &str) -> Result<Self> {
        let key = pem::secret_key(key).context("the leaf's key is Ed25519")?;
        Ok(Self { key, x5c: pem::certificates(&format!("{certificate}{USER}"))? })
    }
}
