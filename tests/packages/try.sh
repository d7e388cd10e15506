#!/usr/bin/env bash
# Tries what build.sh made where nothing else is: in a bare Debian root and in an empty one. Needs root and debootstrap.
#
#     tests/packages/build.sh && tests/packages/try.sh [FOLDER]    # FOLDER keeps the Debian root for the next time
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=target/packages
root="${1:-$(mktemp -d)}"
empty="$(mktemp -d)"
clean_up() {
    rm -rf "$empty"
    if [ -z "${1:-}" ]; then rm -rf "$root"; fi
}
trap 'clean_up "${1:-}"' EXIT

# What a newcomer does first, in the folder /tmp.
first_steps='set -eu
cd /tmp
extentplan --version
extentplan examples
extentplan plan examples/three-disks.vg -- lvcreate -i 2 -l 240 -n data | grep -q "^best: segments 3"
extentplan audit examples/segments.vg >/dev/null
extentplan capacity examples/segments.vg -- lvcreate -i 2 -n data | grep -q "^largest data: 112 extents"
extentplan rearrange examples/segments.vg --drain /dev/sda --format commands >drain.sh
sh -n drain.sh
extentplan help refused >/dev/null'

if [ ! -x "$root/bin/sh" ] && [ ! -x "$root/usr/bin/sh" ]; then
    debootstrap --variant=minbase stable "$root" >/dev/null
fi
rm -rf "$root/tmp/examples"
cp "$packages"/*.deb "$root/tmp/"
chroot "$root" sh -c 'dpkg --install /tmp/*.deb >/dev/null && rm /tmp/*.deb'
chroot "$root" sh -c "$first_steps"
for file in /usr/share/man/man1/extentplan.1.gz /usr/share/man/man1/extentplan-plan.1.gz \
    /usr/share/bash-completion/completions/extentplan /usr/share/zsh/vendor-completions/_extentplan \
    /usr/share/fish/vendor_completions.d/extentplan.fish /usr/share/doc/extentplan/copyright; do
    [ -s "$root$file" ] || { echo "the package has no $file" >&2; exit 1; }
done
chroot "$root" dpkg --remove extentplan >/dev/null
echo "the Debian package is installed, does its work and is removed again"

if ! compgen -G "$packages/extentplan-*-linux-musl" >/dev/null; then
    echo "no static program was built: it is not tried"
    exit 0
fi
# The static program, in a root that has nothing but itself: no shell, no libraries.
mkdir -p "$empty/tmp"
cp "$packages"/extentplan-*-linux-musl/extentplan "$empty/"
(cd "$empty" && chroot "$empty" /extentplan examples /tmp/examples >/dev/null &&
    chroot "$empty" /extentplan plan /tmp/examples/three-disks.vg -- lvcreate -i 2 -l 240 -n data | grep -q '^best: segments 3')
echo "the static program does its work where nothing else is"
