//! lockop beside its peers.

use std::hint::black_box;

use criterion::measurement::Measurement;
use criterion::{BatchSize, Criterion, Throughput};
use lockop_bench::rows::{SIGNATURE, WHOLE_JOB, WITHOUT_SIGNATURE};

/// A group for every table and case, so that the report has a plot of all contestants.
pub(crate) fn measure<M: Measurement + 'static>(criterion: &mut Criterion<M>, unit: &str) {
    for table in [&WHOLE_JOB, &WITHOUT_SIGNATURE, &SIGNATURE] {
        for case in table.cases {
            let mut group = criterion.benchmark_group(format!("{unit}{}, {}", table.name, case.name));
            group.throughput(Throughput::Bytes(case.jws.len() as u64));
            for row in table.rows_for(case) {
                let ready = || (row.prepare)(case, black_box(case.jws));
                group.bench_function(row.name, |bencher| {
                    bencher.iter_batched_ref(ready, |job| job.run(), BatchSize::SmallInput);
                });
            }
            group.finish();
        }
    }
}
