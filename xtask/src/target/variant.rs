//! The ways in which firmware builds the library.

/// One way to build.
pub(crate) struct Variant {
    pub name: &'static str,
    /// A profile of the images' own `Cargo.toml`.
    pub profile: &'static str,
    /// Features of the images.
    pub features: &'static str,
    /// Flags for the compiler.
    pub flags: &'static str,
    /// Whether it is there for comparison alone.
    pub compared: bool,
    /// All of that in words.
    pub about: &'static str,
}

/// sha2 then loops over its rounds: 32 KB less flash, and some 24 instructions a byte more.
const COMPACT_SHA2: &str = r#"--cfg sha2_backend_soft="compact""#;

/// Keeps LLVM from rewriting `i < n` to `i != n` in a loop of `core` before it has seen that an index of
/// curve25519-dalek's tables, `i / 2`, is always below their length: the check of that index can then go.
const NO_LFTR: &str = "-C llvm-args=-disable-lftr";

/// What is measured. A new one is one line here.
#[rustfmt::skip] // A table reads better in rows.
pub(crate) const VARIANTS: &[Variant] = &[
    // As most projects have it: the default features, and more flash or less.
    Variant { name: "fast", profile: "fast", features: "tables,x5c", flags: NO_LFTR, compared: false, about: "opt-level 3, feature `tables`, `-C llvm-args=-disable-lftr`" },
    Variant { name: "small", profile: "small", features: "constant-time,x5c", flags: COMPACT_SHA2, compared: false, about: "opt-level s, sha2's compact backend" },
    // Where no user has an RSA key.
    Variant { name: "small-ed25519", profile: "small", features: "constant-time", flags: COMPACT_SHA2, compared: false, about: "the same without `x5c`" },
    // For comparison, in variable time: ed25519-compact, and ed25519-dalek's `verify_strict`.
    Variant { name: "fast-variable-time", profile: "fast", features: "variable-time", flags: "", compared: true, about: "opt-level 3, ed25519-compact" },
    Variant { name: "fast-dalek", profile: "fast", features: "dalek", flags: "", compared: true, about: "opt-level 3, ed25519-dalek" },
    Variant { name: "small-variable-time", profile: "small", features: "variable-time-small", flags: COMPACT_SHA2, compared: true, about: "opt-level s, ed25519-compact's opt_size" },
    Variant { name: "small-dalek", profile: "small", features: "dalek", flags: COMPACT_SHA2, compared: true, about: "opt-level s, ed25519-dalek, sha2's compact backend" },
];

impl Variant {
    /// Whether the dearest inputs are measured, which need certificates.
    pub(crate) fn has_worst(&self) -> bool {
        !self.compared && self.features_without_x5c().is_some()
    }

    /// Its features without certificates, if it has them.
    pub(crate) fn features_without_x5c(&self) -> Option<&'static str> {
        self.features.strip_suffix(",x5c")
    }
}
