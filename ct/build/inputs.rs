//! What a verification is given, and what it must say.

use std::fmt::Write as _;

/// Length of every message in bytes: three blocks of SHA-512, with R and A.
pub(crate) const MESSAGE_LEN: usize = 250;

/// One case.
#[derive(Clone)]
pub(crate) struct Verification {
    pub(crate) name: String,
    pub(crate) key: [u8; 32],
    pub(crate) message: [u8; MESSAGE_LEN],
    pub(crate) signature: [u8; 64],
    pub(crate) valid: bool,
}

impl Verification {
    /// The same under another name, with something changed; not valid any more.
    pub(crate) fn but(&self, name: impl Into<String>, change: impl FnOnce(&mut Self)) -> Self {
        let mut other = Self { name: name.into(), valid: false, ..self.clone() };
        change(&mut other);
        other
    }
}

/// The constants of the module `case`.
pub(crate) fn rust(cases: &[Verification]) -> String {
    let mut rust = format!(
        "/// Length of every message in bytes.\n\
         pub const MESSAGE_LEN: usize = {MESSAGE_LEN};\n\
         /// Every case of the verification alone. The first is valid.\n\
         pub static VERIFICATIONS: [Verification; {}] = [\n",
        cases.len()
    );
    for Verification { name, key, message, signature, valid } in cases {
        writeln!(
            rust,
            "    Verification {{ name: {name:?}, input: Input {{ key: {key:?}, message: {message:?}, \
             signature: {signature:?} }}, valid: {valid} }},"
        )
        .expect("memory");
    }
    rust.push_str("];\n");
    rust
}
