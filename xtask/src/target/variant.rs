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
}

/// sha2 then loops over its rounds: 33 KB less flash, and some 25 instructions a byte more.
const COMPACT_SHA2: &str = r#"--cfg sha2_backend_soft="compact""#;

/// What is measured. A new one is one line here.
#[rustfmt::skip] // A table reads better in rows.
pub(crate) const VARIANTS: &[Variant] = &[
    Variant { name: "fast", profile: "fast", features: "tables", flags: "" },
    Variant { name: "small", profile: "small", features: "constant-time", flags: COMPACT_SHA2 },
    // For comparison: in variable time, by ed25519-compact.
    Variant { name: "fast-variable-time", profile: "fast", features: "variable-time", flags: "" },
    Variant { name: "small-variable-time", profile: "small", features: "variable-time-small", flags: COMPACT_SHA2 },
];
