//! A mutation that the fuzzer does not know: of what is inside a segment. Without it, nearly every change of a JWS ends at
//! its base64, and the words of the dictionary are never seen by the library.

use crate::base64;

/// Changes what is inside one segment of the JWS in `data[..size]` by `mutate`, which is given a buffer and the length of
/// what is in it; the new size. `None` if that segment is not base64.
pub fn change_segment(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    which: usize,
    mutate: impl Fn(&mut [u8], usize) -> usize,
) -> Option<usize> {
    let mut segments: Vec<Vec<u8>> = data.get(..size)?.split(|byte| *byte == b'.').map(<[u8]>::to_vec).collect();
    let segment = segments.get_mut(which)?;
    let (mut inside, spelling) = base64::read(segment)?;
    let len = inside.len();
    // Room to grow by about as much as the fuzzer's own mutations do.
    inside.resize(len + 512, 0);
    let len = mutate(&mut inside, len);
    inside.truncate(len);
    *segment = (spelling.encode)(&inside).into_bytes();
    let changed = segments.join(&b'.');
    if changed.len() > max_size {
        return None;
    }
    data.get_mut(..changed.len())?.copy_from_slice(&changed);
    Some(changed.len())
}
