/* Requests and their answers (PROTOCOL.md, 4). */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>

#include "frame.h"

/* Says that the lock has started. */
void request_booted(void);
/* Does what a request asks for, and answers; whether to start anew. */
bool request_answer(const frame *frame, const uint8_t *body);

#endif
