/* fp32 GEMM; see floats.h. */
#include "floats.h"

TRY(to_f32, "fp32", gemm_f32_f32, float, float, (float), (float), (float), 20, EPS_F32)

int vector_main(const char *argument)
{
    return !every_size(to_f32);
}
