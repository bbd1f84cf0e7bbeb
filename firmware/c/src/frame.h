/* Frames on the line (PROTOCOL.md, 3). */
#ifndef FRAME_H
#define FRAME_H

#include <stddef.h>
#include <stdint.h>

typedef enum frame_body { BODY_WHOLE, BODY_TOO_LONG, BODY_TIMED_OUT } frame_body;

typedef struct frame {
  uint8_t kind;
  frame_body body;
  /* Of a whole body: how long it is. */
  size_t len;
} frame;

/* Waits for a frame, whatever comes before it. A whole body is in `buffer` then. */
frame frame_receive(uint8_t *buffer, size_t room);
/* Sends a header, behind which so many bytes of a body follow. */
void frame_send_header(uint8_t kind, uint16_t len);
void frame_send(const void *bytes, size_t len);

#endif
