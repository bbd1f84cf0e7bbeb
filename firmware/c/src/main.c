/*
 * A pretend lock: lockop in a complete firmware image, in C. ../PROTOCOL.md says how it is talked to, and what about it is
 * pretend.
 *
 * What a project of one's own needs is in lock.c: mount the store, and give every operation that arrives to lockop_apply.
 */
#include "board.h"
#include "frame.h"
#include "lock.h"
#include "request.h"

/* The only large variable: an operation is received here, and parsed where it lies. */
static uint8_t body[MAX_BODY];

int main(void) {
  board_start();
  lock_start();
  request_booted();
  for (;;) {
    frame frame = frame_receive(body, sizeof body);
    if (request_answer(&frame, body)) board_reset();
  }
}
