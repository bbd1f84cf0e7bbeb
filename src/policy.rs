//! What a device may decide for itself.

/// Settings of a device. The default is what the vectors assume.
///
/// ```
/// let policy = lockop::Policy { leeway: 5, require_jti: true, ..Default::default() };
/// assert_eq!(policy.max_len, 32_768);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Policy {
    /// How far the clocks of phone and lock may differ, in seconds (§4). Default 60.
    pub leeway: u64,
    /// Accept segments of RFC 7515 alone: the URL-safe alphabet without padding (§1). The vendor's SDK does not send
    /// those. Default `false`.
    pub rfc7515_only: bool,
    /// Refuse operations without `jti` as `malformed` (§4). Default `false`.
    pub require_jti: bool,
    /// Longest input in bytes (§1); a longer one is refused before any work is done on it. Default 32,768.
    ///
    /// Finding repeated names among very many is the one thing whose work grows faster than the input.
    pub max_len: usize,
}

impl Policy {
    /// The default, in a constant.
    pub const DEFAULT: Self = Self { leeway: 60, rfc7515_only: false, require_jti: false, max_len: 32_768 };
}

impl Default for Policy {
    fn default() -> Self {
        Self::DEFAULT
    }
}
