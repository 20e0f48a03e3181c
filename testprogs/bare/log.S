# Everything that a commit log shows in a way of its own: flags, CSR writes that
# are more or less than one, state that becomes dirty, atomics, misaligned and
# block accesses, traps, changes of privilege.
    .option arch, +zacas, +zabha, +zimop, +zcmop
    .section .text.init, "ax"
    .globl _start
_start:
    la t0, trap
    csrw mtvec, t0
    la s0, data

    # integer, compressed and not; x0 as a destination; long jumps
    li a0, -2
    addi a1, a0, 5
    .option push
    .option norvc
    addi x0, a0, 1
    lw x0, 0(s0)
    .option pop
    mulh a2, a0, a0
    c.mv a3, a0
    c.nop
    jal a4, 1f
1:  la a4, 2f
    jalr a5, a4
2:  beqz x0, 3f
    nop

    # loads and stores of all sizes, misaligned ones, over a page's end
3:  lb a0, 0(s0)
    lhu a1, 2(s0)
    lwu a2, 4(s0)
    ld a3, 0(s0)
    sb a3, 8(s0)
    sh a3, 10(s0)
    sw a3, 12(s0)
    sd a3, 16(s0)
    ld a4, 3(s0)
    sw a4, 21(s0)
    la t1, page
    sd a4, -4(t1)
    ld a5, -3(t1)

    # atomics
    addi s1, s0, 64
    li t2, 7
    amoadd.w a0, t2, (s1)
    amoswap.d.aqrl a1, t2, (s1)
    amomaxu.d x0, t2, (s1)
    lr.w a2, (s1)
    sc.w a3, t2, (s1)
    sc.w a3, t2, (s1)
    lr.d a2, (s1)
    sc.d x0, t2, (s1)
    li a4, 7
    amocas.d a4, t2, (s1)
    amocas.w a4, x0, (s1)
    amocas.w a4, x0, (s1)
    li a6, 0
    li a7, 0
    amocas.q a6, a2, (s1)
    ld a6, 0(s1)
    ld a7, 8(s1)
    amocas.q a6, a2, (s1)
    amoadd.b a0, t2, (s1)

    # floating point: off, then on
    fmv.d.x fa0, x0
    li t0, 0x2000
    csrs mstatus, t0
    fld fa0, 128(s0)
    li t0, 0x6000
    csrc mstatus, t0
    li t0, 0x4000
    csrs mstatus, t0
    csrr a0, fcsr
    fsd fa0, 136(s0)
    csrwi frm, 1
    csrwi fcsr, 0
    fld fa1, 136(s0)
    flw fa2, 144(s0)
    fcvt.d.s ft4, fa2
    fdiv.d fa3, fa0, ft4
    fdiv.d ft0, fa0, ft4
    fdiv.d ft1, fa0, ft4
    fdiv.d ft2, fa0, ft4
    fmul.d ft5, fa0, fa2
    fmv.d.x ft3, x0
    fdiv.d fa4, fa0, ft3
    fdiv.s fs0, fa2, fa2
    fsqrt.d fa5, fa2
    feq.d a0, fa5, fa5
    flt.d a0, fa5, fa5
    fcvt.w.d a1, fa0
    fcvt.w.d a1, fa3
    fcvt.h.d fa6, fa3
    fli.d fa7, 3.0
    fround.d fs1, fa3
    fmv.x.d a2, fa3
    fclass.d a3, fa3
    fsgnjn.d fs2, fa3, fa3
    fmadd.d fs3, fa3, fa3, fa0
    fsh fa6, 40(s0)
    flh fs4, 40(s0)
    csrr a0, fflags
    csrci fflags, 0
    csrsi fflags, 8
    csrrwi a1, fcsr, 17
    csrwi fcsr, 0

    # CSRs
    csrw mscratch, s0
    csrrw a0, mscratch, x0
    csrr a0, mscratch
    csrrs a0, mscratch, x0
    csrrsi a1, mscratch, 0
    csrsi mscratch, 3
    li t0, 0x80000003
    csrw mepc, t0
    csrw mcause, t0
    csrw mtval, t0
    li t0, -1
    csrw mcounteren, t0
    csrw mcountinhibit, x0
    csrw mhpmcounter3, t0
    csrw mhpmevent3, x0
    csrw mie, t0
    csrw mie, x0
    csrw mip, t0
    li t0, 1000
    csrw minstret, t0
    csrr a0, minstret
    csrw mcycle, t0
    csrr a0, mcycle
    li t0, 0x1800
    csrs mstatus, t0
    csrw menvcfg, x0

    # cache blocks, hints, waiting on nothing
    addi t1, s0, 70
    cbo.zero (t1)
    cbo.clean (t1)
    prefetch.r 0(s0)
    pause
    fence
    fence.i
    mop.r.0 a0, a1
    c.mop.1
    wrs.sto

    # traps: no line of their own
    ecall
    ebreak
    .4byte 0x0000007b
    lw a0, 0(x0)
    csrr a0, 0x123

    # user mode and back
    li t0, 0x1800
    csrc mstatus, t0
    la t0, user
    csrw mepc, t0
    mret
user:
    addi a0, a0, 1
    rdcycle x0
    csrr a0, mscratch
    fadd.d fs5, fa0, fa0
    ecall

    # the end
    la t0, tohost
    li t1, 1
    sd t1, 0(t0)
    j .

    # steps over whatever trapped; an ecall from U-mode comes back to M-mode
    .align 2
trap:
    csrr t5, mcause
    li t6, 8
    bne t5, t6, 1f
    li t6, 0x1800
    csrs mstatus, t6
1:  csrr t5, mepc
    lhu t6, 0(t5)
    andi t6, t6, 3
    addi t6, t6, -3
    beqz t6, 2f
    addi t5, t5, -2
2:  addi t5, t5, 4
    csrw mepc, t5
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

    .data
    .align 6
data:
    .dword 0x8182838485868788, 0, 0, 0, 0, 0, 0, 0
    .dword 1, 2, 0, 0, 0, 0, 0, 0
    .double 1.0, 0.0
    .float 3.0
    .align 12
page:
    .dword 0
