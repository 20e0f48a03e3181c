#!/bin/sh
# Compiles testprogs/include/th_matrix_*.h and .inc, and writes th_matrix_0p6.txt and th_matrix_0p3.txt anew: the words that GNU
# as makes of the texts in the second column with the macros. Each compiler must make the same of the calls in the third, in C
# and in C++ without a warning, and clang's assembler the same bytes of the texts.
# usage: tests/data/th_matrix.sh [PREFIX]        PREFIX of gcc-14, as, objcopy and objdump, default riscv64-linux-gnu-
# To add words, append lines such as `0|mzero tr0|th_mzero(TR0)` and run this. Integer registers of calls are a0 and a1.
set -eu
cd "$(dirname "$0")"
prefix=${1-riscv64-linux-gnu-}
include=../../testprogs/include
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# The custom-1 words of an object file, in order.
words() {
    "${prefix}objdump" -d "$1" | awk -F '\t' 'NF > 1 { gsub(/ /, "", $2) } length($2) == 8 && $2 ~ /[2a]b$/ { print $2 }'
}

# A function for each call: arguments arrive in a0 and a1, results leave in a0.
functions() {
    awk -F '|' -v version="$1" '
        BEGIN { printf "#include \"th_matrix_%s.h\"\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n", version }
        $2 != "" {
            type = $1 ~ /\(a0\)/ ? "void *a0, ptrdiff_t a1" : "int64_t a0, int64_t a1"
            result = $1 ~ /\.x\.m |^mcfg/
            head = sprintf("%s f%d(%s)", result ? "int64_t" : "void", NR, type)
            printf "%s;\n%s\n{\n    (void)a0;\n    (void)a1;\n    %s%s;\n}\n", head, head, result ? "return " : "", $2
        }
        END { print "#ifdef __cplusplus\n}\n#endif" }'
}

# $1: version, the others a compiler.
compile() {
    version=$1
    shift
    for language in "c -std=c11" "c++ -std=c++17"; do
        for level in 0 2; do
            # shellcheck disable=SC2086 # a language and an option
            "$@" -x $language -O$level -march=rv64gc -I$include -Wall -Wextra -Wpedantic -Werror -ffreestanding \
                -c "$work/calls" -o "$work/c.o"
        done
        words "$work/c.o" | cmp "$work/expected" -
        echo "$version, $1, $language: $(wc -l < "$work/expected") calls"
    done
}

for version in 0p6 0p3; do
    rows=th_matrix_$version.txt
    grep -v '^#' $rows | cut -d'|' -f2,3 > "$work/rows"
    { echo ".include \"th_matrix_$version.inc\""; cut -d'|' -f1 "$work/rows"; } > "$work/a.s"
    "${prefix}as" -march=rv64gc -I$include "$work/a.s" -o "$work/a.o"
    words "$work/a.o" > "$work/words"
    functions $version < "$work/rows" > "$work/calls"
    paste -d'|' "$work/words" "$work/rows" | awk -F '|' '$3 != "" { print $1 }' > "$work/expected"
    compile $version "${prefix}gcc-14"
    compile $version clang-19 --target=riscv64-linux-gnu
    clang-19 --target=riscv64-linux-gnu -march=rv64gc -I$include -Wa,-defsym,TH_MATRIX_AS_DATA=1 -c "$work/a.s" -o "$work/b.o"
    for object in a b; do "${prefix}objcopy" -O binary -j .text "$work/$object.o" "$work/$object.bin"; done
    cmp "$work/a.bin" "$work/b.bin"
    {
        echo "# $("${prefix}as" --version | head -n 1), with th_matrix_$version.inc. Recorded by th_matrix.sh."
        echo "# word|assembly|C, for which $("${prefix}gcc-14" -dumpfullversion | sed 's/^/GCC /') and clang 19 make the same word"
        paste -d'|' "$work/words" "$work/rows"
    } > "$work/$rows"
done
mv "$work/th_matrix_0p6.txt" "$work/th_matrix_0p3.txt" .
