//! The target `stored`: bytes as every stored form, and values in their stored form and back.

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use lockop::acl::stored::{
    MAX_ENTRY_LEN, MAX_HORIZON_LEN, MAX_RECORD_LEN, StoredError, decode_entry, decode_horizon, decode_record,
    encode_entry, encode_horizon, encode_record,
};
use lockop::{AclEntry, ReplayRecord, Role, UserKey, Uuid, Window};

/// # Panics
///
/// If a stored form is read otherwise than documented, or has a second spelling.
pub fn judge(bytes: &[u8]) {
    let version = bytes.first() == Some(&1);
    let read = |value: Option<()>| match (version, value) {
        (false, _) => Err(StoredError::UnknownVersion),
        (true, None) => Err(StoredError::Corrupt),
        (true, Some(())) => Ok(()),
    };
    let fields = || Fields(bytes.get(1..).unwrap_or_default());

    let (entry, expected) = (decode_entry(bytes), fields().all(Fields::entry));
    assert_eq!(entry.map(drop), read(expected.map(drop)));
    assert_eq!(entry.ok(), expected.filter(|_| version));
    if let Ok(entry) = entry {
        assert_eq!(encode_entry(&entry, &mut [0; MAX_ENTRY_LEN]), Ok(bytes));
    }
    let (record, expected) = (decode_record(bytes), fields().all(Fields::record));
    assert_eq!(record.map(drop), read(expected.map(drop)));
    assert_eq!(record.ok(), expected.filter(|_| version));
    if let Ok(record) = record {
        assert_eq!(encode_record(&record, &mut [0; MAX_RECORD_LEN]), Ok(bytes));
    }
    let (horizon, expected) = (decode_horizon(bytes), fields().all(Fields::option));
    assert_eq!(horizon.map(drop), read(expected.map(drop)));
    assert_eq!(horizon.ok(), expected.filter(|_| version));
    if let Ok(horizon) = horizon {
        assert_eq!(encode_horizon(horizon, &mut [0; MAX_HORIZON_LEN]), Ok(bytes));
    }
    there_and_back(&mut Unstructured::new(bytes)).expect("there are zeros behind the last byte");
}

/// Writes what the bytes choose, in too little room too, and reads it again.
fn there_and_back(choices: &mut Unstructured<'_>) -> Result<()> {
    let mut time = || {
        // Times of any length are as likely.
        let shift = choices.int_in_range(0..=63)?;
        Ok(choices.arbitrary::<u64>()? >> shift)
    };
    let times = [time()?, time()?, time()?];
    let [start, end] = [times[0], times[1]].map(|time| (time % 3 > 0).then_some(time >> 11));
    let is_rsa = choices.arbitrary()?;
    let role = if choices.arbitrary()? { Role::Admin } else { Role::User };
    let user = Uuid::from_bytes(choices.arbitrary()?);
    let bytes = choices.arbitrary()?;
    let key = if is_rsa { UserKey::RsaFingerprint(bytes) } else { UserKey::Ed25519(bytes) };
    let window = Window::new(start, end).unwrap_or(Window::ALWAYS);
    let entry = AclEntry { user, key, role, window };
    let record = ReplayRecord::from_parts(bytes, times[2]);
    let horizon = (times[2] % 5 > 0).then_some(times[2]);

    let mut buffer = [0; MAX_ENTRY_LEN];
    let stored = encode_entry(&entry, &mut buffer).expect("room");
    assert_eq!(decode_entry(stored), Ok(entry));
    let room = stored.len() - 1;
    assert_eq!(encode_entry(&entry, &mut [0; MAX_ENTRY_LEN][..room]), Err(StoredError::BufferTooSmall));
    let mut buffer = [0; MAX_RECORD_LEN];
    let stored = encode_record(&record, &mut buffer).expect("room");
    assert_eq!(decode_record(stored), Ok(record));
    let room = stored.len() - 1;
    assert_eq!(encode_record(&record, &mut [0; MAX_RECORD_LEN][..room]), Err(StoredError::BufferTooSmall));
    let mut buffer = [0; MAX_HORIZON_LEN];
    let stored = encode_horizon(horizon, &mut buffer).expect("room");
    assert_eq!(decode_horizon(stored), Ok(horizon));
    Ok(())
}

/// What is left of the fields behind the version, by the description in `acl::stored`.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Nothing may be left.
    fn all<T>(mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let value = read(&mut self)?;
        self.0.is_empty().then_some(value)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    /// One of two.
    fn choice<T>(&mut self, zero: T, one: T) -> Option<T> {
        match self.array()? {
            [0] => Some(zero),
            [1] => Some(one),
            _ => None,
        }
    }

    /// A varint of 7 bits a byte, low bits first: in as few bytes as possible.
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u128;
        for place in 0..10 {
            let [byte] = self.array()?;
            value |= u128::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                let shortest = byte > 0 || place == 0;
                return u64::try_from(value).ok().filter(|_| shortest);
            }
        }
        None
    }

    fn option(&mut self) -> Option<Option<u64>> {
        if self.choice(false, true)? { self.varint().map(Some) } else { Some(None) }
    }

    fn entry(&mut self) -> Option<AclEntry> {
        let user = Uuid::from_bytes(self.array()?);
        let is_rsa = self.choice(false, true)?;
        let bytes = self.array()?;
        let key = if is_rsa { UserKey::RsaFingerprint(bytes) } else { UserKey::Ed25519(bytes) };
        let role = self.choice(Role::User, Role::Admin)?;
        let (start, end) = (self.option()?, self.option()?);
        let is_date = |time: Option<u64>| time.is_none_or(|time| time < 1 << 53);
        let is_window = start.zip(end).is_none_or(|(start, end)| start < end);
        let window = (is_date(start) && is_date(end) && is_window).then(|| Window::new(start, end))?;
        Some(AclEntry { user, key, role, window: window.expect("a window") })
    }

    fn record(&mut self) -> Option<ReplayRecord> {
        Some(ReplayRecord::from_parts(self.array()?, self.varint()?))
    }
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn the_description_holds() {
        for filling in [0, 1, 0x7f, 0x80, 0xff] {
            for len in 0..80 {
                let mut bytes = vec![filling; len];
                judge(&bytes);
                if let Some(version) = bytes.first_mut() {
                    *version = 1;
                    judge(&bytes);
                }
            }
        }
    }
}
