//! One user on the ACL (§5).

use crate::keys::UserKey;
use crate::uuid::Uuid;

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Role {
    /// May open the lock.
    #[default]
    User,
    /// May open the lock, and sign operations that change the ACL.
    Admin,
}

impl Role {
    /// The name in an operation: `"ADMIN"` or `"USER"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Admin => "ADMIN",
        }
    }

    /// Reads the name in an operation, exactly as written there.
    #[must_use]
    pub const fn from_text(text: &[u8]) -> Option<Self> {
        match text {
            b"USER" => Some(Self::User),
            b"ADMIN" => Some(Self::Admin),
            _ => None,
        }
    }
}

/// When a user is active: `start <= now < end`, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Window {
    /// `OPEN` where there is no bound: times are below 2^53, so two words do for what two `Option`s would take four.
    start: u64,
    end: u64,
}

/// No bound.
const OPEN: u64 = u64::MAX;
/// Times are below this (§2).
const LIMIT: u64 = 1 << 53;

impl Window {
    /// Active at once and for ever.
    pub const ALWAYS: Self = Self { start: OPEN, end: OPEN };

    /// A window with the given bounds, each open if `None`; `None` if a bound is not below 2^53, or `end <= start`.
    #[must_use]
    pub const fn new(start: Option<u64>, end: Option<u64>) -> Option<Self> {
        match (start, end) {
            (Some(start), _) if start >= LIMIT => None,
            (_, Some(end)) if end >= LIMIT => None,
            (Some(start), Some(end)) if end <= start => None,
            _ => Some(Self {
                start: if let Some(start) = start { start } else { OPEN },
                end: if let Some(end) = end { end } else { OPEN },
            }),
        }
    }

    /// When the user becomes active; `None`: at once.
    #[must_use]
    pub const fn start(&self) -> Option<u64> {
        if self.start == OPEN { None } else { Some(self.start) }
    }

    /// When the user stops being active; `None`: never.
    #[must_use]
    pub const fn end(&self) -> Option<u64> {
        if self.end == OPEN { None } else { Some(self.end) }
    }

    /// Whether the user is active at a time.
    #[must_use]
    pub const fn contains(&self, now: u64) -> bool {
        (self.start == OPEN || self.start <= now) && (self.end == OPEN || now < self.end)
    }
}

/// A user on the ACL: 72 bytes.
///
/// ```
/// use lockop::{AclEntry, Role, UserKey, Uuid, Window};
///
/// let owner = AclEntry {
///     user: Uuid::from_bytes([1; 16]),
///     key: UserKey::Ed25519([2; 32]),
///     role: Role::Admin,
///     window: Window::new(Some(1_700_000_000), None).ok_or("end before start")?,
/// };
/// assert!(owner.is_active_admin(1_700_000_000));
/// assert!(!owner.is_active_admin(1_699_999_999));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AclEntry {
    /// The user.
    pub user: Uuid,
    /// The user's key, or its fingerprint.
    pub key: UserKey,
    /// What the user may do.
    pub role: Role,
    /// When the user may do it.
    pub window: Window,
}

const _: () = assert!(size_of::<AclEntry>() == 72);

impl AclEntry {
    /// Whether the user may change the ACL at a time (§7, row 6).
    #[must_use]
    pub const fn is_active_admin(&self, now: u64) -> bool {
        matches!(self.role, Role::Admin) && self.window.contains(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_closed_at_its_start_and_open_at_its_end() {
        let window = Window::new(Some(10), Some(20)).unwrap();
        assert_eq!([9, 10, 19, 20].map(|now| window.contains(now)), [false, true, true, false]);
        assert!(Window::ALWAYS.contains(0) && Window::ALWAYS.contains(u64::MAX));
        assert!(!Window::new(None, Some(0)).unwrap().contains(0));
        assert!(Window::new(Some(5), None).unwrap().contains(u64::MAX));
    }

    #[test]
    fn bounds_are_ordered_and_below_the_limit() {
        assert_eq!(Window::new(Some(10), Some(10)), None);
        assert_eq!(Window::new(Some(10), Some(9)), None);
        assert_eq!(Window::new(Some(LIMIT), None), None);
        assert_eq!(Window::new(None, Some(LIMIT)), None);
        let window = Window::new(Some(0), Some(LIMIT - 1)).unwrap();
        assert_eq!((window.start(), window.end()), (Some(0), Some(LIMIT - 1)));
        assert_eq!(Window::new(None, None), Some(Window::ALWAYS));
    }

    #[test]
    fn role_names_are_exact() {
        assert_eq!(Role::from_text(b"ADMIN"), Some(Role::Admin));
        assert_eq!(Role::from_text(b"USER"), Some(Role::User));
        for text in [&b"admin"[..], b"User", b"", b"USER ", b"ADMIN\0", b"OWNER"] {
            assert_eq!(Role::from_text(text), None);
        }
    }
}
