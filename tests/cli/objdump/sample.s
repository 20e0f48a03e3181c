.text
.globl f
f: lui a0,0x12345
 addiw a0,a0,-1
 lui a1,0xfffff
 lw a2,4(a1)
 lw a2,4(a1)
 lw a2,4(tp)
 lw a2,4(zero)
 sw a2,4(gp)
 jalr 8(a3)
 lui a3,1
 jalr 8(a3)
 auipc t0,0
 jr 12(t0)
 c.lui a4,1
 c.lw a4,4(a4)
 c.addiw a4,1
 lui a5,0x80000
 c.addiw a5,1
 prefetch.r 32(a0)
 fld fa0,8(a0)
 lui s0,1
 fsd fa0,8(s0)
 lui s1,1
 c.lwsp s1,4(sp)
 c.swsp s1,4(sp)
 c.addi16sp sp,32
 c.addi4spn s0,sp,16
 amoadd.w a0,a1,(s1)
 cbo.zero (s1)
 flw fa0,0(s1)
 lui sp,1
 c.addi16sp sp,32
 addi s1,s1,1
.data
 .word 5
.section .text.b,"ax"
g: nop
 .byte 1
 .byte 2
 .byte 3
 .zero 20
.balign 4
h: nop
 .half 0x1234
 .half 0
 call f
 la a0, h
 .dword 0x123456789
 .byte 9
 .byte 8
.option arch, +zicsr
 csrr a0, 0x7c0
 j g
 .balign 2
 beqz a0, .L1
.L1: 
 ret
 .insn 6, 0x12345678905f
 .insn 4, 0x1234567b
.type obj,@object
obj: .word 1,2,3,4,5
 .size obj,20
