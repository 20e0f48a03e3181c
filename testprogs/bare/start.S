# Entry, exit and trap frame of the bare-metal C programs.
    .section .text.init, "ax"
    .globl _start
_start:
    csrr a0, mhartid
    bnez a0, .
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, stack_top
    la t0, trap_stack_top
    csrw mscratch, t0
    la t0, trap_entry
    csrw mtvec, t0
    li t0, 0x2000               # mstatus.FS = Initial
    csrs mstatus, t0
    la t0, bss_start
    la t1, bss_end
1:  bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:  call main
    # exit with the low bits of main's result
    .globl finish
finish:
    slli a0, a0, 1
    ori a0, a0, 1
    la t0, tohost
1:  sd a0, 0(t0)
    j 1b

# Saves the registers, calls trap(frame), restores them. The trap stack is in
# mscratch. frame[i] is x<i>.
    .globl trap_entry
    .align 2
trap_entry:
    csrrw sp, mscratch, sp
    addi sp, sp, -256
    .irp r, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd x\r, \r*8(sp)
    .endr
    csrr t0, mscratch
    sd t0, 2*8(sp)
    mv a0, sp
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    call trap
    addi t0, sp, 256
    csrw mscratch, t0
    .irp r, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld x\r, \r*8(sp)
    .endr
    ld sp, 2*8(sp)
    mret

    .section .tohost, "aw", @progbits
    .align 6
    .globl tohost
tohost: .dword 0
    .size tohost, 8
    .align 6
    .globl fromhost
fromhost: .dword 0
    .size fromhost, 8
