/* fp16 GEMM with fp16 and with fp32 results; see floats.h. */
#include "floats.h"

TRY(to_f16, "fp16", gemm_f16_f16, f16, f16, (f16), (float), (float), 7, EPS_F16)
TRY(to_f32, "fp16 to fp32", gemm_f16_f32, f16, float, (f16), (float), (float), 7, EPS_F32)

int vector_main(const char *argument)
{
    int good = every_size(to_f16);
    good &= every_size(to_f32);
    return !good;
}
