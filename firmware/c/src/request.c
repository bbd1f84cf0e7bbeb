#include "request.h"

#include "lock.h"
#include "nor.h"
#include "startup.h"

enum { APPLY = 1, SET_TIME, PROVISION, STATUS, GET, OPEN, RESET, FACTORY_RESET, CUT, ANSWER = 0x80, BOOTED = 0xf0 };

enum { UNKNOWN_KIND = 64, BAD_LENGTH, TIMEOUT, BAD_VALUE, NOT_EMPTY, NO_SUCH_USER, NOT_ACTIVE };

enum { VERSION = 1, USER_LEN = 16, KEY_LEN = 32 };

/* Status, name and data. */
typedef struct answer {
  uint8_t status;
  const char *name;
  uint8_t data[64];
  size_t len;
} answer;

static size_t length(const char *text) {
  size_t len = 0;
  while (text[len] != 0) len++;
  return len;
}

static void set(answer *answer, uint8_t status, const char *name) {
  answer->status = status;
  answer->name = name;
}

static void set_code(answer *answer, lockop_status code) { set(answer, (uint8_t)code, lockop_code_name(code)); }

static void add_bytes(answer *answer, const uint8_t *bytes, size_t len) {
  for (size_t i = 0; i < len && answer->len < sizeof answer->data; i++) answer->data[answer->len++] = bytes[i];
}

/* The low bytes of a number, the lowest first. */
static void add(answer *answer, uint64_t number, size_t len) {
  for (size_t i = 0; i < len; i++) {
    uint8_t byte = (uint8_t)(number >> (8 * i));
    add_bytes(answer, &byte, 1);
  }
}

static uint64_t number(const uint8_t *bytes, size_t len) {
  uint64_t number = 0;
  for (size_t i = len; i > 0; i--) number = number << 8 | bytes[i - 1];
  return number;
}

static lockop_uuid user_of(const uint8_t *bytes) {
  lockop_uuid user;
  for (size_t i = 0; i < USER_LEN; i++) user.bytes[i] = bytes[i];
  return user;
}

static void send(const answer *answer, uint8_t kind) {
  uint8_t head[2] = {answer->status, (uint8_t)length(answer->name)};
  frame_send_header(kind, (uint16_t)(sizeof head + head[1] + answer->len));
  frame_send(head, sizeof head);
  frame_send(answer->name, head[1]);
  frame_send(answer->data, answer->len);
}

static void apply(answer *answer, const uint8_t *jws, size_t len) {
  uint32_t users = 0;
  lockop_status status = lock_apply(jws, len, &users);
  if (status != LOCKOP_OK) {
    set_code(answer, status);
    return;
  }
  set(answer, 0, "applied");
  add(answer, users, 2);
}

static void provision(answer *answer, const uint8_t *body) {
  lockop_entry admin = {
      .user = user_of(body), .start = LOCKOP_NO_TIME, .end = LOCKOP_NO_TIME, .role = LOCKOP_ROLE_ADMIN};
  switch (body[USER_LEN]) {
    case 0:
      admin.key_kind = LOCKOP_KEY_ED25519;
      break;
    case 1:
      admin.key_kind = LOCKOP_KEY_RSA_FINGERPRINT;
      break;
    default:
      set(answer, BAD_VALUE, "bad-value");
      return;
  }
  for (size_t i = 0; i < KEY_LEN; i++) admin.key[i] = body[USER_LEN + 1 + i];
  lockop_status status = lock_provision(&admin);
  if (status == LOCKOP_STOPPED) {
    set(answer, NOT_EMPTY, "not-empty");
  } else {
    set_code(answer, status);
  }
}

static void tell_status(answer *answer) {
  uint32_t users = 0, room = 0;
  lockop_status status = lock_usage(&users, &room);
  set_code(answer, status);
  if (status != LOCKOP_OK) return;
  add(answer, users, 2);
  add(answer, LOCKOP_USERS, 2);
  add(answer, room, 4);
  add(answer, lock_time(), 8);
  add(answer, lock_openings(), 4);
  add(answer, stack_deepest(), 4);
}

static void get(answer *answer, const uint8_t *body) {
  lockop_uuid user = user_of(body);
  lockop_entry entry;
  lockop_status status = lock_get(&user, &entry);
  if (status == LOCKOP_NOT_FOUND) {
    set(answer, NO_SUCH_USER, "no-such-user");
    return;
  }
  set_code(answer, status);
  if (status != LOCKOP_OK) return;
  add(answer, entry.role == LOCKOP_ROLE_ADMIN, 1);
  add(answer, entry.key_kind == LOCKOP_KEY_RSA_FINGERPRINT, 1);
  add_bytes(answer, entry.key, sizeof entry.key);
  /* LOCKOP_NO_TIME is all ones, as here. */
  add(answer, entry.start, 8);
  add(answer, entry.end, 8);
}

static void open(answer *answer, const uint8_t *body) {
  lockop_uuid user = user_of(body);
  lockop_status status = lock_open(&user);
  switch (status) {
    case LOCKOP_OK:
      set(answer, 0, "opened");
      break;
    case LOCKOP_NOT_FOUND:
      set(answer, NO_SUCH_USER, "no-such-user");
      break;
    case LOCKOP_NOT_YET_VALID:
      set(answer, NOT_ACTIVE, "not-active");
      break;
    default:
      set_code(answer, status);
  }
}

/* The length that the body of a request must have. */
static size_t length_of(uint8_t kind) {
  switch (kind) {
    case SET_TIME:
      return 8;
    case PROVISION:
      return USER_LEN + 1 + KEY_LEN;
    case GET:
    case OPEN:
      return USER_LEN;
    case CUT:
      return 4;
    default:
      return 0;
  }
}

static void do_it(answer *answer, uint8_t kind, const uint8_t *body) {
  set_code(answer, LOCKOP_OK);
  switch (kind) {
    case SET_TIME:
      lock_set_time(number(body, 8));
      break;
    case PROVISION:
      provision(answer, body);
      break;
    case STATUS:
      tell_status(answer);
      break;
    case GET:
      get(answer, body);
      break;
    case OPEN:
      open(answer, body);
      break;
    case FACTORY_RESET:
      set_code(answer, lock_factory_reset());
      break;
    case CUT:
      nor_cut_at((uint32_t)number(body, 4));
      break;
    default: /* RESET comes after its answer. */
      break;
  }
}

bool request_answer(const frame *frame, const uint8_t *body) {
  answer answer = {0};
  uint8_t kind = frame->kind;
  if (frame->body == BODY_TIMED_OUT) {
    set(&answer, TIMEOUT, "timeout");
  } else if (kind < APPLY || kind > CUT) {
    set(&answer, UNKNOWN_KIND, "unknown-kind");
  } else if (kind == APPLY) {
    if (frame->body == BODY_WHOLE) {
      apply(&answer, body, frame->len);
    } else {
      set_code(&answer, LOCKOP_MALFORMED);
    }
  } else if (frame->body != BODY_WHOLE || frame->len != length_of(kind)) {
    set(&answer, BAD_LENGTH, "bad-length");
  } else {
    do_it(&answer, kind, body);
  }
  send(&answer, kind | ANSWER);
  return kind == RESET && answer.status == 0;
}

void request_booted(void) {
  answer answer = {0};
  uint32_t users = 0, room = 0;
  set_code(&answer, lock_is_mounted() ? lock_usage(&users, &room) : LOCKOP_STORAGE);
  add(&answer, VERSION, 1);
  add(&answer, MAX_BODY, 4);
  add(&answer, LOCKOP_USERS, 2);
  add(&answer, users, 2);
  send(&answer, BOOTED);
}
