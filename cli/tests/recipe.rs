//! The documented shell recipe with openssl, jq and base64 themselves: no code of this project makes these operations.

use std::path::Path;
use std::process::Command;

#[test]
fn operations_made_by_the_shell_recipe() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recipe.sh");
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("bash")
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_lockop"))
        .current_dir(folder.path())
        .output()
        .expect("this test needs bash");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    // Both spellings, and every verdict of the script: it did not end early.
    assert_eq!(stdout.lines().filter(|line| line.starts_with("ok ")).count(), 18, "{stdout}");
}
