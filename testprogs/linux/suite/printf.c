/* printf and strtod of floating-point numbers: every format, every rounding
 * mode, and long double, which is soft-float quad on RISC-V. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "suite.h"

static const double values[] = {
    0.0, -0.0, 1.0, -1.5, 0.1, 2.5, 3.5, 1e21, 1e22, 1e23, 123456789.0, 0.000123456,
    9.995, 99.95, 0.5, 1.0 / 3, 2e-308, 4.9406564584124654e-324, 2.2250738585072014e-308,
    1.7976931348623157e308, 9007199254740993.0, 5e-5, 1234567.0, 999999.5, INFINITY, -INFINITY,
};

TEST(printf)
{
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double v = values[i];
        printf("%f|%e|%g|%a|%.0f|%.3f|%.17g|%+.2e|%#g|%012.4f|%-12.3g|%G\n", v, v, v, v, v, v, v, v, v, v, v, v);
    }
    printf("%f %F %d %d\n", fabs(NAN), fabs(NAN), isnan(NAN), isinf(-INFINITY));

    static const struct {
        int mode;
        const char *name;
    } modes[] = {{FE_TONEAREST, "nearest"}, {FE_TOWARDZERO, "zero"}, {FE_DOWNWARD, "down"}, {FE_UPWARD, "up"}};
    for (size_t m = 0; m < 4; m++) {
        fesetround(modes[m].mode);
        printf("%s: %.0f %.0f %.0f %.1f %.1f %.2f %.3e", modes[m].name, 0.5, 1.5, -2.5, 0.25, -0.35, 1.005, 123456.5);
        printf(" %.17g %.17g %a", strtod("0.1", 0), strtod("-1e-320", 0), strtod("1e308", 0) * 10);
        printf(" %a\n", (double)strtof("3.4028236e38", 0));
        fesetround(FE_TONEAREST);
    }

    static const char *const texts[] = {
        "0.1", "1e400", "-1e-400", "0x1.8p3", "nan", "-inf", "infinity", "1e", "12.5abc", ".5", "+7", "x",
        "2.4703282292062327208e-324", "2.4703282292062328e-324", "179769313486231580793e289",
        "9007199254740992.5", "9007199254740993", "0.000000000000000000000000000000000000000000001e45",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *end;
        errno = 0;
        double d = strtod(texts[i], &end);
        printf("strtod(%s) = %.17g (%a), %zu read, %s\n", texts[i], d, d, (size_t)(end - texts[i]),
               errno ? strerrorname_np(errno) : "ok");
    }

    uint64_t seed = 1;
    unsigned differ = 0;
    for (int i = 0; i < 2000; i++) {
        uint64_t bits = random64(&seed), back;
        double d, again;
        char text[64];
        memcpy(&d, &bits, 8);
        if (isnan(d))
            continue;
        snprintf(text, sizeof text, "%.17g", d);
        again = strtod(text, 0);
        memcpy(&back, &again, 8);
        differ += back != bits;
    }
    printf("round trip: %u differ\n", differ);

    long double quad = 1.0L / 3;
    printf("%Lf %Le %Lg %La %.40Lf\n", quad, quad, quad, quad, quad);
    printf("%Lg %Lg %Lg %La\n", LDBL_MAX, LDBL_MIN, LDBL_EPSILON, quad * quad - quad / 7);
    printf("%.36Lg %.36Lg\n", sqrtl(2), strtold("0.1", 0));
    printf("%lld %llu %g %g\n", (long long)(quad * 1e18L), (unsigned long long)(quad * 5e19L), (double)quad,
           (double)(float)quad);

    printf("sin %.17g cos %.17g tan %.17g exp %.17g log %.17g pow %.17g\n", sin(1), cos(1), tan(1), exp(1), log(10),
           pow(2, 0.5));
    printf("hypot %.17g atan2 %.17g cbrt %.17g fmod %.17g tgamma %.17g erf %.17g\n", hypot(3, 4), atan2(1, -1),
           cbrt(27), fmod(-7.5, 2), tgamma(5.5), erf(0.5));
    printf("sinf %.9g expf %.9g powf %.9g sin(1e22) %.17g\n", (double)sinf(1), (double)expf(1), (double)powf(3, 0.3f),
           sin(1e22));
    return 0;
}
