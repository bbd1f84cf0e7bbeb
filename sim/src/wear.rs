//! How often pages are erased.

use crate::bench::{Bench, Verdict};
use crate::model::Op;
use crate::script::{entry, record, user};
use crate::subject::Subject;

/// What many batches cost.
#[derive(Debug, Clone, Copy)]
pub struct Wear {
    /// Erases of the pages: least, most, all together.
    pub least: u32,
    /// The most erased page's.
    pub most: u32,
    /// All pages' together.
    pub total: u32,
    /// Pages of the region.
    pub pages: u32,
    /// Units programmed.
    pub programs: u64,
    /// Units programmed and pages erased by the dearest batch.
    pub worst: u64,
    /// Bytes read by the dearest restart among these batches.
    pub mount_bytes: u64,
}

/// Commits 1,000 batches of so many users to a store with so many users, and counts.
///
/// # Errors
///
/// If the store does not do as its model.
pub fn measure<S: Subject>(batch: usize, spare: usize) -> Verdict<Wear> {
    let mut bench = Bench::<S>::new(spare, false);
    bench.run(&Op::Format)?;
    let start = usize::try_from(bench.region.start).unwrap_or_default() / bench.chip.nor().shape().erase;
    let before: Vec<u32> = bench.chip.nor().wear().to_vec();
    let programs = bench.chip.nor().counters().programs;
    let (mut worst, mut mount_bytes) = (0, 0);
    for turn in 0..1000 {
        let first = turn * batch;
        let grants = (first..first + batch).map(|number| entry(number % S::USERS, number as u64)).collect();
        let steps = bench.chip.nor().counters().steps;
        bench.run(&Op::Commit { grants, removals: vec![], replay: record(turn as u64, 1000 + turn as u64) })?;
        worst = worst.max(bench.chip.nor().counters().steps - steps);
        // Looked at in every state of the log, but on a copy: a restart may change what is there.
        let chip = crate::port::Chip::new(bench.chip.nor().clone());
        let bytes = chip.nor().counters().read_bytes;
        let mounted = S::mount(&chip, bench.region.clone()).map(|mut store| store.get(&user(0)).is_ok());
        debug_assert_eq!(mounted, Ok(true));
        mount_bytes = mount_bytes.max(chip.nor().counters().read_bytes - bytes);
    }
    let nor = bench.chip.nor();
    let pages: Vec<u32> = nor.wear().iter().zip(&before).map(|(now, then)| now - then).collect();
    let pages = &pages[start..pages.len() - 1];
    Ok(Wear {
        least: pages.iter().copied().min().unwrap_or_default(),
        most: pages.iter().copied().max().unwrap_or_default(),
        total: pages.iter().sum(),
        pages: u32::try_from(pages.len()).unwrap_or_default(),
        programs: nor.counters().programs - programs,
        worst,
        mount_bytes,
    })
}
