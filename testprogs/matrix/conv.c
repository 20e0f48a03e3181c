/* 3x3 convolution of int8 images by implicit im2col, requantised; a zero point of -128
 * makes the clip a ReLU. Compared with plain C; every bit counts. */
#include "matrix.h"

#define MOST 40000

static int8_t image[MOST], weights[MOST], result[MOST];
static int32_t bias[128], factor[128], shift[128], zero_shifted[128];

static int try(size_t height, size_t width, size_t in, size_t out)
{
    uint64_t seed = height + 100 * width + 10000 * in + 1000000 * out;
    struct conv s = {height, width, in, out};
    struct requant q = {bias, factor, shift, zero_shifted, -128};
    size_t line = (width + 2) * in;
    memset(image, 0, sizeof image);
    for (size_t y = 1; y <= height; y++)
        for (size_t x = in; x < line - in; x++)
            image[y * line + x] = (int8_t)(bench_random(&seed) >> 56);
    /* The same weights however they lie in memory. */
    for (size_t i = 0; i < 9 * in; i++)
        for (size_t j = 0; j < out; j++)
            weights[B_IS_K_BY_N ? i * out + j : j * 9 * in + i] = (int8_t)(bench_random(&seed) >> 56);
    for (size_t j = 0; j < out; j++) {
        bias[j] = (int32_t)(bench_random(&seed) >> 44) - (1 << 19);
        factor[j] = (int32_t)(bench_random(&seed) >> 34) + (1 << 30);
        shift[j] = 7 + (int32_t)(bench_random(&seed) >> 62);
        zero_shifted[j] = -128 * (1 << shift[j]);
    }
    memset(result, 0x55, sizeof result);
    conv3x3_i8(&s, image, weights, &q, result);

    int good = result[height * width * out] == 0x55;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            for (size_t j = 0; j < out; j++) {
                int32_t sum = bias[j];
                for (size_t tap = 0; tap < 9; tap++) {
                    const int8_t *pixel = image + (y + tap / 3) * line + (x + tap % 3) * in;
                    for (size_t k = 0; k < in; k++)
                        sum += pixel[k] * weights[B_IS_K_BY_N ? (tap * in + k) * out + j : (j * 9 + tap) * in + k];
                }
                int32_t high = (int32_t)((int64_t)sum * factor[j] >> 32);
                int32_t value = (high >> shift[j]) + (high >> (shift[j] - 1) & 1) - 128;
                value = value < -128 ? -128 : value > 127 ? 127 : value;
                good &= result[(y * width + x) * out + j] == value;
            }
    put("channels ");
    put_dec(in);
    put(" to ");
    put_dec(out);
    put(", ");
    put_case("pixels", height, width, 0);
    return put_checksum(fold_bytes(result, height * width * out), good);
}

int vector_main(const char *argument)
{
    int good = try(1, 1, 1, 1);
    good &= try(4, 4, 16, 4);
    good &= try(5, 7, 3, 10);
    good &= try(2, 37, 20, 19);
    good &= try(9, 9, 33, 33);
    return !good;
}
