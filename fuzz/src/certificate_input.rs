//! The input of the target `certificate`: a fixed number of bytes for the circumstances, then two certificates.

use lockop::Uuid;

/// What is taken from the bytes.
#[derive(Debug, Clone, Copy)]
pub struct CertificateInput<'a> {
    /// The time, Unix seconds.
    pub now: u32,
    /// The issuer of the operation.
    pub iss: Uuid,
    /// An Ed25519 key that the issuer may have on the ACL.
    pub anchor: [u8; 32],
    /// `x5c[0]`.
    pub leaf: &'a [u8],
    /// `x5c[1]`; absent if empty.
    pub next: &'a [u8],
}

impl<'a> CertificateInput<'a> {
    /// Takes the bytes apart; `None` if they are too few.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (now, rest) = bytes.split_first_chunk()?;
        let (iss, rest) = rest.split_first_chunk()?;
        let (anchor, rest) = rest.split_first_chunk()?;
        let (leaf_len, rest) = rest.split_first_chunk()?;
        // Whatever the length says, the input is good for something.
        let leaf_len = usize::from(u16::from_be_bytes(*leaf_len)).min(rest.len());
        let (leaf, next) = rest.split_at(leaf_len);
        Some(Self { now: u32::from_be_bytes(*now), iss: Uuid::from_bytes(*iss), anchor: *anchor, leaf, next })
    }

    /// The bytes that are taken apart into this; `None` if the leaf is too long.
    #[must_use]
    pub fn write(&self) -> Option<Vec<u8>> {
        let leaf_len = u16::try_from(self.leaf.len()).ok()?.to_be_bytes();
        let now = self.now.to_be_bytes();
        Some([&now[..], self.iss.as_bytes(), &self.anchor, &leaf_len, self.leaf, self.next].concat())
    }
}
