//! How much flash and static RAM an image takes.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};

use crate::command::{capture, program};
use crate::debian;

const SIZE: &str = "arm-none-eabi-size";

/// The sizes of an image, in bytes.
#[derive(Debug, PartialEq)]
pub(crate) struct FlashSize {
    /// Code and constants, and the initial values of variables.
    pub flash: u64,
    /// Variables, without the stack.
    pub ram: u64,
    /// Every section.
    sections: BTreeMap<String, u64>,
}

impl FlashSize {
    /// Measures `image`; installs the tool when missing.
    pub(crate) fn of(image: &Path) -> Result<Self> {
        if !debian::on_path(SIZE) {
            debian::ensure_packages("measuring images", &["gcc-arm-none-eabi"])?;
        }
        let image = std::path::absolute(image)?;
        let table = capture(program(SIZE)?.arg("--format=berkeley").arg(&image))?;
        let sections = capture(program(SIZE)?.arg("--format=sysv").arg(&image))?;
        Self::from_tables(&table, &sections).with_context(|| format!("{SIZE} printed:\n{table}"))
    }

    /// The size of one section; 0 if there is none of this name.
    pub(crate) fn section(&self, name: &str) -> u64 {
        self.sections.get(name).copied().unwrap_or_default()
    }

    fn from_tables(table: &str, sections: &str) -> Option<Self> {
        let mut columns = table.lines().nth(1)?.split_whitespace();
        let mut next = || columns.next()?.parse::<u64>().ok();
        let (text, data, bss) = (next()?, next()?, next()?);
        Some(Self { flash: text + data, ram: data + bss, sections: sections.lines().filter_map(section).collect() })
    }
}

/// Name and size, if the line is of a section.
fn section(line: &str) -> Option<(String, u64)> {
    let mut columns = line.split_whitespace();
    let name = columns.next().filter(|name| name.starts_with('.'))?;
    Some((name.to_owned(), columns.next()?.parse().ok()?))
}

impl fmt::Display for FlashSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flash {} bytes, static RAM {} bytes", self.flash, self.ram)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let table = "   text\t   data\t    bss\t    dec\t    hex\tfilename\n   1000\t     20\t    300\t   1320\t    528\timage\n";
        let sections =
            "image  :\nsection   size   addr\n.text   900   134217728\n.rodata   100   134218628\nTotal   1320\n";
        let size = FlashSize::from_tables(table, sections).unwrap();
        assert_eq!((size.flash, size.ram), (1020, 320));
        assert_eq!([".text", ".rodata", ".data"].map(|name| size.section(name)), [900, 100, 0]);
        assert_eq!(FlashSize::from_tables("", ""), None);
    }
}
