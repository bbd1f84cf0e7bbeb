#include "frame.h"

#include <stdbool.h>

#include "board.h"

/* How often the line is asked for the next byte of a body in vain before the frame is given up. */
enum { PATIENCE = 10000000 };

static uint8_t check_of(uint8_t kind, uint8_t low, uint8_t high) { return (uint8_t)(0xff - kind - low - high); }

/* Looks for a header in the last six bytes, so nothing before it matters. */
static void receive_header(uint8_t header[6]) {
  for (size_t i = 0; i < 6; i++) header[i] = 0;
  for (;;) {
    uint8_t byte;
    while (!board_received(&byte)) {
    }
    for (size_t i = 0; i < 5; i++) header[i] = header[i + 1];
    header[5] = byte;
    if (header[0] == 'L' && header[1] == 'K' && header[5] == check_of(header[2], header[3], header[4])) return;
  }
}

static bool receive_byte(uint8_t *byte) {
  for (uint32_t i = 0; i < PATIENCE; i++) {
    if (board_received(byte)) return true;
  }
  return false;
}

frame frame_receive(uint8_t *buffer, size_t room) {
  uint8_t header[6];
  receive_header(header);
  frame frame = {header[2], BODY_WHOLE, (size_t)header[3] | (size_t)header[4] << 8};
  /* Of a body that is too long, every byte is taken off the line and none is kept. */
  if (frame.len > room) frame.body = BODY_TOO_LONG;
  for (size_t i = 0; i < frame.len; i++) {
    uint8_t byte;
    if (!receive_byte(&byte)) {
      frame.body = BODY_TIMED_OUT;
      break;
    }
    if (frame.body == BODY_WHOLE) buffer[i] = byte;
  }
  return frame;
}

void frame_send(const void *bytes, size_t len) {
  const uint8_t *next = bytes;
  for (size_t i = 0; i < len; i++) board_send(next[i]);
}

void frame_send_header(uint8_t kind, uint16_t len) {
  uint8_t low = (uint8_t)len, high = (uint8_t)(len >> 8);
  uint8_t header[6] = {'L', 'K', kind, low, high, check_of(kind, low, high)};
  frame_send(header, sizeof header);
}
