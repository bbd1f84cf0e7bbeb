//! The checksum of headers and records: CRC-32C.

use crc::{CRC_32_ISCSI, Crc, Digest, Table};

static CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISCSI);

/// A checksum that is not finished.
pub(super) type Running = Digest<'static, u32, Table<1>>;

/// A checksum of nothing.
pub(super) fn start() -> Running {
    CRC.digest()
}

/// The checksum of some bytes.
pub(super) fn of(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
}
