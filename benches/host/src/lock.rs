//! Device, time and role: what is checked besides the signature.

use lockop::{AclEntry, Uuid};

use crate::refused::Refused;

/// What the lock knows.
#[derive(Debug, Clone)]
pub struct Lock {
    /// Its ID.
    pub id: Uuid,
    /// The entry of the user who signs.
    pub issuer: AclEntry,
    /// The key that must have signed, which is not the issuer's own where there are certificates.
    pub signer: [u8; 32],
    /// Its clock, in Unix seconds.
    pub now: u64,
    /// How far another clock may differ, in seconds.
    pub leeway: u64,
}

/// The claims that are checked.
#[derive(Debug, Clone, Copy)]
pub struct Claimed {
    /// The user who signs.
    pub iss: Uuid,
    /// The lock.
    pub sub: Uuid,
    /// Unix seconds.
    pub nbf: u64,
    /// Unix seconds.
    pub iat: u64,
    /// Unix seconds.
    pub exp: u64,
}

impl Lock {
    /// The checks of docs/operation.md, §7, rows 4 to 6, for those who have no other way to have them made.
    ///
    /// # Errors
    ///
    /// If one does not hold.
    pub fn permits(&self, claimed: &Claimed) -> Result<(), Refused> {
        let latest = self.now.saturating_add(self.leeway);
        let in_time = latest >= claimed.nbf
            && latest >= claimed.iat
            && self.now < claimed.exp.saturating_add(self.leeway)
            && claimed.exp > claimed.nbf;
        if in_time { self.permits_issuer(claimed.iss, claimed.sub) } else { Err(Refused::Time) }
    }

    /// The same without the times, for those who have had them checked.
    ///
    /// # Errors
    ///
    /// If a check does not hold.
    pub fn permits_issuer(&self, iss: Uuid, sub: Uuid) -> Result<(), Refused> {
        if sub != self.id {
            return Err(Refused::Device);
        }
        if iss != self.issuer.user || !self.issuer.is_active_admin(self.now) {
            return Err(Refused::Role);
        }
        Ok(())
    }
}
