#!/usr/bin/env python3
"""Counts how many batches of requests of different kinds get a plan, on problems for which one is known to exist.

    cargo build --release
    python3 benches/mixed.py

A layout is planted: requests of random kinds are laid out at random over random free areas until so much of them is taken.
The layout itself is thrown away. What is asked is whether a plan is found again in the time, and how long it takes.
"""
import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile


class Pool:
    """Sources, and what is free on them while requests are planted."""

    def __init__(self, rng, count, areas, racks):
        self.rng, self.sources, self.left = rng, [], []
        for index in range(count):
            free, at = [], rng.randint(0, 200)
            for _ in range(rng.randint(1, areas)):
                length = rng.choice([rng.randint(20, 400), rng.randint(200, 3000)])
                free.append([at, length])
                at += length + rng.randint(1, 500)
            tags = ["rack%d" % (index % racks)] + [rng.choice(["ssd", "hdd"])]
            self.sources.append({"name": "d%d" % index, "extents": at + rng.randint(0, 100), "free": free, "tags": tags})
            self.left.append([list(area) for area in free])
        self.total = sum(area[1] for free in self.left for area in free)

    def room(self, source):
        return sum(length for _, length in self.left[source])

    def longest(self, source):
        return max((length for _, length in self.left[source]), default=0)

    def take(self, source, wanted, whole=False, front=None):
        """Takes so many extents off a source: from one area, or from several at random."""
        areas = self.left[source]
        taken = []
        while wanted:
            fitting = [i for i, area in enumerate(areas) if area[1] >= wanted] if whole else range(len(areas))
            if front is not None:
                fitting = [i for i in fitting if areas[i][0] == front]
            index = self.rng.choice(list(fitting))
            start, length = areas[index]
            part = min(length, wanted)
            taken.append((start, part))
            areas[index] = [start + part, length - part]
            if not areas[index][1]:
                del areas[index]
            wanted -= part
        return taken


def plant(pool, kind, leg):
    """A request of a kind with legs of about so many extents, or none if there is no room for it."""
    rng = pool.rng
    everyone = list(range(len(pool.sources)))
    rng.shuffle(everyone)
    request = {"policy": "normal"}
    shape, metadata, log = (1, 1, 0), 0, 0
    base = kind.split("-")[0]
    if base == "striped":
        shape = (rng.randint(2, 4), 1, 0)
    elif base == "mirror":
        shape, log = (1, rng.randint(2, 3), 0), 1
    elif base == "raid1":
        shape, metadata = (1, rng.randint(2, 3), 0), 1
    elif base == "raid5":
        shape, metadata = (rng.randint(2, 5), 1, 1), 1
    elif base == "raid6":
        shape, metadata = (rng.randint(3, 5), 1, 2), 1
    elif base == "raid10":
        shape, metadata = (2, 2, 0), 1
    words = kind.split("-")[1:]
    legs = shape[0] * shape[1] + shape[2]
    tag = lambda source: pool.sources[source]["tags"][0]
    if "some" in words:
        everyone = everyone[: max(legs + 1, len(everyone) // 3)]
        request["sources"] = ["d%d" % s for s in sorted(everyone)]
    if "tier" in words:
        everyone = [s for s in everyone if "ssd" in pool.sources[s]["tags"]]
        request["sources"] = ["d%d" % s for s in sorted(everyone)]
    if "ranges" in words:
        # Only the first half of each source, in extents.
        everyone = everyone[: max(legs + 1, len(everyone) // 2)]
        request["ranges"] = [["d%d" % s, 0, pool.sources[s]["extents"] // 2] for s in sorted(everyone)]
    front_of = {}
    if "grows" in words:
        before = []
        if "contiguous" in words:
            behind = [(s, area) for s in everyone for area in pool.left[s]
                      if area[0] > 5 and any(area[0] == free[0] for free in pool.sources[s]["free"])]
            rng.shuffle(behind)
            for source, area in behind:
                if source not in front_of and len(front_of) < legs:
                    front_of[source] = area[0]
            if len(front_of) < legs:
                return None
            everyone = list(front_of)
            before = [[["d%d" % s, front_of[s] - 3, 3]] for s in everyone]
        else:
            had = [s for s in everyone if pool.sources[s]["free"][0][0] > 5 and pool.room(s)]
            if len(had) < legs:
                return None
            before = [[["d%d" % s, 0, 3]] for s in had[:legs]]
            rest = [s for s in everyone if s not in had[:legs]]
            everyone = had[:legs] + ([] if "cling" in words else rest)
        request["grows"] = before
        metadata = log = 0
    avoided = []
    if "avoid" in words:
        avoided = everyone[: len(everyone) // 3]
        request["avoid"] = [[0, 1 << 40, ["d%d" % s for s in sorted(avoided)]]]
        everyone = everyone[len(everyone) // 3:]
    limited = {}
    if "ranges" in words:
        # Planting within ranges: only what lies below the middle.
        for s in everyone:
            half = pool.sources[s]["extents"] // 2
            limited[s] = [area for area in pool.left[s] if area[0] + area[1] <= half]
    room = lambda s: sum(a[1] for a in limited[s]) if s in limited else pool.room(s)
    longest = lambda s: max((a[1] for a in limited[s]), default=0) if s in limited else pool.longest(s)
    whole = "contiguous" in words
    used_tags, homes = set(), []
    is_apart = True
    for number in range(legs):
        found = None
        candidates = [everyone[number]] if "grows" in words else everyone
        for s in candidates:
            if any(s in home for home in homes):
                continue
            if "racks" in words and tag(s) in used_tags:
                continue
            if "cling_tags" in words:
                group = [t for t in everyone if tag(t) == tag(s) and not any(t in home for home in homes)]
                group.remove(s)
                group.insert(0, s)
                if sum(map(room, group)) >= leg + metadata and longest(s) > metadata:
                    found = group
                    break
            elif whole and longest(s) >= leg + metadata:
                if s not in front_of or dict(map(tuple, pool.left[s])).get(front_of[s], 0) >= leg:
                    found = [s]
                    break
            elif not whole and ("cling" in words or rng.random() < 0.6) and room(s) >= leg + metadata and longest(s) > metadata:
                found = [s]
                break
            elif not whole and "cling" not in words and longest(s) > metadata:
                group, have = [s], room(s)
                for t in everyone:
                    if have >= leg + metadata:
                        break
                    if t == s or any(t in home for home in homes) or room(t) == 0:
                        continue
                    if "racks" in words and tag(t) in used_tags:
                        continue
                    if "grows" in words and t in everyone[:legs]:
                        continue
                    group.append(t)
                    have += room(t)
                if have >= leg + metadata:
                    found = group
                    break
        if found is None:
            return None
        homes.append(found)
        used_tags.update(tag(s) for s in found)
    spare = None
    if log:
        others = [s for s in range(len(pool.sources)) if not any(s in home for home in homes) and pool.left[s]]
        if not others:
            return None
        spare = others[0]
    for home in homes:
        missing = leg + metadata
        for s in home:
            # Metadata lies in front of the first area, which has to hold more than that.
            part = min(missing, room(s))
            if part == 0:
                continue
            if s in limited:
                keep = pool.left[s]
                pool.left[s] = limited[s]
                inside = [tuple(a) for a in keep]
                before_take = {tuple(a) for a in limited[s]}
                others = [list(a) for a in keep if tuple(a) not in before_take]
            if metadata and s == home[0] and not whole:
                index = max(range(len(pool.left[s])), key=lambda i: pool.left[s][i][1])
                start, length = pool.left[s][index]
                first = min(length, part)
                pool.left[s][index] = [start + first, length - first]
                if not pool.left[s][index][1]:
                    del pool.left[s][index]
                if part > first:
                    pool.take(s, part - first)
            else:
                pool.take(s, part, whole, front_of.get(s))
            if s in limited:
                pool.left[s] = sorted(pool.left[s] + others)
            missing -= part
    if spare is not None:
        pool.take(spare, 1, True)
        request["log"] = {"extents": 1, "count": 1, "place": "own_source"}
    request.update(extents=leg * shape[0], stripes=shape[0], copies=shape[1], parity=shape[2], metadata=metadata)
    if base == "mirror":
        request["separation"] = "leg"
    if "anywhere" in words:
        request["policy"] = "anywhere"
    if "contiguous" in words:
        request["policy"] = "contiguous"
    if "cling" in words:
        request["policy"] = "cling"
    if "cling_tags" in words:
        request["policy"] = "cling_by_tags"
        request["cling_tags"] = sorted({tag(s) for s in range(len(pool.sources))})
    if "racks" in words:
        request["partition_by_tags"] = sorted({tag(s) for s in range(len(pool.sources))})
    return request


KINDS = """linear linear linear linear-contiguous linear-contiguous linear-cling linear-cling_tags linear-some linear-tier linear-ranges
linear-grows linear-grows-contiguous linear-grows-cling linear-avoid striped striped striped-contiguous striped-cling striped-tier striped-avoid
striped-grows mirror mirror-contiguous mirror-some mirror-anywhere raid1 raid1 raid1-racks raid1-contiguous raid1-cling raid1-cling_tags raid1-tier raid1-some
raid1-grows raid1-avoid raid5 raid5-contiguous raid5-some raid5-racks raid5-grows raid6 raid6-cling raid10 raid10-contiguous raid10-racks""".split()


def problem(seed, sources, areas, requests, load, kinds=None):
    rng = random.Random(seed)
    pool = Pool(rng, sources, areas, max(4, sources // 6))
    aim = pool.total * load // 100
    planted = []
    spent = lambda: pool.total - sum(map(pool.room, range(sources)))
    tries = 0
    while len(planted) < requests and spent() < aim and tries < 40 * requests:
        tries += 1
        kind = rng.choice(kinds or KINDS)
        each = max(1, (aim - spent()) // max(1, requests - len(planted)) // 3)
        leg = max(1, int(each * rng.uniform(0.3, 2.5)))
        for _ in range(4):
            request = plant(pool, kind, leg)
            if request:
                request["name"] = "%s-%d" % (kind, len(planted))
                planted.append(request)
                break
            leg = max(1, leg // 2)
    # What is missing to the load is linear.
    missing = aim - spent()
    if missing > 0:
        planted.append({"name": "rest", "extents": missing})
    rng.shuffle(planted)
    return {"schema": "extentplan/problem/1", "sources": pool.sources, "requests": planted, "objective": ["segments", "sources"]}


def run(program, path, seconds, more=()):
    words = [program, "plan", path, "--format", "json", "--threads", "1", "--time-limit", "%gs" % seconds, *more]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    text = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    if not text:
        raise SystemExit("%s: %s" % (path, child.stderr.read().decode()))
    answer = json.loads(text)
    answer["seconds"] = used.ru_utime + used.ru_stime
    answer["megabytes"] = used.ru_maxrss / 1024
    return answer


GROUPS = [("small", (6, 12), (1, 4), (3, 8)), ("middle", (12, 40), (1, 6), (8, 25)), ("large", (40, 100), (2, 8), (25, 50))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/release/extentplan")
    parser.add_argument("--count", type=int, default=20, help="problems for each size and load")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--keep", help="a folder for the problems that get no plan")
    parser.add_argument("--sizes", default="small,middle,large")
    parser.add_argument("--loads", default="70,80,90,95,98")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for name, sources, areas, requests in GROUPS:
        if name not in arguments.sizes.split(","):
            continue
        for load in map(int, arguments.loads.split(",")):
            answers = []
            for seed in range(arguments.seed, arguments.seed + arguments.count):
                rng = random.Random("%s %d %d" % (name, load, seed))
                made = problem(rng.random(), rng.randint(*sources), rng.randint(*areas), rng.randint(*requests), load)
                with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                    json.dump(made, file)
                    file.flush()
                    answer = run(arguments.program, file.name, arguments.seconds)
                if answer["status"] == "impossible":
                    raise SystemExit("%s %d %d: impossible, but planted" % (name, load, seed))
                if answer["status"] == "unknown" and arguments.keep:
                    with open(os.path.join(arguments.keep, "%s-%d-%d.json" % (name, load, seed)), "w") as file:
                        json.dump(made, file)
                answers.append(answer)
            planned = [a for a in answers if a["status"] != "unknown"]
            best = sum(a["status"] == "best" for a in answers)
            gap = [a["cost"]["segments"] - a["bound"].get("segments", 0) for a in planned]
            cost = sum(a["cost"]["segments"] for a in planned) or 1
            spent = sorted(a["seconds"] for a in answers)
            print("%-7s %3d %%: %3d of %3d planned, %3d best, gap %4.1f %%, median %.3f s, most %.2f s" % (
                name, load, len(planned), len(answers), best, 100 * sum(gap) / cost, spent[len(spent) // 2], spent[-1]), flush=True)


if __name__ == "__main__":
    sys.exit(main())
