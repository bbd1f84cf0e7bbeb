//! One failure as a line that brings it back.

use std::fmt;
use std::str::FromStr;

use crate::script::Script;
use crate::tear::Tear;

/// When power is lost, or the flash fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Power is lost in this step of the operation.
    Op(u64, Tear),
    /// Power is lost in this step of mounting.
    Mount(u64, Tear),
    /// The store is mounted and does the operation again, or the next one; power is lost in this step of that.
    Retry(u64, Tear),
    /// This call of the operation fails after so many steps; the store is used on.
    Fail(u64, usize, Tear),
    /// The same, but power is lost before the store is asked for anything.
    Blind(u64, usize, Tear),
    /// This call of mounting fails after so many steps; mounting is tried again.
    MountFail(u64, usize, Tear),
    /// After a failure, power is lost in this step of what the store does when it is asked what it holds.
    Look(u64, Tear),
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Op(step, tear) => write!(f, "op@{step}:{tear}"),
            Self::Mount(step, tear) => write!(f, "mount@{step}:{tear}"),
            Self::Retry(step, tear) => write!(f, "retry@{step}:{tear}"),
            Self::Fail(call, done, tear) => write!(f, "fail@{call}/{done}:{tear}"),
            Self::Blind(call, done, tear) => write!(f, "blind@{call}/{done}:{tear}"),
            Self::MountFail(call, done, tear) => write!(f, "mountfail@{call}/{done}:{tear}"),
            Self::Look(step, tear) => write!(f, "look@{step}:{tear}"),
        }
    }
}

impl FromStr for Event {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("no such event: {text}");
        let (name, rest) = text.split_once('@').ok_or_else(bad)?;
        let (place, tear) = rest.split_once(':').ok_or_else(bad)?;
        let tear: Tear = tear.parse()?;
        let (place, done) = place.split_once('/').unwrap_or((place, "0"));
        let place = place.parse().map_err(|_| bad())?;
        let done = done.parse().map_err(|_| bad())?;
        Ok(match name {
            "op" => Self::Op(place, tear),
            "mount" => Self::Mount(place, tear),
            "retry" => Self::Retry(place, tear),
            "fail" => Self::Fail(place, done, tear),
            "blind" => Self::Blind(place, done, tear),
            "mountfail" => Self::MountFail(place, done, tear),
            "look" => Self::Look(place, tear),
            _ => return Err(bad()),
        })
    }
}

/// What is done to flash at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// One bit, counted from the start of the region, is the other way round.
    Bit(usize),
    /// All bytes of a page of the region are this.
    Page(usize, u8),
    /// All bytes of a page of the region are random.
    Noise(usize, u32),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bit(place) => write!(f, "bit.{place}"),
            Self::Page(page, byte) => write!(f, "page.{page}.{byte}"),
            Self::Noise(page, seed) => write!(f, "noise.{page}.{seed}"),
        }
    }
}

impl FromStr for Damage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = |error: std::num::ParseIntError| format!("{text}: {error}");
        match text.split('.').collect::<Vec<_>>().as_slice() {
            ["bit", place] => Ok(Self::Bit(place.parse().map_err(bad)?)),
            ["page", page, byte] => Ok(Self::Page(page.parse().map_err(bad)?, byte.parse().map_err(bad)?)),
            ["noise", page, seed] => Ok(Self::Noise(page.parse().map_err(bad)?, seed.parse().map_err(bad)?)),
            _ => Err(format!("no such damage: {text}")),
        }
    }
}

/// Where in which script what happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The name of a geometry in the program's table.
    pub geometry: String,
    /// Pages that the region has beyond what the store needs.
    pub spare: usize,
    /// Whether units that were torn but read as erased may be programmed.
    pub lenient: bool,
    /// The operations.
    pub script: Script,
    /// The operation that is disturbed; with damage, the number of operations that are done before.
    pub op: usize,
    /// What happens, in this order.
    pub events: Vec<Event>,
    /// What happens instead, to flash at rest.
    pub damage: Option<Damage>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { geometry, spare, script, op, .. } = self;
        write!(f, "geometry={geometry} spare={spare} lenient={} script={script} op={op}", u8::from(self.lenient))?;
        if !self.events.is_empty() {
            let events: Vec<String> = self.events.iter().map(ToString::to_string).collect();
            write!(f, " events={}", events.join(","))?;
        }
        match &self.damage {
            Some(damage) => write!(f, " damage={damage}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Case {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let value = |name: &str| {
            let words = line.split_whitespace();
            words.filter_map(|word| word.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let need = |name: &str| value(name).ok_or_else(|| format!("the line has no {name}="));
        let number = |name: &str| need(name)?.parse::<usize>().map_err(|error| format!("{name}: {error}"));
        Ok(Self {
            geometry: need("geometry")?.to_owned(),
            spare: number("spare")?,
            lenient: number("lenient")? != 0,
            script: need("script")?.parse()?,
            op: number("op")?,
            events: match value("events") {
                Some(events) => events.split(',').map(str::parse).collect::<Result<_, _>>()?,
                None => Vec::new(),
            },
            damage: value("damage").map(str::parse).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_read_as_it_is_written() {
        let lines = [
            "geometry=4/256 spare=1 lenient=0 script=random.7.200 op=13 \
             events=op@12:weak,mount@0:settle.3.77.before,retry@7:call.5,fail@3/2:bits.9,blind@4/0:nothing,look@2:whole,\
             mountfail@1/0:garbage.4",
            "geometry=1/4096 spare=0 lenient=1 script=short op=3 damage=page.2.255",
        ];
        for line in lines {
            assert_eq!(line.parse::<Case>().map(|case| case.to_string()), Ok(line.to_owned()));
        }
        assert!("geometry=4/256".parse::<Case>().is_err());
    }
}
