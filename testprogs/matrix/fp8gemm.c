/* fp8 GEMM: both formats with fp32 results, e4m3 with fp16 ones; see floats.h. */
#include "floats.h"

/* For zero and what is normal in both: these are the numbers here. */
static fp8 to_e4m3(float x)
{
    uint32_t bits = to_bits(x);
    return x == 0 ? 0 : (fp8)(bits >> 24 & 0x80) | (fp8)((bits >> 20 & 0x7ff) - (120 << 3));
}
static fp8 to_e5m2(float x)
{
    union { f16 value; uint16_t bits; } u = {(f16)x};
    return (fp8)(u.bits >> 8);
}

TRY(e4m3_to_f32, "e4m3 to fp32", gemm_e4m3_f32, fp8, float, to_e4m3, of_e4m3, (float), 3, EPS_F32)
TRY(e5m2_to_f32, "e5m2 to fp32", gemm_e5m2_f32, fp8, float, to_e5m2, of_e5m2, (float), 2, EPS_F32)
TRY(e4m3_to_f16, "e4m3 to fp16", gemm_e4m3_f16, fp8, f16, to_e4m3, of_e4m3, (float), 3, EPS_F16)

int vector_main(const char *argument)
{
    int good = every_size(e4m3_to_f32);
    good &= every_size(e5m2_to_f32);
    good &= every_size(e4m3_to_f16);
    return !good;
}
