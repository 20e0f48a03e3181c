/* A matrix unit of version 0.6: tiles TR0 to TR3 hold parts of A and B, accumulators
 * ACC0 to ACC3 parts of C. */
#ifndef UNIT_H
#define UNIT_H

#include "th_matrix_0p6.h"
#include "../matrix.h"

/* Rows of every register. */
static inline size_t unit_rows(void)
{
    return th_xtlenb_read() / th_xtrlenb_read();
}

/* Elements of `size` bytes in a tile's row. */
static inline size_t unit_k(size_t size)
{
    return th_xtrlenb_read() / size;
}

/* Words in an accumulator's row. */
static inline size_t unit_words(void)
{
    return th_xalenb_read() / unit_rows() / 4;
}

#endif
