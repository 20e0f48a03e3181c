#include <stdio.h>
#include "th_matrix_0p6.h"

/* C (m x n) = A (m x k) times B, given column by column (n x k), for a unit of any size. */
static void gemm(size_t m, size_t n, size_t k, const int8_t *A, const int8_t *B, int32_t *C)
{
    size_t bytes = th_xtrlenb_read(), rows = th_xtlenb_read() / bytes;
    for (size_t i = 0; i < m; i += rows)
        for (size_t j = 0; j < n; j += rows) {
            th_msettilem(m - i < rows ? m - i : rows);
            th_msettilen(n - j < rows ? n - j : rows);
            th_mzero(ACC0);
            for (size_t l = 0; l < k; l += bytes) {
                th_msettilek(k - l < bytes ? k - l : bytes);
                th_mlae8(TR0, A + i * k + l, k);
                th_mlbe8(TR1, B + j * k + l, k);
                th_mmacc_w_b(ACC0, TR1, TR0);
            }
            th_msce32(ACC0, C + i * n + j, n * sizeof *C);
        }
}

int main(void)
{
    static int8_t A[50 * 70], B[60 * 70];
    static int32_t C[50 * 60];
    for (int x = 0; x < 50 * 70; x++) A[x] = x * 7;
    for (int x = 0; x < 60 * 70; x++) B[x] = x * 5;
    gemm(50, 60, 70, A, B, C);
    int32_t expected = 0;
    for (int l = 0; l < 70; l++) expected += A[49 * 70 + l] * B[59 * 70 + l];
    printf("C[49][59] = %d, expected %d\n", C[49 * 60 + 59], expected);
    return C[49 * 60 + 59] != expected;
}
