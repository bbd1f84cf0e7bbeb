//! Every element of an encoding in turn, to be spoiled.

use crate::der::{split, tlv};

/// Encodes an element, rightly or not, from its tag and its content.
pub(crate) type Encode<'a> = &'a dyn Fn(u8, &[u8]) -> Vec<u8>;

/// The encoding with its `at`-th element, counted from the outside and from the left, encoded by
/// `encode`. The content of primitive elements (OCTET STRING and BIT STRING too) is left alone.
pub(crate) fn spoil(der: &[u8], at: usize, encode: Encode) -> Vec<u8> {
    walk(der, &mut 0, at, encode)
}

/// How many elements there are.
pub(crate) fn elements_of(der: &[u8]) -> usize {
    let mut rest = der;
    let mut out = 0;
    while !rest.is_empty() {
        let (tag, content, after) = split(rest);
        out += 1 + if constructed(tag) { elements_of(content) } else { 0 };
        rest = after;
    }
    out
}

/// Whether the content is made of elements.
fn constructed(tag: u8) -> bool {
    tag & 0x20 != 0
}

fn walk(der: &[u8], count: &mut usize, at: usize, encode: Encode) -> Vec<u8> {
    let mut rest = der;
    let mut out = Vec::new();
    while !rest.is_empty() {
        let (tag, content, after) = split(rest);
        let own = *count;
        *count += 1;
        let content = if constructed(tag) { walk(content, count, at, encode) } else { content.to_vec() };
        out.extend(if own == at { encode(tag, &content) } else { tlv(tag, &content) });
        rest = after;
    }
    out
}
