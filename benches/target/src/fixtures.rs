//! What build.rs has made.

/// A signed operation.
#[derive(Debug)]
pub struct Case {
    /// Users, kind of key, encoding.
    pub name: &'static str,
    /// How many users it adds.
    pub users: usize,
    /// A device accepts it.
    pub jws: &'static [u8],
    /// The same with one bit of the signature flipped.
    pub refused: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/fixtures.rs"));
