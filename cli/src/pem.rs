//! PEM (RFC 7468). What stands outside the boundaries is passed over, as OpenSSL does.

use anyhow::{Context, Result, ensure};
use ed25519_compact::SecretKey;

use crate::args::Encoding;
use crate::base64;

/// The Ed25519 private key of a PKCS#8 text.
pub(crate) fn secret_key(pem: &str) -> Option<SecretKey> {
    let begin = pem.find("-----BEGIN PRIVATE KEY-----")?;
    SecretKey::from_pem(&pem[begin..]).ok()
}

/// The certificates of a text in base64, in its order.
pub(crate) fn certificates(pem: &str) -> Result<Vec<String>> {
    pem.split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .enumerate()
        .map(|(place, rest)| {
            let (body, _) = rest
                .split_once("-----END CERTIFICATE-----")
                .with_context(|| format!("certificate {} has no end", place + 1))?;
            let body: String = body.split_ascii_whitespace().collect();
            let decoded = base64::decode_forgiving(body.as_bytes());
            let certificate = base64::encode(&decoded.bytes, Encoding::Base64);
            ensure!(certificate == body, "certificate {} is no base64", place + 1);
            Ok(certificate)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_compact::{KeyPair, Seed};

    #[test]
    fn chains_keep_their_order() {
        let one = "text\n-----BEGIN CERTIFICATE-----\nMAAw\nAA==\n-----END CERTIFICATE-----\n";
        let two = "-----BEGIN CERTIFICATE-----\r\nMAEB\r\n-----END CERTIFICATE-----";
        assert_eq!(certificates(&format!("{one}{two}")).unwrap(), ["MAAwAA==", "MAEB"]);
        assert_eq!(certificates("").unwrap(), [""; 0]);
        for bad in ["-----BEGIN CERTIFICATE-----\nMAEB\n", "-----BEGIN CERTIFICATE-----M-EB-----END CERTIFICATE-----"] {
            assert!(certificates(bad).is_err());
        }
    }

    #[test]
    fn a_key_may_have_words_before_it() {
        let key = KeyPair::from_seed(Seed::new([1; 32])).sk;
        let pem = key.to_pem();
        assert_eq!(secret_key(&pem), Some(key.clone()));
        assert_eq!(secret_key(&format!("My key:\n{pem}")), Some(key.clone()));
        for bad in ["", "-----BEGIN PRIVATE KEY-----", &pem[..60], &key.public_key().to_pem()] {
            assert_eq!(secret_key(bad), None, "{bad}");
        }
    }
}
