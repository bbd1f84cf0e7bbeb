//! How many regions of code were executed: what `-C instrument-coverage` counts, summed up in the process.
//!
//! That is no number of instructions, but it is exact, the same in every run, and has them go up and down with it. Code of
//! `core` is only counted where it is inlined or generic.

unsafe extern "C" {
    fn __llvm_profile_begin_counters() -> *mut u64;
    fn __llvm_profile_end_counters() -> *mut u64;
    fn __llvm_profile_reset_counters();
}

/// Counts what `job` does.
pub(crate) fn counted<T>(job: impl FnOnce() -> T) -> (T, u64) {
    // SAFETY: the counters are variables of this process, which has one thread; the compiler's runtime says where.
    unsafe { __llvm_profile_reset_counters() };
    let result = job();
    // SAFETY: as above; from the first to behind the last they are an array.
    let counters = unsafe {
        let (begin, end) = (__llvm_profile_begin_counters(), __llvm_profile_end_counters());
        std::slice::from_raw_parts(begin, usize::try_from(end.offset_from(begin)).expect("begin is before end"))
    };
    (result, counters.iter().sum())
}
