//! What the flash of a lock is like.

use std::ops::Range;
use std::str::FromStr;

/// Sizes of words and pages, and where in the image the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Geometry {
    /// Bytes that are programmed at once.
    pub(super) word: u32,
    /// Bytes that are erased at once.
    pub(super) page: u32,
    /// All of the image, if `None`.
    pub(super) region: Option<Range<u32>>,
}

impl FromStr for Geometry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(',');
        let (Some(word), Some(page), region, None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err("it is WORD,PAGE or WORD,PAGE,START..END".to_owned());
        };
        let (word, page) = (number(word)?, number(page)?);
        if !(word.is_power_of_two() && word <= 32) {
            return Err(format!("words have 1, 2, 4, 8, 16 or 32 bytes, not {word}"));
        }
        if !(page.is_power_of_two() && (128..=8192).contains(&page)) {
            return Err(format!("pages have 128, 256, 512, 1024, 2048, 4096 or 8192 bytes, not {page}"));
        }
        Ok(Self { word, page, region: region.map(range).transpose()? })
    }
}

fn range(text: &str) -> Result<Range<u32>, String> {
    let (start, end) = text.split_once("..").ok_or("the region is START..END")?;
    Ok(number(start)?..number(end)?)
}

/// Decimal, or hexadecimal after `0x`.
pub(super) fn number(text: &str) -> Result<u32, String> {
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    // `from_str_radix` would take a sign.
    let number = if digits.starts_with('+') { None } else { u32::from_str_radix(digits, radix).ok() };
    number.ok_or_else(|| format!("`{text}` is no number of 32 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_geometry_is_read() {
        let parse = |text: &str| text.parse::<Geometry>();
        assert_eq!(parse("4,4096"), Ok(Geometry { word: 4, page: 4096, region: None }));
        let region = Some(0x8000..65_536);
        assert_eq!(parse("32,128,0x8000..65536"), Ok(Geometry { word: 32, page: 128, region }));
        for bad in [
            "",
            "4",
            "4,",
            "4,4096,",
            "4,4096,0",
            "4,4096,0..1,",
            "3,4096",
            "64,4096",
            "0,4096",
            "4,64",
            "4,3000",
            "4,16384",
            "+4,4096",
            "4,4096,-1..2",
            "4,4096,0..0x100000000",
            "4 ,4096",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
