#!/usr/bin/env python3
"""Makes models/lvm2/*.vg: what the real vgcfgbackup writes for volume groups that the real lvm2 made.

  make_models.py [NAME...]                 all models, or those named
  make_models.py --reports DIR [NAME...]   into another directory, with all JSON reports of each

Each model is a list of disks and of lvm commands.  The commands run on the packaged lvm2 binary
under the oracle's shim (oracle.py, beside this file), which shows sparse files as disks; they need neither root nor device-mapper.  Run it as `unshare -u` after `hostname planner` to keep your own
host name out of `creation_host`.

Two things in vgcfgbackup's text say where it ran and are shortened: the directory of the disks (to
/dev), and the kernel version in the comment behind creation_host.  UUIDs and times differ from run
to run.
"""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
import oracle  # noqa: E402  (its place is named above)

MIB = 1 << 20
EXTENT_MIB = 4

# name: (VG name, {disk: extents}, commands).  `VG` and `/dev` in a command are put in place.
MODELS = {
    "three-disks": ("vg0", {"sda": 80, "sdb": 80, "sdc": 80}, []),
    "linear": ("vg0", {"sda": 100, "sdb": 100}, [
        "lvcreate -l 30 -n first VG",
        "lvcreate -l 40 -n second VG",
        "lvremove VG/first",
        "lvcreate -l 90 -n two_disks VG",
    ]),
    "segments": ("vg0", {"sda": 60, "sdb": 60, "sdc": 60}, [
        "lvcreate -l 20 -n grown VG /dev/sda:10-29",
        "lvextend -l +5 VG/grown /dev/sda:40-44",
        "lvextend -l +10 VG/grown /dev/sdc:0-9",
        "lvextend -l +10 VG/grown /dev/sdc:10-19",
        "lvextend -l +15 VG/grown /dev/sdb:5-19",
        "lvcreate -l 7 -n small VG /dev/sda:50-56",
    ]),
    "striped": ("vg0", {"sda": 80, "sdb": 80, "sdc": 60}, [
        "lvcreate -i 2 -I 64k -l 60 -n two VG",
        "lvcreate -i 3 -I 128k -l 90 -n three VG",
        "lvextend -l +20 VG/two",
    ]),
    "raid0": ("vg0", {"sda": 60, "sdb": 60, "sdc": 60}, ["lvcreate --type raid0 -i 3 -l 60 -n data VG"]),
    "raid0-meta": ("vg0", {"sda": 60, "sdb": 60}, ["lvcreate --type raid0_meta -i 2 -l 60 -n data VG"]),
    "raid1": ("vg0", {"sda": 60, "sdb": 60, "sdc": 40}, [
        "lvcreate --type raid1 -m 1 -l 40 -n data VG",
        "lvcreate --type raid1 -m 2 -l 10 -n three_images VG",
    ]),
    "raid4": ("vg0", {"sda": 60, "sdb": 60, "sdc": 60}, ["lvcreate --type raid4 -i 2 -l 80 -n data VG"]),
    "raid5": ("vg0", {"sda": 60, "sdb": 60, "sdc": 60, "sdd": 60}, [
        "lvcreate --type raid5 -i 3 -l 90 -n data VG",
        "lvextend -l +30 VG/data",
    ]),
    "raid6": ("vg0", {"sd" + c: 60 for c in "abcde"}, ["lvcreate --type raid6 -i 3 -l 90 -n data VG"]),
    "raid10": ("vg0", {"sd" + c: 60 for c in "abcd"}, ["lvcreate --type raid10 -i 2 -m 1 -l 80 -n data VG"]),
    # Leg 1 goes on where leg 0 lies: 2.03.16 makes this without a word.
    "raid1-shared-disk": ("vg0", {"sda": 6, "sdb": 6, "sdc": 8}, ["lvcreate --type raid1 -m 1 -l 7 -n data VG"]),
    "mirror": ("vg0", {"sda": 60, "sdb": 60, "sdc": 60}, [
        "lvcreate --type mirror -m 1 --mirrorlog disk -l 40 -n data VG",
    ]),
    "mirror-on-two": ("vg0", {"sda": 60, "sdb": 60}, [
        "lvcreate --type mirror -m 1 --mirrorlog disk -l 40 -n data VG",
        "lvcreate --type mirror -m 1 --mirrorlog core -l 5 -n core_log VG",
    ]),
    "thin-pool": ("vg0", {"sda": 120, "sdb": 120}, [
        "lvcreate --type thin-pool -l 60 --poolmetadatasize 8m -n pool VG",
        "lvcreate -V 400m --thinpool pool -n thin VG",
        "lvcreate -s -n thin_snapshot VG/thin",
        "lvcreate --type thin-pool -i 2 -l 40 --poolmetadatasize 4m -n striped_pool VG",
    ]),
    "cache": ("vg0", {"sda": 120, "nvme0n1": 40}, [
        "lvcreate -l 100 -n data VG /dev/sda",
        "lvcreate --type cache-pool -l 20 -n fast VG /dev/nvme0n1",
        "lvconvert --type cache --cachepool VG/fast VG/data",
    ]),
    "cache-volume": ("vg0", {"sda": 120, "nvme0n1": 40}, [
        "lvcreate -l 100 -n data VG /dev/sda",
        "lvcreate -l 20 -n fast VG /dev/nvme0n1",
        "lvconvert --type cache --cachevol VG/fast VG/data",
    ]),
    "writecache": ("vg0", {"sda": 120, "nvme0n1": 40}, [
        "lvcreate -an -l 100 -n data VG /dev/sda",
        "lvcreate -an -l 20 -n fast VG /dev/nvme0n1",
        "lvconvert --type writecache --cachevol VG/fast VG/data",
    ]),
    "integrity": ("vg0", {"sda": 60, "sdb": 60}, [
        "lvcreate --type raid1 --raidintegrity y -m 1 -l 20 -n data VG",
    ]),
    "snapshot": ("vg0", {"sda": 80, "sdb": 80}, [
        "lvcreate -l 50 -n origin VG",
        "lvcreate -s -l 10 -n before VG/origin",
    ]),
    "tags-and-policies": ("vg0", {"sd" + c: 60 for c in "abcd"}, [
        "pvchange --addtag rack1 /dev/sda",
        "pvchange --addtag rack1 /dev/sdb",
        "pvchange --addtag rack2 --addtag ssd /dev/sdc",
        "pvchange -x n /dev/sdd",
        "vgchange --addtag production VG",
        "vgchange --alloc cling VG",
        "lvcreate -l 20 --alloc contiguous --addtag database -n contiguous VG",
        "lvcreate -i 2 -l 20 --alloc anywhere -n anywhere VG",
        "lvcreate -l 10 -n inherits VG @ssd",
    ]),
    "missing-disk": ("vg0", {"sda": 60, "sdb": 60, "sdc": 60}, [
        "lvcreate --type raid1 -m 1 -l 20 -n data VG /dev/sda /dev/sdb",
        "lvcreate -l 10 -n other VG /dev/sdc",
        "lvcreate -l 5 -n gone VG /dev/sdc",
        "unplug sdb",
        "lvremove VG/gone",
    ]),
    "exported": ("vg0", {"sda": 60}, ["lvcreate -an -l 10 -n data VG", "vgexport VG"]),
    # Half way: the pvmove LV mirrors the extents from the old place to the new one.
    "moving": ("vg0", {"sda": 60, "sdb": 60, "sdc": 60}, [
        "lvcreate -l 20 -n data VG /dev/sda",
        "pvmove -b /dev/sda /dev/sdb",
    ]),
}


FULL = "fullreport -a --reportformat json"
PIECES = ("pvs --segments --reportformat json --units b -o "
          "pv_name,pv_attr,vg_name,vg_extent_size,pvseg_start,pvseg_size,lv_name,seg_start_pe,segtype")

# The reports that are models too, taken of the same volume group.
REPORTS = {
    "raid1-shared-disk": FULL + " --units s --nosuffix",
    "segments": PIECES,
    "tags-and-policies": FULL,
}

# Tables as people post them that are models too.
TABLES = {
    "raid5": ["pvs -v --segments",
              "lvs -a -v --segments -o+seg_size_pe,seg_start_pe,metadata_devices,seg_pe_ranges"],
}

# Every kind of report that is read, for `--reports`.
ALL_REPORTS = {
    "full-s": FULL + " --units s --nosuffix",
    "full-b": FULL + " --units b --nosuffix",
    "full-B": FULL + " --units b",
    "full-h": FULL,
    "full-k": FULL + " --units k",
    "visible": "fullreport --reportformat json",
    "pieces": PIECES,
    "pieces-all": "pvs --segments --reportformat json -o +pv_all,vg_all,lv_all,seg_all",
}


def table(machine, command):
    """What a reporting command prints in a terminal, with the disks in /dev."""
    machine.clean = bytes.decode
    code, out, err = machine.run_lvm(command.split())
    del machine.clean
    if code:
        raise RuntimeError("%s: %s %s" % (command, out, err))
    # The first column is as wide as the longest name of a disk; the ranges stand in the last.
    lines = [line.replace("  " + machine.base, "  ", 1) for line in out.splitlines()]
    if lines[0].startswith("  PV"):
        lines[0] = "  PV" + lines[0][4 + len(machine.base):]
    # A disk that is gone stands in a column as wide, and nothing else is cut off in front.
    gone = "  [unknown]"
    lines = [gone + line[len(gone) + len(machine.base):] if line.startswith(gone) else line for line in lines]
    lines = [line.replace(machine.base, "").rstrip() for line in lines]
    return "root@host:~# %s\n%s\n" % (command, "\n".join(lines))


def make(name, model, reports, tables):
    """The text of one model, the named reports of its volume group, and the tables of it one behind the other."""
    group, disks, commands = model
    machine = oracle.Oracle()
    try:
        settings = dict(oracle.BASE_CONFIG)
        settings.update({"devices/dir": machine.dev, "devices/scan": [machine.dev],
                         "global/locking_dir": os.path.join(machine.base, "lock")})
        os.mkdir(os.path.join(machine.dev, "mapper"))
        with open(os.path.join(machine.base, "etc", "lvm.conf"), "w") as file:
            file.write(oracle.conf_text(settings))
        with open(os.path.join(machine.base, "disks"), "w") as file:
            file.write("".join(disk + "\n" for disk in disks))
        for disk, extents in disks.items():
            with open(os.path.join(machine.dev, disk), "wb") as file:
                # One MiB in front of the first extent is what pvcreate takes.
                file.truncate((1 + extents * EXTENT_MIB) * MIB)

        paths = " ".join("/dev/" + disk for disk in disks)
        backup = "vgcfgbackup -f %s.vg %s" % (name, group)
        for command in ["pvcreate " + paths, "vgcreate VG " + paths] + commands + [backup]:
            words = [re.sub(r"^VG\b", group, word) for word in command.split()]
            if words[0] == "unplug":
                os.unlink(os.path.join(machine.dev, words[1]))
                continue
            words = [re.sub(r"^/dev/", machine.dev + "/", word) for word in words]
            if words[0] != "vgcfgbackup":
                words.insert(1, "-y")
            code, out, err = machine.run_lvm(words)
            if code:
                raise RuntimeError("%s: %s: %s %s" % (name, command, out, err))
        with open(os.path.join(machine.base, name + ".vg")) as file:
            text = file.read().replace(machine.dev, "/dev")
        text = re.sub(r"(# Linux \S+) .* (\S+)\n", r"\1 \2\n", text)
        files = {name + ".vg": text}
        for report, command in reports.items():
            # The oracle writes the disks' directory as /dev itself.
            code, out, err = machine.run_lvm(command.split())
            if code:
                raise RuntimeError("%s: %s: %s %s" % (name, command, out, err))
            files[name + report + ".json"] = out + "\n"
        if tables:
            files[name + ".txt"] = "".join(table(machine, command) for command in tables)
        return files
    finally:
        machine.close()


def main():
    names = sys.argv[1:]
    folder = os.path.join(ROOT, "models", "lvm2")
    wants_all = names[:1] == ["--reports"]
    if wants_all:
        folder, names = names[1], names[2:]
    failed = False
    for name in names or MODELS:
        if wants_all:
            reports = {"." + kind: command for kind, command in ALL_REPORTS.items()}
        else:
            reports = {"": REPORTS[name]} if name in REPORTS else {}
        try:
            files = make(name, MODELS[name], reports, TABLES.get(name))
        except RuntimeError as error:
            print(error, file=sys.stderr)
            failed = True
            continue
        for file_name, text in files.items():
            with open(os.path.join(folder, file_name), "w") as file:
                file.write(text)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
