/* bf16 GEMM with fp32 results; see floats.h. */
#include "floats.h"

TRY(to_f32, "bf16 to fp32", gemm_bf16_f32, bf16, float, to_bf16, of_bf16, (float), 7, EPS_F32)

int vector_main(const char *argument)
{
    return !every_size(to_f32);
}
