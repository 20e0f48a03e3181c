/* Faults in the middle of vector loads and stores: a SIGSEGV handler sees the
 * address and vstart, opens the page and returns; the instruction then does what is
 * left. Elements before the faulting one are done, elements behind it untouched.
 * Fault-only-first loads shorten vl instead. */
#include "rt.h"
#include <riscv_vector.h>

#define N 16
#define PAGE 4096
#define READ_WRITE 3

enum { MMAP = 222, MPROTECT = 226, RT_SIGACTION = 134, SIGSEGV = 11, SA_SIGINFO = 4 };

/* Three pages: the middle one closes. */
static uint8_t *base, *closed;
static int handled;

static void put_signed(long value)
{
    if (value < 0)
        put("-");
    put_dec((uint64_t)(value < 0 ? -value : value));
}

/* The kernel's frame: vector state behind the floating-point registers, if there. */
struct context {
    uint64_t flags, link, stack[3], mask[16], gpr[32];
    uint8_t fp[520];
    uint32_t magic, size;
    uint64_t vstart, vl, vtype, vcsr, vlenb, data;
};

/* What the handler saw. */
static struct {
    uint64_t signal, code, vstart, address;
} seen[4];

/* Uses no vectors and prints nothing: QEMU 10 does not keep vector state over a
 * signal as Linux does. */
static void handler(int signal, const uint64_t *info, void *frame)
{
    uint64_t vstart;
    __asm__ volatile("csrr %0, vstart" : "=r"(vstart));
    const struct context *context = frame;
    if (context->magic == 0x53465457)
        vstart = context->vstart;
    if (handled == 4)
        finish(1);
    seen[handled].signal = (uint64_t)signal;
    seen[handled].code = (uint32_t)info[1];
    seen[handled].vstart = vstart;
    seen[handled].address = info[2];
    handled++;
    /* Only the page of the address: the other side may follow. */
    register uint64_t a0 __asm__("a0") = info[2] & ~(uint64_t)(PAGE - 1);
    register uint64_t a1 __asm__("a1") = PAGE;
    register uint64_t a2 __asm__("a2") = READ_WRITE;
    register uint64_t a7 __asm__("a7") = MPROTECT;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
}

static void close_page(void)
{
    call6(MPROTECT, (long)closed, PAGE, 0, 0, 0, 0);
}

static void open_page(void)
{
    call6(MPROTECT, (long)closed, PAGE, READ_WRITE, 0, 0, 0);
}

static void begin(const char *what)
{
    put(what);
    put("\n");
    open_page();
    handled = 0;
    for (int i = 0; i < 3 * PAGE; i++)
        base[i] = (uint8_t)(i * 7 + i / 256);
}

/* Tells what happened since begin(), and shows elements. */
static void done(const void *elements, size_t size, size_t count)
{
    uint64_t vstart;
    __asm__ volatile("csrr %0, vstart" : "=r"(vstart));
    for (int i = 0; i < handled; i++) {
        put("  signal ");
        put_dec(seen[i].signal);
        put(" code ");
        put_dec(seen[i].code);
        put(" at element ");
        put_dec(seen[i].vstart);
        put(", byte ");
        put_signed((const uint8_t *)seen[i].address - closed);
        put("\n");
    }
    show("  ", elements, size, count);
    if (!handled)
        put("  no signal\n");
    if (vstart)
        put("  vstart is not zero\n");
}

static uint32_t w[N], odd[N];
static uint16_t h[N];
static uint8_t b[3 * N];

static NOINLINE void loads(void)
{
    vuint32m4_t old = __riscv_vmv_v_x_u32m4(0x5a5a5a5a, N);
    vbool8_t mask = __riscv_vmsne_vx_u32m4_b8(__riscv_vle32_v_u32m4(odd, N), 0, N);

    begin("vle32, 5 elements before the page");
    close_page();
    __riscv_vse32_v_u32m4(w, __riscv_vle32_v_u32m4((uint32_t *)(closed - 20), N), N);
    done(w, 4, N);

    begin("vle32, into the page from behind: element 0");
    close_page();
    __riscv_vse32_v_u32m4(w, __riscv_vle32_v_u32m4((uint32_t *)(closed + PAGE - 4), N), N);
    done(w, 4, N);

    begin("vle32 masked: no active element in the page");
    close_page();
    vbool8_t early = __riscv_vmsltu_vx_u32m4_b8(__riscv_vid_v_u32m4(N), 5, N);
    __riscv_vse32_v_u32m4(w, __riscv_vle32_v_u32m4_mu(early, old, (uint32_t *)(closed - 20), N), N);
    done(w, 4, N);

    begin("vle32 masked: the second in the page is active");
    close_page();
    __riscv_vse32_v_u32m4(w, __riscv_vle32_v_u32m4_mu(mask, old, (uint32_t *)(closed - 16), N), N);
    done(w, 4, N);

    begin("vlse16, stride 300");
    close_page();
    __riscv_vse16_v_u16m2(h, __riscv_vlse16_v_u16m2((uint16_t *)(closed - 1000), 300, N), N);
    done(h, 2, N);

    begin("vlse16, stride -1000, from behind the page");
    close_page();
    __riscv_vse16_v_u16m2(h, __riscv_vlse16_v_u16m2((uint16_t *)(closed + PAGE + 1500), -1000, 8), 8);
    done(h, 2, 8);

    begin("vloxei16");
    close_page();
    vuint16m2_t index = __riscv_vmul_vx_u16m2(__riscv_vid_v_u16m2(N), 500, N);
    index = __riscv_vand_vx_u16m2(index, 0xfffc, N);
    __riscv_vse32_v_u32m4(w, __riscv_vloxei16_v_u32m4((uint32_t *)(closed - 3300), index, N), N);
    done(w, 4, N);

    begin("vlseg3e8");
    close_page();
    vuint8m1x3_t three = __riscv_vlseg3e8_v_u8m1x3(closed - 9, N);
    __riscv_vse8_v_u8m1(b, __riscv_vget_v_u8m1x3_u8m1(three, 0), N);
    __riscv_vse8_v_u8m1(b + N, __riscv_vget_v_u8m1x3_u8m1(three, 1), N);
    __riscv_vse8_v_u8m1(b + 2 * N, __riscv_vget_v_u8m1x3_u8m1(three, 2), N);
    done(b, 1, 3 * N);

    begin("vl1re64, whole register");
    close_page();
    uint64_t d[2];
    __asm__ volatile("vl1re64.v v8, (%0)\n vsetivli zero, 2, e64, m1, ta, ma\n vse64.v v8, (%1)" ::"r"(closed - 8), "r"(d)
                     : "memory", "v8", "vl", "vtype");
    done(d, 8, 2);
}

static NOINLINE void stores(void)
{
    vuint32m4_t value = __riscv_vadd_vx_u32m4(__riscv_vid_v_u32m4(N), 0x11223340, N);
    vuint8m1_t low = __riscv_vadd_vx_u8m1(__riscv_vid_v_u8m1(N), 0x80, N);

    begin("vse32, 3 elements before the page");
    close_page();
    __riscv_vse32_v_u32m4((uint32_t *)(closed - 12), value, N);
    done(closed - 16, 4, N + 2);

    begin("vsse32, stride 8, 2 elements before the page");
    close_page();
    __riscv_vsse32_v_u32m4((uint32_t *)(closed - 16), 8, value, 6);
    done(closed - 16, 4, 13);

    begin("vsuxei8 without order, one in the page");
    close_page();
    uint8_t offsets[N];
    for (int i = 0; i < N; i++)
        offsets[i] = (uint8_t)(i == 6 ? 100 : i * 4);
    __riscv_vsuxei8_v_u32m4((uint32_t *)(closed - 100), __riscv_vle8_v_u8m1(offsets, N), value, N);
    done(closed - 100, 4, 27);

    begin("vsseg2e8");
    close_page();
    vuint8m1x2_t two = __riscv_vcreate_v_u8m1x2(low, __riscv_vrsub_vx_u8m1(low, 0, N));
    __riscv_vsseg2e8_v_u8m1x2(closed - 14, two, N);
    done(closed - 16, 1, 36);

    begin("vse8 masked, nothing active in the page");
    close_page();
    __riscv_vse8_v_u8m1_m(__riscv_vmsltu_vx_u8m1_b8(low, 0x84, N), closed - 4, low, N);
    open_page();
    done(closed - 6, 1, 24);
}

static NOINLINE void first(void)
{
    size_t vl;
    begin("vle32ff, 5 elements before the page");
    close_page();
    vuint32m4_t word = __riscv_vle32ff_v_u32m4((uint32_t *)(closed - 20), &vl, N);
    __riscv_vse32_v_u32m4(w, word, vl);
    put("  vl ");
    put_dec(vl);
    put("\n");
    done(w, 4, vl);

    begin("vle32ff, the first element in the page");
    close_page();
    word = __riscv_vle32ff_v_u32m4((uint32_t *)closed, &vl, N);
    __riscv_vse32_v_u32m4(w, word, vl);
    put("  vl ");
    put_dec(vl);
    put("\n");
    done(w, 4, vl);

    begin("vlseg2e16ff");
    close_page();
    vuint16m2x2_t two = __riscv_vlseg2e16ff_v_u16m2x2((uint16_t *)(closed - 12), &vl, N);
    __riscv_vse16_v_u16m2(h, __riscv_vget_v_u16m2x2_u16m2(two, 1), vl);
    put("  vl ");
    put_dec(vl);
    put("\n");
    done(h, 2, vl);

    begin("vle8ff masked: what is off is in the page, at first");
    vbool8_t late = __riscv_vmsgtu_vx_u8m1_b8(__riscv_vid_v_u8m1(N), 7, N), early = __riscv_vmnot_m_b8(late, N);
    vuint8m1_t old = __riscv_vmv_v_x_u8m1(0x33, N);
    close_page();
    vuint8m1_t bytes = __riscv_vle8ff_v_u8m1_mu(late, old, closed + PAGE - 8, &vl, N);
    __riscv_vse8_v_u8m1(b, bytes, vl);
    done(b, 1, vl);

    begin("vle8ff masked: what is off is in the page, at last");
    close_page();
    bytes = __riscv_vle8ff_v_u8m1_mu(early, old, closed - 8, &vl, N);
    __riscv_vse8_v_u8m1(b, bytes, vl);
    done(b, 1, vl);
}

int vector_main(const char *argument)
{
    /* struct sigaction of the kernel: handler, flags, mask. */
    const uint64_t action[3] = {(uint64_t)(uintptr_t)handler, SA_SIGINFO, 0};
    call6(RT_SIGACTION, SIGSEGV, (long)action, 0, 8, 0, 0);
    base = (uint8_t *)call6(MMAP, 0, 3 * PAGE, READ_WRITE, 0x22, -1, 0);
    closed = base + PAGE;
    for (int i = 0; i < N; i++)
        odd[i] = i % 2;
    loads();
    stores();
    first();
    return 0;
}
