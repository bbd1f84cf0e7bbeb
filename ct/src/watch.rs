//! Who watches, and what.

use core::hint::black_box;

use lockop::{Choice, Ed25519, Verdict};

/// Cases that are compared with one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The verification alone.
    Verify,
    /// The verification inside `Device::authenticate`, with what that gives it.
    Authenticate,
    /// The verification of a leaf certificate inside it.
    Leaf,
    /// The verification that comes after that of a leaf certificate.
    AfterLeaf,
    /// All of `Device::authenticate`, where only the verdict is of interest.
    Verdict,
    /// All of `Device::authenticate`, with a wrong signature.
    Refuse,
    /// All of `Device::authenticate`, with an issuer who is not on the ACL.
    RefuseUnknown,
    /// The leaky twin of this name.
    EarlyExit,
    /// The leaky twin of this name.
    Branch,
    /// The leaky twin of this name.
    TableLookup,
}

impl Group {
    /// The name by which `cargo xtask ct` knows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Authenticate => "authenticate",
            Self::Leaf => "leaf",
            Self::AfterLeaf => "after-leaf",
            Self::Verdict => "verdict",
            Self::Refuse => "refuse",
            Self::RefuseUnknown => "refuse-unknown",
            Self::EarlyExit => "twin-early-exit",
            Self::Branch => "twin-branch",
            Self::TableLookup => "twin-table-lookup",
        }
    }
}

/// Looks at one part of a case after the other.
pub trait Watch {
    /// What follows belongs to this case.
    fn case(&mut self, group: Group, name: &'static str);

    /// What is watched begins. It should not depend on these bytes.
    fn begin(&mut self, inputs: &[&[u8]]);

    /// It has ended.
    fn end(&mut self, inputs: &[&[u8]]);

    /// The verdict, which may be known from here on.
    fn verdict(&mut self, verdict: Choice) -> Choice;

    /// The same, as a device asks for it.
    fn formed(&mut self, verdict: Verdict) -> Verdict;

    /// The case is over.
    fn done(&mut self);
}

/// Arithmetic that is watched.
pub(crate) struct Watched<'a, W, V> {
    pub(crate) watch: &'a mut W,
    pub(crate) backend: V,
    /// Which verification is watched, from 0.
    pub(crate) number: usize,
}

impl<W: Watch, V: Ed25519> Watched<'_, W, V> {
    /// Asks the backend, and watches that if it is the verification to watch; whether it was.
    fn ask<T>(
        &mut self,
        (key, message, signature): (&[u8; 32], &[u8], &[u8; 64]),
        ask: impl FnOnce(&mut V, &[u8; 32], &[u8], &[u8; 64]) -> T,
    ) -> (T, bool) {
        let watched = self.number == 0;
        self.number = self.number.wrapping_sub(1);
        if !watched {
            return (ask(&mut self.backend, key, message, signature), false);
        }
        // Before it begins, all three are where they are said to be; nothing is read from there before it begins; nothing
        // is left for after its end.
        let (key, message, signature) = black_box((key, message, signature));
        self.watch.begin(&[key, message, signature]);
        let (key, message, signature) = black_box((key, message, signature));
        let answer = black_box(ask(&mut self.backend, key, message, signature));
        self.watch.end(&[key, message, signature]);
        (answer, true)
    }
}

impl<W: Watch, V: Ed25519> Ed25519 for Watched<'_, W, V> {
    fn verify(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Choice {
        let (verdict, watched) = self.ask((key, message, signature), V::verify);
        if watched { self.watch.verdict(verdict) } else { verdict }
    }

    fn verdict(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Verdict {
        let (verdict, watched) = self.ask((key, message, signature), V::verdict);
        if watched { self.watch.formed(verdict) } else { verdict }
    }

    fn is_valid_key(&mut self, key: &[u8; 32]) -> bool {
        self.backend.is_valid_key(key)
    }
}
