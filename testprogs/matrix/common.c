/* See matrix.h. */
#include "matrix.h"

float of_e4m3(fp8 x)
{
    uint32_t sign = (uint32_t)(x & 0x80) << 24, exponent = x >> 3 & 15, fraction = x & 7;
    if ((x & 0x7f) == 0x7f)
        return of_bits(sign | 0x7fc00000);
    if (!exponent) {
        float value = (float)fraction * 0x1p-9f;
        return sign ? -value : value;
    }
    return of_bits(sign | (exponent + 120) << 23 | fraction << 20);
}

float of_e5m2(fp8 x)
{
    union { uint16_t bits; f16 value; } u = {(uint16_t)(x << 8)};
    return (float)u.value;
}

void put_case(const char *name, size_t m, size_t n, size_t k)
{
    put(name);
    put(" ");
    put_dec(m);
    put("x");
    put_dec(n);
    if (k) {
        put("x");
        put_dec(k);
    }
    put(": ");
}

int put_checksum(uint64_t sum, int good)
{
    put("checksum ");
    put_hex(sum);
    put(good ? ", ok\n" : ", WRONG\n");
    return good;
}

uint64_t fold_bytes(const void *bytes, size_t n)
{
    const uint8_t *b = bytes;
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum = bench_fold(sum, b[i]);
    return sum;
}
