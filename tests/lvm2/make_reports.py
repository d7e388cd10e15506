#!/usr/bin/env python3
"""Prints what the real lvm2 writes of volume groups with every kind of volume: metadata, reports and tables of the same.

  make_reports.py [NAME...] | gzip -9n > recordings/reports.jsonl.gz

One line of JSON per group, with its name, its `metadata`, its `report` and its `tables`.  The groups are made as those of
make_models.py are; UUIDs and times differ from run to run.
"""

import json
import sys

from make_models import FULL, make

TABLES = ["vgs -v -o+max_lv,max_pv,vg_tags", "pvs -v --segments",
          "lvs -a -v --segments -o+seg_size_pe,seg_start_pe,metadata_devices,origin,pool_lv,data_lv,metadata_lv,mirror_log,"
          "region_size,cache_mode,data_copies,reshape_len_le,lv_tags,lv_autoactivation,seg_pe_ranges"]

LETTERS = "abcdefgh"


def disks(count, extents=100):
    return {"sd" + letter: extents for letter in LETTERS[:count]}


# name: (disks, commands).
GROUPS = {
    "linear": (disks(3), [
        "lvcreate -l 15 -n data VG /dev/sda",
        "lvextend -l +5 VG/data /dev/sdb",
        "lvcreate -pr -l 3 -n written_once VG",
        "lvcreate -an -l 3 -n off VG",
        "lvcreate -l 4 --alloc contiguous --addtag a -n tagged VG",
        "lvcreate -l 4 --alloc cling --setautoactivation n -n clings VG",
        "vgchange -l 9 VG",
        "vgchange --addtag b VG",
    ]),
    "striped": (disks(3), [
        "lvcreate -i 2 -I 64k -l 16 -n two VG",
        "lvcreate -i 3 -I 128k -l 15 -n three VG",
        "lvextend -l +6 VG/two",
        "lvextend -i 1 -l +2 VG/two",
    ]),
    "mirror": (disks(4), [
        "lvcreate --type mirror -m 1 --mirrorlog disk -l 10 -n logged VG",
        "lvcreate --type mirror -m 2 --mirrorlog core -l 5 -n core VG",
        "lvcreate --type mirror -m 1 --mirrorlog disk -R 2m -i 2 -l 8 -n wide VG",
        "lvcreate --type mirror -m 1 --config global/support_mirrored_mirror_log=1 --mirrorlog mirrored --alloc anywhere -l 4 -n twice VG",
    ]),
    "mirror-growing": (disks(4), [
        "lvcreate --type mirror -m 1 --mirrorlog disk -l 10 -n data VG",
        "lvconvert -b -m +1 VG/data",
    ]),
    "raid0": (disks(4), [
        "lvcreate --type raid0 -i 2 -l 10 -n plain VG",
        "lvcreate --type raid0_meta -i 3 -l 12 -n meta VG",
    ]),
    "raid1": (disks(4), [
        "lvcreate --type raid1 -m 1 -l 10 -n two VG",
        "lvextend -l +5 VG/two",
        "lvcreate --type raid1 -m 2 -R 1m -l 5 -n three VG",
        "lvchange --writemostly /dev/sdb VG/two",
    ]),
    "raid1-split": (disks(4), [
        "lvcreate --type raid1 -m 2 -l 10 -n data VG",
        "lvconvert --splitmirrors 1 --trackchanges VG/data",
    ]),
    "raid45": (disks(5), [
        "lvcreate --type raid4 -i 2 -l 10 -n four VG",
        "lvcreate --type raid5 -i 2 -l 10 -n five VG",
        "lvextend -l +4 VG/five",
        "lvcreate --type raid5_ra -i 3 -l 12 -n other VG",
        "lvcreate --type raid5_n -i 2 -l 6 -n n VG",
    ]),
    "raid6": (disks(6), [
        "lvcreate --type raid6 -i 3 -l 9 -n six VG",
        "lvcreate --type raid6_nc -i 4 -l 8 -n nc VG",
        "lvcreate --type raid10 -i 2 -m 1 -l 10 -n ten VG",
    ]),
    "reshaped": (disks(6), [
        "lvcreate --type raid5 -i 2 -l 10 -n five VG",
        "lvconvert --stripes 3 VG/five",
    ]),
    "checksums": (disks(4), [
        "lvcreate --type raid1 --raidintegrity y -m 1 -l 10 -n one VG",
        "lvcreate --type raid5 --raidintegrity y -i 2 -l 10 -n five VG",
    ]),
    "snapshot": (disks(4), [
        "lvcreate -l 15 -n data VG /dev/sda",
        "lvcreate -s -l 5 -n first VG/data /dev/sdb",
        "lvcreate -s -l 4 -c 64k -n second VG/data",
        "lvcreate --type raid1 -m 1 -l 15 -n mirrored VG /dev/sdc /dev/sdd",
        "lvcreate -s -l 5 -n of_raid VG/mirrored /dev/sda",
        "lvcreate -i 2 -l 8 -n wide VG",
        "lvcreate -s -i 2 -l 4 -n of_wide VG/wide",
    ]),
    "merging": (disks(3), [
        "lvcreate -an -l 15 -n data VG",
        "lvcreate -an -s -l 5 -n back VG/data",
        "lvcreate -an -s -l 4 -n stays VG/data",
        "lvcreate -an --type raid1 -m 1 -l 6 -n mirrored VG",
        "lvcreate -an -s -l 3 -n old VG/mirrored",
        "lvconvert --merge VG/back",
        "lvconvert --merge VG/old",
    ]),
    "thin": (disks(3), [
        "lvcreate --type thin-pool -l 20 --poolmetadatasize 8m -n pool VG",
        "lvcreate -V 40m --thinpool pool -n thin VG",
        "lvcreate -s -n thin_snapshot VG/thin",
        "lvcreate -an -V 44m --thinpool pool -n other VG",
        "lvcreate -s -l 3 -n thick_of_thin VG/thin",
        "lvcreate --type thin-pool -i 2 -l 8 --poolmetadatasize 4m -n striped_pool VG",
    ]),
    "thin-external": (disks(3), [
        "lvcreate -an -pr -l 5 -n outside VG",
        "lvcreate --type thin-pool -l 20 --poolmetadataspare n -n pool VG",
        "lvcreate -s --thinpool pool -n of_outside VG/outside",
    ]),
    "thin-raid": (disks(4), [
        "lvcreate --type raid1 -m 1 -l 10 -n pool VG",
        "lvcreate --type raid1 -m 1 -l 1 -n meta VG",
        "lvconvert --type thin-pool --poolmetadata VG/meta VG/pool",
        "lvcreate -V 40m --thinpool pool -n thin VG",
    ]),
    "cache": (disks(4), [
        "lvcreate -l 30 -n data VG /dev/sda",
        "lvcreate --type cache-pool -l 10 -n fast VG /dev/sdb",
        "lvconvert --type cache --cachemode writeback --cachepool VG/fast VG/data",
        "lvcreate --type cache-pool -l 8 -n waits VG /dev/sdb",
        "lvcreate --type raid1 -m 1 -l 10 -n mirrored VG /dev/sdc /dev/sdd",
        "lvcreate -l 10 -n quick VG /dev/sdb",
        "lvconvert --type cache --cachevol VG/quick VG/mirrored",
    ]),
    "cache-writeback": (disks(4), [
        "lvcreate --type raid1 -m 1 -l 10 -n mirrored VG /dev/sdc /dev/sdd",
        "lvcreate -l 10 -n quick VG /dev/sdb",
        "lvconvert --type cache --cachemode writeback --cachevol VG/quick VG/mirrored",
        "lvcreate -an -l 10 -n data VG /dev/sda",
        "lvcreate -an -l 5 -n write VG /dev/sdb",
        "lvconvert --type writecache --cachevol VG/write VG/data",
    ]),
    "cache-of-pool": (disks(4), [
        "lvcreate --type thin-pool -l 20 -n pool VG /dev/sda",
        "lvcreate --type cache-pool -l 10 -n fast VG /dev/sdb",
        "lvconvert --type cache --cachepool VG/fast VG/pool",
        "lvcreate -V 40m --thinpool pool -n thin VG",
        "lvcreate -l 20 -n data VG /dev/sdc",
        "lvcreate -l 10 -n quick VG /dev/sdb",
        "lvconvert --type cache --cachevol VG/quick VG/data",
        "lvcreate -s -l 4 -n of_cached VG/data",
    ]),
    "moving": (disks(4), [
        "lvcreate -l 20 -n data VG /dev/sda",
        "lvcreate -l 5 -n other VG /dev/sda",
        "lvcreate --type raid1 -m 1 -l 5 -n mirrored VG /dev/sda /dev/sdc",
        "pvmove -b /dev/sda /dev/sdb",
    ]),
    "moving-snapshot": (disks(4), [
        "lvcreate -l 20 -n data VG /dev/sda",
        "lvcreate -s -l 5 -n old VG/data /dev/sdc",
        "pvmove -b /dev/sda /dev/sdb",
    ]),
    "historical": (disks(2), [
        "lvcreate --type thin-pool -l 20 -n pool VG",
        "lvcreate -V 40m --thinpool pool -n thin VG",
        "lvcreate -s -n middle VG/thin",
        "lvcreate -s -n last VG/middle",
        "lvremove --config metadata/record_lvs_history=1 VG/middle",
    ]),
    # The names are as wide as `[unknown]`, which stands for the one that is gone.
    "gone": ({"sda" + letter: 100 for letter in "abcd"}, [
        "lvcreate --type raid1 -m 1 -l 10 -n data VG /dev/sdaa /dev/sdab",
        "lvcreate -l 10 -n other VG /dev/sdac",
        "lvcreate -s -l 5 -n old VG/other /dev/sdab",
        "pvchange -x n /dev/sdad",
        "unplug sdab",
    ]),
}


def texts(name):
    """What lvm2 writes of a group."""
    while True:
        files = make(name, ("vg0",) + GROUPS[name], {"": FULL + " --units s --nosuffix"}, TABLES)
        tables = files[name + ".txt"].split("root@host:~# ")
        written = [files[name + ".vg"], files[name + ".json"]] + tables[2:]
        # A move goes on behind lvm2's back: all are to be of the time before its end.
        if not name.startswith("moving") or all("pvmove0" in text for text in written):
            return {"name": name, "metadata": files[name + ".vg"], "report": json.loads(files[name + ".json"]),
                    "tables": files[name + ".txt"]}


def main():
    failed = False
    for name in sys.argv[1:] or GROUPS:
        try:
            print(json.dumps(texts(name), separators=(",", ":")))
        except RuntimeError as error:
            print(error, file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
