/* Bias and ReLU on 0.6: element-wise, with row 0 of one accumulator as the second
 * operand of all rows, and another one of zeros. */
#include "unit.h"

#define BIAS_RELU(name, T, ADD, MAX)                                     \
    void name(size_t m, size_t n, T *c, const T *bias)                   \
    {                                                                    \
        size_t rows = unit_rows(), columns = unit_words(), line = n * 4; \
        th_mzero(ACC2);                                                  \
        for (size_t j = 0; j < n; j += columns) {                        \
            th_msettilen(min_size(columns, n - j));                      \
            th_msettilem(1);                                             \
            th_mlce32(ACC1, bias + j, 0);                                \
            for (size_t i = 0; i < m; i += rows) {                       \
                th_msettilem(min_size(rows, m - i));                     \
                th_mlce32(ACC0, c + i * n + j, line);                    \
                ADD(ACC0, ACC0, ACC1, 0);                                \
                MAX(ACC0, ACC0, ACC2, 0);                                \
                th_msce32(ACC0, c + i * n + j, line);                    \
            }                                                            \
        }                                                                \
    }

BIAS_RELU(bias_relu_i32, int32_t, th_madd_w_mv_i, th_mmax_w_mv_i)
BIAS_RELU(bias_relu_f32, float, th_mfadd_s_mv_i, th_mfmax_s_mv_i)
