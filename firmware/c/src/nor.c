#include "nor.h"

#include "board.h"

LOCKOP_ASSERT(LOCKOP_WRITE_SIZE == STORE_WORD, words_are_the_chips);
LOCKOP_ASSERT(LOCKOP_ERASE_SIZE == STORE_PAGE, pages_are_the_chips);

enum { DONE = 0, FAILED = 1 };

/* How many operations are left before power is lost, that one included. */
static uint32_t until_cut;

void nor_cut_at(uint32_t n) { until_cut = n; }

/* Whether power is lost in the operation that begins now. */
static bool is_cut(void) { return until_cut != 0 && --until_cut == 0; }

static bool fits(uint32_t address, size_t len, uint32_t unit) {
  return address % unit == 0 && len % unit == 0 && address <= STORE_LEN && len <= STORE_LEN - address;
}

static lockop_status nor_read(void *context, uint32_t address, uint8_t *out, size_t len) {
  (void)context;
  if (!fits(address, len, STORE_WORD)) return FAILED;
  for (size_t i = 0; i < len; i++) out[i] = board_flash_read(address + (uint32_t)i);
  return DONE;
}

static bool is_erased(uint32_t word) {
  for (uint32_t i = 0; i < STORE_WORD; i++) {
    if (board_flash_read(word + i) != 0xff) return false;
  }
  return true;
}

static lockop_status nor_program(void *context, uint32_t address, const uint8_t *bytes, size_t len) {
  (void)context;
  if (!fits(address, len, STORE_WORD)) return FAILED;
  for (uint32_t word = 0; word < len; word += STORE_WORD) {
    if (!is_erased(address + word)) return FAILED;
    bool cut = is_cut();
    for (uint32_t i = 0; i < (cut ? STORE_WORD / 2 : STORE_WORD); i++) {
      board_flash_program(address + word + i, bytes[word + i]);
    }
    if (cut) board_reset();
  }
  return DONE;
}

static lockop_status nor_erase(void *context, uint32_t address, size_t len) {
  (void)context;
  if (!fits(address, len, STORE_PAGE)) return FAILED;
  for (uint32_t page = 0; page < len; page += STORE_PAGE) {
    bool cut = is_cut();
    for (uint32_t i = 0; i < (cut ? STORE_PAGE / 2 : STORE_PAGE); i++) board_flash_erase(address + page + i);
    if (cut) board_reset();
  }
  return DONE;
}

const lockop_flash nor = {
    .context = NULL,
    .read = nor_read,
    .program = nor_program,
    .erase = nor_erase,
    .start = 0,
    .len = STORE_LEN,
    .write_size = STORE_WORD,
    .erase_size = STORE_PAGE,
};
