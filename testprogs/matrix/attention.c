/* Scaled dot-product attention of one head: fp16 in, fp32 scores and results, softmax by
 * vectors. Compared with f64: within 2^-9, as numbers of v are below 1 and the weights
 * have 11 bits. */
#include "matrix.h"

#define LENGTH 72
#define DIM 64

static f16 q[LENGTH * DIM], k[LENGTH * DIM], v[LENGTH * DIM], weights[LENGTH * LENGTH], other[LENGTH * DIM];
static float scores[LENGTH * LENGTH], out[LENGTH * DIM];
static double row[LENGTH];

/* e^x for x <= 0: (1 + t + ... + t^9/9!)^256, t = x / 256. */
static double exponential(double x)
{
    if (x < -100)
        return 0;
    double t = x / 256, sum = 1;
    for (int i = 9; i > 0; i--)
        sum = 1 + sum * t / i;
    for (int i = 0; i < 8; i++)
        sum *= sum;
    return sum;
}

static int try(size_t length, size_t dim, float scale)
{
    uint64_t seed = length + 1000 * dim;
    struct attention s = {length, dim, scale, scores, weights, other};
    for (size_t i = 0; i < length * dim; i++) {
        q[i] = (f16)((float)(bench_random(&seed) >> 54) / 128 - 4);
        k[i] = (f16)((float)(bench_random(&seed) >> 54) / 128 - 4);
        v[i] = (f16)((float)(bench_random(&seed) >> 53) / 1024 - 1);
    }
    memset(out, 0x55, sizeof out);
    attention(&s, q, k, v, out);

    int good = length * dim == LENGTH * DIM || to_bits(out[length * dim]) == 0x55555555;
    for (size_t i = 0; i < length; i++) {
        double max = -1e9, sum = 0;
        for (size_t j = 0; j < length; j++) {
            row[j] = 0;
            for (size_t d = 0; d < dim; d++)
                row[j] += (double)(float)q[i * dim + d] * (double)(float)k[j * dim + d];
            row[j] *= scale;
            max = row[j] > max ? row[j] : max;
        }
        for (size_t j = 0; j < length; j++)
            sum += row[j] = exponential(row[j] - max);
        for (size_t d = 0; d < dim; d++) {
            double value = 0;
            for (size_t j = 0; j < length; j++)
                value += row[j] / sum * (double)(float)v[j * dim + d];
            good &= __builtin_fabs(value - (double)out[i * dim + d]) <= 0x1p-9;
        }
    }
    put_case("attention", length, dim, 0);
    put(good ? "within 2^-9, ok\n" : "beyond 2^-9, WRONG\n");
    return good;
}

int vector_main(const char *argument)
{
    int good = try(1, 8, 0.35355339f);
    good &= try(5, 16, 0.25f);
    good &= try(33, 40, 0.15811388f);
    good &= try(LENGTH, DIM, 0.125f);
    return !good;
}
