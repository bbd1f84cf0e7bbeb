/* From reset to main, and the stack: how much of it was used. */
#include "startup.h"

#include "board.h"

extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_limit[], stack_top[];

int main(void);
__attribute__((noreturn)) void start(void);

/* What a call is unlikely to leave behind at its deepest word. */
#define PAINT 0x5aa5c33cu

#define CPACR (*(volatile uint32_t *)0xe000ed88u)

/* Everything else is an error, after which a lock starts anew. */
static void fault(void) { board_reset(); }

typedef void (*handler)(void);

/* The sixteen that every Cortex-M4 has; no interrupt is enabled. */
typedef struct vector_table {
  uint32_t *stack;
  handler handlers[15];
} vector_table;

__attribute__((section(".vectors"), used)) static const vector_table vectors = {
    stack_top,
    {start, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, fault},
};

void start(void) {
  /* The library is built for the hard-float ABI: the compiler may use the FPU anywhere. */
  CPACR |= 0xfu << 20;
  __asm volatile("dsb\n\tisb" ::: "memory");
  for (uint32_t *to = data_start, *from = data_load; to < data_end;) *to++ = *from++;
  for (uint32_t *word = bss_start; word < bss_end;) *word++ = 0;
  uint32_t *here = __builtin_frame_address(0);
  for (volatile uint32_t *word = stack_limit; word < here - 16; word++) *word = PAINT;
  main();
  board_reset();
}

uint32_t stack_deepest(void) {
  const volatile uint32_t *word = stack_limit;
  while (word < stack_top && *word == PAINT) word++;
  return (uint32_t)((const volatile char *)stack_top - (const volatile char *)word);
}
