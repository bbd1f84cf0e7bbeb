//! What a lock does: the part that is not pretend, and what a project of one's own would copy.

use lockop::{
    AclEntry, AclStore, Applied, Code, CommitError, ConstantTime, Device, FlashAcl, FlashError, Policy, Role, UserKey,
    Uuid, Window,
};

use crate::board;
use crate::nor::Nor;

/// This lock's ID. A real one has been given its own in the factory.
const ID: Uuid = Uuid::from_bytes([0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0xd0, 0x01]);

/// The store: in flash, so many users, so many replay records.
pub type Acl<'a> = FlashAcl<&'a Nor, { board::USERS }, { board::REPLAYS }>;

const _: () = assert!(board::REGION.end - board::REGION.start >= Acl::MIN_LEN, "the store does not fit");

/// Why somebody at the door stays outside.
pub enum Closed {
    /// Not on the ACL.
    NoSuchUser,
    /// On the ACL, but not now.
    NotActive,
    /// The store cannot tell.
    Storage,
}

/// A lock: what it is, its store, its clock and its strike.
pub struct Lock<'a> {
    device: Device<ConstantTime>,
    /// None if it cannot be mounted.
    pub acl: Option<Acl<'a>>,
    /// Unix seconds; somebody sets it.
    pub now: u64,
    /// How often the strike was pulled.
    pub openings: u32,
}

impl<'a> Lock<'a> {
    /// After every reset.
    #[inline(never)]
    pub fn start(nor: &'a Nor) -> Self {
        let acl = match Acl::mount(nor, board::REGION) {
            // Only a new lock. Anything else, damage included, must not empty the ACL by itself.
            Err(FlashError::Unformatted) => Acl::format(nor, board::REGION),
            mounted => mounted,
        };
        let device = Device::new(ID).with_policy(Policy { max_len: board::MAX_BODY, ..Policy::DEFAULT });
        Self { device, acl: acl.ok(), now: 0, openings: 0 }
    }

    /// The whole job: verifies an operation and applies it.
    ///
    /// Not inlined, nor is anything else here: the stack of `main` is never given back.
    #[inline(never)]
    pub fn apply(&mut self, jws: &[u8]) -> Result<Applied, Code> {
        let acl = self.acl.as_mut().ok_or(Code::Storage)?;
        self.device.apply(jws, self.now, acl).map_err(|error| error.code())
    }

    /// The button inside the lock: puts the first ADMIN on the ACL. `None` if there is somebody already.
    #[inline(never)]
    pub fn provision(&mut self, user: Uuid, key: UserKey) -> Option<Result<(), Code>> {
        let Some(acl) = &mut self.acl else {
            return Some(Err(Code::Storage));
        };
        let admin = AclEntry { user, key, role: Role::Admin, window: Window::ALWAYS };
        acl.is_empty().then(|| {
            acl.provision(admin).map_err(|error| match error {
                CommitError::Full => Code::AclFull,
                CommitError::Store(_) => Code::Storage,
            })
        })
    }

    /// The reader at the door has recognised somebody.
    #[inline(never)]
    pub fn open(&mut self, user: &Uuid) -> Result<(), Closed> {
        let acl = self.acl.as_mut().ok_or(Closed::Storage)?;
        let entry = acl.get(user).map_err(|_| Closed::Storage)?.ok_or(Closed::NoSuchUser)?;
        if !entry.window.contains(self.now) {
            return Err(Closed::NotActive);
        }
        board::pull_strike();
        self.openings = self.openings.wrapping_add(1);
        Ok(())
    }

    /// Forgets everybody; also the way out if the store cannot be mounted.
    #[inline(never)]
    pub fn factory_reset(&mut self, nor: &'a Nor) -> Result<(), Code> {
        match &mut self.acl {
            Some(acl) => acl.factory_reset().map_err(|_| Code::Storage),
            None => {
                self.acl = Some(Acl::format(nor, board::REGION).map_err(|_| Code::Storage)?);
                Ok(())
            }
        }
    }
}
