#!/usr/bin/env python3
"""Random scenarios about volumes that get smaller, of every type, by and to every form of size.

  gen_reductions.py --seed 1 --count 200 | oracle.py --batch --with-input --compact > out.jsonl

The same seed and count always give the same lines. Shares of the group are asked of linear and striped
volumes alone: of others LVM2 2.03.16 takes away the extents below their images, its metadata among them.
"""

import random

import scenarios

# Type, options, disks that it needs, how often.
KINDS = [
    ("linear", [], 1, 1), ("striped", ["-i", "2"], 2, 1), ("striped", ["-i", "3"], 3, 1),
    ("mirror", ["-m", "1"], 2, 1), ("raid0", ["-i", "2"], 2, 1), ("raid0_meta", ["-i", "2"], 2, 1),
    ("raid1", ["-m", "1"], 2, 1), ("raid1", ["-m", "2"], 3, 1), ("raid4", ["-i", "2"], 3, 1),
    ("raid5", ["-i", "2"], 3, 1), ("raid5", ["-i", "3"], 4, 1), ("raid6", ["-i", "3"], 5, 1),
    ("raid10", ["-i", "2", "-m", "1"], 4, 3), ("raid10", ["-i", "3", "-m", "1"], 6, 3),
]


def size(r, cmd, kind):
    if r.random() < 0.17:
        amount = "%d%s" % (r.randint(1, 30), r.choice(["m", "k", "m"]))
        return "-L", "+" + amount if cmd == "lvextend" else r.choice(["-", "", "-"]) + amount
    if cmd == "lvextend":
        return "-l", "+%d" % r.randint(1, 5)
    forms = ["-%d" % r.randint(1, 6), "%d" % r.randint(1, 16),
             "-%d%%LV" % r.choice([5, 10, 25, 50, 90, 100]), "%d%%LV" % r.choice([10, 50, 90, 100, 120])]
    if kind in ("linear", "striped"):
        forms.append("-%d%%VG" % r.choice([1, 5, 10]))
    if cmd == "lvreduce" and r.random() < 0.05:
        return "-l", "+1"
    return "-l", r.choice(forms)


def scenario(seed, index):
    r = random.Random("reductions-%s-%d" % (seed, index))
    pvs = [{"name": "p%d" % number, "extents": r.choice([10, 20, 40, 60])} for number in range(r.randint(2, 7))]
    fitting = [(kind, args) for kind, args, disks, often in KINDS if disks <= len(pvs) for _ in range(often)]
    kind, args = r.choice(fitting)
    steps = [{"cmd": "lvcreate", "args": ["--type", kind] + args + ["-l", str(r.randint(1, 14)), "-n", "v0"]}]
    for _ in range(r.randint(1, 5)):
        cmd = r.choice(["lvreduce", "lvreduce", "lvresize", "lvextend"])
        option, amount = size(r, cmd, kind)
        force = [] if cmd == "lvextend" else ["-f"]
        steps.append({"cmd": cmd, "args": force + [option, amount, "v0"], "if_exists": "v0"})
    return {"id": "r%s-%d" % (seed, index), "extent_size_kib": r.choice([4096, 4096, 1024]), "pvs": pvs,
            "active": r.random() < 0.8, "steps": steps}


if __name__ == "__main__":
    scenarios.write(scenario, __doc__)
