//! The stages of lockop's whole job.

use std::hint::black_box;

use criterion::measurement::Measurement;
use criterion::{Bencher, BenchmarkGroup, Criterion, Throughput};
use lockop::{Authentic, ConstantTime, Device, Ed25519 as _, Policy, Unverified};
use lockop_bench::ours::{Store, Unchecked, signed, store};
use lockop_bench::{BATCH, CHAIN, Case, Lock, ONE};

/// How many states are made ready at a time. Each has a store of its own, because it borrows it.
const AT_ONCE: usize = 64;

/// All stages of some cases.
pub(crate) fn measure<M: Measurement + 'static>(criterion: &mut Criterion<M>, unit: &str, clock: &M) {
    for case in [&ONE, &BATCH, &CHAIN] {
        let mut group = criterion.benchmark_group(format!("{unit}stages of lockop, {}", case.name));
        group.throughput(Throughput::Bytes(case.jws.len() as u64));
        stages(&mut group, case, clock);
        group.finish();
    }
    let key = ONE.lock().signer;
    criterion.bench_function(&format!("{unit}is_valid_key"), |bencher| {
        bencher.iter(|| ConstantTime.is_valid_key(black_box(&key)));
    });
}

fn stages<M: Measurement + 'static>(group: &mut BenchmarkGroup<'_, M>, case: &Case, clock: &M) {
    let (lock, policy, jws) = (case.lock(), Policy::DEFAULT, case.jws.as_bytes());
    let mut device = Device::new(lock.id);
    group.bench_function("parse", |bencher| bencher.iter(|| Unverified::parse(black_box(jws), &policy)));

    let unverified = Unverified::parse(jws, &policy).expect("well-formed");
    let mut acl = store(&lock);
    group.bench_function("authenticate", |bencher| {
        bencher.iter(|| device.authenticate(black_box(unverified), lock.now, &mut acl).is_ok());
    });

    let (message, signature) = signed(case.jws).expect("a signature");
    group.bench_function("verify alone", |bencher| {
        bencher.iter(|| bool::from(ConstantTime.verify(black_box(&lock.signer), message, &signature)));
    });

    group.bench_function("authorize", |bencher| authorize(bencher, clock, unverified, &lock));
    group.bench_function("commit", |bencher| commit(bencher, clock, unverified, &lock));
}

fn authorize<M: Measurement>(bencher: &mut Bencher<'_, M>, clock: &M, unverified: Unverified<'_>, lock: &Lock) {
    let mut device = Device::new(lock.id);
    chunks(bencher, clock, lock, |stores| {
        let states: Vec<_> = stores.iter_mut().map(|acl| authentic(unverified, lock, acl)).collect();
        let start = clock.start();
        let good = states.into_iter().all(|authentic| black_box(device.authorize(authentic, lock.now)).is_ok());
        (clock.end(start), good)
    });
}

fn commit<M: Measurement>(bencher: &mut Bencher<'_, M>, clock: &M, unverified: Unverified<'_>, lock: &Lock) {
    let mut device = Device::with_backend(lock.id, Unchecked);
    chunks(bencher, clock, lock, |stores| {
        let ready =
            |acl| device.authorize(authentic(unverified, lock, acl), lock.now).expect("an operation of an ADMIN");
        let states: Vec<_> = stores.iter_mut().map(ready).collect();
        let start = clock.start();
        let good = states.into_iter().all(|authorized| black_box(authorized.commit()).is_ok());
        (clock.end(start), good)
    });
}

/// As after a verification, which is not what is measured.
fn authentic<'a, 's>(unverified: Unverified<'a>, lock: &Lock, acl: &'s mut Store) -> Authentic<'a, 's, Store> {
    Device::with_backend(lock.id, Unchecked).authenticate(unverified, lock.now, acl).expect("signed")
}

/// Measures a stage whose state borrows a store, which criterion's own batches cannot hold: `run` is given fresh stores,
/// and says how long the stage took on all of them, and whether it was done.
fn chunks<M: Measurement>(
    bencher: &mut Bencher<'_, M>,
    clock: &M,
    lock: &Lock,
    mut run: impl FnMut(&mut [Store]) -> (M::Value, bool),
) {
    let mut stores = Vec::new();
    bencher.iter_custom(|iterations| {
        let mut total = clock.zero();
        let mut left = usize::try_from(iterations).expect("fewer");
        while left > 0 {
            stores.clear();
            stores.resize(left.min(AT_ONCE), store(lock));
            left -= stores.len();
            let (taken, good) = run(&mut stores);
            assert!(good);
            total = clock.add(&total, &taken);
        }
        total
    });
}
