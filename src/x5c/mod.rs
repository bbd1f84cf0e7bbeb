//! Certificates in `x5c`: whether the leaf's key is bound to the issuer (§6).
//!
//! The issuer's entry on the ACL is the trust anchor. How much work is done depends on the chain alone, never on the ACL
//! or the clock: an unknown issuer costs the same as a known one (§9).

mod certificate;
mod leaf;
mod name;
mod time;

use core::hint::black_box;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use self::certificate::Certificate;
use self::leaf::{Leaf, SignedWith};
use crate::json::Reader;
use crate::jws::base64::{Spelling, decode_in_place};
use crate::jws::header::{MAX_CERTIFICATE_LEN, X5c};
use crate::keys::UserKey;
use crate::signature::{Ed25519, FALLBACK_KEY, rsa};
use crate::spki;
use crate::uuid::Uuid;
use crate::verdict::Verdict;

/// Bytes of base64, padding included, of the longest certificate that is read. It is decoded where it lies.
const SCRATCH_LEN: usize = MAX_CERTIFICATE_LEN.div_ceil(3) * 4;

/// Bytes of the longest signature that an RSA key of §5 makes.
const MAX_RSA_SIGNATURE_LEN: usize = 512;

/// When a leaf must be valid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// Unix seconds.
    pub(crate) now: u64,
    /// Seconds.
    pub(crate) leeway: u64,
}

/// The leaf's key, and whether it is bound to the issuer, whose key on the ACL is `anchor`.
///
/// Without a good leaf, the key is the fallback key, which is not bound.
// Its frame, with the certificate in it, is gone before the operation's own signature is verified.
#[inline(never)]
pub(crate) fn signing_key<V: Ed25519>(
    x5c: &X5c<'_>,
    iss: &Uuid,
    anchor: Option<&UserKey>,
    clock: Clock,
    ed25519: &mut V,
) -> ([u8; 32], Verdict) {
    let mut buffer = [0; SCRATCH_LEN];
    let leaf = load(x5c, 0, &mut buffer).and_then(|der| Leaf::read(der, iss, clock));
    let Some(Leaf { key, in_time, tbs, signed_with, signature }) = leaf else {
        return (FALLBACK_KEY, Verdict::NO);
    };

    // The anchor is of one kind; for the other kind, a value that nothing is equal to takes its place.
    let (anchor_key, is_ed25519, fingerprint, is_rsa) = match anchor {
        Some(UserKey::Ed25519(key)) => (*key, 1, [0; 32], 0),
        Some(UserKey::RsaFingerprint(fingerprint)) => (FALLBACK_KEY, 0, *fingerprint, 1),
        None => (FALLBACK_KEY, 0, [0; 32], 0),
    };

    // (a)
    let same_key = Verdict::new(key.ct_eq(&anchor_key), black_box(&anchor_key).ct_eq(black_box(&key)));
    let same_key = same_key.and(Verdict::once(is_ed25519.into()));
    let signed = match signed_with {
        // (b)
        SignedWith::Ed25519 => match signature.try_into() {
            Ok(signature) => ed25519.verdict(&anchor_key, tbs, signature).and(Verdict::once(is_ed25519.into())),
            Err(_) => Verdict::NO,
        },
        // (c)
        SignedWith::RsaSha256 => {
            let digest = Sha256::digest(tbs).into();
            let mut copy = [0; MAX_RSA_SIGNATURE_LEN];
            let signature = match copy.get_mut(..signature.len()) {
                Some(place) => {
                    place.copy_from_slice(signature);
                    &*place
                }
                // No key of §5 makes such a signature, nor the empty one.
                None => &[],
            };
            let next = signed_by_next(x5c, &mut buffer, &digest, signature);
            let (signer, signed) = next.unwrap_or(([0; 32], Verdict::NO));
            let same = Verdict::new(signer.ct_eq(&fingerprint), black_box(&fingerprint).ct_eq(black_box(&signer)));
            signed.and(same).and(Verdict::once(is_rsa.into()))
        }
        SignedWith::Other => Verdict::NO,
    };
    (key, same_key.or(signed).and(Verdict::once(in_time)))
}

/// The fingerprint of the RSA key in `x5c[1]`, and whether `signature` is its signature of the digest.
///
/// Nothing else of that certificate is used (§6): the fingerprint decides.
// The arithmetic's frame is not for those whose leaf is signed otherwise.
#[inline(never)]
fn signed_by_next(
    x5c: &X5c<'_>,
    buffer: &mut [u8; SCRATCH_LEN],
    digest: &[u8; 32],
    signature: &[u8],
) -> Option<([u8; 32], Verdict)> {
    let info = Certificate::read(load(x5c, 1, buffer)?)?.subject_public_key_info;
    let modulus = spki::rsa(info)?;
    let signed = rsa::verify(modulus, digest, signature);
    Some((Sha256::digest(info).into(), signed))
}

/// Decodes one certificate of the chain, whose form has been checked when the header was read.
fn load<'b>(x5c: &X5c<'_>, place: usize, buffer: &'b mut [u8; SCRATCH_LEN]) -> Option<&'b [u8]> {
    let mut reader = Reader::resume(x5c.array);
    reader.enter_array().ok()?;
    for _ in 0..place {
        reader.next_element().ok()?.then_some(())?;
        reader.skip_value().ok()?;
    }
    reader.next_element().ok()?.then_some(())?;
    let text = reader.text(buffer).ok()??;
    decode_in_place(text, Spelling::Certificate).ok()
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::json::Names;
    use crate::jws::base64::Encoded;
    use base64ct::{Base64Unpadded, Encoding};
    use std::vec::Vec;

    /// The text was in order when the header was read. What has been changed since is no certificate (§10).
    #[test]
    fn a_text_that_has_been_changed_is_no_certificate() {
        let loaded = |text: &[u8]| {
            let text = Base64Unpadded::encode_string(text);
            let text = Encoded::check(text.as_bytes(), Spelling::Either).unwrap();
            let array = Reader::new(text, &mut Names::new()).bookmark();
            load(&X5c { array }, 1, &mut [0; SCRATCH_LEN]).map(Vec::from)
        };
        let text = b" [ \"AAAA\" , \"AQID\" ]";
        assert_eq!(loaded(text), Some(Vec::from([1, 2, 3])));
        let end = text.len() - b" ]".len();
        for place in 1..end {
            let mut changed = *text;
            changed[place] = 1;
            assert_eq!(loaded(&changed), None, "{place}");
            assert_eq!(loaded(&text[..place]), None, "{place}");
        }
        assert_eq!(loaded(b"[ \"AAAA\" ]"), None, "one alone");
        let long = [&b"[ \"AAAA\" , \""[..], &[b'A'; SCRATCH_LEN + 4], b"\" ]"].concat();
        assert_eq!(loaded(&long), None);
    }
}
