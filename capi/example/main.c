/* Applies an operation from a file to an ACL in RAM. */
#include <stdio.h>

#include "lockop.h"

/* Large, so not on the stack. */
static lockop_ram_acl acl;

/* Like strlen, without the NUL. */
#define TEXT(literal) (literal), sizeof(literal) - 1

static int failed(const char *what, lockop_status status) {
  printf("%s: %s\n", what, lockop_code_name(status));
  return 1;
}

int main(int argc, char **argv) {
  /* The lock's own ID. */
  lockop_uuid id;
  lockop_device device;
  lockop_status status = lockop_uuid_parse(TEXT("00000000-0000-4000-8000-00000000000a"), &id);
  if (status == LOCKOP_OK) status = lockop_device_init(&device, &id);
  if (status != LOCKOP_OK) return failed("device", status);

  /* An ACL with its owner on it. Real locks keep theirs in flash: lockop_flash_acl_mount. */
  lockop_entry owner = {.start = LOCKOP_NO_TIME, .end = LOCKOP_NO_TIME, .role = LOCKOP_ROLE_ADMIN};
  lockop_store store;
  status = lockop_uuid_parse(TEXT("11111111-1111-4111-8111-111111111111"), &owner.user);
  if (status == LOCKOP_OK) status = lockop_entry_set_key(&owner, TEXT("iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="));
  if (status == LOCKOP_OK) status = lockop_ram_acl_init(&acl, sizeof acl);
  if (status == LOCKOP_OK) status = lockop_ram_acl_provision(&acl, &owner);
  if (status == LOCKOP_OK) status = lockop_ram_acl_store(&acl, &store);
  if (status != LOCKOP_OK) return failed("store", status);

  /* What arrived, and the time in Unix seconds. */
  static uint8_t jws[32768];
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (file == NULL) return failed("which operation?", LOCKOP_INVALID_ARGUMENT);
  size_t len = fread(jws, 1, sizeof jws, file);
  fclose(file);
  uint64_t now = 1700000005;

  lockop_verdict verdict;
  status = lockop_apply(&device, jws, len, now, &store, &verdict);
  if (status != LOCKOP_OK) return failed("refused", status);
  printf("applied: %s, %u users\n", lockop_operation_name(verdict.operation), (unsigned)verdict.users);

  /* The same again is refused, and the answer to the outside is a stable code. */
  status = lockop_apply(&device, jws, len, now, &store, NULL);
  printf("again: %s\n", lockop_code_name(status));
  return status == LOCKOP_REPLAYED ? 0 : 1;
}
