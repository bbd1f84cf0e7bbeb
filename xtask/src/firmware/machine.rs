//! A running emulator with a serial line.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::image::Image;
use crate::command::{repository, shown};
use crate::emulator::Emulator;

/// Who has said nothing for so long is hung. Far more than anything takes on a busy machine: no verdict depends on it.
const LIMIT: Duration = Duration::from_secs(300);

/// Where the emulator logs writes to what it does not model, from the root of the repository.
const LOG: &str = "target/firmware-images/emulator.log";

/// An emulator; it is killed when dropped.
pub(super) struct Machine {
    child: Child,
    to: ChildStdin,
    from: Receiver<Vec<u8>>,
    /// What has come and has not been asked for.
    waiting: Vec<u8>,
    log: PathBuf,
}

impl Machine {
    /// Starts an image. All RAM is zero.
    pub(super) fn start(emulator: &Emulator, image: &Image) -> Result<Self> {
        let log = repository()?.join(LOG);
        let mut command = emulator.command()?;
        command
            .args(["-M", image.recipe.machine, "-display", "none", "-monitor", "none", "-serial", "stdio"])
            // The strike's pin: a port that is not modelled, and one that is.
            .args(["-d", "unimp,trace:nrf51_gpio_write", "-D"])
            .arg(&log)
            .arg("-kernel")
            .arg(&image.path);
        Self::run(&mut command, log)
    }

    fn run(command: &mut Command, log: PathBuf) -> Result<Self> {
        let line = shown(command);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().with_context(|| line.clone())?;
        let (to, from) = (child.stdin.take(), child.stdout.take());
        let (sender, receiver) = channel();
        let from = from.context("no output")?;
        // Read while it runs: a full pipe would stop the image. It ends when the emulator does.
        thread::spawn(move || forward(from, &sender));
        Ok(Self { child, to: to.context("no input")?, from: receiver, waiting: Vec::new(), log })
    }

    /// Puts bytes on the line.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.to.write_all(bytes).and_then(|()| self.to.flush()).context("the emulator has ended")
    }

    /// The next bytes on the line.
    pub(super) fn receive<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.receive_some(N)?);
        Ok(bytes)
    }

    /// The next so many bytes on the line.
    pub(super) fn receive_some(&mut self, len: usize) -> Result<Vec<u8>> {
        let begun = Instant::now();
        while self.waiting.len() < len {
            match self.from.recv_timeout(LIMIT.saturating_sub(begun.elapsed())) {
                Ok(bytes) => self.waiting.extend(bytes),
                Err(RecvTimeoutError::Timeout) => bail!("silent for {LIMIT:?} after {:02x?}", self.waiting),
                Err(RecvTimeoutError::Disconnected) => bail!("the emulator has ended after {:02x?}", self.waiting),
            }
        }
        Ok(self.waiting.drain(..len).collect())
    }

    /// How often the strike was pulled and released, as the chip's port saw it.
    pub(super) fn pulls(&self) -> Result<usize> {
        let log = std::fs::read_to_string(&self.log).with_context(|| self.log.display().to_string())?;
        let [pulls, releases] = [&PULL, &RELEASE].map(|texts| log.lines().filter(|line| is_one(line, texts)).count());
        anyhow::ensure!(
            pulls == releases,
            "the strike was pulled {pulls} times, and released {releases} times:\n{log}"
        );
        Ok(pulls)
    }
}

/// How the emulator logs each of the two writes: an STM32F405, an nRF51822.
const PULL: [&str; 2] =
    ["GPIOA: unimplemented device write (size 4, offset 0x018, value 0x00000001)", "offset 0x508 value 0x1"];
const RELEASE: [&str; 2] =
    ["GPIOA: unimplemented device write (size 4, offset 0x018, value 0x00010000)", "offset 0x50c value 0x1"];

fn is_one(line: &str, texts: &[&str]) -> bool {
    texts.iter().any(|text| line.ends_with(text))
}

fn forward(mut from: impl Read, to: &Sender<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(len @ 1..) = from.read(&mut buffer) {
        if to.send(buffer[..len].to_vec()).is_err() {
            return;
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
