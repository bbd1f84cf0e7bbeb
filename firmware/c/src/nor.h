/* The driver of the store's flash, and the loss of power in it (PROTOCOL.md, 2). */
#ifndef NOR_H
#define NOR_H

#include "lockop.h"

/* The driver, for lockop. */
extern const lockop_flash nor;

/* The nth operation of the flash from now on loses power; 0: none does. */
void nor_cut_at(uint32_t n);

#endif
