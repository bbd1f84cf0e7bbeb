//! RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.2) for the keys of §5: 2048 to 4096 bits, exponent 65537.
//!
//! Keys, signatures and messages are public, so the time may depend on them.
//!
//! crypto-bigint works on rows of limbs here, and Montgomery's multiplication is put together from them: one copy of the
//! code, whatever the size of the modulus. Its `FixedMontyForm` takes ten times the flash (a copy for each size), four
//! times the stack, and a division whose panics stay in the image.

use core::array;
use core::hint::black_box;
use core::ops::RangeInclusive;

use crypto_bigint::{Limb, U64, UintRef, Word};

use crate::verdict::Verdict;

/// Sizes of a modulus in bytes (§5).
const MODULUS_LEN: RangeInclusive<usize> = 256..=512;

/// Limbs of the largest modulus.
const MOST_LIMBS: usize = *MODULUS_LEN.end() / Limb::BYTES;

/// The DigestInfo of SHA-256 up to the digest, with the NULL that it has to have here (RFC 8017 §9.2 and B.1).
const DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// A number of up to 4096 bits, least significant limb first, with room for one limb more.
type Number = [Limb; MOST_LIMBS + 1];

const ZERO: Number = [Limb::ZERO; MOST_LIMBS + 1];

/// Whether `signature` is a signature of the message with this SHA-256 digest (RFC 8017 §8.2.2).
///
/// `modulus` is big-endian without leading zeros, as in a SubjectPublicKeyInfo; one that no RSA key has (even, or of
/// another size) signs nothing.
pub(crate) fn verify(modulus: &[u8], digest: &[u8; 32], signature: &[u8]) -> Verdict {
    // Step 1: the signature is as long as the modulus.
    if !MODULUS_LEN.contains(&modulus.len()) || signature.len() != modulus.len() {
        return Verdict::NO;
    }
    // Steps 2 to 4. Making what must have been signed leaves nothing to parse: forgeries live in lenient parsers.
    let Some(message) = recover(modulus, signature) else { return Verdict::NO };
    let first = is_encoded(&message, modulus.len(), digest);
    let second = is_encoded_from_the_end(black_box(&message), black_box(modulus.len()), black_box(digest));
    Verdict::new(u8::from(first).into(), u8::from(second).into())
}

/// Whether the message is the [`encoded`] digest.
///
/// Nothing holds what it is compared with: where a skipped instruction has left the address of something else, that would
/// be there to be compared with itself.
#[inline(never)]
fn is_encoded(message: &Number, len: usize, digest: &[u8; 32]) -> bool {
    message.iter().enumerate().all(|(place, limb)| *limb == encoded(place, len, digest))
}

/// The same, found out from the end, by differences and with a count.
#[inline(never)]
fn is_encoded_from_the_end(message: &Number, len: usize, digest: &[u8; 32]) -> bool {
    let limbs = message.iter().enumerate().rev();
    let (count, differences) = limbs.fold((0_usize, Limb::ZERO), |(count, differences), (place, limb)| {
        (count + 1, differences | (*limb ^ encoded(place, len, digest)))
    });
    count == message.len() && differences == Limb::ZERO
}

/// RSAVP1 (RFC 8017 §5.2.2): the number that was signed, if `signature` is less than `modulus`.
fn recover(modulus: &[u8], signature: &[u8]) -> Option<Number> {
    let (n, s) = (number(modulus), number(signature));
    let modulus = Modulus::new(n.get(..modulus.len().div_ceil(Limb::BYTES))?)?;
    if is_less(&s, &n) { modulus.power(&s) } else { None }
}

/// One limb of EMSA-PKCS1-v1_5 (RFC 8017 §9.2) in `len` bytes: `00 01 ff .. ff 00`, the DigestInfo and the digest.
#[inline(never)]
fn encoded(place: usize, len: usize, digest: &[u8; 32]) -> Limb {
    let first = place * Limb::BYTES;
    // Least significant bytes first, as limbs are.
    let tail = || digest.iter().rev().chain(DIGEST_INFO.iter().rev()).chain(&[0x00]);
    Limb(Word::from_le_bytes(array::from_fn(|byte| match first + byte {
        byte if byte + 2 == len => 0x01,
        byte if byte + 2 > len => 0x00,
        byte => tail().nth(byte).copied().unwrap_or(0xff),
    })))
}

/// OS2IP (RFC 8017 §4.2).
#[inline(never)]
fn number(bytes: &[u8]) -> Number {
    let mut number = ZERO;
    for (limb, bytes) in number.iter_mut().zip(bytes.rchunks(Limb::BYTES)) {
        *limb = Limb(bytes.iter().fold(0, |limb, byte| (limb << 8) | Word::from(*byte)));
    }
    number
}

/// Compares two numbers of the same number of limbs.
fn is_less(a: &[Limb], b: &[Limb]) -> bool {
    UintRef::new(a).as_words().iter().rev().lt(UintRef::new(b).as_words().iter().rev())
}

/// `sum += row * by`, where `sum` has the room.
// The check is what lets the compiler see that crypto-bigint's own, which panics, cannot fail.
#[inline(never)]
fn add_multiple(sum: &mut [Limb], row: &[Limb], by: Limb) {
    if sum.len() >= row.len() {
        UintRef::new_mut(sum).carrying_add_assign_mul_limb(UintRef::new(row), by, Limb::ZERO);
    }
}

/// Arithmetic modulo n in Montgomery's way, with R the power of two after the limbs of n.
struct Modulus<'a> {
    /// n, an odd number whose last limb is not 0.
    limbs: &'a [Limb],
    /// -1/n modulo the size of a limb.
    factor: Limb,
    /// The index of the highest bit of the last limb.
    highest_bit: u32,
}

impl<'a> Modulus<'a> {
    fn new(limbs: &'a [Limb]) -> Option<Self> {
        let odd = U64::new(*limbs.first_chunk()?).to_odd().into_option()?;
        let inverse = U64::from_u64(odd.as_uint_ref().invert_mod_u64());
        let factor = inverse.as_limbs().first()?.wrapping_neg();
        let highest_bit = limbs.last()?.0.checked_ilog2()?;
        Some(Self { limbs, factor, highest_bit })
    }

    /// x^65537 mod n, for x < n.
    fn power(&self, x: &Number) -> Option<Number> {
        let (mut power, mut other) = (ZERO, ZERO);
        self.r_squared(&mut other, &mut power)?;
        // Zeros, so that a call that is skipped leaves nothing to go on with that does not depend on x: a constant times
        // x would be anybody's to choose.
        power = ZERO;
        self.product(x, &other, &mut power)?;
        other = ZERO;
        for _ in 0..8 {
            self.product(&power, &power, &mut other)?;
            self.product(&other, &other, &mut power)?;
        }
        // This x is not multiplied by R, which takes the R out of the result.
        self.product(&power, x, &mut other)?;
        Some(other)
    }

    /// R^2 mod n, for an `x` of 0.
    fn r_squared(&self, x: &mut Number, other: &mut Number) -> Option<()> {
        let double = x.get_mut(..=self.limbs.len())?;
        // The highest bit of n, which is less than n; doubled until it is R, and then until it is 2^e R, where
        // e is a sixteenth of R's bits.
        if let [.., last, _] = double {
            *last = Limb(1 << self.highest_bit);
        }
        let to_r = usize::try_from(Limb::BITS - self.highest_bit).ok()?;
        for _ in 0..to_r + self.limbs.len() * Limb::BYTES / 2 {
            UintRef::new_mut(double).shl1_assign();
            self.reduce(double);
        }
        // The product of 2^e R with itself is 2^(2e) R: after four of them, that is R^2.
        for _ in 0..2 {
            self.product(x, x, other)?;
            self.product(other, other, x)?;
        }
        Some(())
    }

    /// ab/R mod n, for a and b less than n.
    #[inline(never)]
    fn product(&self, a: &Number, b: &Number, product: &mut Number) -> Option<()> {
        let len = self.limbs.len();
        let b = b.get(..len)?;
        let mut sums = [Limb::ZERO; 2 * MOST_LIMBS + 1];
        let mut rest = &mut sums[..];
        for limb in a.iter().take(len) {
            let sum = rest.get_mut(..len + 2)?;
            add_multiple(sum, b, *limb);
            // With this multiple of n the lowest limb becomes 0 and is left behind: so much for the division by R.
            let factor = sum.first()?.wrapping_mul(self.factor);
            add_multiple(sum, self.limbs, factor);
            (_, rest) = rest.split_first_mut()?;
        }
        let sum = rest.get_mut(..=len)?;
        self.reduce(sum);
        for (to, limb) in product.iter_mut().zip(sum) {
            *to = *limb;
        }
        Some(())
    }

    /// x mod n, for x < 2n that has one limb more than n.
    #[inline(never)]
    fn reduce(&self, x: &mut [Limb]) {
        let Some((top, low)) = x.split_last() else { return };
        let is_reduced = top.0 == 0 && is_less(low, self.limbs);
        if !is_reduced && x.len() >= self.limbs.len() {
            UintRef::new_mut(x).borrowing_sub_assign(UintRef::new(self.limbs), Limb::ZERO);
        }
    }
}

#[cfg(test)]
mod tests;
