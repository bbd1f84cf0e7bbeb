//! The emulator's gdb stub, from the other side: the few packets of the remote protocol that are needed.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

/// How long one reading waits before the caller is asked whether to go on.
const PATIENCE: Duration = Duration::from_millis(20);

/// A connection to a stub whose machine stands still.
pub(super) struct Gdb {
    stream: UnixStream,
    received: Vec<u8>,
    /// Orders that have not been sent yet: together they cost one wait.
    unsent: Vec<u8>,
    /// Orders whose `OK` has not come yet.
    unanswered: u32,
}

/// The registers, as the stub sends them without a description of the core: r0 to r15, registers that no Cortex-M has,
/// xPSR.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Registers(Vec<u8>);

impl Registers {
    const LEN: usize = 168;
    const SP: usize = 13 * 4;
    const LR: usize = 14 * 4;
    const PC: usize = 15 * 4;
    const XPSR: usize = 164;

    fn word(&self, place: usize) -> u32 {
        u32::from_le_bytes([0, 1, 2, 3].map(|byte| self.0[place + byte]))
    }

    fn set(&mut self, place: usize, word: u32) {
        self.0[place..place + 4].copy_from_slice(&word.to_le_bytes());
    }

    /// The first or the second argument of a function that has just been entered.
    pub(super) fn argument(&self, number: usize) -> u32 {
        self.word(number * 4)
    }

    pub(super) fn pc(&self) -> u32 {
        self.word(Self::PC)
    }

    pub(super) fn set_pc(&mut self, pc: u32) {
        self.set(Self::PC, pc);
    }

    pub(super) fn sp(&self) -> u32 {
        self.word(Self::SP)
    }

    pub(super) fn set_sp(&mut self, sp: u32) {
        self.set(Self::SP, sp);
    }

    /// Where the function that has just been entered returns to.
    pub(super) fn return_address(&self) -> u32 {
        self.word(Self::LR) & !1
    }

    pub(super) fn set_lr(&mut self, lr: u32) {
        self.set(Self::LR, lr);
    }

    /// Whether an exception is being handled.
    pub(super) fn in_exception(&self) -> bool {
        self.word(Self::XPSR) & 0x1ff != 0
    }

    /// Goes on to the next instruction of an IT block, as executing one does.
    pub(super) fn advance_it(&mut self) {
        let xpsr = self.word(Self::XPSR);
        let it = (xpsr >> 25 & 3) | (xpsr >> 10 & 0x3f) << 2;
        let next = if it & 7 == 0 { 0 } else { it & 0xe0 | it << 1 & 0x1f };
        let rest = xpsr & !(3 << 25 | 0x3f << 10);
        self.set(Self::XPSR, rest | (next & 3) << 25 | (next >> 2) << 10);
    }
}

impl Gdb {
    pub(super) fn connect(socket: &Path) -> Result<Self> {
        let stream = UnixStream::connect(socket).with_context(|| socket.display().to_string())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, received: Vec::new(), unsent: Vec::new(), unanswered: 0 })
    }

    pub(super) fn registers(&mut self) -> Result<Registers> {
        let bytes = from_hex(&self.ask("g")?)?;
        ensure!(bytes.len() == Registers::LEN, "{} bytes of registers", bytes.len());
        Ok(Registers(bytes))
    }

    pub(super) fn set_registers(&mut self, registers: &Registers) -> Result<()> {
        self.order(&format!("G{}", to_hex(&registers.0)))
    }

    pub(super) fn memory(&mut self, from: u32, len: usize) -> Result<Vec<u8>> {
        from_hex(&self.ask(&format!("m{from:x},{len:x}"))?)
    }

    /// Where the emulator keeps memory of the machine, as an address of its own.
    pub(super) fn host_address(&mut self, address: u32) -> Result<u64> {
        self.flush_with(&format!("qRcmd,{}", to_hex(format!("gpa2hva {address:#x}").as_bytes())))?;
        let mut text = String::new();
        loop {
            match self.receive()? {
                Some(packet) if packet == "OK" => break,
                // `O` and what the monitor prints.
                Some(packet) => text += &String::from_utf8_lossy(&from_hex(packet.trim_start_matches('O'))?),
                None => {}
            }
        }
        let digits = text.trim_end().rsplit_once("0x").with_context(|| text.clone())?.1;
        Ok(u64::from_str_radix(digits, 16)?)
    }

    pub(super) fn set_breakpoint(&mut self, at: u32) -> Result<()> {
        self.order(&format!("Z1,{at:x},2"))
    }

    pub(super) fn remove_breakpoint(&mut self, at: u32) -> Result<()> {
        self.order(&format!("z1,{at:x},2"))
    }

    /// Executes one instruction.
    pub(super) fn step(&mut self) -> Result<()> {
        self.flush_with("s")?;
        self.stopped(|| false).map(drop)
    }

    /// Runs to the next breakpoint; `false` if it had to be stopped because `enough` said so before.
    pub(super) fn run(&mut self, enough: impl FnMut() -> bool) -> Result<bool> {
        self.flush_with("c")?;
        self.stopped(enough)
    }

    fn stopped(&mut self, mut enough: impl FnMut() -> bool) -> Result<bool> {
        let mut in_time = true;
        loop {
            match self.receive()? {
                Some(packet) if packet.starts_with('T') || packet.starts_with('S') => return Ok(in_time),
                Some(packet) => bail!("the emulator's answer: {packet}"),
                None if in_time && enough() => {
                    in_time = false;
                    self.stream.write_all(&[3])?;
                }
                None => {}
            }
        }
    }

    /// Its `OK` is waited for with the next question.
    fn order(&mut self, packet: &str) -> Result<()> {
        self.queue(packet);
        self.unanswered += 1;
        Ok(())
    }

    fn ask(&mut self, packet: &str) -> Result<String> {
        self.flush_with(packet)?;
        loop {
            if let Some(answer) = self.receive()? {
                return Ok(answer);
            }
        }
    }

    /// Sends all orders and one packet more, and waits until the orders are obeyed.
    fn flush_with(&mut self, packet: &str) -> Result<()> {
        self.queue(packet);
        self.stream.write_all(&self.unsent)?;
        self.unsent.clear();
        while self.unanswered > 0 {
            if let Some(answer) = self.receive()? {
                ensure!(answer == "OK", "the emulator's answer to an order: {answer}");
                self.unanswered -= 1;
            }
        }
        Ok(())
    }

    fn queue(&mut self, packet: &str) {
        let sum = packet.bytes().fold(0, u8::wrapping_add);
        // With the acknowledgement of whatever came before.
        self.unsent.extend(format!("+${packet}#{sum:02x}").bytes());
    }

    /// The next packet, if it comes before patience ends.
    fn receive(&mut self) -> Result<Option<String>> {
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'#')
                && self.received.len() >= end + 3
            {
                let start = self.received.iter().position(|byte| *byte == b'$').context("no start of a packet")?;
                let packet = String::from_utf8_lossy(&self.received[start + 1..end]).into_owned();
                self.received.drain(..end + 3);
                return Ok(Some(packet));
            }
            let mut bytes = [0; 8192];
            match self.stream.read(&mut bytes) {
                Ok(0) => bail!("the emulator is gone"),
                Ok(len) => self.received.extend(&bytes[..len]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn from_hex(text: &str) -> Result<Vec<u8>> {
    let digit = |character: u8| char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect::<Option<_>>();
    bytes.with_context(|| format!("not hexadecimal: {}", &text[..text.len().min(20)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_goes_both_ways() {
        assert_eq!(to_hex(&[0, 0x1f, 0xa0]), "001fa0");
        assert_eq!(from_hex("001fa0").unwrap(), [0, 0x1f, 0xa0]);
        assert!(from_hex("E01").is_err());
    }

    #[test]
    fn an_it_block_ends_after_its_last_instruction() {
        let mut registers = Registers(vec![0; Registers::LEN]);
        // ITTE EQ: 0b0000_0110, then 0b0000_1100, then 0b0001_1000 (NE), then out of the block.
        let set = |registers: &mut Registers, it: u32| registers.set(Registers::XPSR, (it & 3) << 25 | (it >> 2) << 10);
        let mut expected = registers.clone();
        set(&mut registers, 0b0000_0110);
        for it in [0b0000_1100, 0b0001_1000, 0] {
            registers.advance_it();
            set(&mut expected, it);
            assert!(registers == expected, "{it:b}");
        }
    }
}
