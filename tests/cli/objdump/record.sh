#!/bin/sh
# Records what objdump writes. Needs binutils for riscv64 (recorded with Debian's binutils-riscv64-linux-gnu 2.44-3).
set -e
cd "$(dirname "$0")"
as=riscv64-linux-gnu-as ld=riscv64-linux-gnu-ld strip=riscv64-linux-gnu-strip objdump=riscv64-linux-gnu-objdump
$as -march=rv64gc_zicbop_zicboz sample.s -o sample.o
$ld -e f sample.o -o sample.elf
$strip sample.elf -o stripped.elf
# compiled.elf is a copy of testprogs/bare/traps.elf.
for file in sample.o sample.elf stripped.elf compiled.elf; do
    $objdump -d $file >$file.txt
    $objdump -d -M no-aliases $file >$file.no-aliases.txt
done
