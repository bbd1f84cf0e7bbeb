//! The device of the targets: the lock, the time and the users that the vectors have too, so that the vectors are seeds.

use std::sync::LazyLock;

use ed25519_dalek::SigningKey;
use lockop::{AclEntry, RamAcl, Role, UserKey, Uuid, Window};
use sha2::{Digest, Sha256};

use crate::made_rsa;

/// The time, Unix seconds.
pub const NOW: u64 = 1_700_000_000;
/// The leeway of the default policy.
pub const LEEWAY: u64 = 60;
/// The lock.
pub const LOCK: Uuid = Uuid::from_bytes(0x6ba1_c9f2_3d4e_4f50_8a6b_7c8d_9e0f_1a2b_u128.to_be_bytes());
/// The ADMIN.
pub const OWNER: Uuid = Uuid::from_bytes(0xa1e5_d0c3_9b7f_4e2d_8c41_5f6a_7b8c_9d0e_u128.to_be_bytes());
/// A user who is no ADMIN.
pub const GUEST: Uuid = Uuid::from_bytes(0x0000_0001_b0d4_4a57_9f3e_c2d1_e0f4_a5b6_u128.to_be_bytes());
/// An ADMIN who is not active any more.
pub const FORMER: Uuid = Uuid::from_bytes(0x0000_0002_b0d4_4a57_9f3e_c2d1_e0f4_a5b6_u128.to_be_bytes());
/// An ADMIN whose key is RSA.
pub const RSA_OWNER: Uuid = Uuid::from_bytes(0x0000_0004_b0d4_4a57_9f3e_c2d1_e0f4_a5b6_u128.to_be_bytes());

/// The ADMIN's keys in the vectors: an Ed25519 key, and the fingerprint of an RSA key.
pub const OWNER_KEYS: [UserKey; 2] = [
    UserKey::Ed25519(bytes(0x60fb_3745_1f1a_1b20_72ef_ab83_6b9d_ddff, 0x481a_3137_0d46_ffb5_443f_6f20_1cee_a2f4)),
    UserKey::RsaFingerprint(bytes(
        0x71f5_1699_347e_46cb_1066_9f83_07cc_c4f4,
        0xf86b_092e_2f66_122f_3536_adf5_9f33_f005,
    )),
];

/// Users that fit on the ACL: fewer than a full batch, so that it can be full.
pub const ROOM: usize = 16;

/// Replay records that fit in the store.
pub const SLOTS: usize = 3;

/// The store of the targets.
pub type Acl = RamAcl<ROOM, SLOTS>;

const fn bytes(high: u128, low: u128) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (left, right) = bytes.split_at_mut(16);
    left.copy_from_slice(&high.to_be_bytes());
    right.copy_from_slice(&low.to_be_bytes());
    bytes
}

/// The key with which a user signs in the target `signed`.
#[must_use]
pub fn signing_key(user: Uuid) -> SigningKey {
    SigningKey::from_bytes(&Sha256::digest(user.as_bytes()).into())
}

/// An ADMIN for ever.
#[must_use]
pub const fn owner(key: UserKey) -> AclEntry {
    AclEntry { user: OWNER, key, role: Role::Admin, window: Window::ALWAYS }
}

/// The key of a leaf certificate in the target `signed`.
#[must_use]
pub fn leaf_key() -> SigningKey {
    SigningKey::from_bytes(&Sha256::digest("the leaf's key").into())
}

/// The users of the target `signed`. Their keys are made once, for that takes as long as a verification.
pub static USERS: LazyLock<[AclEntry; 4]> = LazyLock::new(|| {
    let key = |user| UserKey::Ed25519(signing_key(user).verifying_key().to_bytes());
    let past = Window::new(None, Some(NOW)).expect("a window");
    [
        owner(key(OWNER)),
        AclEntry { user: GUEST, key: key(GUEST), role: Role::User, window: Window::ALWAYS },
        AclEntry { user: FORMER, key: key(FORMER), role: Role::Admin, window: past },
        AclEntry { user: RSA_OWNER, key: made_rsa::key(), role: Role::Admin, window: Window::ALWAYS },
    ]
});

/// An ACL with these users on it.
///
/// # Panics
///
/// If they are too many.
#[must_use]
pub fn acl(users: &[AclEntry]) -> Acl {
    let mut acl = Acl::new();
    for user in users {
        acl.provision(*user).expect("room");
    }
    acl
}
