# The other HTIF device: characters one by one to the console, without a reply.
    .section .text.init, "ax"
    .globl _start
_start:
    la s0, tohost
    la s1, text
    li s2, 0x0101
    slli s2, s2, 48             # device 1, command 1: put character
1:  lbu t0, 0(s1)
    beqz t0, 2f
    or t0, t0, s2
    sd t0, 0(s0)
    addi s1, s1, 1
    j 1b
2:  li t0, 17 * 2 + 1           # exit status 17
    sd t0, 0(s0)
    j .

    .section .tohost, "aw", @progbits
    .align 6
    .globl tohost
tohost: .dword 0
    .size tohost, 8
    .align 6
    .globl fromhost
fromhost: .dword 0
    .size fromhost, 8

    .section .rodata
text: .asciz "console says hello\n"
