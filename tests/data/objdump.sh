#!/bin/sh
# Records how GNU binutils disassembles: the words of objdump.txt and, with another vector architecture,
# objdump-xtheadvector.txt, or for RV32, objdump-rv32.txt; and all 16-bit words in objdump-16.txt.
# usage: tests/data/objdump.sh [PREFIX]        PREFIX of as and objdump, default riscv64-linux-gnu-
# To add 32-bit words, append lines that begin with the word to the file and run this.
set -eu
cd "$(dirname "$0")"
prefix=${1-riscv64-linux-gnu-}
version=$("${prefix}objdump" --version | head -n 1)
arch=rv64imafdcb_zicsr_zifencei_zicntr_zihpm_zba_zbb_zbs_zbc_zbkb_zbkc_zbkx_zicond_zimop_zcmop_zcb_zfa_zfh_zfbfmin
arch=${arch}_zawrs_zacas_zabha_zicbom_zicbop_zicboz_zihintpause_zihintntl
arch=${arch}_v_zvfh_zvfbfmin_zvfbfwma_zvbb_zvbc_zvkg_zvkned_zvknhb_zvksed_zvksh
arch=${arch}_xtheadba_xtheadbb_xtheadbs_xtheadcondmov_xtheadmac_xtheadmemidx_xtheadfmemidx_xtheadmempair_xtheadfmv
arch=${arch}_xtheadint_xtheadcmo_xtheadsync
xlen=64
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# The texts of the hexadecimal words in $1, with one option of objdump or none: tab -> space, targets as 0x...,
# comments dropped. The first word stands at 0x10000.
texts() {
    awk -v arch="$arch" 'BEGIN { printf ".attribute arch, \"%s\"\n.text\n.skip 0x10000\n", arch }
        { printf ".insn %d, 0x%s\n", length($1) / 2, $1 }' "$1" > "$work/w.s"
    "${prefix}as" -march="rv${xlen}gc" "$work/w.s" -o "$work/w.o"
    "${prefix}objdump" -d --start-address=0x10000 ${2+-M "$2"} "$work/w.o" | awk -F '\t' 'NF > 2 {
        text = NF > 3 ? $3 " " $4 : $3
        sub(/ *#.*/, "", text)
        if (text ~ /<.*>/) { sub(/ <.*/, "", text); sub(/[0-9a-f]+$/, "0x&", text) }
        sub(/ +$/, "", text)
        print text
    }'
}

header() {
    echo "# $version: objdump -d -M no-aliases | objdump -d"
    echo "# arch $arch"
}

# The 32-bit words of the file $1.
record() {
    grep -v '^#' "$1" | cut -d'|' -f1 > "$work/words"
    texts "$work/words" no-aliases > "$work/plain"
    texts "$work/words" > "$work/aliases"
    {
        header
        echo "# word|without aliases|with aliases; the n-th row stands at 0x10000 + 4n. Recorded by objdump.sh."
        paste -d'|' "$work/words" "$work/plain" "$work/aliases"
    } > "$work/$1"
}

record objdump.txt
standard=$arch
arch=rv64imafdc_zicsr_zifencei_zfh_xtheadvector_xtheadzvamo
record objdump-xtheadvector.txt
xlen=32
arch=rv32imafdc_zicsr_zifencei_xtheadfmv
record objdump-rv32.txt
xlen=64
arch=$standard

awk 'BEGIN { for (q = 0; q < 3; q++) for (w = q; w < 65536; w += 4) printf "%04x\n", w }' > "$work/words"
texts "$work/words" no-aliases > "$work/plain"
texts "$work/words" > "$work/aliases"
{
    header
    echo "# All 16-bit words w, w % 4 = 0, 1, 2 in this order, each ascending; the n-th row stands at 0x10000 + 2n."
    echo "# Each column begins with how many characters it has in common with the row before (A = 0, B = 1, ...)."
    echo "# Recorded by objdump.sh."
    paste -d'|' "$work/plain" "$work/aliases" | awk -F'|' '
        function column(i,    n) {
            n = 0
            while (n < length($i) && substr($i, n + 1, 1) == substr(last[i], n + 1, 1)) n++
            return sprintf("%c%s", 65 + n, substr($i, n + 1))
        }
        { print column(1) "|" column(2); last[1] = $1; last[2] = $2 }'
} > "$work/objdump-16.txt"
mv "$work/objdump.txt" "$work/objdump-xtheadvector.txt" "$work/objdump-rv32.txt" "$work/objdump-16.txt" .
