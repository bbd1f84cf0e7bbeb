//! Which instructions are skipped: the decision path.

/// Functions that are stepped over, with whatever they call, and why.
#[rustfmt::skip] // A table reads better in rows.
const EXCLUDED: &[(&str, &str)] = &[
    ("curve25519_dalek::", "arithmetic: a wrong number is one more wrong point"),
    ("sha2::", "hashing: a wrong hash is one more wrong hash"),
    ("lockop::signature::rsa::", "arithmetic of RSA: a wrong number is one more wrong block"),
    ("lockop::json::", "reading: the operation is the attacker's in any case"),
    ("lockop::jws::base64::", "reading, as above"),
    ("lockop::uuid::", "reading, as above"),
    ("lockop::der::", "reading, as above"),
    ("lockop::x5c::certificate", "reading, as above"),
    ("lockop::x5c::time", "reading, as above"),
];

/// Why a function is stepped over, if it is.
pub(super) fn excluded(function: &str) -> bool {
    EXCLUDED.iter().any(|(part, _)| function.contains(part))
        // Comparisons of numbers are decisions, wherever they are.
        && !function.contains("subtle::")
}

pub(super) fn print_excluded() {
    println!("stepped over, with whatever they call:");
    for (part, why) in EXCLUDED {
        println!("  {part:28} {why}");
    }
}

/// The multiplications of points begin here, in an image with or without tables: whatever was skipped before has shown
/// its effect on what they are given.
pub(super) const MULTIPLICATIONS: [&str; 2] =
    ["lockop::signature::constant_time::ladder::difference", "<curve25519_dalek::scalar::Scalar>::as_radix_16"];

/// Where a verification begins.
pub(super) const VERIFICATION: &str = "lockop::signature::constant_time::decide";

/// Where R is compared for the second time, with what was calculated, to which `r1` points.
pub(super) const COMPARISON: &str = "lockop::signature::constant_time::encoding::is_joined";

/// The functions of the ladder.
pub(super) const LADDER: &str = "::constant_time::ladder::";

/// Called once when a key is decoded, and once when R is encoded.
pub(super) const ROOT_OR_INVERSE: &str = "::pow22501";
