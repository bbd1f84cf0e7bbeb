//! Strict DER (X.690 §8 and §10): one encoding of each value, and no other.
//!
//! A [`Der`] is what is left of a constructed value. Its methods take elements off the front, and
//! [`end`](Der::end) makes anything left over an error.

#![cfg_attr(not(feature = "x5c"), allow(dead_code, reason = "keys need less of it than certificates"))]

/// The tags that are read here.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
    /// A context-specific tag of a constructed value, as explicit tags are.
    pub(crate) const fn context(number: u8) -> u8 {
        0xa0 | number
    }
    /// A context-specific tag of a primitive value, as implicitly tagged strings are.
    pub(crate) const fn context_primitive(number: u8) -> u8 {
        0x80 | number
    }
}

/// The elements that are left of a constructed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Der<'a> {
    rest: &'a [u8],
}

impl<'a> Der<'a> {
    pub(crate) const fn new(content: &'a [u8]) -> Self {
        Self { rest: content }
    }

    /// Whether nothing is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }

    /// Takes the next element, whatever it is: its tag and its content.
    pub(crate) fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.rest.split_first()?;
        // Tags of several bytes occur in nothing that is read here. Of the universal types, SEQUENCE and SET are
        // constructed and no others are (X.690 §8.9 to §8.12, §10.2).
        let universal = tag & 0xc0 == 0;
        let constructed = tag & 0x20 != 0;
        let composite = matches!(tag | 0x20, tag::SEQUENCE | tag::SET);
        // EXTERNAL, EMBEDDED PDV and CHARACTER STRING would be, too, but occur in nothing; 0 and 15 are no types.
        let unknown = matches!(tag & 0x1f, 0 | 8 | 11 | 15 | 29);
        if tag & 0x1f == 0x1f || (universal && (constructed != composite || unknown)) {
            return None;
        }
        let (&length, rest) = rest.split_first()?;
        let (len, rest) = match length {
            0..=0x7f => (usize::from(length), rest),
            0x81 => {
                let (&len, rest) = rest.split_first()?;
                // The shortest form of a length, and no other (X.690 §10.1).
                (usize::from((len >= 0x80).then_some(len)?), rest)
            }
            0x82 => {
                let (&[high, low], rest) = rest.split_first_chunk()?;
                (usize::from(u16::from_be_bytes([(high > 0).then_some(high)?, low])), rest)
            }
            // Nothing that is read here is longer than 64 KiB.
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(len)?;
        self.rest = rest;
        Some((tag, content))
    }

    /// Takes the next element, which has this tag: its content.
    pub(crate) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, content) = self.any()?;
        (found == tag).then_some(content)
    }

    /// Takes the next element, which has this tag, as it stands: tag, length and content.
    pub(crate) fn whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        let before = self.rest;
        self.take(tag)?;
        before.get(..before.len() - self.rest.len())
    }

    /// Takes the next element if it has this tag; the outer `None` is an error.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.rest.first() == Some(&tag) { self.take(tag).map(Some) } else { Some(None) }
    }

    /// Takes the next element, which is constructed and has this tag: its elements.
    pub(crate) fn inside(&mut self, tag: u8) -> Option<Self> {
        self.take(tag).map(Self::new)
    }

    /// Takes an INTEGER in its shortest form (X.690 §8.3.2): its bytes.
    pub(crate) fn integer(&mut self) -> Option<&'a [u8]> {
        let content = self.take(tag::INTEGER)?;
        let shortest = match content {
            [] => false,
            [0, second, ..] => *second >= 0x80,
            [0xff, second, ..] => *second < 0x80,
            _ => true,
        };
        shortest.then_some(content)
    }

    /// Takes an INTEGER above 0: its bytes without a sign byte.
    pub(crate) fn positive(&mut self) -> Option<&'a [u8]> {
        match self.integer()? {
            [0, magnitude @ ..] => (!magnitude.is_empty()).then_some(magnitude),
            content => content.first().is_some_and(|byte| *byte < 0x80).then_some(content),
        }
    }

    /// Takes the next element if it has this tag, which stands for BIT STRING; the outer `None` is an error.
    pub(crate) fn optional_bit_string(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        let Some(content) = self.optional(tag)? else { return Some(None) };
        // The unused bits are fewer than eight, and zero (X.690 §8.6.2, §11.2.1).
        let good = match content {
            [0] => true,
            [unused @ 0..=7, .., last] => last.trailing_zeros() >= u32::from(*unused),
            _ => false,
        };
        good.then_some(Some(content))
    }

    /// Takes a BIT STRING of whole bytes.
    pub(crate) fn bit_string(&mut self) -> Option<&'a [u8]> {
        self.take(tag::BIT_STRING)?.strip_prefix(&[0])
    }

    /// Takes an OBJECT IDENTIFIER: its encoding, which stands for it.
    pub(crate) fn oid(&mut self) -> Option<&'a [u8]> {
        let content = self.take(tag::OID)?;
        // Each arc is in its shortest form (X.690 §8.19.2): it does not begin with a byte of no bits.
        let mut begins = true;
        for byte in content {
            if begins && *byte == 0x80 {
                return None;
            }
            begins = byte & 0x80 == 0;
        }
        (begins && !content.is_empty()).then_some(content)
    }

    /// Takes a BOOLEAN that is TRUE: where FALSE is the default, it is not written (X.690 §11.5).
    pub(crate) fn optional_true(&mut self) -> Option<bool> {
        match self.optional(tag::BOOLEAN)? {
            None => Some(false),
            Some([0xff]) => Some(true),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(bytes: &[u8]) -> Option<(u8, &[u8])> {
        Der::new(bytes).any()
    }

    #[test]
    fn lengths_have_one_form() {
        assert_eq!(any(&[4, 0]), Some((4, &[][..])));
        let mut long = [7; 0x200];
        long[..3].copy_from_slice(&[4, 0x81, 0x80]);
        assert_eq!(any(&long).unwrap().1.len(), 0x80);
        long[..4].copy_from_slice(&[4, 0x82, 1, 0]);
        assert_eq!(any(&long).unwrap().1.len(), 0x100);
        for header in
            [&[4, 0x80][..], &[4, 0x81, 0x7f], &[4, 0x82, 0, 0xff], &[4, 0x83, 0, 1, 0], &[4, 0xff], &[0x1f, 1]]
        {
            long[..header.len()].copy_from_slice(header);
            assert_eq!(any(&long), None, "{header:x?}");
        }
        for wrong in [
            &[0x24, 0][..],
            &[0x2c, 0],
            &[0, 0],
            &[8, 0],
            &[0x28, 0],
            &[11, 0],
            &[15, 0],
            &[29, 0],
            &[0x10, 0],
            &[0x11, 0],
            &[0x22, 0],
        ] {
            assert_eq!(any(wrong), None, "{wrong:x?}");
        }
        for good in [&[0x30, 0][..], &[0x31, 0], &[0xa0, 0], &[0x80, 0], &[0x0c, 0]] {
            assert!(any(good).is_some(), "{good:x?}");
        }
        for short in [&[][..], &[4], &[4, 1], &[4, 0x81], &[4, 0x82, 1], &[4, 2, 0]] {
            assert_eq!(any(short), None, "{short:x?}");
        }
    }

    #[test]
    fn integers_have_one_form() {
        let integer = |bytes: &'static [u8]| Der::new(bytes).integer();
        for good in [&[2, 1, 0][..], &[2, 1, 0x7f], &[2, 2, 0, 0x80], &[2, 1, 0x80], &[2, 2, 0xff, 0x7f]] {
            assert_eq!(integer(good), Some(&good[2..]));
        }
        for bad in [&[2, 0][..], &[2, 2, 0, 0x7f], &[2, 2, 0, 0], &[2, 2, 0xff, 0x80], &[2, 2, 0xff, 0xff]] {
            assert_eq!(integer(bad), None, "{bad:x?}");
        }
        let positive = |bytes: &'static [u8]| Der::new(bytes).positive();
        assert_eq!(positive(&[2, 2, 0, 0x80]), Some(&[0x80][..]));
        assert_eq!(positive(&[2, 1, 0x7f]), Some(&[0x7f][..]));
        for bad in [&[2, 1, 0][..], &[2, 1, 0x80], &[2, 2, 0xff, 0x7f]] {
            assert_eq!(positive(bad), None, "{bad:x?}");
        }
    }

    #[test]
    fn object_identifiers_have_one_form() {
        let oid = |bytes: &'static [u8]| Der::new(bytes).oid();
        assert_eq!(oid(&[6, 3, 0x2b, 0x65, 0x70]), Some(&[0x2b, 0x65, 0x70][..]));
        assert_eq!(oid(&[6, 3, 0x2a, 0x86, 0x48]), Some(&[0x2a, 0x86, 0x48][..]));
        assert_eq!(oid(&[6, 4, 0x2a, 0x86, 0x80, 0x01]), Some(&[0x2a, 0x86, 0x80, 0x01][..]));
        for bad in [&[6, 0][..], &[6, 3, 0x2a, 0x80, 0x01], &[6, 2, 0x2a, 0x86], &[6, 2, 0x80, 0x01]] {
            assert_eq!(oid(bad), None, "{bad:x?}");
        }
    }

    #[test]
    fn booleans_bit_strings_and_ends() {
        assert_eq!(Der::new(&[1, 1, 0xff]).optional_true(), Some(true));
        assert_eq!(Der::new(&[4, 0]).optional_true(), Some(false));
        assert_eq!(Der::new(&[]).optional_true(), Some(false));
        for bad in [&[1, 1, 0][..], &[1, 1, 1], &[1, 0], &[1, 2, 0xff, 0xff]] {
            assert_eq!(Der::new(bad).optional_true(), None);
        }
        assert_eq!(Der::new(&[3, 2, 0, 5]).bit_string(), Some(&[5][..]));
        assert_eq!(Der::new(&[3, 2, 1, 4]).bit_string(), None);
        assert_eq!(Der::new(&[3, 0]).bit_string(), None);
        let optional = |bytes: &'static [u8]| Der::new(bytes).optional_bit_string(tag::context_primitive(1));
        assert_eq!(optional(&[0x82, 0]), Some(None));
        for good in [&[0x81, 1, 0][..], &[0x81, 2, 0, 1], &[0x81, 2, 7, 0x80], &[0x81, 2, 3, 0]] {
            assert_eq!(optional(good), Some(Some(&good[2..])), "{good:x?}");
        }
        for bad in [&[0x81, 0][..], &[0x81, 1, 1], &[0x81, 2, 8, 0], &[0x81, 2, 3, 4]] {
            assert_eq!(optional(bad), None, "{bad:x?}");
        }
        assert_eq!((Der::new(&[]).end(), Der::new(&[0]).end()), (Some(()), None));
        // Of this kind, and cut off: no default takes its place.
        assert_eq!(optional(&[0x81, 2, 0]), None);
        assert_eq!(Der::new(&[1, 2, 0xff]).optional_true(), None);
        let mut two = Der::new(&[4, 1, 9, 5, 0]);
        assert_eq!(two.optional(tag::OID), Some(None));
        assert_eq!(two.whole(tag::OCTET_STRING), Some(&[4, 1, 9][..]));
        assert_eq!(two.take(tag::OCTET_STRING), None);
    }
}
