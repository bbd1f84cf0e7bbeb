/*
 * Every vector of tests/vectors through the C ABI, with each kind of store. Standard input is what `cargo xtask capi`
 * makes of them:
 *
 *   vector ID LOCK LEEWAY MAX_LEN FLAGS CAPACITY
 *   entry USER ROLE START END KEY            (an entry of the ACL before; "-" for no time)
 *   apply NOW CODE HEX                       (CODE -1: any refusal; HEX "-": no bytes)
 *   after USER ROLE START END KEY            (an entry of the ACL in the end)
 *   end 0|1                                  (1: the ACL in the end is known)
 */
#include <inttypes.h>
#include <string.h>

#include "check.h"
#include "lockop.h"
#include "stores.h"

enum { MOST_ENTRIES = ARRAY_USERS, MOST_STEPS = 64, MOST_LINE = 1 << 18 };

typedef struct step {
  uint64_t now;
  int code;
  uint8_t *jws;
  size_t len;
} step;

typedef struct vector {
  char id[128];
  lockop_device device;
  size_t capacity, entries_len, steps_len, after_len;
  int after_known;
  lockop_entry entries[MOST_ENTRIES], after[MOST_ENTRIES];
  step steps[MOST_STEPS];
} vector;

static char line[MOST_LINE];
static vector now;
static unsigned seen[3][13];

static uint64_t time_of(const char *text) {
  return strcmp(text, "-") == 0 ? LOCKOP_NO_TIME : strtoull(text, NULL, 10);
}

static void read_uuid(const char *text, lockop_uuid *uuid) {
  EXPECT(LOCKOP_OK, lockop_uuid_parse(text, strlen(text), uuid));
}

static void read_entry(char *text, lockop_entry *entry) {
  memset(entry, 0, sizeof *entry);
  read_uuid(strtok(text, " "), &entry->user);
  entry->role = strcmp(strtok(NULL, " "), "ADMIN") == 0 ? LOCKOP_ROLE_ADMIN : LOCKOP_ROLE_USER;
  entry->start = time_of(strtok(NULL, " "));
  entry->end = time_of(strtok(NULL, " "));
  const char *key = strtok(NULL, " ");
  EXPECT(LOCKOP_OK, lockop_entry_set_key(entry, key, strlen(key)));
}

static int nibble(char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; }

/* Exactly as many bytes as there are, so that a checker of memory sees one read too far. */
static void read_step(char *text, step *step) {
  step->now = strtoull(strtok(text, " "), NULL, 10);
  step->code = atoi(strtok(NULL, " "));
  const char *hex = strtok(NULL, " ");
  step->len = hex[0] == '-' ? 0 : strlen(hex) / 2;
  step->jws = malloc(step->len + (step->len == 0));
  CHECK(step->jws != NULL);
  for (size_t i = 0; i < step->len; i++) {
    step->jws[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
  }
}

static void run_steps(const lockop_store *store, unsigned *codes) {
  for (size_t i = 0; i < now.steps_len; i++) {
    const step *step = &now.steps[i];
    lockop_verdict verdict;
    memset(&verdict, 0xa5, sizeof verdict);
    lockop_status got = lockop_apply(&now.device, step->jws, step->len, step->now, store, &verdict);
    CHECK(verdict.code == got && got >= 0 && got <= 12);
    CHECK((verdict.operation == LOCKOP_OPERATION_BATCH_ADD_USER) == (got == LOCKOP_OK));
    CHECK((verdict.users > 0) == (got == LOCKOP_OK) && verdict.store_status == 0);
    if (step->code < 0 ? got == LOCKOP_OK : got != step->code) {
      fprintf(stderr, "%s, step %zu: %d, not %d\n", now.id, i + 1, (int)got, step->code);
      exit(1);
    }
    codes[got]++;
  }
}

static const lockop_entry *expected(const lockop_uuid *user) {
  for (size_t i = 0; i < now.after_len; i++) {
    if (memcmp(&now.after[i].user, user, sizeof *user) == 0) return &now.after[i];
  }
  return NULL;
}

/* A visitor: counts the entries that are as they should be. */
static lockop_status compare(void *context, const lockop_entry *entry) {
  const lockop_entry *same = expected(&entry->user);
  if (same == NULL || memcmp(same, entry, sizeof *entry) != 0) return 1;
  ++*(size_t *)context;
  return 0;
}

static void in_callbacks(void) {
  static array_acl acl;
  array_acl_init(&acl, now.capacity);
  memcpy(acl.entries, now.entries, now.entries_len * sizeof *now.entries);
  acl.len = now.entries_len;
  lockop_store store = array_acl_store(&acl);
  run_steps(&store, seen[0]);
  if (!now.after_known) return;
  size_t same = 0;
  for (size_t i = 0; i < acl.len; i++) CHECK(compare(&same, &acl.entries[i]) == 0);
  CHECK(same == now.after_len);
}

static void in_ram(void) {
  static lockop_ram_acl acl;
  EXPECT(LOCKOP_OK, lockop_ram_acl_init(&acl, sizeof acl));
  for (size_t i = 0; i < now.entries_len; i++) EXPECT(LOCKOP_OK, lockop_ram_acl_provision(&acl, &now.entries[i]));
  lockop_store store;
  EXPECT(LOCKOP_OK, lockop_ram_acl_store(&acl, &store));
  run_steps(&store, seen[1]);
  if (!now.after_known) return;
  size_t same = 0;
  EXPECT(LOCKOP_OK, lockop_ram_acl_for_each(&acl, compare, &same));
  CHECK(same == now.after_len);
}

static void in_flash(void) {
  static chip chip;
  static lockop_flash_acl acl;
  chip_init(&chip);
  lockop_flash flash = chip_flash(&chip);
  EXPECT(LOCKOP_OK, lockop_flash_acl_format(&acl, sizeof acl, &flash));
  for (size_t i = 0; i < now.entries_len; i++) EXPECT(LOCKOP_OK, lockop_flash_acl_provision(&acl, &now.entries[i]));
  lockop_store store;
  EXPECT(LOCKOP_OK, lockop_flash_acl_store(&acl, &store));
  run_steps(&store, seen[2]);
  if (!now.after_known) return;
  memset(&acl, 0, sizeof acl);
  EXPECT(LOCKOP_OK, lockop_flash_acl_mount(&acl, sizeof acl, &flash));
  size_t same = 0;
  EXPECT(LOCKOP_OK, lockop_flash_acl_for_each(&acl, compare, &same));
  CHECK(same == now.after_len);
}

static void run(void) {
  in_callbacks();
  /* The built-in stores have a fixed capacity: where it decides, they cannot show what is expected. */
  if (now.capacity == ARRAY_USERS) {
    in_ram();
    in_flash();
  }
  for (size_t i = 0; i < now.steps_len; i++) free(now.steps[i].jws);
}

int main(void) {
  static const char *const stores[] = {"callbacks", "RAM", "flash"};
  unsigned vectors = 0;
  while (fgets(line, sizeof line, stdin) != NULL) {
    char *end = strchr(line, '\n');
    CHECK(end != NULL);
    *end = 0;
    char *rest = strchr(line, ' ');
    CHECK(rest != NULL);
    *rest++ = 0;
    if (strcmp(line, "vector") == 0) {
      memset(&now, 0, sizeof now);
      strncpy(now.id, strtok(rest, " "), sizeof now.id - 1);
      lockop_uuid lock;
      read_uuid(strtok(NULL, " "), &lock);
      EXPECT(LOCKOP_OK, lockop_device_init(&now.device, &lock));
      now.device.leeway = strtoull(strtok(NULL, " "), NULL, 10);
      now.device.max_len = (uint32_t)strtoul(strtok(NULL, " "), NULL, 10);
      now.device.flags = (uint32_t)strtoul(strtok(NULL, " "), NULL, 10);
      now.capacity = strtoul(strtok(NULL, " "), NULL, 10);
    } else if (strcmp(line, "entry") == 0) {
      CHECK(now.entries_len < MOST_ENTRIES);
      read_entry(rest, &now.entries[now.entries_len++]);
    } else if (strcmp(line, "apply") == 0) {
      CHECK(now.steps_len < MOST_STEPS);
      read_step(rest, &now.steps[now.steps_len++]);
    } else if (strcmp(line, "after") == 0) {
      CHECK(now.after_len < MOST_ENTRIES);
      read_entry(rest, &now.after[now.after_len++]);
    } else {
      CHECK(strcmp(line, "end") == 0);
      now.after_known = atoi(rest);
      run();
      vectors++;
    }
  }
  CHECK(vectors > 0);
  printf("%u vectors\n", vectors);
  for (int store = 0; store < 3; store++) {
    printf("%s:", stores[store]);
    for (int code = 0; code <= LOCKOP_ACL_FULL; code++) {
      printf(" %s %u", lockop_code_name(code), seen[store][code]);
      /* Where there is room for everybody, the built-in stores are never full: see contract.c. */
      CHECK(seen[store][code] > 0 || (store > 0 && code == LOCKOP_ACL_FULL) || getenv("LOCKOP_SOME_VECTORS") != NULL);
    }
    printf("\n");
  }
  return 0;
}
