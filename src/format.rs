//! What defmt prints of the values that a derive cannot print: those that hold a store, a backend or parts of the text.
//! Stores and backends are not printed.

use defmt::{Format, Formatter, write};

use crate::verdict::Verdict;
use crate::verify::{Authentic, Authorized, Device, Unverified};

impl<V> Format for Device<V> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Device {{ id: {}, policy: {} }}", self.id(), self.policy());
    }
}

impl Format for Unverified<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Unverified {{ claims: {} }}", self.claims());
    }
}

impl<S> Format for Authentic<'_, '_, S> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Authentic {{ claims: {}, issuer: {} }}", self.claims(), self.issuer());
    }
}

impl<S: crate::AclStore> Format for Authorized<'_, S> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Authorized {{ claims: {}, operation: {} }}", self.claims(), self.operation());
    }
}

impl Format for Verdict {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Verdict {{ holds: {=bool} }}", self.holds());
    }
}
