//! `lockop keygen`.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use ed25519_compact::{KeyPair, Seed};
use serde_json::json;

use crate::args::{Encoding, KeygenArguments};
use crate::outcome::Outcome;
use crate::{base64, text};

pub(crate) fn run(arguments: &KeygenArguments) -> Result<Outcome> {
    let pair = KeyPair::from_seed(Seed::generate());
    let private = pair.sk.to_pem();
    let raw = base64::encode(pair.pk.as_ref(), Encoding::Base64);
    let spki = base64::encode(&pair.pk.to_der(), Encoding::Base64);
    let pem = pair.pk.to_pem();
    let public = json!({ "raw": raw, "spki": spki, "pem": pem });
    let forms = format!("publicKey, 32 bytes: {raw}\npublicKey, SPKI:     {spki}\n\n{pem}");
    let (text, json) = match &arguments.out {
        None => (format!("{private}\n{forms}"), json!({ "private_key": private, "public_key": public })),
        Some(path) => {
            write_private(path, &private).with_context(|| format!("cannot write {}", path.display()))?;
            let file = path.display().to_string();
            (
                format!("private key:         {}\n{forms}", text::escape(&file)),
                json!({ "file": file, "public_key": public }),
            )
        }
    };
    Ok(Outcome { text, json, warnings: Vec::new(), accepted: true })
}

/// Never in the place of another key, and never readable by others, not even for a moment.
fn write_private(path: &Path, pem: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()
}
