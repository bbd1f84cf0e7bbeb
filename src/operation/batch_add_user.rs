//! `BATCH_ADD_USER` (§5).

use heapless::Vec;

use crate::acl::{AclEntry, Role, Window};
use crate::error::{Fault, InvalidOperation, OperationFault};
use crate::json::{Kind, Reader};
use crate::keys::{self, UserKey};
use crate::signature::Ed25519;
use crate::uuid::{self, Uuid};

/// Most users in one batch: the `BATCH_SHARING_25` capability.
pub const MAX_USERS: usize = 25;

/// 1 to 25 different users to put on the ACL.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BatchAddUser {
    grants: Vec<AclEntry, MAX_USERS>,
}

impl BatchAddUser {
    /// The entries to put on the ACL, in the order of the batch.
    #[must_use]
    pub fn grants(&self) -> &[AclEntry] {
        &self.grants
    }

    pub(super) const fn new() -> Self {
        Self { grants: Vec::new() }
    }

    /// Reads the object into `self`, which is empty: grants are too many bytes to hand them up by value.
    pub(super) fn read<V: Ed25519>(
        &mut self,
        reader: &mut Reader<'_, '_>,
        ed25519: &mut V,
    ) -> Result<(), InvalidOperation> {
        let mut users = false;
        reader.enter_object()?;
        while let Some(name) = reader.next_name()? {
            match name.known() {
                b"type" => reader.skip_value()?,
                b"users" => {
                    self.read_users(reader, ed25519)?;
                    users = true;
                }
                _ => return Err(OperationFault::UnknownMember.into()),
            }
        }
        if !users {
            return Err(OperationFault::Missing("users").into());
        }
        if self.grants.is_empty() {
            return Err(OperationFault::UserCount.into());
        }
        Ok(())
    }

    fn read_users<V: Ed25519>(&mut self, reader: &mut Reader<'_, '_>, ed25519: &mut V) -> Result<(), InvalidOperation> {
        if reader.kind()? != Kind::Array {
            return Err(OperationFault::Member("users").into());
        }
        reader.enter_array()?;
        let mut buffer = [0; keys::MAX_TEXT_LEN];
        while reader.next_element()? {
            let index = u8::try_from(self.grants.len()).ok();
            let one = |fault| InvalidOperation { user: index, fault };
            if self.grants.is_full() {
                return Err(OperationFault::UserCount.into());
            }
            let grant = read_user(reader, &mut buffer).map_err(one)?;
            // As one number each: comparing arrays is a call.
            let user = u128::from_ne_bytes(*grant.user.as_bytes());
            if self.grants.iter().any(|earlier| u128::from_ne_bytes(*earlier.user.as_bytes()) == user) {
                return Err(one(OperationFault::RepeatedUser));
            }
            if let UserKey::Ed25519(key) = &grant.key
                && !ed25519.is_valid_key(key)
            {
                return Err(one(OperationFault::WeakKey));
            }
            self.grants.push(grant).map_err(|_| OperationFault::UserCount)?;
        }
        Ok(())
    }
}

/// The text was well-formed when it was read before the verification. If it is not any more, it has been changed since.
impl From<Fault> for OperationFault {
    fn from(_: Fault) -> Self {
        Self::Changed
    }
}

/// A fault of the operation itself.
impl From<OperationFault> for InvalidOperation {
    fn from(fault: OperationFault) -> Self {
        Self { user: None, fault }
    }
}

impl From<Fault> for InvalidOperation {
    fn from(fault: Fault) -> Self {
        OperationFault::from(fault).into()
    }
}

/// `buffer` is where a key's text is read to.
fn read_user(reader: &mut Reader<'_, '_>, buffer: &mut [u8]) -> Result<AclEntry, OperationFault> {
    if reader.kind()? != Kind::Object {
        return Err(OperationFault::NotAnObject);
    }
    let (mut user, mut key, mut role, mut start, mut end) = (None, None, Role::User, None, None);
    reader.enter_object()?;
    while let Some(name) = reader.next_name()? {
        match name.known() {
            b"user" => user = Some(read_uuid(reader)?),
            b"publicKey" => key = Some(read_key(reader, buffer)?),
            b"role" => role = read_role(reader)?,
            b"start" => start = read_time(reader, "start")?,
            b"end" => end = read_time(reader, "end")?,
            _ => return Err(OperationFault::UnknownMember),
        }
    }
    Ok(AclEntry {
        user: user.ok_or(OperationFault::Missing("user"))?,
        key: key.ok_or(OperationFault::Missing("publicKey"))?,
        role,
        window: Window::new(start, end).ok_or(OperationFault::EmptyWindow)?,
    })
}

fn read_uuid(reader: &mut Reader<'_, '_>) -> Result<Uuid, OperationFault> {
    let mut buffer = [0; uuid::TEXT_LEN];
    string(reader, &mut buffer, "user")?.and_then(Uuid::from_text).ok_or(OperationFault::Member("user"))
}

fn read_key(reader: &mut Reader<'_, '_>, buffer: &mut [u8]) -> Result<UserKey, OperationFault> {
    if reader.kind()? != Kind::String {
        return Err(OperationFault::Member("publicKey"));
    }
    let text = reader.short_text(buffer)?;
    text.and_then(UserKey::decode).ok_or(OperationFault::KeyForm)
}

/// Absent or `null`: `USER`.
fn read_role(reader: &mut Reader<'_, '_>) -> Result<Role, OperationFault> {
    if reader.kind()? == Kind::Null {
        reader.null()?;
        return Ok(Role::User);
    }
    let mut buffer = [0; 5];
    string(reader, &mut buffer, "role")?.and_then(Role::from_text).ok_or(OperationFault::Member("role"))
}

/// Absent or `null`: no bound.
fn read_time(reader: &mut Reader<'_, '_>, name: &'static str) -> Result<Option<u64>, OperationFault> {
    match reader.kind()? {
        Kind::Null => {
            reader.null()?;
            Ok(None)
        }
        Kind::Number => reader.numeric_date()?.ok_or(OperationFault::Member(name)).map(Some),
        _ => Err(OperationFault::Member(name)),
    }
}

fn string<'b>(
    reader: &'b mut Reader<'_, '_>,
    buffer: &'b mut [u8],
    name: &'static str,
) -> Result<Option<&'b [u8]>, OperationFault> {
    match reader.kind()? {
        Kind::String => Ok(reader.short_text(buffer)?.map(|text| &*text)),
        _ => Err(OperationFault::Member(name)),
    }
}
