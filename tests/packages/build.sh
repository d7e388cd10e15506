#!/usr/bin/env bash
# Builds the packages into target/packages: a Debian package, and a static program for any Linux.
#
#     tests/packages/build.sh          # needs `cargo install cargo-deb`; the static program `rustup target add TARGET`
#
# Their sizes, and how long the program takes to start, are printed behind.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=target/packages
rm -rf "$packages"
mkdir -p "$packages/man" "$packages/completions"

cargo build --release --quiet
program=target/release/extentplan

# A manual page for the program and for each subcommand, as `extentplan --help` lists them.
"$program" manual | gzip -9n >"$packages/man/extentplan.1.gz"
names=$("$program" --help | awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on && /^  [a-z]/ { print $1 }')
for name in $names; do
    "$program" manual "$name" | gzip -9n >"$packages/man/extentplan-$name.1.gz"
done
"$program" completions bash >"$packages/completions/extentplan"
"$program" completions zsh >"$packages/completions/_extentplan"
"$program" completions fish >"$packages/completions/extentplan.fish"

if command -v cargo-deb >/dev/null 2>&1; then
    cargo deb --no-build --output "$packages/" >/dev/null
else
    echo "cargo-deb is not installed: no Debian package"
fi

target="$(uname -m)-unknown-linux-musl"
if [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
    cargo build --release --quiet --target "$target"
    folder="extentplan-$target"
    mkdir -p "$packages/$folder"
    cp "target/$target/release/extentplan" README.md LICENSE-MIT LICENSE-APACHE "$packages/$folder/"
    tar -C "$packages" -czf "$packages/$folder.tar.gz" "$folder"
else
    echo "the target $target is not installed: no static program"
fi

find "$packages" -type f \( -name '*.deb' -o -name '*.tar.gz' -o -name extentplan -path '*linux-musl/*' \) -exec ls -l {} + |
    awk '{ printf "%.1f MB %s\n", $5 / 1e6, $9 }'
started=$(date +%s%N)
for _ in $(seq 100); do "$program" --version >/dev/null; done
echo "start-up: $((($(date +%s%N) - started) / 100000)) us"
