//! The stores that are simulated: geometries and sizes.

use lockop::FlashAcl;

use crate::bench::Verdict;
use crate::case::Case;
use crate::explore::{Explorer, Extent, Failure, Report, replay};
use crate::port::Port;
use crate::subject::Subject;
use crate::trial::Mounted;

type Explore = fn(Case, Extent, u64, std::ops::Range<usize>) -> (Report, Vec<Failure>);
type Survey = fn(Case, crate::damage::Extent, u64) -> (crate::damage::Report, Vec<Failure>);

/// One store on one kind of flash. The functions have forgotten the types.
#[derive(Debug, Clone, Copy)]
pub struct Geometry {
    /// How it is named on the command line: bytes of a write unit and of a page, `s` for a small store.
    pub name: &'static str,
    /// Smallest read, write unit and page in bytes.
    pub sizes: (usize, usize, usize),
    /// Users that fit.
    pub users: usize,
    /// Replay records that are kept.
    pub replays: usize,
    /// Bytes of flash that it needs.
    pub min_len: u32,
    /// Looks at some operations of a script.
    pub explore: Explore,
    /// Runs one case again.
    pub replay: fn(&Case, bool) -> Verdict<Mounted>,
    /// See [`damage::survey`](crate::damage::survey).
    pub damage: Survey,
    /// See [`wear::measure`](crate::wear::measure).
    pub wear: fn(usize, usize) -> Verdict<crate::wear::Wear>,
}

impl Geometry {
    const fn of<S: Subject>(name: &'static str) -> Self {
        Self {
            name,
            sizes: S::SIZES,
            users: S::USERS,
            replays: S::REPLAYS,
            min_len: S::MIN_LEN,
            explore: |case, extent, seed, ops| Explorer::<S>::new(case, extent, seed).run(ops),
            replay: replay::<S>,
            damage: crate::damage::survey::<S>,
            wear: crate::wear::measure::<S>,
        }
    }
}

type Usual<const READ: usize, const WRITE: usize, const ERASE: usize> = FlashAcl<Port<READ, WRITE, ERASE>, 32, 6>;
type Small<const READ: usize, const WRITE: usize, const ERASE: usize> = FlashAcl<Port<READ, WRITE, ERASE>, 2, 2>;

/// Every geometry. The small stores are for what is looked at exhaustively.
pub const GEOMETRIES: &[Geometry] = &[
    // Kinds of flash: any NOR chip behind SPI; nRF52; RP2040-like caches; STM32 G0 and L4; STM32 H5 and U5; STM32 H7.
    Geometry::of::<Usual<1, 1, 4096>>("1/4096"),
    Geometry::of::<Usual<4, 4, 4096>>("4/4096"),
    Geometry::of::<Usual<1, 4, 256>>("4/256"),
    Geometry::of::<Usual<1, 8, 2048>>("8/2048"),
    Geometry::of::<Usual<4, 16, 8192>>("16/8192"),
    Geometry::of::<Usual<1, 16, 512>>("16/512"),
    Geometry::of::<Usual<1, 32, 128>>("32/128"),
    Geometry::of::<Small<1, 1, 128>>("1/128s"),
    Geometry::of::<Small<1, 4, 256>>("4/256s"),
    Geometry::of::<Small<4, 8, 512>>("8/512s"),
    Geometry::of::<Small<1, 16, 256>>("16/256s"),
    Geometry::of::<Small<1, 32, 128>>("32/128s"),
];

/// The geometry of this name.
///
/// # Errors
///
/// If there is none, with the names that there are.
pub fn find(name: &str) -> Result<&'static Geometry, String> {
    let names = || GEOMETRIES.iter().map(|geometry| geometry.name).collect::<Vec<_>>().join(", ");
    GEOMETRIES
        .iter()
        .find(|geometry| geometry.name == name)
        .ok_or_else(|| format!("no such geometry: {name} (of {})", names()))
}
