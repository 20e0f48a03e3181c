/* A matrix unit of version 0.3: eight registers of rows x RLEN bits for any role, RLEN
 * being 32 bits for each row. */
#ifndef UNIT_H
#define UNIT_H

#include "th_matrix_0p3.h"
#include "../matrix.h"

/* Rows of every register: words in a row. */
static inline size_t unit_rows(void)
{
    return th_xrlenb_read() / 4;
}

/* Elements of `size` bytes in a row. */
static inline size_t unit_k(size_t size)
{
    return th_xrlenb_read() / size;
}

/* Sets sizeM, sizeN and sizeK, the last in bytes. */
static inline void unit_sizes(size_t m, size_t n, size_t k_bytes)
{
    th_mcfg(m | n << 8 | k_bytes << 16);
}

#endif
