//! The functions in a disassembly: what they call, and how much they put on the stack.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

/// A function.
#[derive(Debug, Default)]
pub(super) struct Function {
    pub(super) name: String,
    /// Everything that it puts on the stack anywhere, as if it never took anything off between: at least its frame.
    pub(super) frame: u64,
    /// Addresses of what it calls or goes on to.
    pub(super) callees: Vec<u64>,
    /// Instructions that say neither.
    pub(super) unknown: Vec<String>,
}

/// All functions, by address.
pub(super) fn functions(disassembly: &str) -> Result<BTreeMap<u64, Function>> {
    let mut functions = BTreeMap::<u64, Function>::new();
    let mut branches = Vec::new();
    for line in disassembly.lines() {
        if let Some((address, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <"))
            && let Ok(address) = u64::from_str_radix(address, 16)
        {
            functions.insert(address, Function { name: name.to_owned(), ..Function::default() });
            continue;
        }
        // Address, bytes, mnemonic, operands.
        let mut columns = line.split('\t').skip(2);
        let (Some(mnemonic), Some((&start, function))) = (columns.next(), functions.iter_mut().next_back()) else {
            continue;
        };
        let operands = columns.next().unwrap_or_default().trim_end();
        match effect(mnemonic, operands).with_context(|| line.to_owned())? {
            Effect::None => {}
            Effect::Push(bytes) => function.frame += bytes,
            Effect::Branch { to, links } => branches.push((start, to, links)),
            Effect::Unknown => function.unknown.push(format!("{mnemonic} {operands}")),
        }
    }
    for (start, to, links) in branches {
        // Where it goes may be in the middle of a function.
        let callee = functions.range(..=to).next_back().map_or(to, |(address, _)| *address);
        if links || callee != start {
            functions.entry(start).or_default().callees.push(callee);
        }
    }
    Ok(functions)
}

/// What an instruction does to the stack, or where it goes.
enum Effect {
    None,
    Push(u64),
    /// To an address; `links` if it comes back.
    Branch {
        to: u64,
        links: bool,
    },
    Unknown,
}

fn effect(mnemonic: &str, operands: &str) -> Result<Effect> {
    let name = mnemonic.split('.').next().unwrap_or_default();
    let mut words = operands.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    Ok(match name {
        "push" => Effect::Push(registers(operands)? * 4),
        "stmdb" if first == "sp!" => Effect::Push(registers(operands)? * 4),
        "vpush" | "vstmdb" if name == "vpush" || first == "sp!" => Effect::Push(registers(operands)? * 8),
        "sub" | "subw" if first == "sp" => match operands.split_once('#') {
            Some((_, number)) => Effect::Push(number_of(number)?),
            None => Effect::Unknown,
        },
        // Moving the stack pointer to anywhere; taking off is not looked at.
        "mov" | "msr" | "bic" | "and" | "bfc" if first == "sp" || first == "MSP" => Effect::Unknown,
        _ if operands.contains("[sp, #-") && operands.ends_with('!') => {
            let (_, number) = operands.split_once("[sp, #-").context("an offset")?;
            Effect::Push(number_of(number)?)
        }
        _ if is_branch(name) => match (operands.split_once(" <"), first) {
            (Some((before, _)), _) => {
                let address = before.rsplit(' ').next().unwrap_or_default();
                let links = matches!(name, "bl" | "blx");
                Effect::Branch { to: u64::from_str_radix(address, 16)?, links }
            }
            // Back to the caller.
            (None, "lr") if name.starts_with("bx") => Effect::None,
            (None, _) => Effect::Unknown,
        },
        // A return takes it off the stack; anything else may go anywhere.
        "ldr" | "mov" if first == "pc" && !operands.contains("[sp]") => Effect::Unknown,
        _ => Effect::None,
    })
}

/// `b`, `bl`, `bx`, `blx`, with a condition or not, and `cbz`, `cbnz`.
fn is_branch(name: &str) -> bool {
    const CONDITIONS: [&str; 16] =
        ["", "eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al"];
    let condition = |begin| name.strip_prefix(begin).is_some_and(|rest| CONDITIONS.contains(&rest));
    ["b", "bl", "bx", "blx"].into_iter().any(condition) || matches!(name, "cbz" | "cbnz")
}

/// How many registers a list has: `{r4, r5, lr}`, `{d8-d15}`.
fn registers(operands: &str) -> Result<u64> {
    let (_, list) = operands.split_once('{').context("a list of registers")?;
    let number = |register: &str| register.trim_start_matches(['r', 'd']).parse::<u64>();
    let count = |part: &str| match part.split_once('-') {
        Some((first, last)) => Ok(number(last)? - number(first)? + 1),
        None => Ok(1),
    };
    list.trim_end_matches('}').split(", ").map(count).sum()
}

/// The number at the beginning.
fn number_of(text: &str) -> Result<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Ok(text[..end].parse()?)
}
