#!/usr/bin/env python3
"""RAID volumes with checksums that grow, in groups with holes: gen_checksums.py --seed N --count N."""
import argparse
import json
import random

TYPES = ["raid1 -m 1", "raid1 -m 2", "raid5 -i 2", "raid6 -i 3", "raid10 -i 2 -m 1"]
AMOUNTS = ["+50%FREE", "+100%FREE", "+20%LV"]


def disk(dice, name):
    extents, used, at = dice.choice([60, 100, 200, 300]), [], 0
    for _ in range(dice.choice([0, 0, 1, 2, 4])):
        at += dice.randint(1, 40)
        length = dice.randint(1, 10)
        if at + length >= extents:
            break
        used.append([at, length])
        at += length
    return {"name": name, "extents": extents, **({"used": used} if used else {})}


def scenario(dice, name):
    disks = ["p%d" % index for index in range(dice.randint(3, 7))]
    policy = ["--alloc", dice.choice(["cling", "contiguous", "anywhere"])] if dice.random() < 0.25 else []
    kind = ["--type", *dice.choice(TYPES).split()]
    size = ["-l", str(dice.randint(4, 90))]
    steps = [{"cmd": "lvcreate", "args": kind + policy + size + ["--raidintegrity", "y", "-n", "lv0"]}]
    for number in range(dice.randint(1, 4)):
        if dice.random() < 0.1:
            steps.append({"cmd": "lvcreate", "args": ["-l", str(dice.randint(1, 20)), "-n", "lv%d" % (number + 1)]})
            continue
        more = dice.choice(["+%d" % dice.randint(1, 60), "+%d" % dice.randint(1, 200)] + AMOUNTS)
        step = {"cmd": dice.choice(["lvextend", "lvextend", "lvresize"]), "args": ["-l", more, "lv0"], "if_exists": "lv0"}
        if dice.random() < 0.25:
            step["pvs"] = dice.sample(disks, dice.randint(2, len(disks)))
        steps.append(step)
    if dice.random() < 0.3:
        steps.append({"cmd": "lvconvert", "args": ["--raidintegrity", "n", "lv0"], "if_exists": "lv0"})
    return {"id": name, "extent_size_kib": dice.choice([1024, 4096]), "pvs": [disk(dice, name) for name in disks],
            "active": True, "steps": steps}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    for number in range(options.count):
        print(json.dumps(scenario(dice, "k%d-%d" % (options.seed, number)), separators=(",", ":")))


if __name__ == "__main__":
    main()
