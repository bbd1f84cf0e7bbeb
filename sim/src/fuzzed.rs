//! Operations, faults and damage that a fuzzer chooses.

use lockop::FlashAcl;

use crate::bench::{Bench, Verdict};
use crate::case::{Damage, Event};
use crate::damage;
use crate::model::Op;
use crate::port::Port;
use crate::script::{entry, record, user};
use crate::subject::Subject;
use crate::tear::{KINDS, Tear};
use crate::trial::Trial;

/// The bytes that decide, one after the other; zeros when there are no more.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.byte()) % bound
    }

    fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    const fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    fn tear(&mut self) -> Tear {
        let seed = u32::from(self.word());
        match self.below(KINDS) {
            0 => Tear::Nothing,
            1 => Tear::Whole,
            2 | 3 => Tear::Prefix(self.byte()),
            4 => Tear::Bits(seed),
            5 => Tear::Garbage(seed),
            6 => Tear::Weak,
            7 => Tear::Flicker(seed),
            8 => Tear::Call(seed),
            _ => Tear::Settle { reads: self.byte() % 8, seed, after: seed.is_multiple_of(2) },
        }
    }

    fn op(&mut self, users: usize, number: u64) -> Op {
        let everybody = users + 2;
        match self.below(16) {
            0..9 => {
                let (first, count) = (self.below(everybody), self.below(everybody));
                let leaves = self.byte();
                let (mut grants, mut removals) = (vec![], vec![]);
                for place in 0..count.min(25) {
                    let one = (first + place) % everybody;
                    if leaves >> (place % 8) & 1 == 1 {
                        removals.push(user(one));
                    } else {
                        grants.push(entry(one, u64::from(self.byte())));
                    }
                }
                Op::Commit { grants, removals, replay: record(number, 1000 + u64::from(self.byte())) }
            }
            9 | 10 => Op::Provision(entry(self.below(everybody), u64::from(self.byte()))),
            11 | 12 => Op::Remove(user(self.below(everybody))),
            13 => Op::Compact,
            14 => Op::FactoryReset,
            _ => Op::Restart,
        }
    }

    fn events(&mut self) -> Vec<Event> {
        let place = u64::from(self.byte());
        let mut events = vec![match self.below(6) {
            0 => Event::Fail(place, self.below(8), self.tear()),
            1 => Event::Blind(place, self.below(8), self.tear()),
            _ => Event::Op(place, self.tear()),
        }];
        for _ in 0..self.below(4) {
            let place = u64::from(self.byte());
            events.push(match self.below(4) {
                0 | 1 => Event::Mount(place, self.tear()),
                2 => Event::MountFail(place, self.below(8), self.tear()),
                _ => Event::Retry(place, self.tear()),
            });
        }
        events
    }

    fn damage(&mut self, bytes: usize, page: usize) -> Damage {
        match self.below(4) {
            0 => Damage::Page(self.below(bytes / page), 0xff),
            1 => Damage::Noise(self.below(bytes / page), u32::from(self.word())),
            _ => Damage::Bit(usize::from(self.word()) % (8 * bytes)),
        }
    }
}

/// Does what the input says to a store that the input chooses.
///
/// # Errors
///
/// What the store does wrong.
pub fn judge(input: &[u8]) -> Verdict {
    let mut choices = Choices(input);
    match choices.below(4) {
        0 => on::<FlashAcl<Port<1, 1, 128>, 3, 2>>(choices),
        1 => on::<FlashAcl<Port<4, 4, 256>, 3, 2>>(choices),
        2 => on::<FlashAcl<Port<1, 8, 512>, 26, 3>>(choices),
        _ => on::<FlashAcl<Port<1, 32, 128>, 3, 2>>(choices),
    }
}

fn on<S: Subject>(mut choices: Choices<'_>) -> Verdict {
    let mut bench = Bench::<S>::new(0, false);
    bench.run(&Op::Format)?;
    let mut number = 0;
    while !choices.is_over() && number < 64 {
        let op = choices.op(S::USERS, number);
        number += 1;
        match choices.below(8) {
            // The last thing that happens: what follows is judged there.
            0 | 1 => {
                let mut trial = Trial::live(bench, &op);
                for event in choices.events() {
                    trial.happen(event)?;
                }
                return trial.finish().map(|_| ());
            }
            2 => {
                let region = usize::try_from(bench.region.end - bench.region.start).unwrap_or_default();
                let damage = choices.damage(region, S::SIZES.2);
                damage::judge(&bench, damage)?;
            }
            _ => bench.run(&op)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn any_input_is_something_to_do() {
        let mut random = Rng::new(11);
        for len in 0..300 {
            let input: Vec<u8> = (0..len).map(|_| random.byte()).collect();
            assert_eq!(judge(&input), Ok(()), "{input:?}");
        }
    }
}
