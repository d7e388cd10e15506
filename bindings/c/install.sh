#!/bin/sh
# Puts library, header and liballoc.pc under a prefix: install.sh PREFIX [FOLDER WITH THE LIBRARIES, BUILT ALREADY]
set -eu
prefix=${1:?"usage: install.sh PREFIX [BUILT]"}
here=$(cd "$(dirname "$0")" && pwd)
built=${2:-}
if [ -z "$built" ]; then
    cargo build --release --manifest-path "$here/Cargo.toml"
    built=${CARGO_TARGET_DIR:-$here/../../target}/release
fi
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/Cargo.toml")
mkdir -p "$prefix/lib/pkgconfig" "$prefix/include"
prefix=$(cd "$prefix" && pwd)
install -m 755 "$built/liballoc.so" "$prefix/lib/liballoc.so.$version"
ln -sf "liballoc.so.$version" "$prefix/lib/liballoc.so.0"
ln -sf liballoc.so.0 "$prefix/lib/liballoc.so"
install -m 644 "$built/liballoc.a" "$prefix/lib/liballoc.a"
install -m 644 "$here/include/alloc.h" "$prefix/include/alloc.h"
sed "s|@PREFIX@|$prefix|; s|@VERSION@|$version|" "$here/liballoc.pc.in" >"$prefix/lib/pkgconfig/liballoc.pc"
