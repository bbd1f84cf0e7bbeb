/* What the header says beside verdicts: pointers, callbacks, stores, the hardware engine. */
#include <string.h>

#include "check.h"
#include "lockop.h"
#include "stores.h"

static const char LOCK[] = "00000000-0000-4000-8000-00000000000a";
static const char ADMIN[] = "11111111-1111-4111-8111-111111111111";
static const char KEY[] = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=";
enum { NOW = 1700000005 };

static uint8_t jws[4096];
static size_t jws_len;
static lockop_device device;
static lockop_entry admin;

/* One byte beside where something of this type may lie. */
#define MISALIGNED(type, pointer) ((type *)(void *)((char *)(pointer) + 1))

static lockop_entry user(unsigned number) {
  lockop_entry entry = admin;
  memset(&entry.user, 0x22, sizeof entry.user);
  memcpy(&entry.user, &number, sizeof number);
  entry.role = LOCKOP_ROLE_USER;
  return entry;
}

static lockop_status apply(const lockop_store *store, lockop_verdict *verdict) {
  return lockop_apply(&device, jws, jws_len, NOW, store, verdict);
}

static void names(void) {
  CHECK(strcmp(lockop_code_name(LOCKOP_OK), "ok") == 0);
  CHECK(strcmp(lockop_code_name(LOCKOP_WRONG_DEVICE), "wrong-device") == 0);
  CHECK(strcmp(lockop_code_name(LOCKOP_FLASH_TOO_LARGE), "flash-too-large") == 0);
  for (int code = 1; code <= LOCKOP_STORAGE; code++) CHECK(strcmp(lockop_code_name(code), "unknown") != 0);
  CHECK(strcmp(lockop_code_name(-1), "unknown") == 0 && strcmp(lockop_code_name(13), "unknown") == 0);
  CHECK(strcmp(lockop_operation_name(LOCKOP_OPERATION_BATCH_ADD_USER), "BATCH_ADD_USER") == 0);
  CHECK(strcmp(lockop_operation_name(LOCKOP_OPERATION_NONE), "none") == 0);
  CHECK(strcmp(lockop_operation_name(77), "unknown") == 0);
  CHECK(lockop_abi_version() == LOCKOP_ABI_VERSION);
}

static void text(void) {
  lockop_uuid uuid;
  char back[37];
  EXPECT(LOCKOP_OK, lockop_uuid_parse("0123ABCD-ef01-4567-89ab-cdef01234567", 36, &uuid));
  CHECK(uuid.bytes[0] == 0x01 && uuid.bytes[3] == 0xcd && uuid.bytes[15] == 0x67);
  memset(back, 'x', sizeof back);
  EXPECT(LOCKOP_OK, lockop_uuid_format(&uuid, back));
  CHECK(strcmp(back, "0123abcd-ef01-4567-89ab-cdef01234567") == 0);
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_uuid_parse(LOCK, 35, &uuid));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_uuid_parse(LOCK, 37, &uuid));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_uuid_parse(LOCK, 0, &uuid));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_uuid_parse(LOCK, SIZE_MAX, &uuid));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_uuid_parse(NULL, 36, &uuid));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_uuid_parse(LOCK, 36, NULL));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_uuid_format(NULL, back));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_uuid_format(&uuid, NULL));
  lockop_entry entry = admin;
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_entry_set_key(&entry, KEY, 3));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_entry_set_key(NULL, KEY, strlen(KEY)));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_entry_set_key(&entry, NULL, 0));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_entry_set_key(MISALIGNED(lockop_entry, &entry), KEY, strlen(KEY)));
  CHECK(memcmp(&entry, &admin, sizeof entry) == 0);
}

static void pointers(void) {
  static array_acl acl;
  array_acl_init(&acl, 10);
  acl.entries[acl.len++] = admin;
  lockop_store store = array_acl_store(&acl);
  lockop_verdict verdict;
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_apply(NULL, jws, jws_len, NOW, &store, &verdict));
  CHECK(verdict.code == LOCKOP_INVALID_ARGUMENT && verdict.users == 0);
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_apply(&device, NULL, jws_len, NOW, &store, &verdict));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_apply(&device, NULL, 0, NOW, &store, &verdict));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_apply(&device, jws, SIZE_MAX, NOW, &store, &verdict));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_apply(&device, jws, SIZE_MAX / 2 + 1, NOW, &store, &verdict));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_apply(&device, jws, jws_len, NOW, NULL, &verdict));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_apply(MISALIGNED(lockop_device, &device), jws, jws_len, NOW, &store, NULL));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_apply(&device, jws, jws_len, NOW, MISALIGNED(lockop_store, &store), NULL));
  EXPECT(LOCKOP_INVALID_ARGUMENT,
         lockop_apply(&device, jws, jws_len, NOW, &store, MISALIGNED(lockop_verdict, &verdict)));
  lockop_store missing = store;
  missing.get = NULL;
  EXPECT(LOCKOP_INVALID_ARGUMENT, apply(&missing, &verdict));
  missing = store;
  missing.is_replay = NULL;
  EXPECT(LOCKOP_INVALID_ARGUMENT, apply(&missing, &verdict));
  missing = store;
  missing.commit = NULL;
  EXPECT(LOCKOP_INVALID_ARGUMENT, apply(&missing, &verdict));
  device.flags = 4;
  EXPECT(LOCKOP_INVALID_ARGUMENT, apply(&store, &verdict));
  device.flags = 0;
  CHECK(acl.gets == 0 && acl.commits == 0);
  EXPECT(LOCKOP_MALFORMED, lockop_apply(&device, jws, 0, NOW, &store, NULL));

  lockop_uuid id;
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_device_init(NULL, &device.id));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_device_init(&device, NULL));
  id = device.id;
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_device_init(MISALIGNED(lockop_device, &device), &id));
  CHECK(lockop_transaction_grants_len(NULL) == 0 && lockop_transaction_removals_len(NULL) == 0);
  lockop_entry entry;
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_transaction_grant(NULL, 0, &entry));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_transaction_removal(NULL, 0, &id));
  lockop_replay record;
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_transaction_replay(NULL, &record));

  /* After all that, it still works, without a verdict too. */
  EXPECT(LOCKOP_OK, apply(&store, NULL));
  CHECK(acl.len == 2);
}

static void policy(void) {
  static array_acl acl;
  array_acl_init(&acl, 10);
  acl.entries[acl.len++] = admin;
  lockop_store store = array_acl_store(&acl);
  lockop_device other = device;
  other.max_len = (uint32_t)jws_len - 1;
  EXPECT(LOCKOP_MALFORMED, lockop_apply(&other, jws, jws_len, NOW, &store, NULL));
  other = device;
  other.id.bytes[15] ^= 1;
  EXPECT(LOCKOP_WRONG_DEVICE, lockop_apply(&other, jws, jws_len, NOW, &store, NULL));
  EXPECT(LOCKOP_NOT_YET_VALID, lockop_apply(&device, jws, jws_len, NOW - 1000000, &store, NULL));
  EXPECT(LOCKOP_EXPIRED, lockop_apply(&device, jws, jws_len, UINT64_MAX, &store, NULL));
  other = device;
  other.leeway = UINT64_MAX;
  EXPECT(LOCKOP_OK, lockop_apply(&other, jws, jws_len, 0, &store, NULL));
}

/* Callbacks that fail, with codes and with numbers that are none. */
static void failures(void) {
  static const lockop_status statuses[] = {LOCKOP_STORAGE, LOCKOP_MALFORMED, LOCKOP_BUSY, -1, 1000, INT32_MIN, INT32_MAX};
  static array_acl acl;
  lockop_verdict verdict;
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
    array_acl_init(&acl, 10);
    acl.entries[acl.len++] = admin;
    lockop_store store = array_acl_store(&acl);
    acl.get = statuses[i];
    EXPECT(LOCKOP_UNAUTHENTICATED, apply(&store, &verdict));
    CHECK(verdict.store_status == statuses[i] && verdict.code == LOCKOP_UNAUTHENTICATED);
    acl.get = LOCKOP_OK;
    acl.is_replay = statuses[i];
    EXPECT(LOCKOP_STORAGE, apply(&store, &verdict));
    CHECK(verdict.store_status == statuses[i] && acl.commits == 0);
    acl.is_replay = LOCKOP_OK;
    acl.commit = statuses[i];
    EXPECT(LOCKOP_STORAGE, apply(&store, &verdict));
    CHECK(verdict.store_status == statuses[i] && acl.commits == 1 && acl.len == 1);
    acl.commit = LOCKOP_ACL_FULL;
    EXPECT(LOCKOP_ACL_FULL, apply(&store, &verdict));
    CHECK(verdict.store_status == 0);
    acl.commit = LOCKOP_OK;
    EXPECT(LOCKOP_OK, apply(&store, &verdict));
    CHECK(verdict.users == 1 && memcmp(&verdict.issuer, &admin.user, sizeof verdict.issuer) == 0);
    CHECK(verdict.exp > NOW && verdict.store_status == 0 && acl.len == 2);
  }

  /* "Not replayed" must be said: LOCKOP_NOT_FOUND does not say it. */
  array_acl_init(&acl, 10);
  acl.entries[acl.len++] = admin;
  lockop_store store = array_acl_store(&acl);
  acl.is_replay = LOCKOP_NOT_FOUND;
  EXPECT(LOCKOP_STORAGE, apply(&store, &verdict));
  acl.is_replay = LOCKOP_OK;

  /* Entries that mean nothing: they are failures, not users. */
  lockop_entry bad[6];
  for (size_t i = 0; i < 6; i++) bad[i] = admin;
  bad[0].role = 0;
  bad[1].role = 3;
  bad[2].key_kind = 0;
  bad[3].key_kind = UINT32_MAX;
  bad[4].start = 10;
  bad[4].end = 10;
  bad[5].end = (uint64_t)1 << 53;
  for (size_t i = 0; i < 6; i++) {
    acl.entries[0] = bad[i];
    EXPECT(LOCKOP_UNAUTHENTICATED, apply(&store, &verdict));
    CHECK(verdict.store_status == LOCKOP_INVALID_ARGUMENT);
    static lockop_ram_acl ram;
    EXPECT(LOCKOP_OK, lockop_ram_acl_init(&ram, sizeof ram));
    EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_provision(&ram, &bad[i]));
  }
}

typedef struct collected {
  lockop_replay records[LOCKOP_REPLAYS];
  size_t len;
} collected;

static lockop_status collect(void *context, const lockop_replay *record) {
  collected *all = context;
  CHECK(all->len < LOCKOP_REPLAYS);
  all->records[all->len++] = *record;
  return 0;
}

typedef struct walk {
  lockop_ram_acl *ram;
  lockop_flash_acl *flash;
  unsigned shown, most;
} walk;

/* A visitor that uses the store, which it must not. */
static lockop_status intrude(void *context, const lockop_entry *entry) {
  walk *walk = context;
  uint32_t len;
  lockop_entry copy;
  if (walk->ram != NULL) {
    EXPECT(LOCKOP_BUSY, lockop_ram_acl_len(walk->ram, &len));
    EXPECT(LOCKOP_BUSY, lockop_ram_acl_get(walk->ram, &entry->user, &copy));
    EXPECT(LOCKOP_BUSY, lockop_ram_acl_remove(walk->ram, &entry->user));
    EXPECT(LOCKOP_BUSY, lockop_ram_acl_provision(walk->ram, entry));
    lockop_store store;
    EXPECT(LOCKOP_OK, lockop_ram_acl_store(walk->ram, &store));
    lockop_verdict verdict;
    EXPECT(LOCKOP_UNAUTHENTICATED, apply(&store, &verdict));
    CHECK(verdict.store_status == LOCKOP_BUSY);
  } else {
    EXPECT(LOCKOP_BUSY, lockop_flash_acl_len(walk->flash, &len));
    EXPECT(LOCKOP_BUSY, lockop_flash_acl_compact(walk->flash));
  }
  return ++walk->shown == walk->most;
}

static void ram(void) {
  static lockop_ram_acl acl;
  uint32_t len = 77;
  lockop_entry entry;
  lockop_store store;
  lockop_verdict verdict;
  memset(&acl, 0, sizeof acl);
  EXPECT(LOCKOP_NOT_READY, lockop_ram_acl_len(&acl, &len));
  memset(&acl, 0xa5, sizeof acl);
  EXPECT(LOCKOP_NOT_READY, lockop_ram_acl_provision(&acl, &admin));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_init(&acl, sizeof acl - 8));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_init(NULL, sizeof acl));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_init(MISALIGNED(lockop_ram_acl, &acl), sizeof acl));
  EXPECT(LOCKOP_NOT_READY, lockop_ram_acl_len(&acl, &len));
  CHECK(len == 77);
  EXPECT(LOCKOP_OK, lockop_ram_acl_store(&acl, &store));
  EXPECT(LOCKOP_UNAUTHENTICATED, apply(&store, &verdict));
  CHECK(verdict.store_status == LOCKOP_NOT_READY);

  EXPECT(LOCKOP_OK, lockop_ram_acl_init(&acl, sizeof acl));
  EXPECT(LOCKOP_UNAUTHENTICATED, apply(&store, &verdict));
  CHECK(verdict.store_status == 0);
  EXPECT(LOCKOP_OK, lockop_ram_acl_provision(&acl, &admin));
  EXPECT(LOCKOP_OK, apply(&store, &verdict));
  EXPECT(LOCKOP_REPLAYED, apply(&store, &verdict));
  EXPECT(LOCKOP_OK, lockop_ram_acl_len(&acl, &len));
  CHECK(len == 2);
  EXPECT(LOCKOP_OK, lockop_ram_acl_get(&acl, &admin.user, &entry));
  CHECK(memcmp(&entry, &admin, sizeof entry) == 0);

  /* A restart: the records come along, and the operation stays applied. */
  collected all = {.len = 0};
  uint64_t horizon = 5;
  EXPECT(LOCKOP_OK, lockop_ram_acl_for_each_replay(&acl, collect, &all, &horizon));
  CHECK(all.len == 1 && horizon == LOCKOP_NO_TIME);
  EXPECT(LOCKOP_OK, lockop_ram_acl_init_with_replays(&acl, sizeof acl, all.records, all.len, horizon));
  EXPECT(LOCKOP_OK, lockop_ram_acl_provision(&acl, &admin));
  EXPECT(LOCKOP_REPLAYED, apply(&store, &verdict));
  EXPECT(LOCKOP_OK, lockop_ram_acl_init_with_replays(&acl, sizeof acl, NULL, 0, all.records[0].exp));
  EXPECT(LOCKOP_OK, lockop_ram_acl_provision(&acl, &admin));
  EXPECT(LOCKOP_REPLAYED, apply(&store, &verdict));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_init_with_replays(&acl, sizeof acl, NULL, 1, 0));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_init_with_replays(&acl, sizeof acl, all.records, SIZE_MAX / 8, 0));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_for_each_replay(&acl, NULL, &all, &horizon));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_for_each_replay(&acl, collect, &all, NULL));

  /* Full. */
  EXPECT(LOCKOP_OK, lockop_ram_acl_init(&acl, sizeof acl));
  EXPECT(LOCKOP_OK, lockop_ram_acl_provision(&acl, &admin));
  for (unsigned i = 1; i < LOCKOP_USERS; i++) {
    entry = user(i);
    EXPECT(LOCKOP_OK, lockop_ram_acl_provision(&acl, &entry));
  }
  EXPECT(LOCKOP_ACL_FULL, apply(&store, &verdict));
  entry = user(LOCKOP_USERS);
  EXPECT(LOCKOP_ACL_FULL, lockop_ram_acl_provision(&acl, &entry));
  EXPECT(LOCKOP_OK, lockop_ram_acl_provision(&acl, &admin));
  EXPECT(LOCKOP_NOT_FOUND, lockop_ram_acl_remove(&acl, &entry.user));
  entry = user(3);
  EXPECT(LOCKOP_OK, lockop_ram_acl_remove(&acl, &entry.user));
  EXPECT(LOCKOP_NOT_FOUND, lockop_ram_acl_get(&acl, &entry.user, &entry));
  EXPECT(LOCKOP_OK, apply(&store, &verdict));

  walk walk = {&acl, NULL, 0, 0};
  EXPECT(LOCKOP_OK, lockop_ram_acl_for_each(&acl, intrude, &walk));
  CHECK(walk.shown == LOCKOP_USERS);
  walk.shown = 0;
  walk.most = 2;
  EXPECT(LOCKOP_STOPPED, lockop_ram_acl_for_each(&acl, intrude, &walk));
  CHECK(walk.shown == 2);
  EXPECT(LOCKOP_OK, lockop_ram_acl_len(&acl, &len));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_for_each(&acl, NULL, &walk));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_len(&acl, NULL));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_len(NULL, &len));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_get(&acl, NULL, &entry));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_get(&acl, &admin.user, NULL));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_remove(&acl, NULL));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_provision(&acl, NULL));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_store(NULL, &store));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_ram_acl_store(&acl, NULL));
}

static void flash(void) {
  static chip chip;
  static lockop_flash_acl acl;
  lockop_store store;
  lockop_verdict verdict;
  lockop_entry entry;
  uint32_t len, room, more;
  chip_init(&chip);
  lockop_flash flash = chip_flash(&chip);
  CHECK(lockop_flash_acl_min_len() <= CHIP_LEN);

  /* Drivers that are not what the library was built for. */
  lockop_flash wrong = flash;
  wrong.write_size *= 2;
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_flash_acl_format(&acl, sizeof acl, &wrong));
  wrong = flash;
  wrong.erase_size /= 2;
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_flash_acl_mount(&acl, sizeof acl, &wrong));
  wrong = flash;
  wrong.program = NULL;
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_flash_acl_format(&acl, sizeof acl, &wrong));
  wrong = flash;
  wrong.start += 4;
  EXPECT(LOCKOP_FLASH_REGION, lockop_flash_acl_format(&acl, sizeof acl, &wrong));
  wrong = flash;
  wrong.len = 2 * LOCKOP_ERASE_SIZE;
  EXPECT(LOCKOP_FLASH_REGION, lockop_flash_acl_format(&acl, sizeof acl, &wrong));
  wrong.start = 0xfffff000;
  wrong.len = 0x10000;
  EXPECT(LOCKOP_FLASH_REGION, lockop_flash_acl_format(&acl, sizeof acl, &wrong));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_flash_acl_format(&acl, sizeof acl, NULL));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_flash_acl_format(NULL, sizeof acl, &flash));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_flash_acl_format(&acl, sizeof acl + 8, &flash));
  EXPECT(LOCKOP_NOT_READY, lockop_flash_acl_len(&acl, &len));
  CHECK(chip.erased == 0 && chip.programmed == 0);

  /* A new device. */
  EXPECT(LOCKOP_FLASH_UNFORMATTED, lockop_flash_acl_mount(&acl, sizeof acl, &flash));
  EXPECT(LOCKOP_NOT_READY, lockop_flash_acl_provision(&acl, &admin));
  EXPECT(LOCKOP_OK, lockop_flash_acl_format(&acl, sizeof acl, &flash));
  EXPECT(LOCKOP_OK, lockop_flash_acl_provision(&acl, &admin));
  EXPECT(LOCKOP_OK, lockop_flash_acl_room(&acl, &room));
  EXPECT(LOCKOP_OK, lockop_flash_acl_store(&acl, &store));
  EXPECT(LOCKOP_OK, apply(&store, &verdict));
  EXPECT(LOCKOP_OK, lockop_flash_acl_room(&acl, &more));
  CHECK(more < room);

  /* A restart. */
  memset(&acl, 0, sizeof acl);
  EXPECT(LOCKOP_UNAUTHENTICATED, apply(&store, &verdict));
  EXPECT(LOCKOP_OK, lockop_flash_acl_mount(&acl, sizeof acl, &flash));
  EXPECT(LOCKOP_REPLAYED, apply(&store, &verdict));
  EXPECT(LOCKOP_OK, lockop_flash_acl_get(&acl, &admin.user, &entry));
  CHECK(memcmp(&entry, &admin, sizeof entry) == 0);
  EXPECT(LOCKOP_OK, lockop_flash_acl_len(&acl, &len));
  CHECK(len == 2);
  walk walk = {NULL, &acl, 0, 0};
  EXPECT(LOCKOP_OK, lockop_flash_acl_for_each(&acl, intrude, &walk));
  CHECK(walk.shown == 2);
  walk.shown = 0;
  walk.most = 1;
  EXPECT(LOCKOP_STOPPED, lockop_flash_acl_for_each(&acl, intrude, &walk));
  EXPECT(LOCKOP_OK, lockop_flash_acl_compact(&acl));
  EXPECT(LOCKOP_OK, lockop_flash_acl_remove(&acl, &admin.user));
  EXPECT(LOCKOP_NOT_FOUND, lockop_flash_acl_remove(&acl, &admin.user));
  EXPECT(LOCKOP_OK, lockop_flash_acl_factory_reset(&acl));
  EXPECT(LOCKOP_OK, lockop_flash_acl_len(&acl, &len));
  CHECK(len == 0);

  /* Full: the flash is compacted on the way. */
  EXPECT(LOCKOP_OK, lockop_flash_acl_provision(&acl, &admin));
  for (unsigned round = 0; round < 3; round++) {
    for (unsigned i = 1; i < LOCKOP_USERS; i++) {
      entry = user(i);
      EXPECT(LOCKOP_OK, lockop_flash_acl_provision(&acl, &entry));
    }
  }
  EXPECT(LOCKOP_ACL_FULL, apply(&store, &verdict));
  entry = user(7);
  EXPECT(LOCKOP_OK, lockop_flash_acl_remove(&acl, &entry.user));
  EXPECT(LOCKOP_OK, apply(&store, &verdict));

  /* The driver fails at each of its operations in turn: never applied without LOCKOP_OK, and never lost after it. */
  unsigned at, failed = 0;
  for (at = 1;; at++) {
    chip_init(&chip);
    EXPECT(LOCKOP_OK, lockop_flash_acl_format(&acl, sizeof acl, &flash));
    EXPECT(LOCKOP_OK, lockop_flash_acl_provision(&acl, &admin));
    chip.until_failure = at;
    chip.failure = at % 3 == 0 ? -1 : at % 3 == 1 ? LOCKOP_REPLAYED : INT32_MAX;
    lockop_status status = apply(&store, &verdict);
    int done = chip.until_failure != 0;
    chip.until_failure = 0;
    if (done) {
      EXPECT(LOCKOP_OK, status);
      break;
    }
    failed++;
    CHECK(status == LOCKOP_STORAGE || status == LOCKOP_UNAUTHENTICATED);
    CHECK(verdict.store_status == LOCKOP_FLASH_FAILED);
    EXPECT(LOCKOP_OK, lockop_flash_acl_len(&acl, &len));
    CHECK(len == 1);
    EXPECT(LOCKOP_OK, apply(&store, &verdict));
    EXPECT(LOCKOP_OK, lockop_flash_acl_mount(&acl, sizeof acl, &flash));
    EXPECT(LOCKOP_OK, lockop_flash_acl_len(&acl, &len));
    CHECK(len == 2);
  }
  CHECK(failed > 10);

  /* Damage is told, and nothing else. */
  memset(chip.bytes + 200, 0, 40);
  EXPECT(LOCKOP_FLASH_CORRUPT, lockop_flash_acl_mount(&acl, sizeof acl, &flash));
  EXPECT(LOCKOP_NOT_READY, lockop_flash_acl_get(&acl, &admin.user, &entry));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_flash_acl_len(NULL, &len));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_flash_acl_store(&acl, NULL));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_flash_acl_for_each(&acl, NULL, NULL));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_flash_acl_compact(MISALIGNED(lockop_flash_acl, &acl)));
}

/* An engine that looks at what it is given and answers what it is told to. */
typedef struct engine {
  lockop_status verify, is_valid_key;
  unsigned verified;
} engine;

static lockop_status engine_verify(void *context, const uint8_t *key, const uint8_t *message, size_t len,
                                   const uint8_t *signature) {
  engine *engine = context;
  CHECK(memcmp(key, admin.key, 32) == 0);
  CHECK(message == jws && len < jws_len && jws[len] == '.');
  uint8_t sum = 0;
  for (size_t i = 0; i < 64; i++) sum |= signature[i];
  CHECK(sum != 0);
  engine->verified++;
  return engine->verify;
}

static lockop_status engine_is_valid_key(void *context, const uint8_t *key) {
  CHECK(key != NULL);
  return ((engine *)context)->is_valid_key;
}

static void hardware(void) {
  static lockop_ram_acl acl;
  engine engine = {LOCKOP_OK, LOCKOP_OK, 0};
  lockop_ed25519 ed25519 = {&engine, engine_verify, engine_is_valid_key};
  lockop_store store;
  lockop_verdict verdict;
  EXPECT(LOCKOP_OK, lockop_ram_acl_init(&acl, sizeof acl));
  EXPECT(LOCKOP_OK, lockop_ram_acl_provision(&acl, &admin));
  EXPECT(LOCKOP_OK, lockop_ram_acl_store(&acl, &store));
  static const lockop_status refusals[] = {1, -1, 256, 100, INT32_MIN, INT32_MAX};
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    engine.verify = refusals[i];
    EXPECT(LOCKOP_UNAUTHENTICATED,
           lockop_apply_with_ed25519(&device, &ed25519, jws, jws_len, NOW, &store, &verdict));
    CHECK(engine.verified == i + 1);
  }
  engine.verify = LOCKOP_OK;
  engine.is_valid_key = 256;
  EXPECT(LOCKOP_INVALID_OPERATION, lockop_apply_with_ed25519(&device, &ed25519, jws, jws_len, NOW, &store, &verdict));
  engine.is_valid_key = LOCKOP_OK;
  EXPECT(LOCKOP_OK, lockop_apply_with_ed25519(&device, &ed25519, jws, jws_len, NOW, &store, &verdict));
  EXPECT(LOCKOP_REPLAYED, lockop_apply_with_ed25519(&device, &ed25519, jws, jws_len, NOW, &store, &verdict));
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_apply_with_ed25519(&device, NULL, jws, jws_len, NOW, &store, &verdict));
  ed25519.verify = NULL;
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_apply_with_ed25519(&device, &ed25519, jws, jws_len, NOW, &store, &verdict));
  ed25519.verify = engine_verify;
  ed25519.is_valid_key = NULL;
  EXPECT(LOCKOP_INVALID_ARGUMENT, lockop_apply_with_ed25519(&device, &ed25519, jws, jws_len, NOW, &store, &verdict));
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  FILE *file = fopen(argv[1], "rb");
  CHECK(file != NULL);
  jws_len = fread(jws, 1, sizeof jws, file);
  fclose(file);
  CHECK(jws_len > 0 && jws_len < sizeof jws);
  lockop_uuid lock;
  EXPECT(LOCKOP_OK, lockop_uuid_parse(LOCK, strlen(LOCK), &lock));
  EXPECT(LOCKOP_OK, lockop_device_init(&device, &lock));
  EXPECT(LOCKOP_OK, lockop_uuid_parse(ADMIN, strlen(ADMIN), &admin.user));
  EXPECT(LOCKOP_OK, lockop_entry_set_key(&admin, KEY, strlen(KEY)));
  admin.role = LOCKOP_ROLE_ADMIN;
  admin.start = LOCKOP_NO_TIME;
  admin.end = LOCKOP_NO_TIME;
  names();
  text();
  pointers();
  policy();
  failures();
  ram();
  flash();
  hardware();
  puts("the contract holds");
  return 0;
}
