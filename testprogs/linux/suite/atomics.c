/* Atomics: C11 on every size, each AMO by name, lr/sc. */
#include <stdatomic.h>

#include "suite.h"

#define EXERCISE(type, name)                                                                      \
    static void name(void)                                                                        \
    {                                                                                             \
        static struct {                                                                           \
            type before;                                                                          \
            _Atomic type value;                                                                   \
            type after;                                                                           \
        } s = {(type)-1, 5, (type)-1};                                                            \
        type expected = 7;                                                                        \
        printf(#name ":");                                                                        \
        printf(" %lld", (long long)atomic_fetch_add(&s.value, (type)250));                        \
        printf(" %lld", (long long)atomic_fetch_sub(&s.value, (type)1));                          \
        printf(" %lld", (long long)atomic_fetch_or(&s.value, (type)0x55));                        \
        printf(" %lld", (long long)atomic_fetch_xor(&s.value, (type)0x0f));                       \
        printf(" %lld", (long long)atomic_fetch_and(&s.value, (type)0x7c));                       \
        printf(" %lld", (long long)atomic_exchange(&s.value, (type)-3));                          \
        printf(" %d", atomic_compare_exchange_strong(&s.value, &expected, (type)9));              \
        printf(" %lld", (long long)expected);                                                     \
        printf(" %d", atomic_compare_exchange_strong(&s.value, &expected, (type)9));              \
        printf(" %lld", (long long)atomic_load_explicit(&s.value, memory_order_acquire));         \
        atomic_store_explicit(&s.value, (type)77, memory_order_release);                          \
        while (!atomic_compare_exchange_weak(&s.value, &(type){77}, (type)78))                    \
            ;                                                                                     \
        printf(" %lld %lld %lld\n", (long long)s.value, (long long)s.before, (long long)s.after); \
    }

EXERCISE(int8_t, i8)
EXERCISE(uint8_t, u8)
EXERCISE(int16_t, i16)
EXERCISE(uint16_t, u16)
EXERCISE(int32_t, i32)
EXERCISE(uint32_t, u32)
EXERCISE(int64_t, i64)
EXERCISE(uint64_t, u64)

#define AMO(op, type, a, b)                                                                          \
    do {                                                                                             \
        type cell_ = (type)(a);                                                                      \
        int64_t old_;                                                                                \
        __asm__ volatile(op " %0, %2, (%1)" : "=&r"(old_) : "r"(&cell_), "r"(b) : "memory");         \
        printf("%-12s %016llx -> %016llx, old %016llx\n", op, (unsigned long long)(a),               \
               (unsigned long long)cell_, (unsigned long long)old_);                                 \
    } while (0)

#define AMO_ALL(a, b)                                                                                \
    do {                                                                                             \
        AMO("amoswap.w", uint32_t, a, b);                                                            \
        AMO("amoadd.w.aq", uint32_t, a, b);                                                          \
        AMO("amoxor.w.rl", uint32_t, a, b);                                                          \
        AMO("amoand.w.aqrl", uint32_t, a, b);                                                        \
        AMO("amoor.w", uint32_t, a, b);                                                              \
        AMO("amomin.w", uint32_t, a, b);                                                             \
        AMO("amomax.w", uint32_t, a, b);                                                             \
        AMO("amominu.w", uint32_t, a, b);                                                            \
        AMO("amomaxu.w", uint32_t, a, b);                                                            \
        AMO("amoswap.d", uint64_t, a, b);                                                            \
        AMO("amoadd.d", uint64_t, a, b);                                                             \
        AMO("amoxor.d", uint64_t, a, b);                                                             \
        AMO("amoand.d", uint64_t, a, b);                                                             \
        AMO("amoor.d", uint64_t, a, b);                                                              \
        AMO("amomin.d", uint64_t, a, b);                                                             \
        AMO("amomax.d", uint64_t, a, b);                                                             \
        AMO("amominu.d", uint64_t, a, b);                                                            \
        AMO("amomaxu.d", uint64_t, a, b);                                                            \
    } while (0)

static void pairs(void)
{
    uint64_t cell = 0xfffffffffffffff0, old, fail;
    __asm__ volatile("lr.d.aq %0, (%2)\n sc.d.rl %1, %3, (%2)"
                     : "=&r"(old), "=&r"(fail) : "r"(&cell), "r"(42L) : "memory");
    printf("lr.d/sc.d: old %llx, failed %llu, now %llu\n", (unsigned long long)old, (unsigned long long)fail,
           (unsigned long long)cell);
    /* The reservation is used up. */
    __asm__ volatile("sc.d %0, %2, (%1)" : "=&r"(fail) : "r"(&cell), "r"(43L) : "memory");
    printf("second sc.d: failed %d, now %llu\n", fail != 0, (unsigned long long)cell);
    uint32_t word = 0x80000000;
    __asm__ volatile("lr.w %0, (%2)\n sc.w %1, %3, (%2)"
                     : "=&r"(old), "=&r"(fail) : "r"(&word), "r"(-1L) : "memory");
    printf("lr.w/sc.w: old %llx, failed %llu, now %x\n", (unsigned long long)old, (unsigned long long)fail, word);
}

/* 16 bytes go through libatomic's locks. */
static void wide(void)
{
    static _Atomic __int128 cell = 1;
    __int128 expected = 1;
    printf("128 bits: %d", atomic_compare_exchange_strong(&cell, &expected, (__int128)5 << 64 | 7));
    __int128 now = atomic_fetch_add(&cell, 1);
    printf(" %lld %lld\n", (long long)(now >> 64), (long long)atomic_load(&cell));
}

TEST(atomics)
{
    i8(), u8(), i16(), u16(), i32(), u32(), i64(), u64();
    AMO_ALL(0x80000000fffffff0, 0x100000010L);
    AMO_ALL(0x7fffffff7fffffff, -1L);
    pairs();
    wide();
    atomic_thread_fence(memory_order_seq_cst);
    atomic_flag flag = ATOMIC_FLAG_INIT;
    printf("flag %d", atomic_flag_test_and_set(&flag));
    printf(" %d\n", atomic_flag_test_and_set(&flag));
    return 0;
}
