//! The whole job.

use lockop::{ConstantTime, Ed25519};

use crate::code::{Code, Status};
use crate::config::ABI_VERSION;
use crate::device::Device;
use crate::engine::{Engine, Hardware};
use crate::pointer::{Out, borrow, bytes};
use crate::store::{Callbacks, Store};
use crate::verdict::Verdict;

/// The version of the binary interface that the library was built with: compare it with `LOCKOP_ABI_VERSION` once.
#[unsafe(no_mangle)]
pub extern "C" fn lockop_abi_version() -> u32 {
    ABI_VERSION
}

/// Verifies an operation and applies it, all or nothing: the whole job. Returns LOCKOP_OK if it was applied, else why
/// not, and then nothing has changed; what LOCKOP_STORAGE leaves behind is the store's to settle.
///
/// - `jws`: the body of the request as it arrived, `jws_len` bytes; no NUL needed. It may lie in flash. Nobody may
///   write to it meanwhile: no DMA, no other thread.
/// - `now`: the time in Unix seconds, from a clock that you trust.
/// - `store`: only borrowed, as all of these; its `context` must fit its callbacks.
/// - `verdict`: details for you; may be NULL. Written in the end, with whatever is returned, unless this pointer itself
///   is not aligned.
///
/// What to tell the outside is the code and nothing else. Signatures are verified by the built-in arithmetic in constant
/// time.
///
/// Threads: any, with a store that nobody else is using. Not from an interrupt: it takes long. Stack: see
/// `LOCKOP_APPLY_STACK` at the top of this header, and what your callbacks need, which is less than what the
/// verification gives back before they run, unless they take more than 2 KiB.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_apply(
    device: *const Device,
    jws: *const u8,
    jws_len: usize,
    now: u64,
    store: *const Store,
    verdict: *mut Verdict,
) -> Status {
    // SAFETY: the caller stands for these pointers.
    unsafe { answer(verdict, || run(device, jws, jws_len, now, store, ConstantTime)) }
}

/// The same as `lockop_apply`, with somebody else's Ed25519. An image that calls only this one does not contain
/// the built-in arithmetic.
///
/// # Safety
///
/// Pointers are NULL or as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_apply_with_ed25519(
    device: *const Device,
    ed25519: *const Engine,
    jws: *const u8,
    jws_len: usize,
    now: u64,
    store: *const Store,
    verdict: *mut Verdict,
) -> Status {
    // SAFETY: the caller stands for these pointers.
    unsafe {
        answer(verdict, || {
            let hardware = Hardware::new(borrow(ed25519)?)?;
            run(device, jws, jws_len, now, store, hardware)
        })
    }
}

/// Runs, and writes the verdict to where it goes, if anywhere.
///
/// # Safety
///
/// `out` is NULL, or points to memory for a verdict.
unsafe fn answer(out: *mut Verdict, run: impl FnOnce() -> Result<Verdict, Code>) -> Status {
    let out = if out.is_null() {
        None
    } else {
        // SAFETY: the caller stands for it.
        match unsafe { Out::at(out) } {
            Ok(out) => Some(out),
            Err(code) => return code.status(),
        }
    };
    let verdict = run().unwrap_or_else(|code| Verdict::refused(code.status(), 0));
    if let Some(out) = out {
        out.set(verdict);
    }
    verdict.code
}

/// # Safety
///
/// Pointers are NULL or as lockop.h says.
unsafe fn run<V: Ed25519>(
    device: *const Device,
    jws: *const u8,
    jws_len: usize,
    now: u64,
    store: *const Store,
    ed25519: V,
) -> Result<Verdict, Code> {
    // SAFETY: the caller stands for each.
    let (device, jws, store) = unsafe { (borrow(device)?, bytes(jws, jws_len)?, borrow(store)?) };
    // SAFETY: likewise, for the callbacks.
    let mut store = unsafe { Callbacks::new(store)? };
    let id = lockop::Uuid::from_bytes(device.id.bytes);
    let mut lock = lockop::Device::with_backend(id, ed25519).with_policy(device.policy()?);
    Ok(Verdict::of(&lock.apply(jws, now, &mut store)))
}
