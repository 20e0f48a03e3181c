#!/bin/sh
# Rebuilds the guest programs. Run it only when a source changes: the ELFs are
# committed, and so is what they print (expected/).
#
# Needs Debian's cross toolchains (versions used: see README.md). CC names the
# Linux compiler, BARE_CC the bare-metal one with picolibc; STRIP either strip.
#   CC=riscv64-linux-gnu-gcc-14 ./build.sh [linux|bench|bare]...
set -eu
cd "$(dirname "$0")"
CC=${CC:-riscv64-linux-gnu-gcc}
CXX=${CXX:-$(echo "$CC" | sed 's/gcc/g++/')}
BARE_CC=${BARE_CC:-riscv64-unknown-elf-gcc}
STRIP=${STRIP:-riscv64-linux-gnu-strip}
WARN="-Wall -Wextra -Wno-unused-parameter"
RV64GC="-march=rv64gc -mabi=lp64d"

# The benchmark programs: no library, two system calls. -ffp-contract=off and an
# explicit fma where wanted give the same bits with every compiler.
bench() {
    for source in bench/*.c; do
        name=$(basename "$source" .c)
        [ "$name" = bench ] && continue
        $CC -std=gnu11 -O2 $RV64GC $WARN -ffreestanding -msmall-data-limit=0 -fno-pie -no-pie -nostdlib -static \
            -fno-math-errno -ffp-contract=off -fno-tree-loop-distribute-patterns \
            -fno-asynchronous-unwind-tables -Wl,--build-id=none \
            -o "bench/$name.elf" "$source" bench/bench.c
        $STRIP -g -R .comment "bench/$name.elf"
    done
}

# Programs of the Linux environment: static glibc, except where a rule says otherwise.
linux() {
    for source in linux/*.c; do
        name=$(basename "$source" .c)
        flags="-static"
        case $name in
        tiny) flags="-static -nostdlib -ffreestanding" ;;
        esac
        $CC -std=gnu11 -O2 $RV64GC $WARN $flags -Wl,--build-id=none -o "linux/$name.elf" "$source"
        $STRIP -g -R .comment "linux/$name.elf"
    done
}

[ $# -gt 0 ] || set -- bench linux
for part; do
    "$part"
done
