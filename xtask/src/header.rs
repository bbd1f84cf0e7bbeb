//! `cargo xtask header`: the C header, made from the sources of the C ABI.

use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use cbindgen::{Builder, Config};

use crate::command::repository;

/// Where the header is, from the root of the repository.
pub(crate) const HEADER: &str = "capi/include/lockop.h";

/// What rustdoc asks for and C programmers have in the header's first lines.
const FOR_RUST: &str = "# Safety";

/// Writes the header, or compares it.
pub(crate) fn main(arguments: &[String]) -> Result<ExitCode> {
    match arguments {
        [] => std::fs::write(repository()?.join(HEADER), make()?).context(HEADER)?,
        [flag] if flag == "--check" => check()?,
        _ => bail!("usage: cargo xtask header [--check]"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The step of CI: the header in the repository is what the sources make.
pub(crate) fn check() -> Result<()> {
    let there = std::fs::read_to_string(repository()?.join(HEADER)).context(HEADER)?;
    ensure!(there == make()?, "{HEADER} is not what capi/src makes: run `cargo xtask header`");
    println!("{HEADER} is current");
    Ok(())
}

fn make() -> Result<String> {
    let folder = repository()?.join("capi");
    let config = Config::from_file(folder.join("cbindgen.toml")).map_err(anyhow::Error::msg)?;
    let bindings = Builder::new().with_crate(&folder).with_config(config).generate()?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    Ok(without_safety(&String::from_utf8(header)?))
}

/// Leaves out the paragraphs about safety, and what blank comment lines they leave.
fn without_safety(header: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut leaving_out = false;
    for line in header.lines() {
        let text = line.trim_start().trim_start_matches("* ").trim();
        leaving_out = (leaving_out || text == FOR_RUST) && text != "*/";
        if leaving_out {
            continue;
        }
        while text == "*/" && kept.last().is_some_and(|last| last.trim() == "*") {
            kept.pop();
        }
        kept.push(line.trim_end());
    }
    kept.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c_is_not_told_about_safety() {
        let header = "/**\n * Does.\n *\n * # Safety\n *\n * Pointers.\n */\nint f(void);\n/* x */\n";
        assert_eq!(without_safety(header), "/**\n * Does.\n */\nint f(void);\n/* x */\n");
    }
}
