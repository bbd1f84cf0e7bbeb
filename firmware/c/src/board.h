/* The emulator's netduinoplus2, an STM32F405 (PROTOCOL.md, 1 and 2). */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>

/* The pretend flash: addresses count from its start. */
enum { STORE_LEN = 0x8000, STORE_PAGE = 4096, STORE_WORD = 4 };

void board_start(void);
/* The next byte on the line, if it is there. */
bool board_received(uint8_t *byte);
void board_send(uint8_t byte);
void board_pull_strike(void);
__attribute__((noreturn)) void board_reset(void);

/* One byte of the pretend flash: reads it; clears bits of it; sets all of them. */
uint8_t board_flash_read(uint32_t address);
void board_flash_program(uint32_t address, uint8_t byte);
void board_flash_erase(uint32_t address);

#endif
