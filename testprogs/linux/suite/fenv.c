/* The floating-point environment: each operation in each rounding mode with the
 * flags that it raises. */
#include <fenv.h>
#include <math.h>

#include "suite.h"

static uint64_t bits(double d)
{
    uint64_t u;
    memcpy(&u, &d, 8);
    return u;
}

static uint32_t bits32(float f)
{
    uint32_t u;
    memcpy(&u, &f, 4);
    return u;
}

static const char *flags(void)
{
    static char text[8];
    int raised = fetestexcept(FE_ALL_EXCEPT), n = 0;
    if (raised & FE_INVALID)
        text[n++] = 'V';
    if (raised & FE_DIVBYZERO)
        text[n++] = 'Z';
    if (raised & FE_OVERFLOW)
        text[n++] = 'O';
    if (raised & FE_UNDERFLOW)
        text[n++] = 'U';
    if (raised & FE_INEXACT)
        text[n++] = 'X';
    text[n] = 0;
    feclearexcept(FE_ALL_EXCEPT);
    return text;
}

#define D(op) (feclearexcept(FE_ALL_EXCEPT), r = (op), printf(" %016llx%s", (unsigned long long)bits(r), flags()))
#define F(op) (feclearexcept(FE_ALL_EXCEPT), s = (op), printf(" %08x%s", bits32(s), flags()))
#define I(op) (feclearexcept(FE_ALL_EXCEPT), n = (long)(op), printf(" %lx%s", n, flags()))

static void one(double av, double bv, double cv)
{
    volatile double a = av, b = bv, c = cv, r;
    volatile float x = (float)av, y = (float)bv, z = (float)cv, s;
    volatile long n;
    D(a + b), D(a - b), D(a * b), D(a / b), D(sqrt(a)), D(fma(a, b, c));
    printf("\n   ");
    F(x + y), F(x - y), F(x * y), F(x / y), F(sqrtf(x)), F(fmaf(x, y, z)), F((float)a), D((double)x);
    printf("\n   ");
    I(lrint(a)), I((int)lrintf(x)), I((long)a), I((unsigned long)a), I((int)a), I((unsigned)x);
    D((double)0x7fffffffffffff81L), F((float)0x7fffff81), D((double)0xffffffffffffffffUL), F((float)-16777217L);
    D(rint(a)), D(nearbyint(a)), D(floor(a)), D(ceil(a)), D(trunc(a)), D(round(a));
    printf("\n");
}

static void compare(double av, double bv)
{
    volatile double a = av, b = bv, r;
    volatile long n;
    I(a < b), I(a <= b), I(a == b), I(isless(a, b)), I(isunordered(a, b)), D(fmin(a, b)), D(fmax(a, b));
    I(fpclassify(a)), I(signbit(a) != 0), D(copysign(a, b)), D(fabs(a)), D(-a);
    printf("\n");
}

TEST(fenv)
{
    static const struct {
        int mode;
        const char *name;
    } modes[] = {{FE_TONEAREST, "nearest"}, {FE_TOWARDZERO, "zero"}, {FE_DOWNWARD, "down"}, {FE_UPWARD, "up"}};
    static const double v[][3] = {
        {1, 3, 0.1}, {0.1, 0.2, -0.02}, {-2.5, 1e-300, 5e-324}, {1.7e308, 1.7e308, -1e308}, {5e-324, 0.5, 1},
        {2.2250738585072014e-308, 0.99999999999999989, 0}, {1e300, 1e-300, -1}, {0.0, -0.0, 0.0},
        {INFINITY, 2, -INFINITY}, {NAN, 1, 2}, {-1, 0, 0}, {123456789.987654321, -7, 1e10}, {1e19, 3e9, 4e9},
        {1.17549435e-38, 0.9999999, 1e-45}, {3.4e38, 1.1, 1e38}, {-0.5, 4503599627370497.5, 1},
    };
    for (size_t m = 0; m < 4; m++) {
        SHOW(fesetround(modes[m].mode));
        for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
            printf("%s %zu", modes[m].name, i);
            one(v[i][0], v[i][1], v[i][2]);
        }
    }
    SHOW(fesetround(FE_TONEAREST));
    static const double c[] = {1, -0.0, 0.0, INFINITY, -INFINITY, NAN, 5e-324};
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7; j++)
            compare(c[i], c[j]);
    /* a signalling NaN */
    uint64_t payload = 0xfff0000000000123;
    double signalling;
    memcpy(&signalling, &payload, 8);
    compare(signalling, 1);
    one(signalling, 1, 1);

    fenv_t saved;
    feraiseexcept(FE_INVALID | FE_INEXACT);
    printf("raised %s", flags());
    feraiseexcept(FE_DIVBYZERO);
    SHOW(feholdexcept(&saved));
    printf("held %s,", flags());
    fesetround(FE_UPWARD);
    feraiseexcept(FE_OVERFLOW);
    SHOW(feupdateenv(&saved));
    printf("updated %s, mode %d\n", flags(), fegetround());
    unsigned long csr;
    __asm__ volatile("fsflagsi zero, 0x15\n fsrmi 2\n frcsr %0\n fscsr zero" : "=r"(csr));
    SHOWX(csr);
    /* static rounding modes in the instruction */
    double exact = 2.5;
    long rne, rtz, rdn, rup, rmm;
    __asm__("fcvt.l.d %0, %5, rne\n fcvt.l.d %1, %5, rtz\n fcvt.l.d %2, %5, rdn\n fcvt.l.d %3, %5, rup\n"
            "fcvt.l.d %4, %5, rmm" : "=&r"(rne), "=&r"(rtz), "=&r"(rdn), "=&r"(rup), "=&r"(rmm) : "f"(exact));
    printf("2.5: %ld %ld %ld %ld %ld\n", rne, rtz, rdn, rup, rmm);
    return 0;
}
