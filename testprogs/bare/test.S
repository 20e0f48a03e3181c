# In the shape of a riscv-tests program: numbered tests, tohost = 1 on success,
# (number << 1 | 1) on failure, and a signature. FAIL makes test 3 fail.
#define TEST(number, expected, ...) li gp, number; __VA_ARGS__; li t2, expected; bne a4, t2, fail

    .section .text.init, "ax"
    .globl _start
_start:
    la t0, trap
    csrw mtvec, t0
    TEST(2, 7, li a1, 3; li a2, 4; add a4, a1, a2)
#ifdef FAIL
    TEST(3, 13, li a1, 3; li a2, 4; mul a4, a1, a2)
#else
    TEST(3, 12, li a1, 3; li a2, 4; mul a4, a1, a2)
#endif
    TEST(4, -1, li a1, -7; li a2, 4; div a4, a1, a2)
    TEST(5, 2, la a1, data; lh a4, 2(a1))
    la a0, begin_signature
    li a1, 0x0123456789abcdef
    sd a1, 0(a0)
    sw a1, 8(a0)
    sb a1, 12(a0)
pass:
    fence
    li gp, 1
    li a7, 93
    li a0, 0
    ecall
fail:
    fence
    slli gp, gp, 1
    ori gp, gp, 1
    ecall

    .align 2
trap:
    csrr t5, mcause
    li t6, 11                   # ecall from M mode
    beq t5, t6, write_tohost
    ori gp, gp, 1337
write_tohost:
    la t5, tohost
    sw gp, 0(t5)
    sw zero, 4(t5)
    j write_tohost

    .section .tohost, "aw", @progbits
    .align 6
    .globl tohost
tohost: .dword 0
    .size tohost, 8
    .align 6
    .globl fromhost
fromhost: .dword 0
    .size fromhost, 8

    .data
data: .half 1, 2

    .section .signature, "aw", @progbits
    .globl begin_signature
    .fill 4, 8, 0xdeadbeef
