//! One forgery: every instruction of its way is skipped, one in each run.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};

use super::machine::{CHANGED, End, Machine, SAID_SO, Snapshot};
use super::path::{self, MULTIPLICATIONS, ROOT_OR_INVERSE};
use super::symbols::Symbols;

/// Of a loop, so many rounds are attacked; behind the curve arithmetic, where the comparisons are, more than these have.
const ROUNDS_BEFORE: u32 = 2;
const ROUNDS_BEHIND: u32 = 70;

/// A forged operation in the image.
#[derive(Clone, Debug)]
pub(super) struct Forgery {
    pub number: usize,
    pub class: String,
    pub name: String,
    /// Whether only what comes after the curve arithmetic is attacked.
    pub late: bool,
}

impl Forgery {
    /// As the image prints it.
    pub(super) fn read(line: &str) -> Result<Self> {
        let mut words = line.split_whitespace();
        let mut next = || words.next().with_context(|| format!("the image printed: {line}"));
        let (number, class, name) = (next()?.parse()?, next()?.to_owned(), next()?.to_owned());
        // The signature is good, or as wrong as another's.
        let late = class == "refused" || ["s-flipped", "r-first-byte", "r-last-byte"].contains(&name.as_str());
        Ok(Self { number, class, name, late })
    }

    pub(super) fn is_control(&self) -> bool {
        self.class == "control"
    }

    fn expected(&self) -> End {
        End::Answer(if self.class == "good" { SAID_SO | CHANGED } else { 0 })
    }
}

/// What came of one forgery.
#[derive(Debug)]
pub(super) struct Tally {
    pub forgery: Forgery,
    /// Instructions that were skipped, one in each run.
    pub skips: u32,
    /// Runs after which the ACL was changed.
    pub applied: u32,
    /// Runs that said so, but nothing was changed.
    pub only_said_so: u32,
    pub crashed: u32,
    pub hung: u32,
    /// The instructions behind the two bad counts.
    pub holes: BTreeMap<String, u32>,
    /// How many of the skips are in which function.
    pub functions: BTreeMap<String, u32>,
}

/// Skips every instruction of the decision path of one forgery, in turn.
pub(super) fn run(machine: &mut Machine, symbols: &Symbols, forgery: &Forgery) -> Result<Tally> {
    let entry = symbols.address(if forgery.is_control() { "skip_control" } else { "skip_attacked" })?;
    let first = machine.attack(forgery.number, entry)?;
    let undisturbed = machine.finish(None)?;
    ensure!(undisturbed == Some(forgery.expected()), "with nothing skipped: {undisturbed:?}");
    machine.restore(&first)?;
    let mut tally = Tally {
        forgery: forgery.clone(),
        skips: 0,
        applied: 0,
        only_said_so: 0,
        crashed: 0,
        hung: 0,
        holes: BTreeMap::new(),
        functions: BTreeMap::new(),
    };
    if forgery.class != "good" {
        Walk::new(machine, symbols, first, &mut tally)?.walk()?;
        // The emulator is still what it was.
        machine.attack(forgery.number, entry)?;
        ensure!(machine.finish(None)? == undisturbed, "the emulator has suffered");
    }
    Ok(tally)
}

/// Where the next multiplication of points begins, and the undisturbed state there.
type Checkpoint = Option<Rc<(u32, Snapshot)>>;

struct Walk<'a> {
    machine: &'a mut Machine,
    symbols: &'a Symbols,
    tally: &'a mut Tally,
    /// The next instruction has not been executed.
    now: Snapshot,
    /// Where the attack ends.
    end: (u32, u32),
    /// Whether instructions are skipped yet.
    armed: bool,
    /// Calls of [`ROOT_OR_INVERSE`] so far.
    roots: u32,
    checkpoint: Checkpoint,
    /// Every state in which an instruction will be skipped, and where to compare then.
    path: Vec<(Snapshot, Checkpoint)>,
    rounds: HashMap<(u32, u32, u32), u32>,
}

impl<'a> Walk<'a> {
    fn new(machine: &'a mut Machine, symbols: &'a Symbols, now: Snapshot, tally: &'a mut Tally) -> Result<Self> {
        let end = (now.registers.return_address(), now.registers.sp());
        let armed = tally.forgery.is_control();
        let mut walk = Self {
            machine,
            symbols,
            tally,
            now,
            end,
            armed,
            roots: 0,
            checkpoint: None,
            path: Vec::new(),
            rounds: HashMap::new(),
        };
        if !walk.armed {
            // What comes before is reading, and no decision.
            walk.machine.run_to(symbols.address("skip_store_get")?)?;
            walk.now = walk.machine.snapshot()?;
            walk.armed = !walk.tally.forgery.late;
            walk.find_checkpoint()?;
        }
        Ok(walk)
    }

    /// Finds the path, and then skips.
    ///
    /// One after the other, because the emulator forgets all that it has translated when steps begin or end.
    fn walk(&mut self) -> Result<()> {
        loop {
            let (pc, sp) = (self.now.registers.pc(), self.now.registers.sp());
            if (pc, sp) == self.end {
                break;
            }
            let function = self.symbols.function(pc);
            if path::excluded(function) {
                self.step_over()?;
                continue;
            }
            if self.armed && self.is_worth_it() {
                self.path.push((self.now.clone(), self.checkpoint.clone()));
            }
            self.machine.step()?;
            self.now = self.machine.snapshot()?;
        }
        for (state, checkpoint) in std::mem::take(&mut self.path) {
            self.skip(&state, checkpoint.as_deref())?;
        }
        Ok(())
    }

    /// To behind the function that has just been entered.
    fn step_over(&mut self) -> Result<()> {
        let entered = &self.now.registers;
        let (pc, sp, back) = (entered.pc(), entered.sp(), entered.return_address());
        let function = self.symbols.function(pc);
        loop {
            self.machine.run_to(back)?;
            self.now = self.machine.snapshot()?;
            if self.now.registers.sp() >= sp {
                break;
            }
        }
        if function.ends_with(ROOT_OR_INVERSE) {
            self.roots += 1;
            // One for the key, one for R.
            self.armed |= self.roots == 2;
        }
        if self.checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.0 == pc) {
            self.find_checkpoint()?;
        }
        Ok(())
    }

    fn is_worth_it(&mut self) -> bool {
        let registers = &self.now.registers;
        let round = self.rounds.entry((registers.pc(), registers.sp(), registers.return_address())).or_default();
        *round += 1;
        *round <= if self.roots >= 2 { ROUNDS_BEHIND } else { ROUNDS_BEFORE }
    }

    fn find_checkpoint(&mut self) -> Result<()> {
        let address = MULTIPLICATIONS.iter().find_map(|name| self.symbols.address(name).ok());
        let address = address.context("no multiplication of points")?;
        self.checkpoint = match self.machine.finish(Some(address))? {
            None => Some(Rc::new((address, self.machine.snapshot()?))),
            Some(_) => None,
        };
        self.machine.restore(&self.now)
    }

    /// Skips the next instruction and looks what comes of it.
    fn skip(&mut self, state: &Snapshot, checkpoint: Option<&(u32, Snapshot)>) -> Result<()> {
        let mut skipped = state.clone();
        skipped.registers = self.machine.skipped(&state.registers)?;
        self.machine.restore(&skipped)?;
        self.tally.skips += 1;
        let function = self.symbols.function(state.registers.pc());
        *self.tally.functions.entry(function.to_owned()).or_default() += 1;
        let early = checkpoint.map(|(address, _)| *address);
        let end = match (self.machine.finish(early)?, checkpoint) {
            (None, Some((_, undisturbed))) => {
                let disturbed = self.machine.snapshot()?;
                if disturbed.is_like(undisturbed) {
                    self.tally.forgery.expected()
                } else {
                    self.machine.finish(None)?.context("an end")?
                }
            }
            (None, None) => bail!("stopped nowhere"),
            (Some(end), _) => end,
        };
        match end {
            End::Answer(0) => {}
            End::Answer(answer) => {
                let what = if answer & CHANGED != 0 { "applied" } else { "said so" };
                if answer & CHANGED != 0 {
                    self.tally.applied += 1;
                } else {
                    self.tally.only_said_so += 1;
                }
                let pc = state.registers.pc();
                let [function, caller] = [pc, state.registers.return_address()].map(|pc| self.symbols.function(pc));
                let hole = format!("{what}: {pc:#x} in {function}, back to {caller}");
                *self.tally.holes.entry(hole).or_default() += 1;
            }
            End::Crash => self.tally.crashed += 1,
            End::Hang => self.tally.hung += 1,
        }
        Ok(())
    }
}
