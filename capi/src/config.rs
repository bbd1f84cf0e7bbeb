//! What is fixed when the library is built, from the environment. The header has the same settings as macros, and the
//! functions that make a store compare.

/// Version of this binary interface.
pub const ABI_VERSION: u32 = 1;

/// Most users of a built-in store.
pub const USERS: usize = setting(option_env!("LOCKOP_USERS"), 100);
/// Most replay records of a built-in store.
pub const REPLAYS: usize = setting(option_env!("LOCKOP_REPLAYS"), 32);
/// What the flash programs at once, in bytes.
pub const WRITE_SIZE: usize = setting(option_env!("LOCKOP_WRITE_SIZE"), 4);
/// What the flash erases at once, in bytes.
pub const ERASE_SIZE: usize = setting(option_env!("LOCKOP_ERASE_SIZE"), 4096);

const _: () = assert!(USERS > 0 && USERS <= 10_000 && REPLAYS > 0 && REPLAYS <= 10_000, "from 1 to 10,000");

/// A number from the environment; not set and empty are the default.
const fn setting(text: Option<&str>, default: usize) -> usize {
    let digits = match text {
        Some(text) => text.as_bytes(),
        None => b"",
    };
    if digits.is_empty() {
        return default;
    }
    let (mut value, mut place) = (0, 0);
    while place < digits.len() {
        assert!(digits[place].is_ascii_digit(), "a setting of LOCKOP_... is not a number");
        value = value * 10 + (digits[place] - b'0') as usize;
        place += 1;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::setting;

    #[test]
    fn settings_are_numbers() {
        assert_eq!(setting(None, 7), 7);
        assert_eq!(setting(Some(""), 7), 7);
        assert_eq!(setting(Some("0128"), 7), 128);
        assert!(std::panic::catch_unwind(|| setting(Some("1k"), 7)).is_err());
    }
}
