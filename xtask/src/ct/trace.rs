//! What `xtask/plugin/trace.c` writes.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::disassembly::Disassembly;
use crate::grouped::grouped;

/// A trace in short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Trace {
    pub(super) instructions: u64,
    /// Hash of their addresses in order.
    pub(super) pcs: u64,
    /// Accesses to memory.
    pub(super) accesses: u64,
    /// Hash of their addresses in order.
    pub(super) addresses: u64,
    /// Instructions whose time depends on their operands.
    pub(super) divisions: u64,
}

impl Trace {
    /// Whether the same instructions were executed in the same order.
    pub(super) const fn same_instructions(&self, other: &Self) -> bool {
        self.instructions == other.instructions && self.pcs == other.pcs
    }

    /// Reads one line for each trace.
    pub(super) fn all(text: &str) -> Result<Vec<Self>> {
        text.lines().map(|line| Self::of(line).with_context(|| format!("no trace: {line:?}"))).collect()
    }

    fn of(line: &str) -> Result<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let [instructions, pcs, accesses, addresses, divisions] = words[..] else { bail!("{} words", words.len()) };
        Ok(Self {
            instructions: instructions.parse()?,
            pcs: u64::from_str_radix(pcs, 16)?,
            accesses: accesses.parse()?,
            addresses: u64::from_str_radix(addresses, 16)?,
            divisions: divisions.parse()?,
        })
    }
}

/// The first thing in which two traces differ.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    /// How many instructions they have in common, the one at `pc` included.
    instructions: u64,
    /// The last instruction that both executed; 0 if there is none.
    pc: u64,
    /// What either does then.
    then: [Step; 2],
}

/// What a trace is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Instruction(u64),
    Access { store: bool, bytes: u64, address: u64 },
    End,
}

impl Step {
    fn of(word: u64) -> Self {
        if word >> 63 == 0 {
            Self::Instruction(word)
        } else {
            Self::Access { store: word >> 40 & 1 == 1, bytes: 1 << (word >> 32 & 0xff), address: word & 0xffff_ffff }
        }
    }
}

impl Difference {
    /// Looks for it in two traces in full; `None` if they are the same.
    pub(super) fn between(first: &Path, second: &Path) -> Result<Option<Self>> {
        let open = |path: &Path| File::open(path).map(BufReader::new).with_context(|| path.display().to_string());
        Self::between_words(open(first)?, open(second)?)
    }

    fn between_words(mut first: impl Read, mut second: impl Read) -> Result<Option<Self>> {
        let (mut instructions, mut pc) = (0, 0);
        loop {
            let then = [step(&mut first)?, step(&mut second)?];
            match then {
                [Step::End, Step::End] => return Ok(None),
                [Step::Instruction(next), other] if other == then[0] => {
                    instructions += 1;
                    pc = next;
                }
                [one, other] if one == other => {}
                _ => return Ok(Some(Self { instructions, pc, then })),
            }
        }
    }

    /// Whether they part ways there, and not only touch other addresses.
    pub(super) const fn is_in_instructions(&self) -> bool {
        !matches!(self.then, [Step::Access { .. }, Step::Access { .. }])
    }

    /// For people.
    pub(super) fn describe(&self, disassembly: &Disassembly) -> String {
        let then = self.then.map(|step| match step {
            Step::Instruction(pc) => format!("goes on at {}", disassembly.at(pc)),
            Step::Access { store, bytes, address } => {
                format!("{} {bytes} bytes at {address:#010x}", if store { "writes" } else { "reads" })
            }
            Step::End => "ends".to_owned(),
        });
        let [first, second] = then;
        format!(
            "instruction {}, {}\n      the first {first}\n      the second {second}",
            grouped(self.instructions),
            disassembly.at(self.pc)
        )
    }
}

fn step(words: &mut impl Read) -> Result<Step> {
    let mut word = [0; 8];
    match words.read_exact(&mut word) {
        Ok(()) => Ok(Step::of(u64::from_le_bytes(word))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Step::End),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_trace() {
        let traces = Trace::all("29 e7d69f659c043547 18 00000000000000ff 1\n").unwrap();
        let trace = Trace { instructions: 29, pcs: 0xe7d6_9f65_9c04_3547, accesses: 18, addresses: 0xff, divisions: 1 };
        assert_eq!(traces, [trace]);
        assert!(trace.same_instructions(&Trace { addresses: 0, ..trace }));
        assert!(!trace.same_instructions(&Trace { pcs: 0, ..trace }));
        for wrong in ["29 ff 18 ff\n", "29 ff 18 xx 0\n", "\n", "29 ff 18 ff 0 0\n"] {
            assert!(Trace::all(wrong).is_err(), "{wrong:?}");
        }
    }

    const READ: u64 = 1 << 63 | 2 << 32;
    const WRITE: u64 = READ | 1 << 40;

    fn difference(first: &[u64], second: &[u64]) -> Option<Difference> {
        let bytes = |words: &[u64]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
        Difference::between_words(&bytes(first)[..], &bytes(second)[..]).unwrap()
    }

    #[test]
    fn the_same_traces_have_no_difference() {
        assert_eq!(difference(&[], &[]), None);
        assert_eq!(difference(&[0x100, READ | 8, 0x102], &[0x100, READ | 8, 0x102]), None);
    }

    #[test]
    fn another_address_is_a_difference() {
        let found = difference(&[0x100, 0x102, READ | 8, 0x104], &[0x100, 0x102, WRITE | 12, 0x104]).unwrap();
        let access = |store, address| Step::Access { store, bytes: 4, address };
        assert_eq!(found, Difference { instructions: 2, pc: 0x102, then: [access(false, 8), access(true, 12)] });
        assert!(!found.is_in_instructions());
    }

    #[test]
    fn another_instruction_is_a_difference() {
        let found = difference(&[0x100, 0x102], &[0x100, 0x200]).unwrap();
        let then = [Step::Instruction(0x102), Step::Instruction(0x200)];
        assert_eq!(found, Difference { instructions: 1, pc: 0x100, then });
        assert!(found.is_in_instructions());
    }

    #[test]
    fn an_access_that_only_one_makes_is_a_difference() {
        let found = difference(&[0x100, 0x102], &[0x100, READ | 8, 0x102]).unwrap();
        assert_eq!((found.instructions, found.pc), (1, 0x100));
        assert!(found.is_in_instructions());
    }

    #[test]
    fn an_earlier_end_is_a_difference() {
        let found = difference(&[0x100, 0x102], &[0x100]).unwrap();
        assert_eq!(found, Difference { instructions: 1, pc: 0x100, then: [Step::Instruction(0x102), Step::End] });
    }
}
