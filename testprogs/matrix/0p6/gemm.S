# void block_i8_i32(const struct gemm *g, const int8_t *a, const int8_t *b, int32_t *c,
#                   size_t m0, size_t m1, size_t n0, size_t n1)
# C = A B for int8 and a block of two by two accumulators. Where all four have the same
# sizes, these are set once; at edges, for each tile that is loaded.

    .include "th_matrix_0p6.inc"

#define m0 a4
#define m1 a5
#define n0 a6
#define n1 a7
#define k t0
#define lda t1
#define ldb t2
#define a_1 t3
#define b_1 t4
#define step t5
#define all t6

# Four loads and four products.
.macro same_sizes
    mlae8 tr0, (a1), lda
    mlbe8 tr2, (a2), ldb
    mlae8 tr1, (a_1), lda
    mlbe8 tr3, (b_1), ldb
    mmacc.w.b acc0, tr2, tr0
    mmacc.w.b acc1, tr3, tr0
    mmacc.w.b acc2, tr2, tr1
    mmacc.w.b acc3, tr3, tr1
.endm

# The same where tiles differ. Loads fill up with zeros, so that products may go over
# `all` rows.
.macro own_sizes
    msettilem m0
    msettilen n0
    mlae8 tr0, (a1), lda
    mlbe8 tr2, (a2), ldb
    msettilem m1
    msettilen n1
    mlae8 tr1, (a_1), lda
    mlbe8 tr3, (b_1), ldb
    msettilem all
    msettilen all
    mmacc.w.b acc0, tr2, tr0
    mmacc.w.b acc1, tr3, tr0
    mmacc.w.b acc2, tr2, tr1
    mmacc.w.b acc3, tr3, tr1
.endm

# k in steps of a tile's row, and what is left of it.
.macro along_k body
    bltu k, step, 2f
    msettilek step
1:
    \body
    add a1, a1, step
    add a_1, a_1, step
    add a2, a2, step
    add b_1, b_1, step
    sub k, k, step
    bgeu k, step, 1b
2:
    beqz k, 3f
    msettilek k
    \body
3:
.endm

    .text
    .globl block_i8_i32
    .type block_i8_i32, @function
block_i8_i32:
    ld k, 16(a0)
    ld lda, 24(a0)
    ld ldb, 32(a0)
    ld a0, 40(a0)
    slli a0, a0, 2              # bytes from row to row of C
    mul a_1, m0, lda
    add a_1, a_1, a1
    mul b_1, n0, ldb
    add b_1, b_1, a2
    csrr all, xtlenb
    csrr step, xtrlenb
    divu all, all, step
    mzero4r acc0
    bne m0, m1, edge
    bne n0, n1, edge
    msettilem m0
    msettilen n0
    along_k same_sizes
    j store
edge:
    along_k own_sizes
store:
    slli t0, n0, 2
    add t0, t0, a3              # right half of the block
    mul t1, m0, a0
    add t2, a3, t1              # lower half
    add t1, t0, t1
    msettilem m0
    msettilen n0
    msce32 acc0, (a3), a0
    msettilen n1
    msce32 acc1, (t0), a0
    msettilem m1
    msce32 acc3, (t1), a0
    msettilen n0
    msce32 acc2, (t2), a0
    ret
    .size block_i8_i32, . - block_i8_i32

    .section .note.GNU-stack, "", @progbits
