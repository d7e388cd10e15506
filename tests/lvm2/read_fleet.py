#!/usr/bin/env python3
"""Has the real LVM2 read the volume groups of a fleet: lines of `extentplan generate fleet` on standard input.

Prints a line for each group that it does not take as it was meant: where `vgck` finds a fault, a volume is missing from
`lvs`, or one extent more cannot be had. Disks that are missing from a group are there for it. The last line counts those
that it takes.
"""
import json
import re
import sys

import oracle

DISK = re.compile(r'\npv\d+ \{\nid = "([^"]+)"\ndevice = "/dev/([^"]+)"\n.*?pe_count = (\d+)', re.S)


class Pool:
    """What the oracle needs to know of a group: its text, with the ids of the disks that it makes."""

    def __init__(self, text):
        self.js = {}
        self.ext = 4 << 20
        self.pe_start = 1 << 20
        disks, volumes = text.split("\nlogical_volumes {") if "\nlogical_volumes {" in text else (text, "")
        found = DISK.findall(disks)
        self.pvs = [{"name": name, "extents": int(count)} for _, name, count in found]
        for index, (uuid, _, _) in enumerate(found):
            text = text.replace(uuid, oracle.uuid_text("orcPV", index))
        self.text = text.replace('"MISSING"', "")
        self.volumes = volumes.count("\nsegment_count = ")

    def metadata(self):
        return self.text


def fault(real, pool):
    """What is wrong with it, if anything is."""
    real.reset(pool)
    code, _, error = real.run_lvm(["vgck", "vg0"])
    if code:
        return error
    _, listed, error = real.run_lvm(["lvs", "-a", "--noheadings", "-o", "name"])
    if len(listed.split()) != pool.volumes:
        return "%d of %d volumes: %s" % (len(listed.split()), pool.volumes, error)
    code, _, error = real.run_lvm(["lvcreate", "-y", "-an", "-Zn", "-Wn", "-l", "1", "-n", "new", "vg0"])
    if code:
        return "lvcreate ends with %d: %s" % (code, error)
    return None


def main():
    real = oracle.Oracle()
    good = 0
    try:
        for line in sys.stdin:
            pool = json.loads(line)
            wrong = fault(real, Pool(pool["metadata"]))
            if wrong:
                print("%s: %s" % (pool["host"], wrong))
            good += not wrong
    finally:
        real.close()
    print("%d as they were meant" % good)


if __name__ == "__main__":
    main()
