//! What defmt prints of a store: how full it is. Its flash is not printed, and need not be printable.

use defmt::{Format, Formatter, write};

use super::{Entries, FlashAcl};

impl<F, const USERS: usize, const REPLAYS: usize> Format for FlashAcl<F, USERS, REPLAYS> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "FlashAcl {{ users: {=u16} of {=usize} }}", self.log.users, USERS);
    }
}

impl<F, const USERS: usize, const REPLAYS: usize> Format for Entries<'_, F, USERS, REPLAYS> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Entries {{ acl: {} }}", self.acl);
    }
}
