#!/bin/sh
# Rebuilds the guest programs. Run it only when a source changes: the ELFs are
# committed, and so is what they print (expected/).
#
# Needs Debian's cross toolchains (versions used: see README.md). CC names the
# Linux compiler, BARE_CC the bare-metal one with picolibc; STRIP either strip;
# CLANG the compiler of the vector programs, HOST_CC that of their scalar checks.
#   CC=riscv64-linux-gnu-gcc-14 ./build.sh [linux|bench|bare|vector|thead|matrix]...
set -eu
cd "$(dirname "$0")"
CC=${CC:-riscv64-linux-gnu-gcc}
CXX=${CXX:-$(echo "$CC" | sed 's/gcc/g++/')}
BARE_CC=${BARE_CC:-riscv64-unknown-elf-gcc}
CLANG=${CLANG:-clang-19}
HOST_CC=${HOST_CC:-cc}
STRIP=${STRIP:-riscv64-linux-gnu-strip}
WARN="-Wall -Wextra -Wno-unused-parameter -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-infinite-recursion"
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

# Programs of the Linux environment: static glibc, except where a line says otherwise.
linux() {
    c="-std=gnu11 -D_GNU_SOURCE -O2 $RV64GC $WARN -Wl,--build-id=none"
    $CC $c -static -nostdlib -ffreestanding -o linux/tiny.elf linux/tiny.c
    $CC $c -static -o linux/hello.elf linux/hello.c
    $CC $c -static-pie -fPIE -o linux/pie.elf linux/pie.c
    $CC $c -o linux/dynamic.elf linux/dynamic.c -lm
    $CC $c -static -o linux/suite.elf linux/suite/*.c -lm -latomic
    $CXX -std=gnu++17 -O2 $RV64GC $WARN -Wl,--build-id=none,--gc-sections -static -o linux/cpp.elf linux/cpp.cc
    for elf in linux/*.elf; do
        $STRIP -g -R .comment "$elf"
    done
}

# Bare metal: own start-up code with HTIF, and picolibc with semihosting.
bare() {
    c="-std=gnu11 -O2 $RV64GC $WARN -mcmodel=medany -ffreestanding -nostdlib -static -T bare/link.ld"
    c="$c -Wl,--build-id=none,--no-warn-rwx-segments"
    $BARE_CC $c -o bare/pass.elf bare/test.S
    $BARE_CC $c -DFAIL -o bare/fail.elf bare/test.S
    $BARE_CC $c -o bare/console.elf bare/console.S
    # gcc 14 does not know all extensions that the source uses: it enables the others itself.
    $BARE_CC $c -march=rv64gc_zfh_zfa_zba_zbb_zbs_zicbom_zicbop_zicboz_zicond_zcb_zawrs_zihintpause \
        -o bare/log.elf bare/log.S
    $BARE_CC $c $RV64GC -o bare/vlog.elf bare/vlog.S
    $BARE_CC $c -o bare/htif.elf bare/start.S bare/htif.c
    $BARE_CC $c -o bare/traps.elf bare/start.S bare/traps.c
    $BARE_CC -std=gnu11 -O2 $WARN -mcmodel=medany --specs=picolibc.specs --oslib=semihost --crt0=semihost \
        -Wl,--defsym=__flash=0x80000000,--defsym=__flash_size=0x100000 \
        -Wl,--defsym=__ram=0x80100000,--defsym=__ram_size=0x100000 -o bare/semihost.elf bare/semihost.c -lm
    for elf in bare/*.elf; do
        $STRIP -g -R .comment "$elf"
    done
}

KERNELS="saxpy sgemm dgemm igemm softmax memcpy strlen grey compact histogram"
V_TESTS="zoo fixed float faults crypto"

# The vector programs: C with intrinsics, no library, any VLEN from 128. The kernels
# come for bare metal, too (Spike has no Linux), and their checksums must be those
# of the same loops in plain C on this host. The runtime itself uses no vectors.
vector() {
    c="--target=riscv64-linux-gnu -std=gnu11 -O2 -mabi=lp64d -Wall -Wextra -ffreestanding -fno-pic -fno-vectorize
        -fno-slp-vectorize -ffp-contract=off -fno-asynchronous-unwind-tables -mno-relax -msmall-data-limit=0"
    link="$CC -nostdlib -static -no-pie -Wl,--build-id=none,--no-relax"
    more="-march=rv64gcv_zvfh_zvbb_zvbc_zvkg_zvkned_zvknhb_zvksed_zvksh -menable-experimental-extensions -Wno-unused-parameter"
    objects=$(mktemp -d)
    $CLANG $c -march=rv64gc -c -o "$objects/rt.o" vector/rt.c
    $CLANG $c -march=rv64gc -mcmodel=medany -DBARE -c -o "$objects/rt-bare.o" vector/rt.c
    $CLANG $c -march=rv64gc -mcmodel=medany -c -o "$objects/kernel.o" vector/kernel.c
    mkdir -p vector/bare
    for name in $KERNELS; do
        if command -v "$HOST_CC" >/dev/null; then
            $HOST_CC -std=gnu11 -O2 -fno-builtin -ffp-contract=off -o "$objects/$name" \
                "vector/$name.c" vector/kernel.c vector/rt.c -lm
            "$objects/$name" 1
        fi
        $CLANG $c -march=rv64gcv -mcmodel=medany -c -o "$objects/$name.o" "vector/$name.c"
        $link -o "vector/$name.elf" "$objects/$name.o" "$objects/kernel.o" "$objects/rt.o"
        $link -T bare/link.ld -Wl,--no-warn-rwx-segments -o "vector/bare/$name.elf" \
            "$objects/$name.o" "$objects/kernel.o" "$objects/rt-bare.o"
    done
    for name in $V_TESTS; do
        $CLANG $c $more -c -o "$objects/$name.o" "vector/$name.c"
        $link -o "vector/$name.elf" "$objects/$name.o" "$objects/rt.o"
    done
    for elf in vector/*.elf vector/bare/*.elf; do
        $STRIP -g -R .comment "$elf"
    done
    rm -r "$objects"
}

TH_KERNELS="dot mandel pixels mix stats amo"
TH_SCALAR="_xtheadba_xtheadbb_xtheadbs_xtheadcondmov_xtheadmac_xtheadmemidx_xtheadfmemidx_xtheadmempair_xtheadsync"

# The T-Head extensions. Kernels from the same sources and by the same compiler for
# XTheadVector and, in v1/, for V 1.0; gcc 14 is the compiler that knows the former.
# XTheadVdot on V 1.0 is clang's. In scalar/: programs of bench/ with all that gcc 14
# knows of the scalar extensions.
thead() {
    c="-std=gnu11 -O2 -mabi=lp64d -Wall -Wextra -Wno-unused-parameter -ffreestanding -fno-pic -ffp-contract=off
        -fno-tree-vectorize -mstringop-strategy=scalar -fno-tree-loop-distribute-patterns
        -fno-asynchronous-unwind-tables -msmall-data-limit=0 -mno-relax"
    link="$CC -nostdlib -static -no-pie -Wl,--build-id=none,--no-relax"
    objects=$(mktemp -d)
    $CC $c -march=rv64gc -fno-builtin -DTHEAD -c -o "$objects/rt-thead.o" vector/rt.c
    $CC $c -march=rv64gc -fno-builtin -c -o "$objects/rt.o" vector/rt.c
    $CC $c -march=rv64gc -c -o "$objects/kernel.o" vector/kernel.c
    mkdir -p thead/v1 thead/scalar
    for name in $KERNELS $TH_KERNELS; do
        source=vector/$name.c
        [ -f "$source" ] || source=thead/$name.c
        if command -v "$HOST_CC" >/dev/null; then
            $HOST_CC -std=gnu11 -O2 -fno-builtin -ffp-contract=off -o "$objects/$name" "$source" vector/kernel.c vector/rt.c -lm
            "$objects/$name" 1
        fi
        $CC $c -march=rv64gc_xtheadvector -c -o "$objects/$name.o" "$source"
        $link -o "thead/$name.elf" "$objects/$name.o" "$objects/kernel.o" "$objects/rt-thead.o"
        [ "$name" = amo ] && continue
        if [ "$name" = dot ]; then
            $CLANG --target=riscv64-linux-gnu -std=gnu11 -O2 -mabi=lp64d -ffreestanding -fno-pic -fno-vectorize \
                -fno-slp-vectorize -fno-asynchronous-unwind-tables -mno-relax -msmall-data-limit=0 \
                -menable-experimental-extensions -march=rv64gcv_xtheadvdot -c -o "$objects/$name.o" "$source"
        else
            $CC $c -march=rv64gcv -c -o "$objects/$name.o" "$source"
        fi
        $link -o "thead/v1/$name.elf" "$objects/$name.o" "$objects/kernel.o" "$objects/rt.o"
    done
    $CC $c -march=rv64gc_xtheadvector -c -o "$objects/zoo.o" thead/zoo.c
    $link -o thead/zoo.elf "$objects/zoo.o" "$objects/rt-thead.o"
    for name in intmix sort sha256 strings memcopy matmul; do
        $CC -std=gnu11 -O2 "-march=rv64gc$TH_SCALAR" -mabi=lp64d $WARN -ffreestanding -msmall-data-limit=0 -fno-pie -no-pie \
            -nostdlib -static -fno-math-errno -ffp-contract=off -fno-tree-loop-distribute-patterns \
            -fno-asynchronous-unwind-tables -Wl,--build-id=none \
            -o "thead/scalar/$name.elf" "bench/$name.c" bench/bench.c
    done
    for elf in thead/*.elf thead/v1/*.elf thead/scalar/*.elf; do
        $STRIP -g -R .comment "$elf"
    done
    rm -r "$objects"
}

MATRIX="igemm hgemm sgemm conv attention relu"
MATRIX_0P6="$MATRIX bgemm fp8gemm"
MATRIX_BENCH="i8 f16_f32 f16 f32"

# The matrix programs, for both versions of the extension and, in v1/, for V 1.0 alone.
# gcc knows V 1.0; matrix instructions are words that the headers and macros of
# include/ put together.
matrix() {
    c="-std=gnu11 -O2 -march=rv64gcv_zfh_zvfh -mabi=lp64d $WARN -ffreestanding -fno-pic -fno-builtin-memset -fno-math-errno
        -ffp-contract=off -fno-tree-vectorize -mstringop-strategy=scalar -fno-tree-loop-distribute-patterns
        -fno-asynchronous-unwind-tables -msmall-data-limit=0 -mno-relax -ffunction-sections"
    link="$CC -nostdlib -static -no-pie -Wl,--build-id=none,--no-relax,--gc-sections"
    objects=$(mktemp -d)
    $CC $c -fno-builtin -c -o "$objects/rt.o" vector/rt.c
    $CC $c -c -o "$objects/common.o" matrix/common.c
    $CC $c -c -o "$objects/softmax.o" matrix/softmax.c
    for version in ${MATRIX_VERSIONS:-0p6 0p3 v1}; do
        mkdir -p "$objects/$version"
        for source in matrix/$version/*.[cS]; do
            kind=$(echo "${source##*.}" | sed 's/S/asm/')
            $CC $c -Iinclude -c -o "$objects/$version/$(basename "$source" ".${source##*.}").$kind.o" "$source"
        done
        programs=$MATRIX_0P6
        benches="$MATRIX_BENCH bf16"
        define=
        case $version in
        0p3) programs=$MATRIX benches=$MATRIX_BENCH ;;
        v1) define=-DV1 ;;
        esac
        rest="$objects/$version/*.o $objects/rt.o $objects/common.o $objects/softmax.o"
        for name in $programs; do
            $CC $c $define -c -o "$objects/$name.o" "matrix/$name.c"
            $link -o "matrix/$version/$name.elf" "$objects/$name.o" $rest
        done
        for types in $benches; do
            $CC $c $define "-D$(echo "$types" | tr a-z A-Z)" -c -o "$objects/bench.o" matrix/bench.c
            $link -o "matrix/$version/bench-$types.elf" "$objects/bench.o" $rest
        done
        $STRIP -g -R .comment matrix/$version/*.elf
    done
    rm -r "$objects"
    # The README's program, as a reader builds it.
    $CC -O2 -static -Iinclude -o matrix/first.elf matrix/first.c
}

[ $# -gt 0 ] || set -- bench linux bare vector thead matrix
for part; do
    "$part"
done
