//! The issuer's name on the leaf: where it has a UID, that is the user's UUID (§6).

use crate::der::{Der, tag};
use crate::uuid::Uuid;

/// 0.9.2342.19200300.100.1.1 (RFC 4519 §2.39).
const UID: [u8; 10] = [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01];

/// Whether a Name may be this user's: each UID in it, if there is any, is the user's UUID. `None` if it is no Name.
pub(super) fn may_be(name: Der<'_>, user: &Uuid) -> Option<bool> {
    let mut same = true;
    each_attribute(name, |attribute_type, tag, value| {
        // In all three of these, the characters of a UUID are their ASCII bytes.
        let is_text = matches!(tag, tag::UTF8_STRING | tag::PRINTABLE_STRING | tag::IA5_STRING);
        same &= attribute_type != UID || (is_text && Uuid::from_text(value) == Some(*user));
    })?;
    Some(same)
}

/// Whether this is a Name at all.
pub(super) fn is_name(name: Der<'_>) -> bool {
    each_attribute(name, |_, _, _| {}).is_some()
}

/// Reads a Name (RFC 5280 §4.1.2.4), handing out the type, tag and value of each attribute.
fn each_attribute(mut name: Der<'_>, mut attribute: impl FnMut(&[u8], u8, &[u8])) -> Option<()> {
    while !name.is_empty() {
        let mut relative = name.inside(tag::SET)?;
        let mut previous: &[u8] = &[];
        // At least one attribute, and in ascending order, as the elements of a SET OF are (X.690 §11.6).
        loop {
            let whole = relative.whole(tag::SEQUENCE)?;
            (previous <= whole).then_some(())?;
            previous = whole;
            let mut fields = Der::new(whole).inside(tag::SEQUENCE)?;
            let attribute_type = fields.oid()?;
            let (value_tag, value) = fields.any()?;
            fields.end()?;
            attribute(attribute_type, value_tag, value);
            if relative.is_empty() {
                break;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    const USER: &str = "0123abcd-ef01-4567-89ab-cdef01234567";

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
    }

    fn attribute(oid: &[u8], value_tag: u8, value: &str) -> Vec<u8> {
        element(0x30, &[element(6, oid), element(value_tag, value.as_bytes())].concat())
    }

    fn check(relatives: &[&[Vec<u8>]]) -> Option<bool> {
        let name: Vec<u8> = relatives.iter().flat_map(|relative| element(0x31, &relative.concat())).collect();
        may_be(Der::new(&name), &USER.parse().unwrap())
    }

    #[test]
    fn every_uid_must_be_the_users() {
        let uid = |value: &str| attribute(&UID, 0x0c, value);
        let common_name = attribute(&[0x55, 4, 3], 0x0c, "x");
        assert_eq!(check(&[]), Some(true));
        let common_name = [common_name];
        assert_eq!(check(&[&common_name]), Some(true));
        assert_eq!(check(&[&[uid(USER)]]), Some(true));
        assert_eq!(check(&[&[uid(&USER.to_uppercase())]]), Some(true));
        assert_eq!(check(&[&common_name, &[uid(USER)]]), Some(true));
        let [common_name] = common_name;
        assert_eq!(check(&[&[common_name, uid(USER)]]), Some(true));
        assert_eq!(check(&[&[uid(USER)], &[uid("x")]]), Some(false));
        assert_eq!(check(&[&[uid("")]]), Some(false));
        for (value_tag, good) in [(0x13, true), (0x16, true), (0x1e, false), (0x04, false)] {
            assert_eq!(check(&[&[attribute(&UID, value_tag, USER)]]), Some(good), "{value_tag:x}");
        }
    }

    #[test]
    fn a_subject_need_only_be_a_name() {
        let uid = element(0x31, &attribute(&UID, 0x0c, "somebody else"));
        assert!(is_name(Der::new(&uid)) && is_name(Der::new(&[])));
        assert!(!is_name(Der::new(&uid[2..])));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let (a, b) = (attribute(&[0x55, 4, 3], 0x0c, "a"), attribute(&[0x55, 4, 3], 0x0c, "b"));
        assert_eq!(check(&[&[a.clone(), b.clone()]]), Some(true));
        assert_eq!(check(&[&[b, a.clone()]]), None, "not sorted");
        assert_eq!(check(&[&[]]), None, "an empty set");
        assert_eq!(check(&[&[element(0x30, &[])]]), None);
        assert_eq!(check(&[&[element(0x31, &a[2..])]]), None);
        assert_eq!(check(&[&[element(0x30, &element(6, &[0x55, 4, 3]))]]), None, "no value");
        assert_eq!(check(&[&[element(0x30, &a[2..5])]]), None, "cut off");
        let trailing = element(0x30, &[&a[2..], &[5, 0]].concat());
        assert_eq!(check(&[&[trailing]]), None);
    }
}
