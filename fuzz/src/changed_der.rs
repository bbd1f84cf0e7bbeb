//! Mutations that the fuzzer does not know: of one element of a DER value, with the lengths of all around it put right.
//! Without them, nearly every change ends at a length that does not fit.

/// Changes one element in a DER value; which and how, depends on `seed`. `mutate` is given a buffer and the length of what
/// is in it, and answers with the new length.
pub fn change_der(der: &[u8], seed: u32, mutate: &impl Fn(&mut [u8], usize) -> usize) -> Vec<u8> {
    let mut number = 0;
    rebuilt(der, &mut number, None, &|element| element.bytes());
    let which = usize::try_from(seed >> 8).unwrap_or(0) % (number + 1);
    let mutated = |bytes: &[u8]| {
        // Room to grow by about as much as the fuzzer's own mutations do.
        let mut buffer = [bytes, &[0; 64]].concat();
        let len = mutate(&mut buffer, bytes.len());
        buffer.truncate(len);
        buffer
    };
    rebuilt(der, &mut 0, Some(which), &|element| match seed % 8 {
        0 => Vec::new(),
        1 => [element.bytes(), element.bytes()].concat(),
        2 => mutated(&element.bytes()),
        // A new one behind it, of any type.
        3 => {
            let [_, tag, ..] = seed.to_be_bytes();
            [element.bytes(), Element { tag, content: mutated(&[]) }.bytes()].concat()
        }
        _ => Element { tag: element.tag, content: mutated(&element.content) }.bytes(),
    })
}

/// Tag, length and content.
pub(crate) struct Element {
    pub(crate) tag: u8,
    pub(crate) content: Vec<u8>,
}

impl Element {
    /// Takes an element off the front, if there is one; lengths need not be as short as possible.
    pub(crate) fn take(der: &[u8]) -> Option<(Self, &[u8])> {
        let (len, rest) = match der {
            [_, len @ 0..=0x7f, rest @ ..] => (usize::from(*len), rest),
            [_, 0x81, len, rest @ ..] => (usize::from(*len), rest),
            [_, 0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(len)?;
        Some((Self { tag: der[0], content: content.to_vec() }, rest))
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let [.., high, low] = self.content.len().to_be_bytes();
        let length: &[u8] = match (high, low) {
            (0, ..0x80) => &[low],
            (0, _) => &[0x81, low],
            _ => &[0x82, high, low],
        };
        [&[self.tag], length, &self.content].concat()
    }
}

/// The elements of a value, from the outside in, as they are, but for the one that is chosen; `number` counts them.
fn rebuilt(mut der: &[u8], number: &mut usize, which: Option<usize>, change: &dyn Fn(&Element) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some((mut element, rest)) = Element::take(der) {
        der = rest;
        *number += 1;
        if which == Some(*number) {
            bytes.extend(change(&element));
            continue;
        }
        // Constructed values, and the OCTET STRINGs and BIT STRINGs in which certificates hide further DER.
        let skip = match element.tag {
            0x03 => 1,
            tag if tag & 0x20 != 0 || tag == 0x04 => 0,
            _ => element.content.len(),
        };
        if let Some((start, inside)) = element.content.split_at_checked(skip) {
            element.content = [start, &rebuilt(inside, number, which, change)].concat();
        }
        bytes.extend(element.bytes());
    }
    bytes.extend(der);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_put_right() {
        // SEQUENCE { INTEGER 5, OCTET STRING { NULL } }
        let der = [0x30, 7, 2, 1, 5, 4, 2, 5, 0];
        let append = |buffer: &mut [u8], len: usize| {
            buffer[len] = 0xaa;
            len + 1
        };
        let changed = |which: u32, how| change_der(&der, which << 8 | how, &append);
        assert_eq!(changed(0, 0), der);
        assert_eq!(changed(2, 0), [0x30, 4, 4, 2, 5, 0]);
        assert_eq!(changed(4, 1), [0x30, 9, 2, 1, 5, 4, 4, 5, 0, 5, 0]);
        assert_eq!(changed(2, 2), [0x30, 8, 2, 1, 5, 0xaa, 4, 2, 5, 0]);
        assert_eq!(changed(2, 4), [0x30, 8, 2, 2, 5, 0xaa, 4, 2, 5, 0]);
        let long = change_der(&der, 2 << 8 | 4, &|buffer: &mut [u8], _| buffer.len());
        assert_eq!(long[..4], [0x30, 71, 2, 65]);
    }
}
