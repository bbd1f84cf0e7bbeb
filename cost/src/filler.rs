//! What fills an input up: members that are ignored, of kinds that cost more than others.

/// Members of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Filler {
    /// Members with different names: so long, in this order, with these values.
    Names { len: usize, escaped: bool, order: Order, value: &'static str },
    /// The same in nested objects: so many names outside and then in each before the next begins, the rest in the innermost.
    Nested { first: usize, depth: usize, names: usize, order: Order },
    /// Objects of so many names, one behind the other.
    Objects { names: usize },
    /// One member whose value is made of this text again and again, between these.
    Text { begin: &'static str, again: &'static str, end: &'static str },
    /// One member with an ordinary text.
    Plain,
}

/// How the names follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Counted,
    /// By their fingerprints.
    Ascending,
    Descending,
}

const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

impl Filler {
    /// The members, each behind a comma; `place` keeps their names apart from other fillers'.
    pub(crate) fn members(&self, place: usize, room: usize) -> String {
        let prefix = char::from(b'#' + u8::try_from(place).expect("few fillers"));
        match self {
            Self::Names { len, escaped, order, value } => {
                // The prefix, which may be written as an escape.
                let begin = if *escaped { format!("\\u{:04x}", u32::from(prefix)) } else { prefix.to_string() };
                let names = names(prefix, *len, room / (len + 4 + value.len()), *order);
                let member = |name: &String| format!(r#","{begin}{}":{value}"#, &name[1..]);
                fitting(names.iter().map(member), room)
            }
            Self::Nested { first, depth, names: count, order } => {
                let first = fitting(zeros('!', *first, *order), room);
                let room = room - first.len();
                let own = fitting(zeros(prefix, *count, *order), usize::MAX);
                let level = format!(r#"{own},"{prefix}":{{"#);
                // Behind a bracket, no comma.
                let inside = level.trim_start_matches(',');
                let levels = (room / (level.len() + 1)).min(*depth);
                if levels == 0 {
                    return first;
                }
                let begin = format!("{first}{level}{}", inside.repeat(levels - 1));
                let rest = room.saturating_sub(level.len() + inside.len() * (levels - 1) + levels);
                let innermost = fitting(zeros(prefix, rest / 8, *order), rest);
                format!("{begin}{}{}", innermost.trim_start_matches(','), "}".repeat(levels))
            }
            Self::Objects { names: count } => {
                let own = fitting(zeros(prefix, *count, Order::Descending), usize::MAX);
                repeated(prefix, "[", &format!("{{{}}},", own.trim_start_matches(',')), "0]", room)
            }
            Self::Text { begin, again, end } => repeated(prefix, begin, again, end, room),
            Self::Plain => repeated(prefix, "\"", "ordinary ", "\"", room),
        }
    }
}

fn repeated(prefix: char, begin: &str, again: &str, end: &str, room: usize) -> String {
    let times = room.saturating_sub(6 + begin.len() + end.len()) / again.len().max(1);
    format!(r#","{prefix}":{begin}{}{end}"#, again.repeat(times))
}

/// Members with names of three characters.
fn zeros(prefix: char, count: usize, order: Order) -> impl Iterator<Item = String> {
    names(prefix, 3, count, order).into_iter().map(|name| format!(r#","{name}":0"#))
}

fn fitting(members: impl Iterator<Item = String>, room: usize) -> String {
    let mut text = String::new();
    for member in members {
        if text.len() + member.len() > room {
            break;
        }
        text += &member;
    }
    text
}

/// Different names that begin with `prefix`.
fn names(prefix: char, len: usize, count: usize, order: Order) -> Vec<String> {
    let name = |number: usize| {
        let mut name = String::from(prefix);
        // No two numbers have the same digits; the longer ones come when the short ones are used up.
        let (mut rest, mut digits) = (number, len.saturating_sub(1));
        while digits > 0 || rest > 0 {
            name.push(char::from(DIGITS[rest % 64]));
            rest /= 64;
            digits = digits.saturating_sub(1);
        }
        name
    };
    let mut names: Vec<String> = (0..count).map(name).collect();
    match order {
        Order::Counted => {}
        Order::Ascending => names.sort_by_key(|name| fingerprint(name)),
        Order::Descending => names.sort_by_key(|name| std::cmp::Reverse(fingerprint(name))),
    }
    names
}

/// FNV-1a, as the library has it.
fn fingerprint(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |print, byte| (print ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
