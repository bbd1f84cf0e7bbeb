//! `cargo bench`: lockop beside its peers, and its stages, in time, in cycles and in bytes a second.
//!
//! Cycles are ticks of the time-stamp counter of x86: they pass at one constant rate, whatever the clock of the core is.

mod beside;
mod stages;

use std::time::Duration;

use criterion::Criterion;
use criterion::measurement::{Measurement, WallTime};
use lockop_bench::rows::TABLES;

fn main() {
    // Who answers wrong is not worth measuring.
    for table in TABLES {
        table.check();
    }
    measure(|| WallTime, "");
    in_cycles();
    Criterion::default().configure_from_args().final_summary();
}

/// Everything by one clock, whose unit goes before the names of the groups.
fn measure<M: Measurement + 'static>(clock: fn() -> M, unit: &str) {
    // Short, so that all of it takes some minutes. `cargo bench -- --measurement-time 5` takes its time.
    let mut criterion = Criterion::default()
        .with_measurement(clock())
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1200))
        .sample_size(50)
        .nresamples(20_000)
        .configure_from_args();
    beside::measure(&mut criterion, unit);
    stages::measure(&mut criterion, unit, &clock());
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn in_cycles() {
    measure(|| criterion_cycles_per_byte::CyclesPerByte, "cycles, ");
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn in_cycles() {
    eprintln!("\n!!! no cycles: only x86 has a time-stamp counter that any program may read\n");
}
