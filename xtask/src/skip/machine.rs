//! One emulator with the image `skip`: snapshots, and runs from them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::gdb::{Gdb, Registers};
use super::symbols::Symbols;
use crate::emulator::Emulator;

/// Of the emulator's own time on a processor, as Linux counts it, in hundredths of a second: a run takes less than a
/// tenth of this.
const LIMIT: u64 = 25;

/// How long the emulator may take to start.
const START: Duration = Duration::from_secs(30);

/// What the free stack is filled with, as earlier requests may have: a yes as a byte, and a number less than L as a scalar.
const STALE: u8 = 1;

/// Bits of the image's answer.
pub(super) const SAID_SO: u32 = 1;
pub(super) const CHANGED: u32 = 2;

/// The state of the machine: what is alive of it.
#[derive(Clone)]
pub(super) struct Snapshot {
    pub registers: Registers,
    statics: Vec<u8>,
    stack: Vec<u8>,
}

impl Snapshot {
    /// Whether what follows will be the same: registers, variables and the stack in use are.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let used = self.registers.sp().clamp(STACK, RAM_END) - STACK;
        self.registers == other.registers
            && self.statics == other.statics
            && self.stack[used as usize..] == other.stack[used as usize..]
    }

    /// Puts another value in every place that holds this one.
    pub(super) fn replace(&mut self, old: &[u8; 32], new: &[u8; 32]) {
        for memory in [&mut self.statics, &mut self.stack] {
            for place in 0..memory.len().saturating_sub(31) {
                if memory[place..place + 32] == *old {
                    memory[place..place + 32].copy_from_slice(new);
                }
            }
        }
    }
}

/// Where the machine has its RAM.
const RAM: u32 = 0x2000_0000;
const RAM_END: u32 = 0x2002_0000;
/// From here on: the stack grows to half of this.
const STACK: u32 = RAM_END - (20 << 10);

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With an answer: see [`SAID_SO`] and [`CHANGED`].
    Answer(u32),
    /// In a fault or a panic.
    Crash,
    /// Not at all.
    Hang,
}

pub(super) struct Machine {
    image: PathBuf,
    symbols: Symbols,
    emulator: Running,
    /// Instructions do not change.
    widths: HashMap<u32, u32>,
    /// The state at the marker `skip_ready`.
    ready: Snapshot,
    /// `number class name` of every forgery.
    pub forgeries: Vec<String>,
}

struct Running {
    child: Child,
    gdb: Gdb,
    /// The emulator's memory, and where in it the machine's RAM is: much faster than by packets.
    memory: File,
    ram: u64,
    /// Bytes of variables, at the start of RAM.
    statics: usize,
}

impl Running {
    fn snapshot(&mut self) -> Result<Snapshot> {
        let (mut statics, mut stack) = (vec![0; self.statics], vec![0; (RAM_END - STACK) as usize]);
        let registers = self.gdb.registers()?;
        self.memory.read_exact_at(&mut statics, self.ram)?;
        self.memory.read_exact_at(&mut stack, self.ram + u64::from(STACK - RAM))?;
        Ok(Snapshot { registers, statics, stack })
    }

    /// Writes to the machine's RAM.
    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<()> {
        Ok(self.memory.write_all_at(bytes, self.ram + u64::from(at - RAM))?)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already, and there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Machine {
    pub(super) fn start(emulator: &Emulator, image: &Path, symbols: &Symbols) -> Result<Self> {
        let (running, ready, forgeries) = start(emulator, image, symbols)?;
        Ok(Self {
            image: image.to_owned(),
            symbols: symbols.clone(),
            emulator: running,
            widths: HashMap::new(),
            ready,
            forgeries,
        })
    }

    fn gdb(&mut self) -> &mut Gdb {
        &mut self.emulator.gdb
    }

    /// The state in which the attack on a forgery begins.
    pub(super) fn attack(&mut self, number: usize, entry: u32) -> Result<Snapshot> {
        let ready = self.ready.clone();
        self.restore(&ready)?;
        let address = self.symbols.address("SKIP_FORGERY")?;
        self.emulator.write(address, &u32::try_from(number)?.to_le_bytes())?;
        // Off the breakpoint, which would stop it at once.
        self.gdb().step()?;
        self.run_to(entry)?;
        let mut begun = self.snapshot()?;
        let free = begun.registers.sp() - STACK;
        begun.stack[..free as usize].fill(STALE);
        self.restore(&begun)?;
        Ok(begun)
    }

    /// What 32 bytes of RAM hold.
    pub(super) fn read(&self, at: u32) -> Result<[u8; 32]> {
        ensure!((RAM..RAM_END - 32).contains(&at), "not in RAM: {at:#x}");
        let mut bytes = [0; 32];
        self.emulator.memory.read_exact_at(&mut bytes, self.emulator.ram + u64::from(at - RAM))?;
        Ok(bytes)
    }

    /// Runs to an address that is certainly reached.
    pub(super) fn run_to(&mut self, address: u32) -> Result<()> {
        self.gdb().set_breakpoint(address)?;
        let begun = Instant::now();
        self.gdb().run(|| begun.elapsed() > START)?;
        self.gdb().remove_breakpoint(address)?;
        let pc = self.gdb().registers()?.pc();
        ensure!(pc == address, "stopped at {pc:#x}, not at {address:#x}");
        Ok(())
    }

    pub(super) fn snapshot(&mut self) -> Result<Snapshot> {
        self.emulator.snapshot()
    }

    pub(super) fn restore(&mut self, snapshot: &Snapshot) -> Result<()> {
        self.emulator.write(RAM, &snapshot.statics)?;
        self.emulator.write(STACK, &snapshot.stack)?;
        self.gdb().set_registers(&snapshot.registers)
    }

    pub(super) fn step(&mut self) -> Result<Registers> {
        self.gdb().step()?;
        self.gdb().registers()
    }

    /// The registers behind the next instruction, which is not executed.
    pub(super) fn skipped(&mut self, registers: &Registers) -> Result<Registers> {
        let pc = registers.pc();
        let width = match self.widths.get(&pc) {
            Some(width) => *width,
            None => {
                let bytes = self.gdb().memory(pc, 2)?;
                let width = if bytes[1] >> 3 >= 0b11101 { 4 } else { 2 };
                self.widths.insert(pc, width);
                width
            }
        };
        let mut next = registers.clone();
        next.set_pc(pc + width);
        next.advance_it();
        Ok(next)
    }

    /// Runs to the end, or to `early`, whichever comes first; `None` if to `early`. Afterwards, the machine can be
    /// restored.
    pub(super) fn finish(&mut self, early: Option<u32>) -> Result<Option<End>> {
        let end = self.try_finish(early);
        match end {
            Ok(end) => Ok(end),
            // The emulator gives up where a processor would lock up, and leaves when the image asks it to.
            Err(_) => {
                let emulator = Emulator::ready()?;
                let symbols = self.symbols.clone();
                let (running, ..) = start(&emulator, &self.image, &symbols)?;
                self.emulator = running;
                Ok(Some(End::Crash))
            }
        }
    }

    fn try_finish(&mut self, early: Option<u32>) -> Result<Option<End>> {
        let (done, crashed) = (self.symbols.address("skip_done")?, self.symbols.address("skip_crashed")?);
        let pid = self.emulator.child.id();
        let begun = processor_time(pid)?;
        let gdb = &mut self.emulator.gdb;
        if let Some(early) = early {
            gdb.set_breakpoint(early)?;
        }
        let in_time = gdb.run(|| processor_time(pid).is_ok_and(|now| now - begun > LIMIT))?;
        if let Some(early) = early {
            gdb.remove_breakpoint(early)?;
        }
        let registers = gdb.registers()?;
        let pc = registers.pc();
        let end = if in_time && pc == done {
            let mut answer = [0; 4];
            let at = u64::from(self.symbols.address("SKIP_ANSWER")? - RAM);
            self.emulator.memory.read_exact_at(&mut answer, self.emulator.ram + at)?;
            Some(End::Answer(u32::from_le_bytes(answer)))
        } else if in_time && Some(pc) == early {
            None
        } else if pc == crashed {
            Some(End::Crash)
        } else {
            Some(End::Hang)
        };
        if registers.in_exception() {
            self.leave_exception(registers)?;
        }
        Ok(end)
    }

    /// Returns from the exception that is being handled: setting registers does not.
    fn leave_exception(&mut self, mut registers: Registers) -> Result<()> {
        let done = self.symbols.address("skip_done")?;
        // r0 to r3, r12, LR, PC, xPSR with the bit for Thumb.
        let mut frame = [0; 32];
        frame[24..28].copy_from_slice(&done.to_le_bytes());
        frame[28..].copy_from_slice(&0x0100_0000_u32.to_le_bytes());
        let sp = RAM_END - 32;
        self.emulator.write(sp, &frame)?;
        registers.set_sp(sp);
        registers.set_lr(0xffff_fff9);
        // Behind its two instructions that do nothing, that function returns.
        registers.set_pc(done + 4);
        self.gdb().set_registers(&registers)?;
        // Not by a step: the emulator forgets all that it has translated when steps begin or end.
        self.gdb().run(|| false)?;
        let after = self.gdb().registers()?;
        ensure!(!after.in_exception() && after.pc() == done, "still in an exception");
        Ok(())
    }
}

/// Starts the emulator and runs the image to its marker `skip_ready`.
fn start(emulator: &Emulator, image: &Path, symbols: &Symbols) -> Result<(Running, Snapshot, Vec<String>)> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("lockop-skip-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let socket = std::env::temp_dir().join(name);
    let mut command = emulator.loaded(image)?;
    command.arg("-S").arg("-gdb").arg(format!("unix:path={},server=on,wait=off", socket.display()));
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().context("cannot start the emulator")?;
    let output = child.stdout.take().context("no output")?;
    let begun = Instant::now();
    let gdb = loop {
        match Gdb::connect(&socket) {
            Ok(gdb) => break gdb,
            Err(_) if begun.elapsed() < START => thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(error),
        }
    };
    let _ = std::fs::remove_file(&socket);
    let mut gdb = gdb;
    let memory = File::options().read(true).write(true).open(format!("/proc/{}/mem", child.id()))?;
    let ram = gdb.host_address(RAM)?;
    let statics = (symbols.address("__ebss")? - RAM) as usize;
    let mut running = Running { child, gdb, memory, ram, statics };
    let gdb = &mut running.gdb;
    for marker in ["skip_ready", "skip_done", "skip_crashed"] {
        gdb.set_breakpoint(symbols.address(marker)?)?;
    }
    ensure!(gdb.run(|| begun.elapsed() > START)?, "the image does not begin");
    let ready = running.snapshot()?;
    ensure!(ready.registers.pc() == symbols.address("skip_ready")?, "the image does not come to its first marker");
    let mut forgeries = Vec::new();
    for line in BufReader::new(output).lines() {
        forgeries.push(line?);
        if forgeries.last().is_some_and(|line| line.contains(" control ")) {
            break;
        }
    }
    Ok((running, ready, forgeries))
}

/// What a process has used of processors, in hundredths of a second.
fn processor_time(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = status.rsplit_once(')').context("no name")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let [user, system] = [11, 12].map(|place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok()));
    Ok(user.context("user time")? + system.context("system time")?)
}
