/* Bias and ReLU on 0.3, which has neither a maximum nor element-wise floating point.
 *
 * ReLU: x >> 31, rounded down, plus one is 0 for what is negative and 1 for the rest;
 * times that. The same does for the bits of an f32. A bias is added to f32 as a product:
 * ones (a column of A) times the bias (a row of one element for each column). */
#include "unit.h"

static inline void relu(void)
{
    th_msra_s_mx(M2, M0, 31);
    th_madd_s_mx(M2, M2, 1);
    th_mmul_s_mm(M0, M0, M2);
}

void bias_relu_i32(size_t m, size_t n, int32_t *c, const int32_t *bias)
{
    size_t rows = unit_rows();
    th_xmcsr_write(XM_RDN);
    for (size_t j = 0; j < n; j += rows) {
        size_t columns = min_size(rows, n - j);
        unit_sizes(1, 0, columns * 4);
        th_mldw(M1, 0, bias + j);
        for (size_t i = 0; i < m; i += rows) {
            th_mcfgm(min_size(rows, m - i));
            th_mldw(M0, n * 4, c + i * n + j);
            th_madd_s_mv_i(M0, M0, M1, 0);
            relu();
            th_mstw(M0, n * 4, c + i * n + j);
        }
    }
    th_xmcsr_write(XM_RNU);
}

void bias_relu_f32(size_t m, size_t n, float *c, const float *bias)
{
    size_t rows = unit_rows();
    th_xmcsr_write(XM_RDN);
    th_mdupw_m_x(M3, to_bits(1));
    for (size_t j = 0; j < n; j += rows) {
        size_t columns = min_size(rows, n - j);
        unit_sizes(columns, columns, 4);
        th_mldw(M1, 4, bias + j);
        for (size_t i = 0; i < m; i += rows) {
            unit_sizes(min_size(rows, m - i), columns, columns * 4);
            th_mldw(M0, n * 4, c + i * n + j);
            th_mcfgk(4);
            th_fmmacc_s(M0, M1, M3);
            th_mcfgk(columns * 4);
            relu();
            th_mstw(M0, n * 4, c + i * n + j);
        }
    }
    th_xmcsr_write(XM_RNU);
}
