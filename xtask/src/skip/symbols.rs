//! Names and addresses of an image's functions.

use std::path::Path;

use anyhow::{Context, Result};

use crate::command::{capture, program};

/// The symbols of an image, by address.
#[derive(Clone)]
pub(super) struct Symbols(Vec<(u32, String)>);

impl Symbols {
    pub(super) fn of(image: &Path) -> Result<Self> {
        let table = capture(program("arm-none-eabi-nm")?.args(["--demangle", "--numeric-sort"]).arg(image))?;
        Ok(Self(table.lines().filter_map(symbol).collect()))
    }

    /// Where the symbol of this name is.
    pub(super) fn address(&self, name: &str) -> Result<u32> {
        let symbol = self.0.iter().find(|(_, symbol)| symbol == name);
        Ok(symbol.with_context(|| format!("no symbol {name}"))?.0)
    }

    /// The function that has the instruction at an address.
    pub(super) fn function(&self, address: u32) -> &str {
        let behind = self.0.partition_point(|(start, _)| *start <= address);
        behind.checked_sub(1).map_or("", |place| &self.0[place].1)
    }
}

/// `address type name`. An odd address would be that of a function as a pointer has it.
fn symbol(line: &str) -> Option<(u32, String)> {
    let mut columns = line.splitn(3, ' ');
    let address = u32::from_str_radix(columns.next()?, 16).ok()?;
    let kind = columns.next()?;
    // `$t` and its like only mark what follows; `a` are the linker's own numbers.
    let name = columns.next().filter(|name| !name.starts_with('$'))?;
    (kind != "a").then(|| (address & !1, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_by_what_is_in_them() {
        let table = "08000400 T main\n08000400 t $t\n08000500 t <lockop::Device>::apply::<S>\n20000000 B DATA\n";
        let symbols = Symbols(table.lines().filter_map(symbol).collect());
        assert_eq!(symbols.function(0x0800_04fe), "main");
        assert_eq!(symbols.function(0x0800_0500), "<lockop::Device>::apply::<S>");
        assert_eq!(symbols.address("DATA").unwrap(), 0x2000_0000);
        assert!(symbols.address("NONE").is_err());
    }
}
