//! The emulator: runs a Cortex-M image on a model of an STM32F405 that advances its clock by one tick per instruction.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::command::{capture, program, shown};
use crate::debian;

const QEMU: &str = "qemu-system-arm";

/// Of an image that never stops printing, this much is kept; then nobody reads it any more.
const MOST_OUTPUT: u64 = 16 << 20;

/// What an image did.
pub(crate) struct Outcome {
    /// What it wrote to the semihosting console.
    pub output: String,
    /// The exit status of the emulator: success if the image said so through semihosting.
    pub status: ExitStatus,
}

/// An installed emulator.
pub(crate) struct Emulator(());

impl Emulator {
    /// Finds the emulator, or installs it.
    pub(crate) fn ready() -> Result<Self> {
        if !debian::on_path(QEMU) {
            debian::ensure_packages("running images", &["qemu-system-arm"])?;
        }
        Ok(Self(()))
    }

    /// The first line of what it says about its version.
    pub(crate) fn version(&self) -> Result<String> {
        let text = capture(program(QEMU)?.arg("--version"))?;
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }

    /// The emulator, without any argument.
    pub(crate) fn command(&self) -> Result<Command> {
        program(QEMU)
    }

    /// The emulator with `image` in it, not yet started.
    pub(crate) fn loaded(&self, image: &Path) -> Result<Command> {
        ensure!(image.is_file(), "no such image: {}", image.display());
        let mut command = program(QEMU)?;
        command
            // 1 MiB of flash and 128 KiB of RAM: honest limits of a lock.
            .args(["-M", "netduinoplus2", "-nographic"])
            .args(["-semihosting-config", "enable=on,target=native"])
            .arg("-kernel")
            .arg(std::path::absolute(image)?);
        Ok(command)
    }

    /// Runs `image` to its end; an error if it takes longer than `limit`. `extra` goes to the emulator's command line.
    pub(crate) fn run(&self, image: &Path, limit: Duration, extra: &[OsString]) -> Result<Outcome> {
        let mut command = self.loaded(image)?;
        // One instruction, one tick: counts are exact and the same in every run.
        command.args(["-icount", "shift=0"]).args(extra);
        run_within(&mut command, limit)
    }
}

fn run_within(command: &mut Command, limit: Duration) -> Result<Outcome> {
    let line = shown(command);
    println!("$ {line}");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start: {line}"))?;
    // Read while it runs: a full pipe would stop the image.
    let output = reader(child.stdout.take());
    let complaints = reader(child.stderr.take());
    let status = wait(&mut child, limit)?;
    let (output, complaints) = (text(output)?, text(complaints)?);
    // The emulator's own complaints; semihosting's console is its standard output.
    eprint!("{complaints}");
    match status {
        Some(status) => Ok(Outcome { output, status }),
        None => bail!("still running after {limit:?}, so killed: {line}\n{output}"),
    }
}

/// The exit status, or nothing if the time was over and the child had to be killed.
fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

type Reader = JoinHandle<std::io::Result<Vec<u8>>>;

fn reader(pipe: Option<impl Read + Send + 'static>) -> Reader {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            pipe.take(MOST_OUTPUT).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    })
}

fn text(reader: Reader) -> Result<String> {
    let bytes = reader.join().map_err(|_| anyhow::anyhow!("the reader of the output panicked"))??;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null());
        command
    }

    #[test]
    fn output_and_status_come_back() {
        let outcome = run_within(&mut shell("echo seen; exit 3"), Duration::from_secs(60)).unwrap();
        assert_eq!(outcome.output, "seen\n");
        assert_eq!(outcome.status.code(), Some(3));
    }

    #[test]
    fn an_endless_run_is_killed() {
        let error =
            run_within(&mut shell("echo stuck; exec sleep 600"), Duration::from_millis(200)).err().unwrap().to_string();
        assert!(error.contains("killed") && error.contains("stuck"), "{error}");
    }
}
