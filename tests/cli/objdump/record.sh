#!/bin/sh
# Records what objdump writes. Needs binutils for riscv64 (recorded with Debian's binutils-riscv64-linux-gnu 2.44-3).
set -e
cd "$(dirname "$0")"
as=riscv64-linux-gnu-as ld=riscv64-linux-gnu-ld strip=riscv64-linux-gnu-strip objdump=riscv64-linux-gnu-objdump
$as -march=rv64gc_zicbop_zicboz sample.s -o sample.o
$ld -e f sample.o -o sample.elf
$strip sample.elf -o stripped.elf
for file in sample.o sample.elf stripped.elf; do
    $objdump -d $file >$file.txt
    $objdump -d -M no-aliases $file >$file.no-aliases.txt
done
cp ../../../testprogs/bare/traps.elf traps.elf
$objdump -d traps.elf >traps.elf.txt
$objdump -d -M no-aliases traps.elf >traps.elf.no-aliases.txt
rm traps.elf
