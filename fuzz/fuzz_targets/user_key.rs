//! Users' keys (§5): the bytes as a key, and the same bytes as its text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lockop::UserKey;
use lockop_fuzz::base64::{SPELLINGS, decode};
use lockop_fuzz::key::user_key;

fuzz_target!(|bytes: &[u8]| {
    let key = user_key(bytes);
    assert_eq!(UserKey::from_bytes(bytes), key);
    assert_eq!(UserKey::from_base64(bytes), decode(bytes).and_then(|decoded| user_key(&decoded)));
    for spelling in SPELLINGS {
        assert_eq!(UserKey::from_base64((spelling.encode)(bytes).as_bytes()), key);
    }
});
