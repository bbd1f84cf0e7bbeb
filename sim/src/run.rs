//! The whole simulation, in parts that run side by side.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use crate::damage;
use crate::explore::{self, Extent, Failure, Report};
use crate::geometry::Geometry;
use crate::rng::Rng;
use crate::script::Script;
use crate::tear::KINDS;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Options {
    /// Power failures, at least; what is looked at exhaustively is so in any case.
    pub cuts: u64,
    /// Of all that is random.
    pub seed: u64,
    /// On these.
    pub geometries: Vec<&'static Geometry>,
    /// See [`Nor::be_lenient`](crate::nor::Nor::be_lenient).
    pub lenient: bool,
    /// Stops at the first failure.
    pub first: bool,
}

/// Failures after which all stops.
const ENOUGH: u64 = 200;
/// Operations of a long script.
const LONG: usize = 220;
/// Of these, so many make a job.
const SLICE: usize = 20;

/// One job for one thread.
#[derive(Debug, Clone)]
enum Job {
    Explore(Script, usize, Extent, std::ops::Range<usize>),
    Damage(Script, damage::Extent),
}

/// What was found on one geometry.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Power and flash failing.
    pub report: Report,
    /// Flash changing at rest.
    pub damage: damage::Report,
}

/// All that was found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// By the name of the geometry.
    pub tallies: BTreeMap<&'static str, Tally>,
    /// What the store did wrong.
    pub failures: Vec<Failure>,
}

impl Outcome {
    /// Power failures.
    #[must_use]
    pub fn cuts(&self) -> u64 {
        self.tallies.values().map(|tally| tally.report.cuts).sum()
    }
}

/// Runs everything that the options ask for. `say` is told what begins.
pub fn run(options: &Options, say: impl Fn(&str)) -> Outcome {
    let mut outcome = Outcome::default();
    let mut random = Rng::new(options.seed);
    for geometry in &options.geometries {
        outcome.tallies.insert(geometry.name, Tally::default());
    }
    say(
        "short scripts: every step, every kind of tear; on small stores every step of recovery too; failing calls; damage",
    );
    let mut jobs = Vec::new();
    for geometry in &options.geometries {
        jobs.extend(short_jobs(geometry).map(|job| (*geometry, job)));
    }
    work(options, &jobs, &mut random, &mut outcome);
    for round in 0_usize.. {
        if !outcome.failures.is_empty() || outcome.cuts() >= options.cuts {
            break;
        }
        let seed = random.seed();
        say(&format!("long scripts, seed {seed}: {LONG} operations, every step"));
        let script = Script::Random { seed, len: LONG };
        let mut jobs = Vec::new();
        for geometry in &options.geometries {
            jobs.extend(long_jobs(geometry, script, round).map(|job| (*geometry, job)));
        }
        work(options, &jobs, &mut random, &mut outcome);
    }
    outcome
}

fn is_small(geometry: &Geometry) -> bool {
    geometry.users < 25
}

fn short_jobs(geometry: &Geometry) -> impl Iterator<Item = Job> {
    let ops = Script::Short.ops(geometry.users).len();
    let small = is_small(geometry);
    // With the largest words, there are so few steps that every kind of tear can follow every other.
    let mount_tears = match (small, geometry.sizes.1) {
        (false, _) => 0,
        (true, 32) => KINDS,
        (true, 16) => 4,
        (true, 1) => 0,
        (true, _) => 1,
    };
    let extent = Extent { tears: KINDS, mount_tears, chains: 400, failures: 400 };
    let damage = if small { damage::Extent { random: None } } else { damage::Extent { random: Some(200) } };
    let damages = std::iter::once(Job::Damage(Script::Short, damage));
    (0..ops).map(move |op| Job::Explore(Script::Short, 0, extent, op..op + 1)).chain(damages)
}

fn long_jobs(geometry: &Geometry, script: Script, round: usize) -> impl Iterator<Item = Job> {
    // Words of one byte make so many steps that they would take all the time.
    let tears = if geometry.sizes.1 == 1 { 1 } else { 5 };
    let extent = Extent { tears, mount_tears: 0, chains: 60, failures: 20 };
    // Sometimes with more room than it needs.
    let spare = if round.is_multiple_of(2) { 0 } else { 2 * (1 + 4096 / geometry.sizes.2) };
    let explores = (0..LONG).step_by(SLICE).map(move |op| Job::Explore(script, spare, extent, op..op + SLICE));
    explores.chain(std::iter::once(Job::Damage(script, damage::Extent { random: Some(20) })))
}

/// Does the jobs on all cores.
fn work(options: &Options, jobs: &[(&'static Geometry, Job)], random: &mut Rng, outcome: &mut Outcome) {
    // A seed each, so that it makes no difference which thread does it.
    let jobs: Vec<_> = jobs.iter().map(|(geometry, job)| (*geometry, job, random.next())).collect();
    let (next, failed) = (AtomicUsize::new(0), AtomicU64::new(0));
    let shared = Mutex::new(outcome);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((geometry, job, seed)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (tally, failures) = do_job(options, geometry, job, *seed);
                    failed.fetch_add(failures.len() as u64, Ordering::Relaxed);
                    if let Ok(mut outcome) = shared.lock() {
                        let sum = outcome.tallies.entry(geometry.name).or_default();
                        sum.report.add(&tally.report);
                        sum.damage.damages += tally.damage.damages;
                        sum.damage.refused += tally.damage.refused;
                        sum.damage.older += tally.damage.older;
                        outcome.failures.extend(failures);
                    }
                    let enough = if options.first { 1 } else { ENOUGH };
                    if failed.load(Ordering::Relaxed) >= enough {
                        break;
                    }
                }
            });
        }
    });
}

fn do_job(options: &Options, geometry: &Geometry, job: &Job, seed: u64) -> (Tally, Vec<Failure>) {
    let case = |script, spare| explore::case(geometry.name, spare, options.lenient, script);
    match job {
        Job::Explore(script, spare, extent, ops) => {
            let (report, failures) = (geometry.explore)(case(*script, *spare), *extent, seed, ops.clone());
            (Tally { report, ..Tally::default() }, failures)
        }
        Job::Damage(script, extent) => {
            let (damage, failures) = (geometry.damage)(case(*script, 0), *extent, seed);
            (Tally { damage, ..Tally::default() }, failures)
        }
    }
}
