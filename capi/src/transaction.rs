//! What a store is told to commit.

use crate::code::{Code, Status, status_of};
use crate::entry::{Entry, Replay, Uuid};
use crate::pointer::{Out, checked};

/// What one operation changes: only `lockop_apply` makes one, and it is there only while `commit` of a store runs.
/// No user is in it twice.
pub struct Transaction(());

impl Transaction {
    /// As C sees it.
    pub(crate) const fn handle(transaction: &lockop::Transaction<'_>) -> *const Self {
        core::ptr::from_ref(transaction).cast()
    }

    /// # Safety
    ///
    /// `handle` is NULL or what [`Self::handle`] has made of a transaction that outlives `'a`.
    pub(crate) unsafe fn behind<'a>(handle: *const Self) -> Result<&'a lockop::Transaction<'a>, Code> {
        let transaction = checked(handle.cast::<lockop::Transaction<'a>>())?;
        // SAFETY: not NULL, and by the caller's word a transaction.
        Ok(unsafe { &*transaction })
    }
}

/// How many users to put on the ACL, or to replace there: at most 25; 0 if `transaction` is NULL.
///
/// For the callback `commit` of a store, during its call. Stack: 16 bytes.
///
/// # Safety
///
/// `transaction` is NULL or what `commit` was given, during its call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_transaction_grants_len(transaction: *const Transaction) -> usize {
    // SAFETY: the caller stands for it.
    unsafe { Transaction::behind(transaction) }.map_or(0, |transaction| transaction.grants().len())
}

/// The entry to put on the ACL, or in the place of the same user's; `index` counts from 0. LOCKOP_NOT_FOUND if there
/// are not so many.
///
/// For the callback `commit` of a store, during its call. `grant` is written only with LOCKOP_OK. Stack: 192 bytes.
///
/// # Safety
///
/// `transaction` is NULL or what `commit` was given, during its call; `grant` as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_transaction_grant(
    transaction: *const Transaction,
    index: usize,
    grant: *mut Entry,
) -> Status {
    let get = || {
        // SAFETY: the caller stands for both.
        let (transaction, out) = unsafe { (Transaction::behind(transaction)?, Out::at(grant)?) };
        out.set(Entry::from_library(transaction.grants().get(index).ok_or(Code::LOCKOP_NOT_FOUND)?));
        Ok(())
    };
    status_of(get())
}

/// How many users to remove from the ACL; 0 if `transaction` is NULL. No operation of this version removes anybody, but
/// a store should be ready.
///
/// For the callback `commit` of a store, during its call. Stack: 16 bytes.
///
/// # Safety
///
/// `transaction` is NULL or what `commit` was given, during its call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_transaction_removals_len(transaction: *const Transaction) -> usize {
    // SAFETY: the caller stands for it.
    unsafe { Transaction::behind(transaction) }.map_or(0, |transaction| transaction.removals().len())
}

/// The user to remove; `index` counts from 0. One who is not on the ACL is no error. LOCKOP_NOT_FOUND if there are not
/// so many.
///
/// For the callback `commit` of a store, during its call. `user` is written only with LOCKOP_OK. Stack: 128 bytes.
///
/// # Safety
///
/// `transaction` is NULL or what `commit` was given, during its call; `user` as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_transaction_removal(
    transaction: *const Transaction,
    index: usize,
    user: *mut Uuid,
) -> Status {
    let get = || {
        // SAFETY: the caller stands for both.
        let (transaction, out) = unsafe { (Transaction::behind(transaction)?, Out::at(user)?) };
        let user = transaction.removals().get(index).ok_or(Code::LOCKOP_NOT_FOUND)?;
        out.set(Uuid { bytes: *user.as_bytes() });
        Ok(())
    };
    status_of(get())
}

/// The record that keeps the operation from being applied again.
///
/// For the callback `commit` of a store, during its call. `record` is written only with LOCKOP_OK. Stack: 128 bytes.
///
/// # Safety
///
/// `transaction` is NULL or what `commit` was given, during its call; `record` as lockop.h says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockop_transaction_replay(transaction: *const Transaction, record: *mut Replay) -> Status {
    let get = || {
        // SAFETY: the caller stands for both.
        let (transaction, out) = unsafe { (Transaction::behind(transaction)?, Out::at(record)?) };
        out.set(Replay::from_library(transaction.replay()));
        Ok(())
    };
    status_of(get())
}
