//! An image's symbols, and whose they are.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use crate::command::{capture, program};

/// A function, a constant or a variable.
#[derive(Debug, PartialEq)]
pub(super) struct Symbol {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) is_variable: bool,
}

/// All that have a size.
pub(super) fn symbols(image: &Path) -> Result<Vec<Symbol>> {
    let table = capture(program("arm-none-eabi-nm")?.args(["-C", "-S"]).arg(image))?;
    Ok(table.lines().filter_map(symbol).collect())
}

/// `address size kind name`; symbols without a size are the linker's.
fn symbol(line: &str) -> Option<Symbol> {
    let mut columns = line.splitn(4, ' ');
    let (_, size, kind, name) = (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
    let size = u64::from_str_radix(size, 16).ok()?;
    let is_variable = match kind {
        "t" | "T" | "r" | "R" | "w" | "W" => false,
        "b" | "B" | "d" | "D" => true,
        _ => return None,
    };
    Some(Symbol { name: name.to_owned(), size, is_variable })
}

impl Symbol {
    /// The first path in its name: `a::b::c`.
    fn path(&self) -> &str {
        let is_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let mut paths = self.name.split(|c| !is_path(c)).map(|path| path.trim_matches(':'));
        paths.find(|path| path.contains("::")).unwrap_or_default()
    }

    /// The package that it is from; empty if it is not from Rust, or the compiler's own.
    pub(super) fn package(&self) -> &str {
        self.path().split("::").next().unwrap_or_default()
    }

    /// The package, and within the library the module.
    fn module(&self) -> String {
        /// So deep does the library go.
        const SHOWN: usize = 3;
        let path = self.path();
        match self.package() {
            "" | "compiler_builtins" => "compiler_builtins, start-up".to_owned(),
            "lockop" => {
                // The last name is a function's or a type's.
                let modules = path.rsplit_once("::").map_or(path, |(modules, _)| modules).split("::").take(SHOWN);
                let modules = modules.take_while(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
                modules.collect::<Vec<_>>().join("::")
            }
            package => package.to_owned(),
        }
    }
}

/// Bytes of flash for each module, the largest first.
pub(super) fn by_module(symbols: &[Symbol]) -> Vec<(String, u64)> {
    let mut modules = BTreeMap::<String, u64>::new();
    for symbol in symbols.iter().filter(|symbol| !symbol.is_variable) {
        *modules.entry(symbol.module()).or_default() += symbol.size;
    }
    let mut modules: Vec<_> = modules.into_iter().collect();
    modules.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    modules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Symbol {
        Symbol { name: name.to_owned(), size: 1, is_variable: false }
    }

    #[test]
    fn whose_a_symbol_is() {
        for (name, module) in [
            ("lockop::json::reader::Reader::next", "lockop::json::reader"),
            ("<lockop::verify::Device<lockop::signature::X>>::finish::<S>", "lockop::verify"),
            ("lockop::x5c::signing_key::<lockop::X>", "lockop::x5c"),
            ("<[u8; 32] as serde_core::de::Deserialize>::deserialize", "serde_core"),
            ("<&curve25519_dalek::edwards::EdwardsPoint as core::ops::arith::Add>::add", "curve25519_dalek"),
            ("__aeabi_memcpy", "compiler_builtins, start-up"),
        ] {
            assert_eq!(named(name).module(), module);
        }
    }

    #[test]
    fn variables_are_told_from_the_rest() {
        let read = |line| symbol(line).unwrap();
        assert!(read("20000000 00000010 b footprint::main::STORE").is_variable);
        let code = read("08008bb0 000067bc t sha2::sha512::compress512");
        assert_eq!((code.size, code.is_variable, code.package()), (0x67bc, false, "sha2"));
        assert_eq!(symbol("20018000 A _stack_start"), None);
    }
}
