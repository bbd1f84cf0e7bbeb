/* What the tests put behind callbacks: an ACL in plain arrays, and flash in memory. */
#ifndef STORES_H
#define STORES_H

#include "lockop.h"

enum { ARRAY_USERS = 256, ARRAY_REPLAYS = 64 };

/* An ACL in arrays. A status that is not LOCKOP_OK is answered instead of the work. */
typedef struct array_acl {
  size_t capacity, len, replays_len;
  lockop_entry entries[ARRAY_USERS];
  lockop_replay replays[ARRAY_REPLAYS];
  lockop_status get, is_replay, commit;
  unsigned gets, commits;
} array_acl;

void array_acl_init(array_acl *acl, size_t capacity);
const lockop_entry *array_acl_find(const array_acl *acl, const lockop_uuid *user);
lockop_store array_acl_store(array_acl *acl);

/* NOR flash in memory, which counts down to a failure (0: never). What breaks its rules ends the test. */
enum { CHIP_START = 0x10000, CHIP_LEN = 0x10000 };

typedef struct chip {
  unsigned char bytes[CHIP_LEN];
  unsigned until_failure;
  lockop_status failure;
  unsigned erased, programmed;
} chip;

void chip_init(chip *chip);
lockop_flash chip_flash(chip *chip);

#endif
