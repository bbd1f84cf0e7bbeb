//! The README's recipe, as it is printed there.

use std::path::Path;
use std::process::Command;

#[test]
fn the_recipe_by_hand_is_applied_and_then_replayed() {
    let readme = include_str!("../../README.md");
    let (_, recipe) = readme.split_once("## By hand").expect("the README has the recipe");
    let (_, recipe) = recipe.split_once("```sh\n").expect("in a block of shell");
    let (recipe, _) = recipe.split_once("```").expect("that ends");
    // Its first line builds the tool and goes to an empty folder, as this test does.
    let (first, recipe) = recipe.split_once('\n').expect("of several lines");
    assert!(first.starts_with("cargo build --bin lockop"), "{first}");

    let folder = tempfile::tempdir().unwrap();
    let tool = Path::new(env!("CARGO_BIN_EXE_lockop")).parent().unwrap();
    let path = format!("{}:{}", tool.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", recipe])
        .current_dir(&folder)
        .env("PATH", path)
        .output()
        .expect("this test needs bash");
    let said = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    // The last command is the replay, which is refused.
    assert_eq!(output.status.code(), Some(1), "{said}\n{error}");
    assert!(said.contains("UNVERIFIED"), "{said}");
    let verdicts: Vec<&str> = said.lines().filter(|line| ["applied", "replayed"].contains(line)).collect();
    assert_eq!(verdicts, ["applied", "replayed"], "{said}\n{error}");
}
