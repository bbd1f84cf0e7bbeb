/*
 * lockop: device-side verifier of signed door-lock operations. The C ABI.
 *
 * Made by `cargo xtask header` from capi/src: change it there.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Rules for every function
 *
 * - It returns LOCKOP_OK (0), or a code of enum lockop_code. Unless its page says otherwise, what it should write is
 *   written only with LOCKOP_OK.
 * - Pointers: NULL (where it is not allowed) and misaligned ones are refused with LOCKOP_INVALID_ARGUMENT, before
 *   anything is done. For the rest you stand: they point to what their type says, as large as said, and nobody changes
 *   it meanwhile. Nothing is kept after the return but what is said to be.
 * - Nothing is allocated, and there are no globals: all state is in memory that you own.
 * - Threads: functions may run at the same time, as long as they share no store, and nothing that one of them writes.
 * - Times are Unix seconds in UTC. Lengths and sizes are bytes.
 * - Stack needs are those of a release build for Cortex-M4 (capi/README.md says how they were measured).
 *
 * A call that panics is in no release build. If one is in yours (a debug build), the linker asks for
 * `_Noreturn void lockop_panic(void)`: define it to reset the device.
 */

#ifndef LOCKOP_H
#define LOCKOP_H

#include <stddef.h>
#include <stdint.h>

/* What the library was built with: define these as it was (CMake does). The functions that make a store compare. */
#ifndef LOCKOP_USERS
#define LOCKOP_USERS 100 /* most users of a built-in store */
#endif
#ifndef LOCKOP_REPLAYS
#define LOCKOP_REPLAYS 32 /* most replay records of a built-in store */
#endif
#ifndef LOCKOP_WRITE_SIZE
#define LOCKOP_WRITE_SIZE 4 /* what the flash programs at once, in bytes */
#endif
#ifndef LOCKOP_ERASE_SIZE
#define LOCKOP_ERASE_SIZE 4096 /* what the flash erases at once, in bytes */
#endif

/* Stack that lockop_apply needs at most, in bytes, without certificates and with them, on Cortex-M4. */
#define LOCKOP_APPLY_STACK 8192
#define LOCKOP_APPLY_STACK_X5C 12288
/* Stack that the functions of the store in flash need at most, in bytes, beside your driver's: mounting takes most. */
#define LOCKOP_FLASH_STACK (4096 + LOCKOP_REPLAYS * 160)

#if defined(__cplusplus)
#define LOCKOP_ASSERT(condition, name) static_assert(condition, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define LOCKOP_ASSERT(condition, name) _Static_assert(condition, #name)
#else
#define LOCKOP_ASSERT(condition, name) typedef char lockop_assert_##name[(condition) ? 1 : -1]
#endif

/*
 * Memory for an ACL in RAM. What is in it is the library's; where it lies is your choice: a static variable, most
 * likely, because it is large. Zero it, or make an ACL in it, before anything else uses it.
 */
typedef struct lockop_ram_acl {
  uint64_t opaque[(LOCKOP_USERS * 72 + LOCKOP_REPLAYS * 40 + 64) / 8];
} lockop_ram_acl;

/* The same for an ACL in flash: the replay records, and where things are. The users stay in flash. */
typedef struct lockop_flash_acl {
  uint64_t opaque[(LOCKOP_REPLAYS * 40 + 192) / 8];
} lockop_flash_acl;


/**
 * Version of this binary interface.
 */
#define LOCKOP_ABI_VERSION 1

/**
 * In `flags` of a device: accept segments of RFC 7515 alone, the URL-safe alphabet without padding.
 */
#define LOCKOP_RFC7515_ONLY 1

/**
 * In `flags` of a device: refuse operations without `jti` as malformed.
 */
#define LOCKOP_REQUIRE_JTI 2

/**
 * In the place of a time: there is none. (Times are Unix seconds below 2^53.)
 */
#define LOCKOP_NO_TIME UINT64_MAX

/**
 * Verdicts (1 to 12, in the order in which they are decided: docs/operation.md §7) and what else can go wrong (from
 * 100). The numbers and names are stable; later versions may add to them.
 */
typedef enum lockop_code {
  /**
   * Done; of a verdict: applied.
   */
  LOCKOP_OK = 0,
  /**
   * Not a well-formed operation, or longer than the policy allows.
   */
  LOCKOP_MALFORMED = 1,
  /**
   * The header asks for something that is not understood.
   */
  LOCKOP_UNSUPPORTED_ALGORITHM = 2,
  /**
   * Issuer unknown, signature wrong, or certificate not bound to the issuer.
   */
  LOCKOP_UNAUTHENTICATED = 3,
  /**
   * For another lock.
   */
  LOCKOP_WRONG_DEVICE = 4,
  /**
   * `nbf` or `iat` is in the future.
   */
  LOCKOP_NOT_YET_VALID = 5,
  /**
   * `exp` has passed.
   */
  LOCKOP_EXPIRED = 6,
  /**
   * The issuer is no ADMIN, or not active now.
   */
  LOCKOP_FORBIDDEN = 7,
  /**
   * Applied before, or may have been.
   */
  LOCKOP_REPLAYED = 8,
  /**
   * An operation of a type that is not known.
   */
  LOCKOP_UNSUPPORTED_OPERATION = 9,
  /**
   * Something is wrong inside the operation.
   */
  LOCKOP_INVALID_OPERATION = 10,
  /**
   * The store has no room for the new users.
   */
  LOCKOP_ACL_FULL = 11,
  /**
   * The store failed.
   */
  LOCKOP_STORAGE = 12,
  /**
   * A pointer that is NULL or not aligned, a length or size that cannot be, a value that means nothing. Nothing was
   * done.
   */
  LOCKOP_INVALID_ARGUMENT = 100,
  /**
   * No such user, or no such place in a list.
   */
  LOCKOP_NOT_FOUND = 101,
  /**
   * The store was not made yet, or its making failed.
   */
  LOCKOP_NOT_READY = 102,
  /**
   * The store is at work: it was called from one of its own callbacks, or from two threads.
   */
  LOCKOP_BUSY = 103,
  /**
   * A visitor has ended the walk.
   */
  LOCKOP_STOPPED = 104,
  /**
   * The flash driver failed.
   */
  LOCKOP_FLASH_FAILED = 110,
  /**
   * What was programmed does not read back: the flash is worn out.
   */
  LOCKOP_FLASH_WORN = 111,
  /**
   * What was committed is damaged. Nothing of it is told.
   */
  LOCKOP_FLASH_CORRUPT = 112,
  /**
   * Nothing was ever committed there: format it.
   */
  LOCKOP_FLASH_UNFORMATTED = 113,
  /**
   * Written in another version of the format, or in a region or words of another size.
   */
  LOCKOP_FLASH_OTHER_FORMAT = 114,
  /**
   * The region does not lie on pages, is no even number of pages, or is too small.
   */
  LOCKOP_FLASH_REGION = 115,
  /**
   * More changes at once than a record can hold.
   */
  LOCKOP_FLASH_TOO_LARGE = 116,
} lockop_code;

/**
 * What `key` of an entry is. 0 is nothing, so that an entry of zeros is no entry.
 */
typedef enum lockop_key_kind {
  /**
   * An Ed25519 public key (RFC 8032).
   */
  LOCKOP_KEY_ED25519 = 1,
  /**
   * The SHA-256 of an RSA key's SubjectPublicKeyInfo.
   */
  LOCKOP_KEY_RSA_FINGERPRINT = 2,
} lockop_key_kind;

/**
 * Which operation was applied.
 */
typedef enum lockop_operation {
  /**
   * None was.
   */
  LOCKOP_OPERATION_NONE = 0,
  /**
   * `BATCH_ADD_USER`: puts 1 to 25 users on the ACL.
   */
  LOCKOP_OPERATION_BATCH_ADD_USER = 1,
  /**
   * One that a later version of lockop.h names.
   */
  LOCKOP_OPERATION_OTHER = 2,
} lockop_operation;

/**
 * What a user may do. 0 is nothing, so that an entry of zeros is no entry.
 */
typedef enum lockop_role {
  /**
   * May open the lock.
   */
  LOCKOP_ROLE_USER = 1,
  /**
   * May open the lock, and sign operations that change the ACL.
   */
  LOCKOP_ROLE_ADMIN = 2,
} lockop_role;

/**
 * What one operation changes: only `lockop_apply` makes one, and it is there only while `commit` of a store runs.
 * No user is in it twice.
 */
typedef struct lockop_transaction lockop_transaction;

/**
 * What a function or a callback returns: one of `enum lockop_code`. Whatever is not in that enum is a failure.
 */
typedef int32_t lockop_status;

/**
 * A UUID as 16 bytes, in the order of its text.
 */
typedef struct lockop_uuid {
  /**
   * `00112233-4455-...` is 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, ...
   */
  uint8_t bytes[16];
} lockop_uuid;

/**
 * A lock and its policy: 32 bytes. `lockop_device_init` fills it in; change fields after that as you like, but not
 * while a function uses it.
 */
typedef struct lockop_device {
  /**
   * The lock's own ID, which `sub` of an operation must be.
   */
  struct lockop_uuid id;
  /**
   * How far the clocks of phone and lock may differ, in seconds: 60.
   */
  uint64_t leeway;
  /**
   * The longest operation in bytes: 32,768. A longer one is malformed.
   */
  uint32_t max_len;
  /**
   * `LOCKOP_RFC7515_ONLY`, `LOCKOP_REQUIRE_JTI`, both, or 0. With any other bit, operations are refused as
   * `LOCKOP_INVALID_ARGUMENT`: it might be a restriction.
   */
  uint32_t flags;
} lockop_device;

/**
 * A user on the ACL: 72 bytes.
 *
 * The user is active while `start <= now < end`, in Unix seconds below 2^53; `LOCKOP_NO_TIME` for no bound. `end`
 * must be after `start`.
 */
typedef struct lockop_entry {
  /**
   * The user.
   */
  struct lockop_uuid user;
  /**
   * The user's key, or its fingerprint.
   */
  uint8_t key[32];
  /**
   * When the user becomes active, or `LOCKOP_NO_TIME`.
   */
  uint64_t start;
  /**
   * When the user stops being active, or `LOCKOP_NO_TIME`.
   */
  uint64_t end;
  /**
   * One of `enum lockop_key_kind`.
   */
  uint32_t key_kind;
  /**
   * One of `enum lockop_role`.
   */
  uint32_t role;
} lockop_entry;

/**
 * A replay record: 40 bytes. It keeps an operation from being applied again.
 */
typedef struct lockop_replay {
  /**
   * The operation's identity: compare all 32 bytes.
   */
  uint8_t id[32];
  /**
   * The operation's `exp` in Unix seconds.
   */
  uint64_t exp;
} lockop_replay;

/**
 * Where the ACL and the replay records are kept: your callbacks, or a built-in store
 * (`lockop_ram_acl_store`, `lockop_flash_acl_store`).
 *
 * `lockop_apply` calls `get`, `is_replay` and `commit`, each at most once and in this order, on its own stack. What a
 * callback returns and does not stand at it below is a failure of the store; it comes back as `store_status` of the
 * verdict. Pointers that a callback is given hold during its call only. A callback must not call `lockop_apply` for
 * the same store, and must not leave by `longjmp` or a C++ exception.
 *
 * What a store promises:
 *
 * - All or nothing: after `commit` has returned LOCKOP_OK, every change of the transaction and its replay record are
 *   durable. After it has returned anything else, or after power was lost while it ran, a restart shows all of
 *   that or none of it, and until a restart nothing of it is seen.
 * - `get` and `is_replay` show what was committed, and nothing else.
 * - When there is no slot for a replay record, the one with the lowest `exp` makes room, and from then on `is_replay`
 *   answers LOCKOP_REPLAYED for every record whose `exp` is not above that one's.
 * - A lookup does not tell by its time whether the user is there.
 */
typedef struct lockop_store {
  /**
   * Yours: it comes back to you in every call.
   */
  void *context;
  /**
   * Looks a user up. LOCKOP_OK: `entry`, which comes as zeros, is filled in; one that is not valid is a failure.
   * LOCKOP_NOT_FOUND: there is no such user. A doubtful entry is a failure, never LOCKOP_NOT_FOUND.
   */
  lockop_status (*get)(void *context, const struct lockop_uuid *user, struct lockop_entry *entry);
  /**
   * LOCKOP_OK: the operation of this record is new. LOCKOP_REPLAYED: it was applied before, or may have been.
   * Records whose `exp` is not above `passed` need not count.
   */
  lockop_status (*is_replay)(void *context, const struct lockop_replay *record, uint64_t passed);
  /**
   * Makes all changes durable together. LOCKOP_OK: done. LOCKOP_ACL_FULL: there is no room for all of the new users,
   * and nothing was written.
   */
  lockop_status (*commit)(void *context, const struct lockop_transaction *transaction);
} lockop_store;

/**
 * What became of an operation: 40 bytes. Unless `code` is LOCKOP_OK, all but `code` and `store_status` is zero.
 */
typedef struct lockop_verdict {
  /**
   * Who signed it.
   */
  struct lockop_uuid issuer;
  /**
   * When it expires, in Unix seconds.
   */
  uint64_t exp;
  /**
   * The same as is returned.
   */
  lockop_status code;
  /**
   * What the store said, if it failed (`code` is LOCKOP_STORAGE, or LOCKOP_UNAUTHENTICATED because the issuer could
   * not be looked up); else 0. For the log, not for the outside.
   */
  lockop_status store_status;
  /**
   * One of `enum lockop_operation`.
   */
  uint32_t operation;
  /**
   * How many users it has put on the ACL or replaced there.
   */
  uint32_t users;
} lockop_verdict;

/**
 * Somebody else's Ed25519: a hardware engine, or another library. For `lockop_apply_with_ed25519`.
 *
 * It must hold RFC 8032 §5.1.7 with these decisions (docs/operation.md §6): S < L; canonical A and R that are not of
 * small order; the cofactorless equation, compared as encodings of R. It should take the same time whatever the bytes
 * are. The callbacks run on the stack of `lockop_apply_with_ed25519` and must not call it for the same store.
 */
typedef struct lockop_ed25519 {
  /**
   * Yours: it comes back to you in every call.
   */
  void *context;
  /**
   * Whether `signature` (64 bytes) is that of `message` by the holder of `key` (32 bytes). LOCKOP_OK: it is.
   * Anything else: it is not. The pointers hold during the call only, and have no alignment.
   */
  lockop_status (*verify)(void *context,
                          const uint8_t *key,
                          const uint8_t *message,
                          size_t message_len,
                          const uint8_t *signature);
  /**
   * Whether `key` (32 bytes) is the canonical encoding of a point on the curve that is not of small order.
   * LOCKOP_OK: it is. Anything else: it is not.
   */
  lockop_status (*is_valid_key)(void *context, const uint8_t *key);
} lockop_ed25519;

/**
 * A driver of NOR flash, and the region in it for a store.
 *
 * Erased bytes read as 0xff, and a word that power failed on reads as anything, but is no error. A word is programmed
 * once between two erasures, so flash with ECC will do. Addresses are yours: `start` is what you make of it. What is
 * read and programmed is aligned to `write_size` and so many bytes or a multiple (at most 64); erased is one page at a
 * time. A callback returns 0 for success, when the work is done; anything else is a failure. It must not use the store.
 */
typedef struct lockop_flash {
  /**
   * Yours: it comes back to you in every call.
   */
  void *context;
  /**
   * Reads `len` bytes at `address` into `out`.
   */
  lockop_status (*read)(void *context, uint32_t address, uint8_t *out, size_t len);
  /**
   * Programs `len` bytes at `address`, which are erased. `bytes` is in RAM and has no alignment.
   */
  lockop_status (*program)(void *context, uint32_t address, const uint8_t *bytes, size_t len);
  /**
   * Erases `len` bytes at `address`: one page.
   */
  lockop_status (*erase)(void *context, uint32_t address, size_t len);
  /**
   * Where the region begins: a multiple of `erase_size`.
   */
  uint32_t start;
  /**
   * Its length in bytes: an even number of pages, at least `lockop_flash_acl_min_len()`.
   */
  uint32_t len;
  /**
   * What is programmed at once: LOCKOP_WRITE_SIZE.
   */
  uint32_t write_size;
  /**
   * A page: LOCKOP_ERASE_SIZE.
   */
  uint32_t erase_size;
} lockop_flash;

/**
 * Is shown one entry of a store. Not 0 ends the walk. It must not use the store.
 */
typedef lockop_status (*lockop_entry_visitor)(void *context, const struct lockop_entry *entry);

/**
 * Is shown one replay record of a store. Not 0 ends the walk. It must not use the store.
 */
typedef lockop_status (*lockop_replay_visitor)(void *context, const struct lockop_replay *record);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the binary interface that the library was built with: compare it with `LOCKOP_ABI_VERSION` once.
 */
uint32_t lockop_abi_version(void);

/**
 * Verifies an operation and applies it, all or nothing: the whole job. Returns LOCKOP_OK if it was applied, else why
 * not, and then nothing has changed; what LOCKOP_STORAGE leaves behind is the store's to settle.
 *
 * - `jws`: the body of the request as it arrived, `jws_len` bytes; no NUL needed. It may lie in flash. Nobody may
 *   write to it meanwhile: no DMA, no other thread.
 * - `now`: the time in Unix seconds, from a clock that you trust.
 * - `store`: only borrowed, as all of these; its `context` must fit its callbacks.
 * - `verdict`: details for you; may be NULL. Written in the end, with whatever is returned, unless this pointer itself
 *   is not aligned.
 *
 * What to tell the outside is the code and nothing else. Signatures are verified by the built-in arithmetic in constant
 * time.
 *
 * Threads: any, with a store that nobody else is using. Not from an interrupt: it takes long. Stack: see
 * `LOCKOP_APPLY_STACK` at the top of this header, and what your callbacks need, which is less than what the
 * verification gives back before they run, unless they take more than 2 KiB.
 */
lockop_status lockop_apply(const struct lockop_device *device,
                           const uint8_t *jws,
                           size_t jws_len,
                           uint64_t now,
                           const struct lockop_store *store,
                           struct lockop_verdict *verdict);

/**
 * The same as `lockop_apply`, with somebody else's Ed25519. An image that calls only this one does not contain
 * the built-in arithmetic.
 */
lockop_status lockop_apply_with_ed25519(const struct lockop_device *device,
                                        const struct lockop_ed25519 *ed25519,
                                        const uint8_t *jws,
                                        size_t jws_len,
                                        uint64_t now,
                                        const struct lockop_store *store,
                                        struct lockop_verdict *verdict);

/**
 * The name of a code, for logs and for answers to the outside: `"wrong-device"`; `"unknown"` of a number that is no
 * code.
 *
 * The string is constant and ends with a NUL. May be called from anywhere. Stack: 64 bytes.
 */
const char *lockop_code_name(lockop_status code);

/**
 * A device with the default policy.
 *
 * `id` is copied. May be called from any thread that has `device` for itself. Stack: 128 bytes.
 */
lockop_status lockop_device_init(struct lockop_device *device, const struct lockop_uuid *id);

/**
 * The least length of the region in bytes, for `LOCKOP_USERS`, `LOCKOP_REPLAYS`, `LOCKOP_WRITE_SIZE` and
 * `LOCKOP_ERASE_SIZE`. With twice as much, the flash is erased far less often.
 *
 * May be called from anywhere. Stack: 16 bytes.
 */
uint32_t lockop_flash_acl_min_len(void);

/**
 * Makes an empty ACL in flash, in place of whatever the region holds, and mounts it in `acl`. For a new device; to
 * empty an ACL in use, there is `lockop_flash_acl_factory_reset`.
 *
 * `size` is `sizeof(lockop_flash_acl)`; LOCKOP_INVALID_ARGUMENT if the library was built with other `LOCKOP_...` sizes
 * than your code. `flash` is copied, but its `context` is kept. The memory stays yours; do not move it or write to
 * it. On anything but LOCKOP_OK, `acl` cannot be used. If power is lost meanwhile, do it again.
 *
 * Takes as long as erasing the region. One thread at a time for each `acl`. Stack: see `LOCKOP_FLASH_STACK`.
 */
lockop_status lockop_flash_acl_format(lockop_flash_acl *acl, size_t size, const struct lockop_flash *flash);

/**
 * Mounts the ACL as it was before a restart, in `acl`. LOCKOP_FLASH_UNFORMATTED where nothing was ever committed.
 *
 * Where power was lost during a change, this settles for good whether it was made, which may take as long as erasing
 * half the region. For the rest as `lockop_flash_acl_format`. Do not format on any other error than
 * LOCKOP_FLASH_UNFORMATTED: what was applied could be applied again.
 */
lockop_status lockop_flash_acl_mount(lockop_flash_acl *acl, size_t size, const struct lockop_flash *flash);

/**
 * Adds or replaces an entry without a signed operation: how the first ADMIN gets on the ACL. LOCKOP_ACL_FULL if there
 * is no room. Durable when it returns LOCKOP_OK.
 *
 * `entry` is copied. Whether an Ed25519 key is a point of the curve is not looked at. One thread at a time for each
 * `acl`. Stack: see `LOCKOP_FLASH_STACK`.
 */
lockop_status lockop_flash_acl_provision(lockop_flash_acl *acl, const struct lockop_entry *entry);

/**
 * Removes a user without a signed operation; LOCKOP_NOT_FOUND if there is no such user. Durable when it returns
 * LOCKOP_OK.
 *
 * One thread at a time for each `acl`. Stack: see `LOCKOP_FLASH_STACK`.
 */
lockop_status lockop_flash_acl_remove(lockop_flash_acl *acl, const struct lockop_uuid *user);

/**
 * The entry of a user; LOCKOP_NOT_FOUND if there is none, and `entry` is not written then.
 *
 * Reads the whole log. One thread at a time for each `acl`. Stack: see `LOCKOP_FLASH_STACK`.
 */
lockop_status lockop_flash_acl_get(lockop_flash_acl *acl, const struct lockop_uuid *user, struct lockop_entry *entry);

/**
 * How many users are on the ACL, of at most `LOCKOP_USERS`.
 *
 * One thread at a time for each `acl`. Stack: 64 bytes.
 */
lockop_status lockop_flash_acl_len(lockop_flash_acl *acl, uint32_t *len);

/**
 * How many bytes can be written before the next compaction: an operation takes about 140 for one user, 1,850 for 25.
 *
 * One thread at a time for each `acl`. Stack: 64 bytes.
 */
lockop_status lockop_flash_acl_room(lockop_flash_acl *acl, uint32_t *room);

/**
 * Shows every entry to `visitor`, in no particular order; LOCKOP_STOPPED if that ended the walk.
 *
 * While it runs, the store answers LOCKOP_BUSY. An entry that has been shown holds only if this returns LOCKOP_OK or
 * LOCKOP_STOPPED. One thread at a time for each `acl`. Stack: see `LOCKOP_FLASH_STACK`, and the visitor's.
 */
lockop_status lockop_flash_acl_for_each(lockop_flash_acl *acl, lockop_entry_visitor visitor, void *context);

/**
 * Copies what holds into the other half of the region, so that the next changes need not. Never necessary, but it takes
 * the time of erasing half the region, which is better spent while nobody waits.
 *
 * One thread at a time for each `acl`. Stack: see `LOCKOP_FLASH_STACK`.
 */
lockop_status lockop_flash_acl_compact(lockop_flash_acl *acl);

/**
 * Removes all users and all replay records, and erases where they were: for the next owner. If power is lost meanwhile,
 * a restart shows all of them or nothing.
 *
 * One thread at a time for each `acl`. Stack: see `LOCKOP_FLASH_STACK`.
 */
lockop_status lockop_flash_acl_factory_reset(lockop_flash_acl *acl);

/**
 * Makes a store of an ACL, for `lockop_apply`. It points to `acl`, which must outlive it.
 *
 * One thread at a time for each `acl`, whatever it is used by. Stack: 64 bytes.
 */
lockop_status lockop_flash_acl_store(lockop_flash_acl *acl, struct lockop_store *store);

/**
 * Makes an empty ACL in `acl`, over whatever is there. Nobody can sign for it until an ADMIN is provisioned.
 *
 * `size` is `sizeof(lockop_ram_acl)`; LOCKOP_INVALID_ARGUMENT if the library was built with other `LOCKOP_USERS` or
 * `LOCKOP_REPLAYS` than your code. The memory stays yours; do not move it or write to it. Stack: 256 bytes.
 */
lockop_status lockop_ram_acl_init(lockop_ram_acl *acl, size_t size);

/**
 * The same, with the `len` replay records (of more than fit, the first to expire make room) and the horizon from before a restart:
 * without them, operations that were applied shortly before could be applied again.
 *
 * `horizon` is LOCKOP_NO_TIME if there was none. `records` is copied; it may be NULL if `len` is 0. Stack: 512 bytes
 * and 120 for each record of `LOCKOP_REPLAYS`.
 */
lockop_status lockop_ram_acl_init_with_replays(lockop_ram_acl *acl,
                                               size_t size,
                                               const struct lockop_replay *records,
                                               size_t len,
                                               uint64_t horizon);

/**
 * Adds or replaces an entry without a signed operation: how the first ADMIN gets on the ACL. LOCKOP_ACL_FULL if there
 * is no room.
 *
 * `entry` is copied. Whether an Ed25519 key is a point of the curve is not looked at. One thread at a time for each
 * `acl`. Stack: 512 bytes.
 */
lockop_status lockop_ram_acl_provision(lockop_ram_acl *acl, const struct lockop_entry *entry);

/**
 * Removes a user without a signed operation; LOCKOP_NOT_FOUND if there is no such user.
 *
 * One thread at a time for each `acl`. Stack: 512 bytes.
 */
lockop_status lockop_ram_acl_remove(lockop_ram_acl *acl, const struct lockop_uuid *user);

/**
 * The entry of a user; LOCKOP_NOT_FOUND if there is none, and `entry` is not written then.
 *
 * One thread at a time for each `acl`. Stack: 512 bytes.
 */
lockop_status lockop_ram_acl_get(lockop_ram_acl *acl, const struct lockop_uuid *user, struct lockop_entry *entry);

/**
 * How many users are on the ACL, of at most `LOCKOP_USERS`.
 *
 * One thread at a time for each `acl`. Stack: 64 bytes.
 */
lockop_status lockop_ram_acl_len(lockop_ram_acl *acl, uint32_t *len);

/**
 * Shows every entry to `visitor`, in no particular order; LOCKOP_STOPPED if that ended the walk.
 *
 * While it runs, the store answers LOCKOP_BUSY. One thread at a time for each `acl`. Stack: 256 bytes and the
 * visitor's.
 */
lockop_status lockop_ram_acl_for_each(lockop_ram_acl *acl, lockop_entry_visitor visitor, void *context);

/**
 * Shows every replay record to `visitor`, in no particular order, and gives the horizon: what to keep over a restart,
 * for `lockop_ram_acl_init_with_replays`. LOCKOP_STOPPED if the visitor ended the walk; `horizon` is not written then.
 *
 * While it runs, the store answers LOCKOP_BUSY. One thread at a time for each `acl`. Stack: 256 bytes and the
 * visitor's.
 */
lockop_status lockop_ram_acl_for_each_replay(lockop_ram_acl *acl,
                                             lockop_replay_visitor visitor,
                                             void *context,
                                             uint64_t *horizon);

/**
 * Makes a store of an ACL, for `lockop_apply`. It points to `acl`, which must outlive it.
 *
 * One thread at a time for each `acl`, whatever it is used by. Stack: 64 bytes.
 */
lockop_status lockop_ram_acl_store(lockop_ram_acl *acl, struct lockop_store *store);

/**
 * Reads the 36 characters of a UUID, in either letter case; LOCKOP_INVALID_ARGUMENT if it is none.
 *
 * `text` has `text_len` bytes and needs no NUL. `uuid` is written only with LOCKOP_OK. May be called from anywhere. Stack: 256
 * bytes.
 */
lockop_status lockop_uuid_parse(const char *text,
                                size_t text_len,
                                struct lockop_uuid *uuid);

/**
 * Writes the 36 characters of a UUID in lower case, and a NUL: `text` has room for 37 bytes.
 *
 * May be called from anywhere. Stack: 256 bytes.
 */
lockop_status lockop_uuid_format(const struct lockop_uuid *uuid, char *text);

/**
 * Sets `key` and `key_kind` of an entry from a key in base64, either alphabet, padding optional: 32 bytes of Ed25519,
 * or the SubjectPublicKeyInfo of an Ed25519 or RSA key (2048 to 4096 bits), of which the fingerprint is kept.
 * LOCKOP_INVALID_ARGUMENT if it is none of these; `entry` is as before then.
 *
 * Whether an Ed25519 key is a point of the curve at all is not looked at. `text` has `text_len` bytes and needs no NUL.
 * May be called from any thread that has `entry` for itself. Stack: 2 KiB.
 */
lockop_status lockop_entry_set_key(struct lockop_entry *entry, const char *text, size_t text_len);

/**
 * How many users to put on the ACL, or to replace there: at most 25; 0 if `transaction` is NULL.
 *
 * For the callback `commit` of a store, during its call. Stack: 16 bytes.
 */
size_t lockop_transaction_grants_len(const struct lockop_transaction *transaction);

/**
 * The entry to put on the ACL, or in the place of the same user's; `index` counts from 0. LOCKOP_NOT_FOUND if there
 * are not so many.
 *
 * For the callback `commit` of a store, during its call. `grant` is written only with LOCKOP_OK. Stack: 192 bytes.
 */
lockop_status lockop_transaction_grant(const struct lockop_transaction *transaction,
                                       size_t index,
                                       struct lockop_entry *grant);

/**
 * How many users to remove from the ACL; 0 if `transaction` is NULL. No operation of this version removes anybody, but
 * a store should be ready.
 *
 * For the callback `commit` of a store, during its call. Stack: 16 bytes.
 */
size_t lockop_transaction_removals_len(const struct lockop_transaction *transaction);

/**
 * The user to remove; `index` counts from 0. One who is not on the ACL is no error. LOCKOP_NOT_FOUND if there are not
 * so many.
 *
 * For the callback `commit` of a store, during its call. `user` is written only with LOCKOP_OK. Stack: 128 bytes.
 */
lockop_status lockop_transaction_removal(const struct lockop_transaction *transaction,
                                         size_t index,
                                         struct lockop_uuid *user);

/**
 * The record that keeps the operation from being applied again.
 *
 * For the callback `commit` of a store, during its call. `record` is written only with LOCKOP_OK. Stack: 128 bytes.
 */
lockop_status lockop_transaction_replay(const struct lockop_transaction *transaction, struct lockop_replay *record);

/**
 * The name of an operation: `"BATCH_ADD_USER"`; `"none"` or `"unknown"` of a number that is none.
 *
 * The string is constant and ends with a NUL. May be called from anywhere. Stack: 16 bytes.
 */
const char *lockop_operation_name(uint32_t operation);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LOCKOP_H */

/* The layouts, which the library asserts on its side. */
LOCKOP_ASSERT(sizeof(lockop_uuid) == 16, uuid_size);
LOCKOP_ASSERT(sizeof(lockop_entry) == 72, entry_size);
LOCKOP_ASSERT(offsetof(lockop_entry, key) == 16, entry_key);
LOCKOP_ASSERT(offsetof(lockop_entry, start) == 48, entry_start);
LOCKOP_ASSERT(offsetof(lockop_entry, end) == 56, entry_end);
LOCKOP_ASSERT(offsetof(lockop_entry, key_kind) == 64, entry_key_kind);
LOCKOP_ASSERT(offsetof(lockop_entry, role) == 68, entry_role);
LOCKOP_ASSERT(sizeof(lockop_replay) == 40, replay_size);
LOCKOP_ASSERT(offsetof(lockop_replay, exp) == 32, replay_exp);
LOCKOP_ASSERT(sizeof(lockop_device) == 32, device_size);
LOCKOP_ASSERT(offsetof(lockop_device, leeway) == 16, device_leeway);
LOCKOP_ASSERT(offsetof(lockop_device, max_len) == 24, device_max_len);
LOCKOP_ASSERT(offsetof(lockop_device, flags) == 28, device_flags);
LOCKOP_ASSERT(sizeof(lockop_verdict) == 40, verdict_size);
LOCKOP_ASSERT(offsetof(lockop_verdict, exp) == 16, verdict_exp);
LOCKOP_ASSERT(offsetof(lockop_verdict, code) == 24, verdict_code);
LOCKOP_ASSERT(offsetof(lockop_verdict, store_status) == 28, verdict_store_status);
LOCKOP_ASSERT(offsetof(lockop_verdict, operation) == 32, verdict_operation);
LOCKOP_ASSERT(offsetof(lockop_verdict, users) == 36, verdict_users);
LOCKOP_ASSERT(sizeof(lockop_store) == 4 * sizeof(void *), store_size);
LOCKOP_ASSERT(sizeof(lockop_ed25519) == 3 * sizeof(void *), ed25519_size);
LOCKOP_ASSERT(sizeof(lockop_flash) == 4 * sizeof(void *) + 16, flash_size);
#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
LOCKOP_ASSERT(_Alignof(lockop_entry) == _Alignof(uint64_t), entry_alignment);
LOCKOP_ASSERT(_Alignof(lockop_ram_acl) == 8, ram_acl_alignment);
LOCKOP_ASSERT(_Alignof(lockop_flash_acl) == 8, flash_acl_alignment);
#endif
