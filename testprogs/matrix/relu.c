/* Bias and ReLU in place, int32 and fp32. Compared with plain C; every bit counts. */
#include "matrix.h"

#define MOST 8000

static int32_t words[MOST], words_expected[MOST], words_bias[200];
static float floats[MOST], floats_expected[MOST], floats_bias[200];

static int try(size_t m, size_t n)
{
    uint64_t seed = m + 1000 * n;
    for (size_t j = 0; j < n; j++) {
        words_bias[j] = (int32_t)(bench_random(&seed) >> 40) - (1 << 23);
        floats_bias[j] = (float)words_bias[j] * 0x1.8p-20f;
    }
    memset(words, 0x55, sizeof words);
    memset(floats, 0x55, sizeof floats);
    for (size_t i = 0; i < m * n; i++) {
        words[i] = (int32_t)(bench_random(&seed) >> 40) - (1 << 23);
        floats[i] = i % 11 ? (float)words[i] * 0x1.4p-21f : -floats_bias[i % n];
        int32_t sum = words[i] + words_bias[i % n];
        float other = floats[i] + floats_bias[i % n];
        words_expected[i] = sum > 0 ? sum : 0;
        floats_expected[i] = other > 0 ? other : 0;
    }
    bias_relu_i32(m, n, words, words_bias);
    bias_relu_f32(m, n, floats, floats_bias);

    int good = words[m * n] == 0x55555555, same = to_bits(floats[m * n]) == 0x55555555;
    for (size_t i = 0; i < m * n; i++) {
        good &= words[i] == words_expected[i];
        same &= to_bits(floats[i]) == to_bits(floats_expected[i]);
    }
    put_case("int32", m, n, 0);
    good = put_checksum(fold_bytes(words, m * n * 4), good);
    put_case("fp32", m, n, 0);
    return good & put_checksum(fold_bytes(floats, m * n * 4), same);
}

int vector_main(const char *argument)
{
    int good = try(1, 1);
    good &= try(4, 4);
    good &= try(7, 3);
    good &= try(33, 65);
    good &= try(50, 130);
    return !good;
}
