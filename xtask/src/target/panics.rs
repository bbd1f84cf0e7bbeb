//! Calls that can panic and that the linker kept.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use crate::command::{capture, program};

/// The panic handler: `core` calls it by this name.
const HANDLER: &str = "rust_begin_unwind";

/// Every call of what panics, as `caller -> callee`, from outside `core`.
pub(crate) fn sites(image: &Path) -> Result<Vec<String>> {
    Ok(from_disassembly(&capture(program("arm-none-eabi-objdump")?.args(["-d", "-C"]).arg(image))?))
}

fn from_disassembly(disassembly: &str) -> Vec<String> {
    let calls = calls(disassembly);
    let mut panics: BTreeSet<&str> =
        calls.iter().map(|(_, callee)| *callee).filter(|name| name.contains(HANDLER)).collect();
    // What `core` does between a failed check and the handler.
    loop {
        let more = calls.iter().filter(|(caller, callee)| in_core(caller) && panics.contains(callee));
        let more: Vec<&str> = more.map(|(caller, _)| *caller).filter(|caller| !panics.contains(caller)).collect();
        if more.is_empty() {
            break;
        }
        panics.extend(more);
    }
    let sites = calls.iter().filter(|(caller, callee)| panics.contains(callee) && !panics.contains(caller));
    sites.map(|(caller, callee)| format!("{caller} -> {callee}")).collect()
}

/// Every jump from one function to another, by their names.
fn calls(disassembly: &str) -> Vec<(&str, &str)> {
    let mut caller = "";
    let mut calls = Vec::new();
    for line in disassembly.lines() {
        if let Some(name) = line.strip_suffix(">:").and_then(|line| line.split_once(" <")) {
            caller = name.1;
        } else if let Some((_, callee)) = line.strip_suffix('>').and_then(|line| line.split_once(" <"))
            && callee != caller
            && line.starts_with(' ')
        {
            calls.push((caller, callee));
        }
    }
    calls
}

fn in_core(name: &str) -> bool {
    name.starts_with("core::") || name.starts_with("<core::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_found_through_core() {
        let disassembly = "\
08000000 <<lockop::Reader>::next>:
 8000000:\tf7ff f972 \tbl\t8000010 <core::panicking::panic_bounds_check>
 8000004:\tbf00 \tb.n\t8000000 <<lockop::Reader>::next>

08000010 <core::panicking::panic_bounds_check>:
 8000010:\tf7ff fff8 \tbl\t8000020 <core::panicking::panic_fmt>

08000020 <core::panicking::panic_fmt>:
 8000020:\tf7ff fff8 \tbl\t8000030 <__rustc::rust_begin_unwind>

08000030 <__rustc::rust_begin_unwind>:
 8000030:\te7fe \tb.n\t8000030 <__rustc::rust_begin_unwind>
";
        assert_eq!(from_disassembly(disassembly), ["<lockop::Reader>::next -> core::panicking::panic_bounds_check"]);
        assert!(from_disassembly("08000000 <main>:\n 8000000:\te7fe \tb.n\t8000000 <main>\n").is_empty());
    }
}
