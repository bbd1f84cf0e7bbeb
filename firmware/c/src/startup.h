#ifndef STARTUP_H
#define STARTUP_H

#include <stdint.h>

/* The most bytes of stack that were in use since the start. */
uint32_t stack_deepest(void);

#endif
