//! One forgery: every instruction of its way is skipped, one in each run.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};

use super::machine::{CHANGED, End, Machine, SAID_SO, Snapshot};
use super::path::{self, COMPARISON, LADDER, MULTIPLICATIONS, ROOT_OR_INVERSE, VERIFICATION};
use super::symbols::Symbols;

/// Of a loop, so many rounds are attacked; behind the curve arithmetic, where the comparisons are, more than these have.
const ROUNDS_BEFORE: u32 = 2;
const ROUNDS_BEHIND: u32 = 70;

/// The forgery whose R is not given, but what the disturbed verification compares with; and the other one that this takes.
const KNOWN_BEFORE: &str = "r-known-before";
const FOR_KNOWN_BEFORE: &str = "r-of-another";

/// A forged operation in the image.
#[derive(Clone, Debug)]
pub(super) struct Forgery {
    pub number: usize,
    pub class: String,
    pub name: String,
    /// Whether only what comes after the curve arithmetic is attacked; where the arithmetic is disturbed, whether the steps of the
    /// ladder are left out.
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

    /// Whether the verification is attacked from its start to its comparison of R, and nothing else.
    fn is_of_arithmetic(&self) -> bool {
        self.class == "arithmetic"
    }

    /// Whether this function of the ladder is stepped over: in most forgeries, a wrong step is one more wrong point.
    fn steps_over_in_ladder(&self, function: &str) -> bool {
        (self.late || !self.name.starts_with("ladder"))
            && ["::step", "::select"].iter().any(|name| function.ends_with(name))
    }

    /// Whether it is there for another's sake.
    pub(super) fn is_helper(&self) -> bool {
        self.name == FOR_KNOWN_BEFORE
    }

    /// Whether instructions of this function are skipped. Where the arithmetic is disturbed, those that are the same in
    /// every verification, compiled from this crate, and what copies for it.
    fn is_worth_in(&self, function: &str) -> bool {
        let copying = || function.contains("compiler_builtins::mem") || function.starts_with("__aeabi_mem");
        !self.is_of_arithmetic()
            || (function.contains("lockop::") || copying())
            || (self.name == "base-point-for-key" && function.contains("::conditional_"))
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
        let mut walk = Walk::new(machine, symbols, first, &mut tally)?;
        walk.find_path()?;
        if forgery.name == KNOWN_BEFORE {
            walk.skip_for_known_r(entry)?;
        } else {
            walk.skip_all()?;
        }
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
    /// Where the attack ends: an instruction, and the stack pointer there, or 0 for any.
    end: (u32, u32),
    /// Whether instructions are skipped yet.
    armed: bool,
    /// Calls of [`ROOT_OR_INVERSE`] so far.
    roots: u32,
    /// Where the ladder returns to, while it is on.
    in_ladder: Option<(u32, u32)>,
    checkpoint: Checkpoint,
    /// Every state in which an instruction will be skipped, and where to compare then.
    path: Vec<(Snapshot, Checkpoint)>,
    rounds: HashMap<(u32, u32, u32), u32>,
    /// Where calls have returned to, or will.
    returns: HashSet<u32>,
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
            in_ladder: None,
            checkpoint: None,
            path: Vec::new(),
            rounds: HashMap::new(),
            returns: HashSet::from([end.0]),
        };
        if !walk.armed {
            // What comes before is reading, and no decision.
            let arithmetic = walk.tally.forgery.is_of_arithmetic();
            walk.machine.run_to(symbols.address(if arithmetic { VERIFICATION } else { "skip_store_get" })?)?;
            walk.now = walk.machine.snapshot()?;
            if arithmetic {
                walk.end = (symbols.address(COMPARISON)?, 0);
            }
            walk.armed = arithmetic || !walk.tally.forgery.late;
            walk.find_checkpoint()?;
        }
        Ok(walk)
    }

    /// Finds the path. Skipping comes after it, because the emulator forgets all that it has translated when steps begin
    /// or end.
    fn find_path(&mut self) -> Result<()> {
        loop {
            let (pc, sp) = (self.now.registers.pc(), self.now.registers.sp());
            if pc == self.end.0 && [0, sp].contains(&self.end.1) {
                break;
            }
            let function = self.symbols.function(pc);
            let step_of_ladder = function.contains(LADDER) && self.tally.forgery.steps_over_in_ladder(function);
            if path::excluded(function) || step_of_ladder {
                self.step_over()?;
                continue;
            }
            self.enter_or_leave_ladder();
            if self.armed && self.tally.forgery.is_worth_in(function) && self.is_worth_it() {
                self.path.push((self.now.clone(), self.checkpoint.clone()));
            }
            self.machine.step()?;
            self.now = self.machine.snapshot()?;
            let back = self.now.registers.return_address();
            if back == pc + 4 || back == pc + 2 {
                self.returns.insert(back);
            }
            if self.is_checkpoint(pc) {
                self.find_checkpoint()?;
            }
        }
        Ok(())
    }

    fn enter_or_leave_ladder(&mut self) {
        let registers = &self.now.registers;
        let (pc, sp) = (registers.pc(), registers.sp());
        if self.in_ladder == Some((pc, sp)) {
            self.in_ladder = None;
        } else if self.symbols.address(MULTIPLICATIONS[0]).is_ok_and(|ladder| ladder == pc) {
            self.in_ladder = Some((registers.return_address(), sp));
        }
    }

    fn skip_all(&mut self) -> Result<()> {
        for (state, checkpoint) in std::mem::take(&mut self.path) {
            self.skip(&state, checkpoint.as_deref())?;
        }
        Ok(())
    }

    /// Looks for skips after which what R has to be does not depend on R: then an attacker calculates it first, and sends it. The
    /// same instructions are skipped for two signatures that differ in R alone, and where both are to have the same R, it is put
    /// in the place of the second one's.
    fn skip_for_known_r(&mut self, entry: u32) -> Result<()> {
        let second = std::mem::take(&mut self.path);
        // The one before it in the image.
        let first = self.machine.attack(self.tally.forgery.number - 1, entry)?;
        let mut other = Walk::new(self.machine, self.symbols, first, self.tally)?;
        other.find_path()?;
        let first = std::mem::take(&mut other.path);
        let places = |path: &[(Snapshot, Checkpoint)]| -> Vec<u32> {
            path.iter().map(|(state, _)| state.registers.pc()).collect()
        };
        let differs =
            places(&first).iter().zip(&places(&second)).find(|(one, another)| one != another).map(|(pc, _)| *pc);
        ensure!(
            differs.is_none() && first.len() == second.len(),
            "the signatures are not verified by the same instructions: {} and {}, from {differs:x?}",
            first.len(),
            second.len()
        );
        let (mut found, mut same) = (0, 0);
        for ((first, _), (second, _)) in first.iter().zip(&second) {
            let Some((_, one)) = self.expected_r(first)? else {
                self.tally.skips += 1;
                continue;
            };
            found += 1;
            match self.expected_r(second)? {
                Some((r, another)) if another == one => {
                    same += 1;
                    let mut state = second.clone();
                    state.replace(&r, &one);
                    self.skip(&state, None)?;
                }
                _ => self.tally.skips += 1,
            }
        }
        println!("{KNOWN_BEFORE}: {found} skips come to the comparison, {same} of them with an R that is known before");
        Ok(())
    }

    /// The R of the signature, and what it is compared with if the next instruction is skipped; nothing if it does not come
    /// to that.
    fn expected_r(&mut self, state: &Snapshot) -> Result<Option<([u8; 32], [u8; 32])>> {
        let mut skipped = state.clone();
        skipped.registers = self.machine.skipped(&state.registers)?;
        self.machine.restore(&skipped)?;
        if self.machine.finish(Some(self.symbols.address(COMPARISON)?))?.is_some() {
            return Ok(None);
        }
        let registers = self.machine.snapshot()?.registers;
        let [signature, expected] = [0, 1].map(|number| self.machine.read(registers.argument(number)));
        Ok(signature.ok().zip(expected.ok()))
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
        if self.is_checkpoint(pc) {
            self.find_checkpoint()?;
        }
        Ok(())
    }

    fn is_checkpoint(&self, pc: u32) -> bool {
        self.checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.0 == pc)
    }

    fn is_worth_it(&mut self) -> bool {
        let registers = &self.now.registers;
        let (pc, sp) = (registers.pc(), registers.sp());
        // Some functions calculate in this register; then it does not tell who has called.
        let back = Some(registers.return_address()).filter(|back| self.returns.contains(back)).unwrap_or_default();
        let behind = self.roots >= 2 && !self.tally.forgery.is_of_arithmetic();
        let most = if behind { ROUNDS_BEHIND } else { ROUNDS_BEFORE };
        // In the ladder, whoever calls: each step of it is like the others.
        let (place, most) = if self.in_ladder.is_some() { ((pc, 0, 0), ROUNDS_BEFORE) } else { ((pc, sp, back), most) };
        let round = self.rounds.entry(place).or_default();
        *round += 1;
        *round <= most
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
