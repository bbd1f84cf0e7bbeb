//! `FlashAcl` on the flash model: the library's conformance suite, and a small part of the simulation.

use lockop::FlashAcl;
use lockop::acl::conformance::{self, Limits};
use lockop_sim::explore::{self, Extent, replay};
use lockop_sim::geometry::{self, GEOMETRIES};
use lockop_sim::nor::{Nor, Shape};
use lockop_sim::port::{Chip, Port};
use lockop_sim::run::{Options, run};
use lockop_sim::script::Script;

fn conforms<const READ: usize, const WRITE: usize, const ERASE: usize>() {
    type Acl<const READ: usize, const WRITE: usize, const ERASE: usize> = FlashAcl<Port<READ, WRITE, ERASE>, 30, 8>;
    let end = Acl::<READ, WRITE, ERASE>::MIN_LEN;
    let shape = Shape { read: READ, write: WRITE, erase: ERASE, len: usize::try_from(end).unwrap() };
    let fresh = || {
        let chip = Chip::new(Nor::new(shape, 0..end));
        Acl::<READ, WRITE, ERASE>::format(Port::new(&chip), 0..end).unwrap()
    };
    let reopen = |store: Acl<READ, WRITE, ERASE>| Acl::mount(store.release(), 0..end).unwrap();
    let limits = Limits { users: 30, replays: 8 };
    assert_eq!(conformance::run(fresh, reopen, limits), Ok(()), "{shape:?}");
}

#[test]
fn the_store_conforms_on_words_of_1_byte() {
    conforms::<1, 1, 4096>();
}

#[test]
fn the_store_conforms_on_words_of_4_bytes() {
    conforms::<4, 4, 256>();
}

#[test]
fn the_store_conforms_on_words_of_8_bytes() {
    conforms::<1, 8, 2048>();
}

#[test]
fn the_store_conforms_on_words_of_16_bytes() {
    conforms::<4, 16, 512>();
}

#[test]
fn the_store_conforms_on_words_of_32_bytes() {
    conforms::<1, 32, 128>();
}

/// Against the model, with restarts and without faults: other histories than the suite's, on every geometry.
#[test]
fn the_store_does_as_its_model() {
    for geometry in GEOMETRIES {
        for seed in 1..4 {
            let case = explore::case(geometry.name, 0, false, Script::Random { seed, len: 120 });
            let extent = Extent { tears: 0, mount_tears: 0, chains: 0, failures: 0 };
            let (report, failures) = (geometry.explore)(case, extent, 1, 0..120);
            assert!(failures.is_empty(), "{}: {}", failures[0].case, failures[0].breach.0);
            assert_eq!(report.ops, 120);
        }
    }
}

/// What `cargo xtask power-fail` does, on the geometry with the fewest steps.
#[test]
fn the_store_survives_power_failures() {
    let geometries = vec![geometry::find("32/128").unwrap()];
    let outcome = run(&Options { cuts: 0, seed: 2, geometries, lenient: false, first: false }, |_| {});
    let failures: Vec<String> =
        outcome.failures.iter().map(|failure| format!("{}: {}", failure.breach.0, failure.case)).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(outcome.cuts() > 2000, "{}", outcome.cuts());
}

/// A line brings its case back: with each kind of event, on the small stores.
#[test]
fn lines_are_replayed() {
    for line in [
        "geometry=32/128s spare=0 lenient=0 script=short op=2 events=op@3:flicker.5,mount@1:call.6,retry@4:weak",
        "geometry=32/128s spare=0 lenient=0 script=short op=3 events=fail@9/1:bits.3,look@2:garbage.4,mountfail@3/0:weak",
        "geometry=4/256s spare=2 lenient=1 script=random.9.30 op=20 events=blind@12/0:settle.2.3.after,mount@0:whole",
        "geometry=4/256s spare=0 lenient=0 script=short op=3 damage=bit.300",
    ] {
        let case = line.parse::<lockop_sim::case::Case>().unwrap();
        let again = (geometry::find(&case.geometry).unwrap().replay)(&case, false);
        assert!(again.is_ok(), "{line}: {again:?}");
    }
    let _ = replay::<FlashAcl<Port<1, 32, 128>, 2, 2>>;
}
