/* Checks that no NDEBUG turns off. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);   \
      exit(1);                                                                  \
    }                                                                           \
  } while (0)

/* A status by its number, with both shown. */
#define EXPECT(status, call)                                                                   \
  do {                                                                                         \
    long expect_got = (long)(call);                                                            \
    if (expect_got != (long)(status)) {                                                        \
      fprintf(stderr, "%s:%d: %s: %ld (%s), not %s\n", __FILE__, __LINE__, #call, expect_got,  \
              lockop_code_name((lockop_status)expect_got), #status);                           \
      exit(1);                                                                                 \
    }                                                                                          \
  } while (0)

#endif
