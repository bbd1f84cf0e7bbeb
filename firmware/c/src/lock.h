/* What a lock does: the part that is not pretend, and what a project of one's own would copy. */
#ifndef LOCK_H
#define LOCK_H

#include <stdbool.h>

#include "lockop.h"

enum { MAX_BODY = 32768 };

/* After every reset. */
void lock_start(void);
/* Whether the store could be mounted; if not, every function answers LOCKOP_STORAGE. */
bool lock_is_mounted(void);
uint64_t lock_time(void);
void lock_set_time(uint64_t now);
/* How many users are on the ACL, and how many bytes can be written before the next compaction. */
lockop_status lock_usage(uint32_t *users, uint32_t *room);

/* The whole job: verifies an operation and applies it. */
lockop_status lock_apply(const uint8_t *jws, size_t len, uint32_t *users);
/* The button inside the lock: puts the first ADMIN on the ACL. LOCKOP_STOPPED if there is somebody already. */
lockop_status lock_provision(const lockop_entry *admin);
/* LOCKOP_NOT_FOUND: not on the ACL. */
lockop_status lock_get(const lockop_uuid *user, lockop_entry *entry);
/* The reader at the door has recognised somebody. LOCKOP_NOT_FOUND: not on the ACL; LOCKOP_NOT_YET_VALID: not active now. */
lockop_status lock_open(const lockop_uuid *user);
/* How often the strike was pulled since the start. */
uint32_t lock_openings(void);
/* Forgets everybody; also the way out if the store cannot be mounted. */
lockop_status lock_factory_reset(void);

#endif
