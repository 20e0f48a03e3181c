/* n-body in f64: the outer planets around the sun, leapfrog steps. Multiply,
 * add, divide, square root without fused operations (-ffp-contract=off), which
 * matmul.c has. */
#include "bench.h"

const struct bench bench = {"nbody", 80, 0xbfc5a4b78ad1c238};

#define BODIES 5
#define STEPS 20000

struct body {
    double x[3], v[3], mass;
};

#define SOLAR_MASS 39.478417604357434 /* 4 pi^2 */
#define YEAR 365.24

static const struct body start[BODIES] = {
    {{0, 0, 0}, {0, 0, 0}, SOLAR_MASS},
    {{4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01},
     {1.66007664274403694e-03 * YEAR, 7.69901118419740425e-03 * YEAR, -6.90460016972063023e-05 * YEAR},
     9.54791938424326609e-04 * SOLAR_MASS},
    {{8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01},
     {-2.76742510726411160e-03 * YEAR, 4.99852801234917238e-03 * YEAR, 2.30417297573763929e-05 * YEAR},
     2.85885980666130812e-04 * SOLAR_MASS},
    {{1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01},
     {2.96460137564761618e-03 * YEAR, 2.37847173959480950e-03 * YEAR, -2.96589568540237556e-05 * YEAR},
     4.36624404335156298e-05 * SOLAR_MASS},
    {{1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01},
     {2.68067772490389322e-03 * YEAR, 1.62824170038242295e-03 * YEAR, -9.51592254519715870e-05 * YEAR},
     5.15138902046611451e-05 * SOLAR_MASS},
};

static struct body bodies[BODIES];

static double dot(const double *a, const double *b)
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static NOINLINE void step(double dt)
{
    for (int i = 0; i < BODIES; i++)
        for (int j = i + 1; j < BODIES; j++) {
            struct body *p = &bodies[i], *q = &bodies[j];
            double d[3];
            for (int k = 0; k < 3; k++)
                d[k] = p->x[k] - q->x[k];
            double square = dot(d, d);
            double pull = dt / (square * __builtin_sqrt(square));
            for (int k = 0; k < 3; k++) {
                p->v[k] -= d[k] * q->mass * pull;
                q->v[k] += d[k] * p->mass * pull;
            }
        }
    for (int i = 0; i < BODIES; i++)
        for (int k = 0; k < 3; k++)
            bodies[i].x[k] += dt * bodies[i].v[k];
}

static double energy(void)
{
    double sum = 0;
    for (int i = 0; i < BODIES; i++) {
        sum += 0.5 * bodies[i].mass * dot(bodies[i].v, bodies[i].v);
        for (int j = i + 1; j < BODIES; j++) {
            double d[3];
            for (int k = 0; k < 3; k++)
                d[k] = bodies[i].x[k] - bodies[j].x[k];
            sum -= bodies[i].mass * bodies[j].mass / __builtin_sqrt(dot(d, d));
        }
    }
    return sum;
}

void bench_setup(void)
{
}

/* Returns the bits of the energy after the last step. */
uint64_t bench_kernel(void)
{
    double momentum[3] = {0, 0, 0}, e;
    uint64_t bits;
    memcpy(bodies, start, sizeof bodies);
    for (int i = 0; i < BODIES; i++)
        for (int k = 0; k < 3; k++)
            momentum[k] += bodies[i].v[k] * bodies[i].mass;
    for (int k = 0; k < 3; k++)
        bodies[0].v[k] = -momentum[k] / SOLAR_MASS;
    for (int i = 0; i < STEPS; i++)
        step(0.01);
    e = energy();
    memcpy(&bits, &e, sizeof bits);
    return bits;
}
