//! Which instruction is at an address.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::command::{capture, program};

/// Every instruction of an image, as `symbol+offset: mnemonic operands`.
#[derive(Debug)]
pub(super) struct Disassembly(BTreeMap<u64, String>);

impl Disassembly {
    /// Disassembles with this program, an `objdump`.
    pub(super) fn of(objdump: &str, image: &Path) -> Result<Self> {
        let disassembly = Self::from_text(&capture(program(objdump)?.args(["-d", "-C"]).arg(image))?);
        ensure!(!disassembly.0.is_empty(), "{objdump} shows no instruction of {}", image.display());
        Ok(disassembly)
    }

    fn from_text(text: &str) -> Self {
        let mut instructions = BTreeMap::new();
        let (mut symbol, mut start) = ("", 0);
        for line in text.lines() {
            if let Some((address, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <"))
                && let Ok(address) = u64::from_str_radix(address, 16)
            {
                (symbol, start) = (name, address);
            } else if let Some((address, rest)) = line.split_once(":\t")
                && let Ok(address) = u64::from_str_radix(address.trim_start(), 16)
                // The bytes, then the text.
                && let Some((_, instruction)) = rest.split_once('\t')
            {
                let offset = address.saturating_sub(start);
                let instruction = instruction.replace('\t', " ");
                instructions.insert(address, format!("{symbol}+{offset:#x}: {}", instruction.trim_end()));
            }
        }
        Self(instructions)
    }

    /// The address, and what is there.
    pub(super) fn at(&self, address: u64) -> String {
        let instruction = self.0.get(&address).map_or("not in the image", String::as_str);
        format!("{address:#010x} {instruction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_has_a_symbol_and_an_offset() {
        let text = "\
ct:     file format elf32-littlearm

08000400 <<lockop::ConstantTime as lockop::Ed25519>::verify>:
 8000400:\tb5f0      \tpush\t{r4, r5, r6, r7, lr}
 8000402:\tf000 f801 \tbl\t8000408 <ct_end>

08000408 <ct_end>:
 8000408:\t4770      \tbx\tlr
 800040a:\t00 00     \t
";
        let disassembly = Disassembly::from_text(text);
        assert_eq!(
            disassembly.at(0x0800_0402),
            "0x08000402 <lockop::ConstantTime as lockop::Ed25519>::verify+0x2: bl 8000408 <ct_end>"
        );
        assert_eq!(disassembly.at(0x0800_0408), "0x08000408 ct_end+0x0: bx lr");
        assert_eq!(disassembly.at(0x0800_0406), "0x08000406 not in the image");
    }
}
