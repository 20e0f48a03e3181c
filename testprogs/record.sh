#!/bin/bash
# Records what the programs of manifest.txt print, and their exit status, from QEMU.
#
#   ./record.sh [NAME]...     (default: every line)
#
# QEMU_USER, QEMU_SYSTEM name the programs, QEMU_071 a qemu-riscv64 5.1 or 5.2, the
# last with vector 0.7.1; SYSROOT holds a RISC-V libc.
set -u
cd "$(dirname "$0")"
here=$PWD
QEMU_USER=${QEMU_USER:-qemu-riscv64}
QEMU_071=${QEMU_071:-qemu-riscv64}
QEMU_SYSTEM=${QEMU_SYSTEM:-qemu-system-riscv64}
SYSROOT=${SYSROOT:-/usr/riscv64-linux-gnu}
mkdir -p expected

# A program's output must not depend on VLEN.
every_vlen() {
    local vlen status
    for vlen in 128 256 1024; do
        "$QEMU_USER" -cpu "max,vlen=$vlen" "$@" >"at-$vlen"
        status=$?
        cmp -s at-128 "at-$vlen" || echo "differs at VLEN $vlen"
    done
    cat at-128
    return $status
}

# The same on vector 0.7.1.
every_vlen_071() {
    local vlen status
    for vlen in 128 256; do
        "$QEMU_071" -cpu "rv64,x-v=true,vext_spec=v0.7.1,vlen=$vlen" "$@" >"at-$vlen"
        status=$?
    done
    cmp -s at-128 at-256 || echo "differs between VLEN 128 and 256"
    cat at-128
    return $status
}

record() {
    local name=$1 reference=$2 variables=() input=/dev/null
    shift 2
    while [[ $1 == GUEST_*=* ]]; do
        variables+=("$1")
        shift
    done
    local elf=$here/$1
    shift
    [ -f "expected/$name.stdin" ] && input=$here/expected/$name.stdin
    local scratch
    scratch=$(mktemp -d)
    (
        cd "$scratch" || exit
        case $reference in
        vector | matrix) every_vlen "$elf" "$@" ;;
        thead) every_vlen_071 "$elf" "$@" ;;
        c906) "$QEMU_USER" -cpu thead-c906 "$elf" "$@" ;;
        user) env "${variables[@]}" "$QEMU_USER" -cpu max "$elf" "$@" ;;
        sysroot) env "${variables[@]}" "$QEMU_USER" -cpu max -L "$SYSROOT" "$elf" "$@" ;;
        spike) "$QEMU_SYSTEM" -M spike -nographic -bios "$elf" ;;
        semihost)
            "$QEMU_SYSTEM" -M virt -display none -serial none -monitor none -bios none -kernel "$elf" \
                -chardev stdio,id=console -semihosting-config enable=on,target=native,chardev=console
            ;;
        esac <"$input" >"$here/expected/$name.stdout" 2>/dev/null
        echo $? >"$here/expected/$name.status"
    ) 2>/dev/null
    rm -rf "$scratch"
}

while read -r line; do
    line=${line%%#*}
    eval "words=($line)"
    [ ${#words[@]} -gt 0 ] || continue
    [[ "${words[1]}" = hand || "${words[1]}" = host ]] && continue
    if [ $# -gt 0 ] && [[ " $* " != *" ${words[0]} "* ]]; then
        continue
    fi
    record "${words[@]}"
done <manifest.txt
