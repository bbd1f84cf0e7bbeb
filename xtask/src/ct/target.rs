//! On the target: traces of program counters and of data addresses, taken by the emulator's plugin.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::disassembly::Disassembly;
use super::group::{Case, Group, Kind, by_group};
use super::trace::{Difference, Trace};
use super::{empty_folder, plugin};
use crate::bare_metal::BareMetal;
use crate::command::{capture, program, repository};
use crate::debian;
use crate::emulator::Emulator;
use crate::grouped::grouped;
use crate::target::{VARIANTS, Variant, build_image, toolchain};

/// The variants that verify in constant time; the others differ from them in other things.
const CHECKED: [&str; 2] = ["fast", "small"];

/// Far more than an image takes.
const LIMIT: Duration = Duration::from_secs(300);

/// Checks every variant.
pub(super) fn check() -> Result<()> {
    if !debian::on_path("arm-none-eabi-objdump") {
        debian::ensure_packages("reading images", &["binutils-arm-none-eabi"])?;
    }
    let (emulator, toolchain, plugin) = (Emulator::ready()?, toolchain()?, plugin::build()?);
    for name in CHECKED {
        let begun = Instant::now();
        let variant = VARIANTS.iter().find(|variant| variant.name == name).context(name)?;
        let tracer = Tracer::new(&emulator, &toolchain, &plugin, variant)?;
        tracer.check().with_context(|| format!("the variant {name} does not run in constant time"))?;
        println!("  {:.1} s", begun.elapsed().as_secs_f32());
    }
    Ok(())
}

/// An image, and what is needed to trace it.
struct Tracer<'a> {
    emulator: &'a Emulator,
    plugin: &'a Path,
    variant: &'a Variant,
    image: PathBuf,
    /// Addresses of the two functions.
    markers: [u64; 2],
    folder: PathBuf,
}

/// A case, and the number of its trace.
struct Traced {
    number: usize,
    trace: Trace,
}

/// Two cases of a group that should be the same, or of a twin.
struct Pair<'a> {
    group: &'static Group,
    cases: [&'a Case<Traced>; 2],
}

impl<'a> Tracer<'a> {
    fn new(emulator: &'a Emulator, toolchain: &BareMetal, plugin: &'a Path, variant: &'a Variant) -> Result<Self> {
        let image = build_image(toolchain, variant, "ct")?;
        let symbols = capture(program("arm-none-eabi-nm")?.arg(&image))?;
        let marker = |name| address(&symbols, name).with_context(|| format!("{} has no {name}", image.display()));
        let markers = [marker("ct_begin")?, marker("ct_end")?];
        Ok(Self { emulator, plugin, variant, markers, folder: empty_folder(variant.name)?, image })
    }

    /// Traces every case, compares, and says where the first difference is.
    fn check(&self) -> Result<()> {
        let output = self.run(&[])?;
        let groups = by_group(self.cases(&output)?)?;
        println!("\nconstant time on the target, {}: {}", self.variant.name, self.variant.about);
        let mut pairs = Vec::new();
        for (group, cases) in &groups {
            let pair = compare(group, cases)?;
            println!("  {:18} {}", group.name, summary(cases, pair.is_some()));
            pairs.extend(pair);
        }
        // With the leaky twins, there are always some.
        let located = self.locate(&output, &pairs)?;
        for ((pair, _), described) in &located {
            let [first, second] = pair.cases;
            println!("  {}: {:?} differs from {:?} at\n    {described}", pair.group.name, second.name, first.name);
        }
        for ((pair, difference), _) in &located {
            ensure!(
                pair.group.kind != Kind::OtherInstructions || difference.is_in_instructions(),
                "{}: that is not its leak",
                pair.group.name
            );
        }
        let leaks: Vec<&str> =
            pairs.iter().map(|pair| pair.group).filter(|group| !group.kind.is_twin()).map(|group| group.name).collect();
        ensure!(leaks.is_empty(), "traces differ in {} (see above)", leaks.join(", "));
        println!("  all {} leaky twins caught", pairs.len());
        Ok(())
    }

    /// Runs the image, with the traces of these numbers kept in full. What it printed, and the lines of the plugin.
    fn run(&self, keep: &[usize]) -> Result<(String, String)> {
        let [begin, end] = self.markers;
        let out = self.out();
        let mut options = OsString::from(self.plugin);
        options.push(format!(",begin={begin:#x},end={end:#x},out="));
        options.push(&out);
        for number in keep {
            options.push(format!(",keep={number}"));
        }
        let outcome = self.emulator.run(&self.image, LIMIT, &["-plugin".into(), options])?;
        ensure!(outcome.status.success(), "{}: {}\n{}", self.image.display(), outcome.status, outcome.output);
        let lines = std::fs::read_to_string(repository()?.join(&out)).with_context(|| out.display().to_string())?;
        Ok((outcome.output, lines))
    }

    /// Where the plugin writes, from the root of the repository.
    fn out(&self) -> PathBuf {
        self.folder.join("traces")
    }

    /// Every case with its trace: the image prints one line for each, in order.
    fn cases(&self, (names, traces): &(String, String)) -> Result<Vec<(String, String, Traced)>> {
        let traces = Trace::all(traces)?;
        let names: Vec<&str> = names.lines().collect();
        ensure!(names.len() == traces.len(), "{} cases, but {} traces", names.len(), traces.len());
        let case = |((number, name), trace): ((usize, &str), Trace)| {
            let (group, name) = name.split_once('\t').with_context(|| format!("no case: {name:?}"))?;
            Ok((group.to_owned(), name.to_owned(), Traced { number, trace }))
        };
        names.into_iter().enumerate().zip(traces).map(case).collect()
    }

    /// Runs the image once more, and finds the first difference of each pair; with a description.
    fn locate<'p>(
        &self,
        before: &(String, String),
        pairs: &'p [Pair<'p>],
    ) -> Result<Vec<((&'p Pair<'p>, Difference), String)>> {
        let disassembly = Disassembly::of("arm-none-eabi-objdump", &self.image)?;
        let numbers: Vec<usize> = pairs.iter().flat_map(|pair| pair.cases).map(|case| case.seen.number).collect();
        ensure!(self.run(&numbers)? == *before, "{}: a second run is not the same", self.image.display());
        let file =
            |number: usize| Ok::<_, anyhow::Error>(repository()?.join(format!("{}.{number}", self.out().display())));
        let mut located = Vec::new();
        for pair in pairs {
            let [first, second] = pair.cases.map(|case| case.seen.number);
            let difference = Difference::between(&file(first)?, &file(second)?)?;
            let Some(difference) = difference else { bail!("{}: hashes differ, but traces do not", pair.group.name) };
            let described = difference.describe(&disassembly);
            located.push(((pair, difference), described));
        }
        // Some 20 MB each.
        for number in numbers {
            let file = file(number)?;
            if file.exists() {
                std::fs::remove_file(file)?;
            }
        }
        Ok(located)
    }
}

/// Two cases that differ, if there are any; an error if a twin's leak is not seen.
fn compare<'a>(group: &'static Group, cases: &'a [Case<Traced>]) -> Result<Option<Pair<'a>>> {
    let [first, others @ ..] = cases else { bail!("{}: no case", group.name) };
    let trace = &first.seen.trace;
    let differs = |other: &&Case<Traced>| match group.kind {
        Kind::OtherInstructions => !trace.same_instructions(&other.seen.trace),
        Kind::OtherAddresses => trace.same_instructions(&other.seen.trace) && *trace != other.seen.trace,
        Kind::Same | Kind::Verdict | Kind::Whole => *trace != other.seen.trace,
    };
    let pair = others.iter().find(differs).map(|second| Pair { group, cases: [first, second] });
    if group.kind.is_twin() {
        ensure!(pair.is_some(), "the leak of {} was not seen: the check is worth nothing", group.name);
    } else {
        ensure!(trace.divisions == 0, "{}: {} divisions, which take their time", group.name, trace.divisions);
    }
    Ok(pair)
}

/// A line about a group.
fn summary(cases: &[Case<Traced>], differs: bool) -> String {
    let Trace { instructions, pcs, accesses, addresses, .. } = cases[0].seen.trace;
    let count = cases.len();
    let [instructions, accesses] = [instructions, accesses].map(grouped);
    format!(
        "{count:3} cases, {instructions} instructions {pcs:016x}, {accesses} accesses {addresses:016x}: {}",
        if differs { "DIFFERENT" } else { "equal" }
    )
}

/// The address of a function, in the output of `nm`; of the code itself, without the bit that says Thumb.
fn address(symbols: &str, name: &str) -> Option<u64> {
    let columns = symbols.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let address = columns.into_iter().find_map(|columns| match columns[..] {
        [address, "t" | "T", symbol] if symbol == name => u64::from_str_radix(address, 16).ok(),
        _ => None,
    });
    address.map(|address| address & !1)
}

#[cfg(test)]
mod tests {
    use super::super::group::tests::complete;
    use super::*;

    const TRACE: Trace = Trace { instructions: 1, pcs: 2, accesses: 3, addresses: 4, divisions: 0 };

    /// What is found in a group whose last case has this trace.
    fn compared(name: &str, last: Trace) -> Result<bool> {
        let mut cases: Vec<_> =
            complete().into_iter().map(|(group, case, _)| (group, case, Traced { number: 0, trace: TRACE })).collect();
        let changed = cases.iter_mut().rfind(|(group, ..)| group == name).unwrap();
        changed.2.trace = last;
        let groups = by_group(cases).unwrap();
        let (group, cases) = groups.iter().find(|(group, _)| group.name == name).unwrap();
        compare(group, cases).map(|pair| pair.is_some())
    }

    #[test]
    fn one_different_case_is_found() {
        assert!(!compared("verify", TRACE).unwrap());
        for last in [
            Trace { instructions: 9, ..TRACE },
            Trace { pcs: 9, ..TRACE },
            Trace { accesses: 9, ..TRACE },
            Trace { addresses: 9, ..TRACE },
        ] {
            assert!(compared("verify", last).unwrap(), "{last:?}");
        }
    }

    #[test]
    fn a_twin_must_differ_in_its_own_way() {
        let (other_pcs, other_addresses) = (Trace { pcs: 9, ..TRACE }, Trace { addresses: 9, ..TRACE });
        assert!(compared("twin-branch", other_pcs).unwrap());
        assert!(compared("twin-branch", other_addresses).is_err());
        assert!(compared("twin-table-lookup", other_addresses).unwrap());
        assert!(compared("twin-table-lookup", other_pcs).is_err());
        assert!(compared("twin-table-lookup", TRACE).is_err());
    }

    #[test]
    fn markers_are_found() {
        let symbols = "08000400 T main\n0800307b T ct_end\n0800307a t ct_end_of\n20000000 B ct_begin\n";
        assert_eq!(address(symbols, "ct_end"), Some(0x0800_307a));
        assert_eq!(address(symbols, "ct_begin"), None);
    }
}
