//! The outer form of an X.509 certificate (RFC 5280 §4.1).

use crate::der::{Der, tag};

/// The parts of a certificate, none of them judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Certificate<'c> {
    /// What was signed: the whole TBSCertificate.
    pub(super) tbs: &'c [u8],
    /// The contents of `version`, if it is there.
    pub(super) version: Option<&'c [u8]>,
    /// The AlgorithmIdentifier inside the TBSCertificate, whole.
    pub(super) inner_algorithm: &'c [u8],
    pub(super) issuer: Der<'c>,
    pub(super) validity: Der<'c>,
    pub(super) subject: Der<'c>,
    /// Whole.
    pub(super) subject_public_key_info: &'c [u8],
    pub(super) extensions: Option<&'c [u8]>,
    /// The AlgorithmIdentifier of the signature, whole.
    pub(super) outer_algorithm: &'c [u8],
    pub(super) signature: &'c [u8],
}

impl<'c> Certificate<'c> {
    pub(super) fn read(der: &'c [u8]) -> Option<Self> {
        let mut outside = Der::new(der);
        let mut certificate = outside.inside(tag::SEQUENCE)?;
        outside.end()?;
        let whole = certificate.whole(tag::SEQUENCE)?;
        let outer_algorithm = certificate.whole(tag::SEQUENCE)?;
        let signature = certificate.bit_string()?;
        certificate.end()?;

        let mut tbs = Der::new(whole).inside(tag::SEQUENCE)?;
        let version = tbs.optional(tag::context(0))?;
        tbs.integer()?; // serialNumber
        let inner_algorithm = tbs.whole(tag::SEQUENCE)?;
        let issuer = tbs.inside(tag::SEQUENCE)?;
        let validity = tbs.inside(tag::SEQUENCE)?;
        let subject = tbs.inside(tag::SEQUENCE)?;
        let subject_public_key_info = tbs.whole(tag::SEQUENCE)?;
        tbs.optional_bit_string(tag::context_primitive(1))?; // issuerUniqueID
        tbs.optional_bit_string(tag::context_primitive(2))?; // subjectUniqueID
        let extensions = tbs.optional(tag::context(3))?;
        tbs.end()?;
        Some(Self {
            tbs: whole,
            version,
            inner_algorithm,
            issuer,
            validity,
            subject,
            subject_public_key_info,
            extensions,
            outer_algorithm,
            signature,
        })
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    const LEAF: &[u8] = include_bytes!("../../benches/target/certificates/leaf.der");

    /// Where the contents of an element begin, and where each element in it does.
    fn inside(at: usize) -> (usize, Vec<usize>) {
        let header = |at: usize| if LEAF[at + 1] < 0x80 { 2 } else { usize::from(LEAF[at + 1] & 0x7f) + 2 };
        let len = |at: usize| Der::new(&LEAF[at..]).any().unwrap().1.len();
        let (begin, end) = (at + header(at), at + header(at) + len(at));
        let behind = |at: &usize| Some(at + header(*at) + len(*at)).filter(|at| *at < end);
        (begin, std::iter::successors(Some(begin), behind).collect())
    }

    /// Where the elements begin that this file looks at: the certificate, its own, and those of the TBSCertificate.
    fn elements() -> Vec<usize> {
        let (tbs, certificate) = inside(0);
        [&[0], &certificate[..], &inside(tbs).1].concat()
    }

    #[test]
    fn an_element_of_another_kind_is_no_part_of_a_certificate() {
        assert!(Certificate::read(LEAF).is_some());
        let places = elements();
        assert_eq!(places.len(), 12, "{places:?}");
        for place in places {
            for other in [0, tag::BOOLEAN, 0x1f] {
                let mut der = Vec::from(LEAF);
                der[place] = other;
                assert!(Certificate::read(&der).is_none(), "{place}: {other}");
            }
        }
    }

    #[test]
    fn an_element_whose_length_is_another_is_no_part_of_a_certificate() {
        for place in elements() {
            for length in [0x80, 0x84, 0xff] {
                let mut der = Vec::from(LEAF);
                der[place + 1] = length;
                assert!(Certificate::read(&der).is_none(), "{place}: {length:x}");
            }
        }
    }

    /// issuerUniqueID is a BIT STRING, and nothing comes behind the signature.
    #[test]
    fn what_is_not_in_every_certificate_has_its_kind_too() {
        let mut der = Vec::from(LEAF);
        let extensions = *inside(inside(0).0).1.last().unwrap();
        der[extensions] = tag::context_primitive(1);
        assert!(Certificate::read(&der).is_none());

        let mut longer = [LEAF, &[5, 0]].concat();
        let len = u16::from_be_bytes([LEAF[2], LEAF[3]]) + 2;
        longer[2..4].copy_from_slice(&len.to_be_bytes());
        assert!(Certificate::read(&longer).is_none());
    }

    #[test]
    fn nothing_is_behind_a_certificate_or_missing_of_it() {
        assert!(Certificate::read(&[LEAF, &[0]].concat()).is_none());
        for end in 0..LEAF.len() {
            assert!(Certificate::read(&LEAF[..end]).is_none(), "{end}");
        }
    }
}
