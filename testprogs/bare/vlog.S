# Everything that the commit log shows of vectors in a way of its own: which registers
# count as written, configurations supported and not, flags, memory accesses in order.
    .option arch, +v, +zvfh, +zvkned
    .section .text.init, "ax"
    .globl _start
_start:
    la s0, data
    la s1, page
    li t0, 0x2200                   # FS and VS: Initial
    csrs mstatus, t0

    # the first one makes vector state dirty; vtype anew, the same again, vl kept, unsupported, VLMAX
    vsetivli a0, 5, e32, m1, ta, ma
    vsetivli x0, 3, e32, m1, ta, ma
    li t1, 7
    vsetvli a1, t1, e16, mf2, tu, mu
    vsetvli x0, x0, e32, m1, tu, mu
    vsetvli x0, x0, e32, m2, tu, mu # vill: VLMAX would change
    vl1re8.v v1, (s0)
    vs1r.v v1, (s1)
    li t2, 0x1c5
    vsetvl a2, t1, t2               # vill: reserved bits
    vl2re16.v v2, (s0)
    vsetvl a2, t1, t2
    vsetvli a3, x0, e8, m8, ta, ma
    vsetvli a4, t1, e64, m4, ta, ma
    vsetivli x0, 0, e8, m1, ta, ma
    vadd.vv v8, v8, v8              # vl = 0: nothing is written

    # groups of which less is written than they have, registers on both sides of vstart's number
    vsetivli x0, 11, e16, m4, ta, ma
    vid.v v4
    vadd.vi v8, v4, 3
    vwadd.vv v16, v4, v8
    vsetivli x0, 5, e8, m2, ta, ma
    vnsrl.wi v8, v16, 1
    vmsltu.vi v0, v8, 3
    vmv.v.i v12, 2
    vadd.vv v12, v12, v8, v0.t
    vmxor.mm v0, v0, v0             # no active element
    vadd.vv v12, v12, v8, v0.t
    vmsne.vv v9, v12, v14, v0.t
    vmerge.vim v12, v14, 1, v0
    vadc.vvm v12, v14, v8, v0
    vmadc.vvm v2, v14, v8, v0

    # scalars, reductions, moves of registers, permutations
    vsetivli x0, 9, e32, m4, ta, ma
    vid.v v8
    vredsum.vs v1, v8, v8
    vmv.x.s a0, v1
    vmv.s.x v2, t1
    vmv.v.x v12, t1
    vmv2r.v v20, v8
    vmv4r.v v8, v8                  # moves nothing
    vslideup.vi v16, v8, 6
    vslideup.vx v16, v8, s0
    vslidedown.vi v16, v8, 2
    vslide1up.vx v20, v8, t1
    vmsgeu.vi v0, v8, 4
    vcompress.vm v16, v8, v0
    vcpop.m a1, v0
    vfirst.m a2, v0
    viota.m v16, v0, v0.t
    vrgather.vv v20, v8, v16

    # saturation, also when it is no news; exceptions, likewise; f0 and v0 before the configuration's place
    li t3, 0x7fffffff
    vmv.v.x v12, t3
    vsadd.vv v16, v12, v12
    vsadd.vv v16, v12, v12
    vsadd.vv v16, v8, v8
    vsetivli x0, 3, e32, m1, ta, ma
    vmv.v.i v4, 3
    vfcvt.f.x.v v4, v4
    vfmv.v.f v5, f1
    vfdiv.vv v0, v4, v5             # NaN-boxing fails: NaN
    fmv.w.x f1, x0
    vfmv.v.f v5, f1
    vfdiv.vv v0, v4, v5
    vfdiv.vv v0, v4, v5
    vfmv.f.s f0, v4
    vfmv.s.f v0, f0
    vfredusum.vs v6, v4, v4
    vmfeq.vv v0, v4, v5
    vfwmul.vv v10, v4, v4

    # memory: in order of the elements, active ones only, fields of segments in turn
    vle32.v v4, (s0)
    vse32.v v4, (s1)
    vmv.v.i v0, 5
    vle32.v v8, (s0), v0.t
    vse8.v v8, (s1), v0.t
    li t4, 12
    vlse32.v v8, (s0), t4
    vsse32.v v8, (s1), x0
    vlseg3e8.v v9, (s0)
    vsseg2e16.v v9, (s1)
    vid.v v12
    vsll.vi v12, v12, 3
    vluxei32.v v13, (s0), v12
    vsoxseg2ei32.v v14, (s1), v12, v0.t
    vlm.v v0, (s0)
    vsm.v v0, (s1)
    vl4re64.v v16, (s0)
    vs2r.v v16, (s1)
    # fault-only-first at the end of RAM (0x88000000), with one field and two
    li s2, 0x88000000 - 8
    vle32ff.v v4, (s2)
    vle32ff.v v4, (s2)
    vsetivli x0, 3, e16, m1, ta, ma
    vlseg2e16ff.v v6, (s2)

    # element groups
    vsetivli x0, 8, e32, m4, ta, ma
    vaesz.vs v8, v4
    vsetivli x0, 4, e32, m4, ta, ma
    vaesem.vv v8, v16

    # CSRs: vcsr is vxrm and vxsat
    csrwi vcsr, 5
    csrwi vxsat, 0
    csrwi vxrm, 2
    csrr a0, vlenb
    csrr a1, vl
    csrr a2, vtype
    csrwi vstart, 2
    vle32.v v8, (s0)                # goes on at element 2
    csrwi vstart, 1
    vse32.v v8, (s1)
    li t0, 0x200
    csrc mstatus, t0                # Clean
    csrs mstatus, t0
    li t0, 0x600
    csrc mstatus, t0                # Off
    li t0, 0x200
    csrs mstatus, t0                # Initial
    vmv.v.i v28, -1

    li t0, 1
    la t1, tohost
    sd t0, 0(t1)
1:  j 1b

    .section .tohost, "aw", @progbits
    .align 6
    .globl tohost
tohost: .dword 0
    .align 6
    .globl fromhost
fromhost: .dword 0

    .data
    .align 6
data:
    .set n, 0
    .rept 64
    .word 0x01030507 * (n + 1) & 0xffffffff
    .set n, n + 1
    .endr
    .align 12
page:
    .space 256
