#include "stores.h"

#include <string.h>

#include "check.h"

void array_acl_init(array_acl *acl, size_t capacity) {
  memset(acl, 0, sizeof *acl);
  acl->capacity = capacity;
}

const lockop_entry *array_acl_find(const array_acl *acl, const lockop_uuid *user) {
  for (size_t i = 0; i < acl->len; i++) {
    if (memcmp(&acl->entries[i].user, user, sizeof *user) == 0) return &acl->entries[i];
  }
  return NULL;
}

static lockop_status get(void *context, const lockop_uuid *user, lockop_entry *entry) {
  array_acl *acl = context;
  lockop_entry zeros;
  memset(&zeros, 0, sizeof zeros);
  CHECK(memcmp(entry, &zeros, sizeof zeros) == 0);
  acl->gets++;
  if (acl->get != LOCKOP_OK) return acl->get;
  const lockop_entry *found = array_acl_find(acl, user);
  if (found == NULL) return LOCKOP_NOT_FOUND;
  *entry = *found;
  return LOCKOP_OK;
}

static lockop_status is_replay(void *context, const lockop_replay *record, uint64_t passed) {
  const array_acl *acl = context;
  if (acl->is_replay != LOCKOP_OK) return acl->is_replay;
  for (size_t i = 0; i < acl->replays_len; i++) {
    if (memcmp(acl->replays[i].id, record->id, sizeof record->id) == 0 && acl->replays[i].exp > passed) {
      return LOCKOP_REPLAYED;
    }
  }
  return LOCKOP_OK;
}

static lockop_status commit(void *context, const lockop_transaction *transaction) {
  array_acl *acl = context;
  acl->commits++;
  if (acl->commit != LOCKOP_OK) return acl->commit;
  size_t grants = lockop_transaction_grants_len(transaction);
  CHECK(grants >= 1 && grants <= 25);
  CHECK(lockop_transaction_removals_len(transaction) == 0);
  size_t after = acl->len;
  lockop_entry grant;
  for (size_t i = 0; i < grants; i++) {
    EXPECT(LOCKOP_OK, lockop_transaction_grant(transaction, i, &grant));
    if (array_acl_find(acl, &grant.user) == NULL) after++;
  }
  if (after > acl->capacity) return LOCKOP_ACL_FULL;
  for (size_t i = 0; i < grants; i++) {
    EXPECT(LOCKOP_OK, lockop_transaction_grant(transaction, i, &grant));
    const lockop_entry *found = array_acl_find(acl, &grant.user);
    acl->entries[found == NULL ? acl->len++ : (size_t)(found - acl->entries)] = grant;
  }
  EXPECT(LOCKOP_NOT_FOUND, lockop_transaction_grant(transaction, grants, &grant));
  lockop_uuid user;
  EXPECT(LOCKOP_NOT_FOUND, lockop_transaction_removal(transaction, 0, &user));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_transaction_grant(transaction, 0, NULL));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_transaction_removal(transaction, 0, NULL));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_transaction_replay(transaction, NULL));
  CHECK(acl->replays_len < ARRAY_REPLAYS);
  EXPECT(LOCKOP_OK, lockop_transaction_replay(transaction, &acl->replays[acl->replays_len++]));
  return LOCKOP_OK;
}

lockop_store array_acl_store(array_acl *acl) {
  lockop_store store = {acl, get, is_replay, commit};
  return store;
}

void chip_init(chip *chip) {
  memset(chip, 0, sizeof *chip);
  memset(chip->bytes, 0xff, sizeof chip->bytes);
}

static int fails(chip *chip) { return chip->until_failure != 0 && --chip->until_failure == 0; }

static unsigned char *place(chip *chip, uint32_t address, size_t len, size_t unit) {
  CHECK(address >= CHIP_START && len <= CHIP_LEN && address - CHIP_START <= CHIP_LEN - len);
  CHECK(address % unit == 0 && len % unit == 0 && len > 0);
  return &chip->bytes[address - CHIP_START];
}

static lockop_status chip_read(void *context, uint32_t address, uint8_t *out, size_t len) {
  chip *chip = context;
  memcpy(out, place(chip, address, len, LOCKOP_WRITE_SIZE), len);
  return fails(chip) ? chip->failure : 0;
}

static lockop_status chip_program(void *context, uint32_t address, const uint8_t *bytes, size_t len) {
  chip *chip = context;
  unsigned char *to = place(chip, address, len, LOCKOP_WRITE_SIZE);
  CHECK(len <= 64);
  if (fails(chip)) return chip->failure;
  for (size_t i = 0; i < len; i++) {
    CHECK(to[i] == 0xff);
    to[i] = bytes[i];
  }
  chip->programmed++;
  return 0;
}

static lockop_status chip_erase(void *context, uint32_t address, size_t len) {
  chip *chip = context;
  unsigned char *page = place(chip, address, len, LOCKOP_ERASE_SIZE);
  CHECK(len == LOCKOP_ERASE_SIZE);
  if (fails(chip)) return chip->failure;
  memset(page, 0xff, len);
  chip->erased++;
  return 0;
}

lockop_flash chip_flash(chip *chip) {
  lockop_flash flash = {chip,       chip_read, chip_program,      chip_erase,
                        CHIP_START, CHIP_LEN,  LOCKOP_WRITE_SIZE, LOCKOP_ERASE_SIZE};
  return flash;
}
