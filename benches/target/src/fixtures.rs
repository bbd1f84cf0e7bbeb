//! What build.rs has made.

/// A signed operation.
#[derive(Debug)]
pub struct Case {
    /// Users, kind of key, certificates, encoding.
    pub name: &'static str,
    /// How many users it adds.
    pub users: usize,
    /// The issuer's key in one of the forms of `publicKey`.
    pub issuer_key: &'static [u8],
    /// A device accepts it.
    pub jws: &'static [u8],
    /// The same with one bit of the signature flipped.
    pub refused: &'static [u8],
    /// The header and the signature of it, around an empty object.
    pub header: &'static [u8],
    /// The same but for the operation, which is of an unknown type.
    pub unsupported: &'static [u8],
    /// With certificates: the same with one bit of the leaf's signature flipped.
    pub refused_leaf: Option<&'static [u8]>,
    /// With a leaf signed by an RSA key: the same with a signature of the leaf that is refused before all arithmetic.
    pub without_rsa: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/fixtures.rs"));
