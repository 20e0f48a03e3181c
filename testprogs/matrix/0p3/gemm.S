# void block_i8_i32(const struct gemm *g, const int8_t *a, const int8_t *b, int32_t *c,
#                   size_t m0, size_t m1, size_t n0, size_t n1)
# C = A B for int8 and a block of two by two registers, m4 to m7. Where all four have
# the same sizes, these are set once; at edges, for each register that is loaded.

    .include "th_matrix_0p3.inc"

#define rows_m0 a4
#define rows_m1 a5
#define rows_n0 a6
#define rows_n1 a7
#define k t0
#define lda t1
#define ldb t2
#define a_1 t3
#define b_1 t4
#define step t5
#define all t6

# Four loads and four products.
.macro same_sizes
    mldb m0, lda, (a1)
    mldb m1, lda, (a_1)
    mldb m2, ldb, (a2)
    mldb m3, ldb, (b_1)
    mmaqa.b m4, m2, m0
    mmaqa.b m5, m3, m0
    mmaqa.b m6, m2, m1
    mmaqa.b m7, m3, m1
.endm

# The same where registers differ. Loads fill up with zeros, so that products may go
# over `all` rows.
.macro own_sizes
    mcfgm x0, rows_m0
    mldb m0, lda, (a1)
    mcfgm x0, rows_m1
    mldb m1, lda, (a_1)
    mcfgm x0, rows_n0
    mldb m2, ldb, (a2)
    mcfgm x0, rows_n1
    mldb m3, ldb, (b_1)
    mcfgm x0, all
    mmaqa.b m4, m2, m0
    mmaqa.b m5, m3, m0
    mmaqa.b m6, m2, m1
    mmaqa.b m7, m3, m1
.endm

# k in steps of a register's row, and what is left of it.
.macro along_k body
    bltu k, step, 2f
    mcfgk x0, step
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
    mcfgk x0, k
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
    mul a_1, rows_m0, lda
    add a_1, a_1, a1
    mul b_1, rows_n0, ldb
    add b_1, b_1, a2
    csrr step, xrlenb
    srli all, step, 2
    mzero m4
    mzero m5
    mzero m6
    mzero m7
    bne rows_m0, rows_m1, edge
    bne rows_n0, rows_n1, edge
    bne rows_m0, rows_n0, edge
    mcfgm x0, rows_m0
    mcfgn x0, rows_n0
    along_k same_sizes
    j store
edge:
    mcfgn x0, all
    along_k own_sizes
store:
    slli t0, rows_n0, 2         # in bytes, as sizeK
    slli t1, rows_n1, 2
    add t2, a3, t0              # right half of the block
    mul t3, rows_m0, a0
    add t4, a3, t3              # lower half
    add t3, t2, t3
    mcfgm x0, rows_m0
    mcfgk x0, t0
    mstw m4, a0, (a3)
    mcfgk x0, t1
    mstw m5, a0, (t2)
    mcfgm x0, rows_m1
    mstw m7, a0, (t3)
    mcfgk x0, t0
    mstw m6, a0, (t4)
    ret
    .size block_i8_i32, . - block_i8_i32

    .section .note.GNU-stack, "", @progbits
