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

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of CRC-32C in the catalogue of CRCs: that of the digits 1 to 9.
    #[test]
    fn the_checksum_is_crc_32c() {
        assert_eq!(of(b"123456789"), 0xe306_9283);
        let mut running = start();
        running.update(b"12345");
        running.update(b"6789");
        assert_eq!(running.finalize(), 0xe306_9283);
    }
}
