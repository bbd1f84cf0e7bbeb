#include "lock.h"

#include "board.h"
#include "nor.h"

/* This lock's ID. A real one has been given its own in the factory. */
static const lockop_uuid id = {{0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0xd0, 0x01}};

static lockop_device device;
static lockop_flash_acl acl;
static lockop_store store;
static bool mounted;
/* Unix seconds; somebody sets it. */
static uint64_t now;
static uint32_t openings;

void lock_start(void) {
  lockop_status status = lockop_flash_acl_mount(&acl, sizeof acl, &nor);
  /* Only a new lock. Anything else, damage included, must not empty the ACL by itself. */
  if (status == LOCKOP_FLASH_UNFORMATTED) status = lockop_flash_acl_format(&acl, sizeof acl, &nor);
  mounted = status == LOCKOP_OK && lockop_flash_acl_store(&acl, &store) == LOCKOP_OK &&
            lockop_device_init(&device, &id) == LOCKOP_OK;
  device.max_len = MAX_BODY;
}

bool lock_is_mounted(void) { return mounted; }

uint64_t lock_time(void) { return now; }

void lock_set_time(uint64_t time) { now = time; }

uint32_t lock_openings(void) { return openings; }

/* What is told to the outside: the store's own troubles are one code. */
static lockop_status outside(lockop_status status) {
  switch (status) {
    case LOCKOP_OK:
    case LOCKOP_ACL_FULL:
    case LOCKOP_NOT_FOUND:
      return status;
    default:
      return LOCKOP_STORAGE;
  }
}

lockop_status lock_usage(uint32_t *users, uint32_t *room) {
  lockop_status status = lockop_flash_acl_len(&acl, users);
  if (status == LOCKOP_OK) status = lockop_flash_acl_room(&acl, room);
  return outside(status);
}

lockop_status lock_apply(const uint8_t *jws, size_t len, uint32_t *users) {
  if (!mounted) return LOCKOP_STORAGE;
  lockop_verdict verdict;
  lockop_status status = lockop_apply(&device, jws, len, now, &store, &verdict);
  *users = verdict.users;
  return status;
}

lockop_status lock_provision(const lockop_entry *admin) {
  uint32_t users;
  lockop_status status = lockop_flash_acl_len(&acl, &users);
  if (status != LOCKOP_OK) return LOCKOP_STORAGE;
  if (users != 0) return LOCKOP_STOPPED;
  return outside(lockop_flash_acl_provision(&acl, admin));
}

lockop_status lock_get(const lockop_uuid *user, lockop_entry *entry) {
  return outside(lockop_flash_acl_get(&acl, user, entry));
}

lockop_status lock_open(const lockop_uuid *user) {
  lockop_entry entry;
  lockop_status status = lock_get(user, &entry);
  if (status != LOCKOP_OK) return status;
  if (entry.start != LOCKOP_NO_TIME && now < entry.start) return LOCKOP_NOT_YET_VALID;
  if (entry.end != LOCKOP_NO_TIME && now >= entry.end) return LOCKOP_NOT_YET_VALID;
  board_pull_strike();
  openings++;
  return LOCKOP_OK;
}

lockop_status lock_factory_reset(void) {
  if (mounted) return outside(lockop_flash_acl_factory_reset(&acl));
  lockop_status status = lockop_flash_acl_format(&acl, sizeof acl, &nor);
  if (status == LOCKOP_OK) lock_start();
  return mounted ? LOCKOP_OK : LOCKOP_STORAGE;
}
