#include "board.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define USART1_SR REGISTER(0x40011000u)
#define USART1_DR REGISTER(0x40011004u)
#define USART1_CR1 REGISTER(0x4001100cu)
#define GPIOA_BSRR REGISTER(0x40020018u)
#define AIRCR REGISTER(0xe000ed0cu)

enum { RXNE = 1 << 5, TXE = 1 << 7, UE = 1 << 13, TE = 1 << 3, RE = 1 << 2, STRIKE = 1 << 0 };

/* No section of the image is here. Each byte is kept as its complement: the emulator's RAM begins as zeros, which must
   read as erased. */
#define STORE ((volatile uint8_t *)0x20018000u)

/* The emulator needs no clocks, pins and speed set. */
void board_start(void) { USART1_CR1 = UE | TE | RE; }

bool board_received(uint8_t *byte) {
  if ((USART1_SR & RXNE) == 0) return false;
  *byte = (uint8_t)USART1_DR;
  return true;
}

void board_send(uint8_t byte) {
  while ((USART1_SR & TXE) == 0) {
  }
  USART1_DR = byte;
}

void board_pull_strike(void) {
  GPIOA_BSRR = STRIKE;
  for (volatile uint32_t i = 0; i < 1000; i++) {
  }
  GPIOA_BSRR = (uint32_t)STRIKE << 16;
}

void board_reset(void) {
  __asm volatile("dsb" ::: "memory");
  AIRCR = 0x05fa0004u;
  __asm volatile("dsb" ::: "memory");
  for (;;) {
  }
}

uint8_t board_flash_read(uint32_t address) { return (uint8_t)~STORE[address % STORE_LEN]; }

void board_flash_program(uint32_t address, uint8_t byte) {
  volatile uint8_t *place = &STORE[address % STORE_LEN];
  *place = (uint8_t)(*place | (uint8_t)~byte);
}

void board_flash_erase(uint32_t address) { STORE[address % STORE_LEN] = 0; }
