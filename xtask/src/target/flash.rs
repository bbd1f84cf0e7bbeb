//! What the library adds to an image.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::images::Images;
use crate::command::{capture, program};
use crate::flash_size::FlashSize;

/// How many of the biggest symbols are of interest.
const BIGGEST: usize = 15;

/// The sizes, in bytes, as they go into the numbers.
pub(crate) fn measure(images: &Images) -> Result<Value> {
    let with = FlashSize::of(&images.footprint)?;
    let without = FlashSize::of(&images.without_lockop)?;
    let mut sizes = Map::new();
    sizes.insert("library".to_owned(), json!(with.flash.saturating_sub(without.flash)));
    if let Some(image) = &images.without_x5c {
        let without_x5c = FlashSize::of(image)?;
        sizes.insert("library-without-x5c".to_owned(), json!(without_x5c.flash.saturating_sub(without.flash)));
        sizes.insert("x5c".to_owned(), json!(with.flash.saturating_sub(without_x5c.flash)));
    }
    for section in [".text", ".rodata", ".data"] {
        let [with, without] = [with.section(section), without.section(section)];
        // A part of the library's is not negative: what it shares with the image was there before.
        sizes.insert(section.trim_start_matches('.').to_owned(), json!(with.saturating_sub(without)));
    }
    sizes.insert("image".to_owned(), json!(with.flash));
    sizes.insert("biggest".to_owned(), biggest(&images.footprint)?);
    Ok(Value::Object(sizes))
}

/// The biggest symbols in flash, with their sizes.
fn biggest(image: &Path) -> Result<Value> {
    let table = capture(program("arm-none-eabi-nm")?.args(["-C", "-S", "--size-sort", "--reverse-sort"]).arg(image))?;
    let symbols = table.lines().filter_map(in_flash).take(BIGGEST);
    let symbols = symbols.map(|(size, name)| size.map(|size| json!({"bytes": size, "name": name})));
    Ok(Value::Array(symbols.collect::<Result<_>>()?))
}

/// Size and name, if the line's symbol is code or a constant.
fn in_flash(line: &str) -> Option<(Result<u64>, &str)> {
    let mut columns = line.splitn(4, ' ');
    let (_, size, kind, name) = (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
    let size = u64::from_str_radix(size, 16).with_context(|| line.to_owned());
    matches!(kind, "t" | "T" | "r" | "R" | "w" | "W").then_some((size, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_flash_counts() {
        let (size, name) = in_flash("08008bb0 000067bc t sha2::sha512::compress512").unwrap();
        assert_eq!((size.unwrap(), name), (0x67bc, "sha2::sha512::compress512"));
        assert!(in_flash("20000000 00000010 b STORE").is_none());
        assert!(in_flash("").is_none());
    }
}
