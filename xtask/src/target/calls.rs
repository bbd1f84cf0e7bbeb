//! Which function calls which in an image: that nothing calls itself, and how deep the stack can be at most.

mod listing;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, bail, ensure};

use crate::command::{capture, program};
use listing::Function;

/// Every measured call is made by an instance of this function: see `benches/target/src/bench.rs`.
const ROOT: &str = "lockop_target::bench::call::";

/// Where what it returns is that of the whole job, or of its last step.
const WHOLE_JOB: &str = "lockop_target::bench::call::<core::result::Result<lockop::verify::Applied";

/// The functions of an image, by address.
pub(crate) struct Calls(BTreeMap<u64, Function>);

/// How much stack a function and all that it calls can use, whatever they are given.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Bound {
    pub bytes: u64,
    /// Frame and name of each function on the deepest path.
    pub path: Vec<(u64, String)>,
}

impl Calls {
    pub(crate) fn of(image: &Path) -> Result<Self> {
        Self::from_text(&capture(program("arm-none-eabi-objdump")?.args(["-d", "-C"]).arg(image))?)
    }

    fn from_text(disassembly: &str) -> Result<Self> {
        Ok(Self(listing::functions(disassembly)?))
    }

    /// The bound of the whole job, whatever the input is.
    ///
    /// # Errors
    ///
    /// A function that calls itself, by others or not, or a call whose target is not in the instruction: then there is no
    /// bound.
    pub(crate) fn whole_job(&self) -> Result<Bound> {
        self.bound(WHOLE_JOB, None)
    }

    /// The same of all that is measured, where functions whose names have this part may call what is not in the
    /// instruction: that is left out.
    pub(crate) fn everything_but(&self, part: &str) -> Result<Bound> {
        self.bound(ROOT, Some(part))
    }

    fn bound(&self, root: &str, part: Option<&str>) -> Result<Bound> {
        let mut deepest = Bound::default();
        let mut known = BTreeMap::new();
        let roots: Vec<_> = self.0.iter().filter(|(_, function)| function.name.starts_with(root)).collect();
        ensure!(!roots.is_empty(), "no function is called {root}");
        for (root, _) in roots {
            let bound = self.below(*root, part, &mut Vec::new(), &mut known)?;
            if bound.bytes > deepest.bytes {
                deepest = bound;
            }
        }
        Ok(deepest)
    }

    /// The bound of the function at an address, which those on `path` call. This itself goes as deep as there are
    /// functions on a path.
    fn below(
        &self,
        address: u64,
        part: Option<&str>,
        path: &mut Vec<u64>,
        known: &mut BTreeMap<u64, Bound>,
    ) -> Result<Bound> {
        if let Some(bound) = known.get(&address) {
            return Ok(bound.clone());
        }
        let Some(function) = self.0.get(&address) else { bail!("no function at {address:#x}") };
        if let Some(begin) = path.iter().position(|caller| *caller == address) {
            let names: Vec<&str> = path[begin..].iter().map(|caller| self.0[caller].name.as_str()).collect();
            bail!("{} calls itself: {}", function.name, names.join(" -> "));
        }
        let may_call = part.is_some_and(|part| function.name.contains(part));
        ensure!(may_call || function.unknown.is_empty(), "{}: {}", function.name, function.unknown.join("; "));
        path.push(address);
        let mut deepest = Bound::default();
        for callee in function.callees.iter().collect::<BTreeSet<_>>() {
            let bound = self.below(*callee, part, path, known)?;
            if bound.bytes > deepest.bytes {
                deepest = bound;
            }
        }
        path.pop();
        deepest.bytes += function.frame;
        deepest.path.insert(0, (function.frame, function.name.clone()));
        known.insert(address, deepest.clone());
        Ok(deepest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
08000000 <lockop_target::bench::call::<core::result::Result<lockop::verify::Applied>>>:
 8000000:\tb510      \tpush\t{r4, lr}
 8000002:\tf7ff f972 \tbl\t8000010 <a::middle>
 8000006:\td0fb      \tbeq.n\t8000000 <lockop_target::bench::call::<core::result::Result<lockop::verify::Applied>>>
 8000008:\tbd10      \tpop\t{r4, pc}

08000010 <a::middle>:
 8000010:\te92d 43f0 \tstmdb\tsp!, {r4, r5, r6, r7, r8, r9, lr}
 8000014:\tb0c0      \tsub\tsp, #256\t@ 0x100
 8000016:\tf000 b801 \tb.w\t8000020 <b::last>

08000020 <b::last>:
 8000020:\tf84d bd04 \tstr.w\tfp, [sp, #-4]!
 8000024:\t4770      \tbx\tlr
";

    #[test]
    fn frames_add_up_along_the_deepest_path() {
        let Bound { bytes, path } = Calls::from_text(TEXT).unwrap().whole_job().unwrap();
        assert_eq!(bytes, 8 + 28 + 256 + 4);
        assert_eq!(path.iter().map(|(frame, _)| *frame).collect::<Vec<_>>(), [8, 284, 4]);
        assert_eq!(path[2].1, "b::last");
    }

    #[test]
    fn a_cycle_is_named() {
        let recursive = TEXT.replace("bx\tlr", "b.n\t8000010 <a::middle>");
        let error = Calls::from_text(&recursive).unwrap().whole_job().unwrap_err().to_string();
        assert_eq!(error, "a::middle calls itself: a::middle -> b::last");
        let recursive = TEXT.replace(
            "bl\t8000010 <a::middle>",
            "bl\t8000000 <lockop_target::bench::call::<core::result::Result<lockop::verify::Applied>>>",
        );
        assert!(Calls::from_text(&recursive).unwrap().whole_job().unwrap_err().to_string().contains("calls itself"));
    }

    #[test]
    fn what_cannot_be_followed_is_an_error() {
        let dynamic = Calls::from_text(&TEXT.replace("bx\tlr", "blx\tr3")).unwrap();
        assert!(dynamic.everything_but("b::").is_ok() && dynamic.everything_but("a::").is_err());
        for (from, to) in [("bx\tlr", "bx\tr3"), ("sub\tsp, #256", "sub\tsp, sp, r4"), ("bx\tlr", "mov\tsp, r4")] {
            let error = Calls::from_text(&TEXT.replace(from, to)).unwrap().whole_job().unwrap_err().to_string();
            assert!(error.contains(to.replace('\t', " ").as_str()), "{error}");
        }
        assert!(Calls::from_text("").unwrap().whole_job().is_err());
    }
}
