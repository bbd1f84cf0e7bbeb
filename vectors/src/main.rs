//! Writes the conformance vectors of `lockop`.
//!
//! They follow from `docs/operation.md` alone and share no code with the library, so that an
//! error would have to be made twice to go unnoticed.

mod atomic;
mod b64;
mod batch;
mod case;
mod chain;
mod claims;
mod der;
mod der_walk;
mod header;
mod json;
mod key_forms;
mod keys;
mod numbers;
mod oid;
mod order;
mod points;
mod replay;
mod rsa_key;
mod segments;
mod signature;
mod text;
mod token;
mod world;
mod x509;
mod x5c_binding;
mod x5c_der;
mod x5c_entries;
mod x5c_leaf;
mod x5c_rsa;
mod x5c_time;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};

use crate::case::Topic;

/// Files are reviewed by eye, and some tools refuse larger ones.
const MAX_FILE: usize = 1000 * 1024;

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["--check", dir] => check(Path::new(dir)),
        [dir] if !dir.starts_with('-') => write(Path::new(dir)),
        _ => bail!("usage: lockop-vectors [--check] DIR"),
    }
}

fn files() -> Result<Vec<(String, String)>> {
    let topics = [
        segments::topic(),
        json::topic(),
        numbers::topic(),
        header::topic(),
        claims::topic(),
        batch::topic(),
        key_forms::topic(),
        signature::topic(),
        x5c_binding::topic(),
        x5c_entries::topic(),
        x5c_leaf::topic(),
        x5c_time::topic(),
        x5c_der::topic(),
        x5c_rsa::topic(),
        order::topic(),
        replay::topic(),
        atomic::topic(),
    ];
    let mut ids = BTreeSet::new();
    for id in topics.iter().flat_map(Topic::ids) {
        ensure!(ids.insert(id), "the id {id} is used twice");
    }
    let mut out = Vec::new();
    for topic in &topics {
        let (name, text) = (format!("{}.jsonl", topic.name), topic.text());
        ensure!(text.len() <= MAX_FILE, "{name} has grown to {} bytes", text.len());
        out.push((name, text));
    }
    Ok(out)
}

fn write(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    for (name, text) in files()? {
        let path = dir.join(name);
        fs::write(&path, &text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{:>5} vectors, {:>8} bytes  {}", text.lines().count(), text.len(), path.display());
    }
    Ok(())
}

fn check(dir: &Path) -> Result<()> {
    let files = files()?;
    for (name, text) in &files {
        let path = dir.join(name);
        let found = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        ensure!(found == text.as_bytes(), "{} differs: regenerate the vectors", path.display());
    }
    let mut strays = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        let known = files.iter().any(|(name, _)| path.file_name() == Some(OsStr::new(name)));
        if path.extension() == Some(OsStr::new("jsonl")) && !known {
            strays.push(path);
        }
    }
    strays.sort();
    match strays.first() {
        Some(path) => bail!("{} is not written by this program", path.display()),
        None => Ok(()),
    }
}
