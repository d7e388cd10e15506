#!/usr/bin/env python3
"""Problems of many kinds on pools as people have them: how many are proven, in which time, and how far the others are off.

    cargo build --release
    python3 benches/wide.py                         # 4 problems of each kind, seed 1
    python3 benches/wide.py --seed 7 --each 12 --kind stripe_real --kind avoid
    python3 benches/wide.py --folder FOLDER         # problems from files NAME_N.json instead
    python3 benches/wide.py --write FOLDER          # keeps the problems
    python3 benches/wide.py --program OTHER --json OUT

Sources are fresh, half full with a long tail, or fragmented, of two or three sizes from 0.5 to 8 TB in extents of 4 MiB, some pools much
smaller, some with areas of Pareto-distributed length. Loads lie between 0.05 and 1 of what is free. Each problem is given to the
program with one thread; times are its processor seconds. A gap is (cost - bound) / cost in the first measure where they differ.
"""
import argparse
import glob
import json
import os
import random
import subprocess
import sys
import tempfile

MODELS = [119209, 238418, 476837, 953674, 1907348]


def pool(rng, count, fragmented=0.3, racks=0, tags=0):
    """Sources: name, extents, free; and with `racks` or `tags` their tags."""
    pareto = rng.random() < 0.3
    scale = rng.choice([1, 1, 10, 100, 200])
    models = [max(200, model // scale) for model in rng.sample(MODELS[:3] if scale > 1 else MODELS, 2)]
    sources = []
    for index in range(count):
        extents = rng.choice(models)
        kind = rng.random()
        if pareto:
            at, free = rng.randint(0, 50), []
            for _ in range(rng.randint(1, 5)):
                length = int(50 * rng.paretovariate(1.1))
                free.append([at, min(length, extents)])
                at += free[-1][1] + rng.randint(5, 400)
            extents = max(extents, at)
        elif kind < fragmented:
            free = holes(rng, extents, rng.randint(5, 25))
        elif kind < fragmented + 0.3:
            free = holes(rng, extents, rng.randint(1, 4))
        elif kind < fragmented + 0.5:
            start = rng.randrange(extents)
            free = [[start, extents - start]]
        else:
            free = [[0, extents - rng.randint(0, 1)]]
        source = {"name": "d%d" % index, "extents": extents, "free": free}
        if racks:
            source["tags"] = ["rack%d" % rng.randrange(racks)]
        if tags:
            source["tags"] = sorted(rng.sample(["t%d" % t for t in range(tags)], rng.choice([1, 1, 2])))
        sources.append(source)
    return sources


def holes(rng, extents, count):
    """Free areas between used ones, with lengths that differ by orders of magnitude."""
    weights = [rng.paretovariate(0.9) for _ in range(2 * count + 1)]
    unit = extents / sum(weights)
    at, free = 0, []
    for index, weight in enumerate(weights):
        length = max(1, int(weight * unit))
        if index % 2 and at + length < extents:
            free.append([at, length])
        at += length
    return free or [[0, extents]]


def room(sources):
    return sum(length for source in sources for _, length in source["free"])


def raid(rng, name, leg, shape):
    """One request of the shape whose legs are `leg` extents long."""
    request = {"name": name, **shape}
    request["extents"] = max(1, leg) * shape.get("stripes", 1)
    return request


def legs_of(shape):
    return shape.get("stripes", 1) * shape.get("copies", 1) + shape.get("parity", 0)


SHAPES = [
    {}, {"copies": 2, "metadata": 1}, {"copies": 3, "metadata": 1}, {"stripes": 2}, {"stripes": 4}, {"stripes": 3, "parity": 1, "metadata": 1},
    {"stripes": 4, "parity": 2, "metadata": 1}, {"stripes": 2, "copies": 2, "metadata": 1},
]


def problem(sources, requests, *objective):
    return {"schema": "extentplan/problem/1", "sources": sources, "requests": requests, "objective": list(objective)}


def single(shape_of, most=40, objective=("segments", "sources"), least=6, loads=(0.1, 0.98), **made):
    """One request; legs apart; `loads` is the part of the extents that legs can reach."""

    def make(rng):
        shape = shape_of(rng)
        legs = legs_of(shape)
        sources = pool(rng, rng.randint(max(least, legs), max(most, legs + 6)), **made)
        low, high = 0, room(sources)
        while low < high:
            leg = (low + high + 1) // 2
            if sum(min(leg, sum(f[1] for f in s["free"])) for s in sources) >= leg * legs:
                low = leg
            else:
                high = leg - 1
        leg = int(low * rng.uniform(*loads)) if rng.random() < 0.8 else low - rng.randint(0, 2)
        request = raid(rng, "data", leg - shape.get("metadata", 0), shape)
        if made.get("racks"):
            request["partition_by_tags"] = sorted({tag for source in sources for tag in source["tags"]})
        return problem(sources, [request], *objective)

    return make


def batch(shapes, count, most=25, objective=("segments", "sources"), policies=("normal",), loads=(0.4, 1.0), **extra):
    """Several requests that share the room."""

    def make(rng):
        sources = pool(rng, rng.randint(6, most))
        total = int(room(sources) * rng.uniform(*loads))
        requests, parts = [], [rng.paretovariate(1.0) for _ in range(rng.randint(*count))]
        for index, part in enumerate(parts):
            shape = {key: value for key, value in rng.choice(shapes).items() if legs_of({key: value}) <= len(sources)}
            leg = int(total * part / sum(parts)) // legs_of(shape)
            request = raid(rng, "r%d" % index, leg, {**shape, "policy": rng.choice(policies)})
            if "value" in extra:
                request["value"] = rng.randint(1, 100)
            if "at_most" in extra and rng.random() < 0.7:
                request["size"] = "at_most"
            requests.append(request)
        return problem(sources, requests, *objective)

    return make


def companions(rng):
    made = batch([{"copies": 2}, {"copies": 3}], (1, 4), most=14)(rng)
    for request in made["requests"]:
        request.update(separation=rng.choice(["leg", "segment"]), metadata=rng.randint(1, 6), metadata_place=rng.choice(["front", "any_source"]))
        if rng.random() < 0.7:
            request["log"] = {"extents": rng.randint(1, 12), "count": rng.randint(1, 2), "place": rng.choice(["own_source", "any_source"])}
    return made


def avoid(rng):
    made = single(lambda rng: {"copies": rng.randint(2, 3)}, most=30, loads=(0.1, 0.8))(rng)
    names, leg, at, entries = [s["name"] for s in made["sources"]], made["requests"][0]["extents"], 0, []
    while at < leg and len(entries) < 6:
        length = max(1, int(leg * rng.uniform(0.02, 0.5)))
        entries.append([at, min(length, leg - at), rng.sample(names, rng.randint(1, max(1, len(names) // 4)))])
        at += length + rng.choice([0, leg // 20])
    made["requests"][0]["avoid"] = entries
    return made


def cling_tags(rng):
    """New volumes whose legs stay on sources that share a tag with one of theirs."""
    made = single(lambda rng: rng.choice([{}, {"copies": 2, "metadata": 1}]), racks=9, loads=(0.02, 0.3))(rng)
    request = made["requests"][0]
    request.update(policy="cling_by_tags", cling_tags=request.pop("partition_by_tags"))
    return made


def ranges(rng):
    made = batch([{}, {"copies": 2, "metadata": 1}, {"stripes": 2}], (1, 5), loads=(0.1, 0.6))(rng)
    for request in made["requests"]:
        chosen = rng.sample(made["sources"], rng.randint(max(2, len(made["sources"]) // 2), len(made["sources"])))
        request["sources"] = [source["name"] for source in chosen]
        halved = [source for source in chosen if source["extents"] > 1 and rng.random() < 0.4]
        request["ranges"] = [[source["name"], rng.choice([0, source["extents"] // 2]), source["extents"] // 2] for source in halved]
        if not halved:
            del request["ranges"]
    return made


def grow(policy):
    """Volumes that lie there already and go on, each leg with one to four previous segments in front of what is free."""

    def make(rng):
        sources = pool(rng, rng.randint(7, 30), fragmented=0.5, tags=3)
        before = {source["name"]: [] for source in sources}
        for source in sources:
            for area in source["free"]:
                if area[1] > 1 and rng.random() < 0.7:
                    length = max(1, int(area[1] * rng.uniform(0.02, 0.3)))
                    before[source["name"]].append([source["name"], area[0], length])
                    area[0], area[1] = area[0] + length, area[1] - length
        requests = []
        for index in range(rng.randint(1, 5)):
            shape = rng.choice([{}, {}, {"copies": 2}, {"stripes": 2}, {"stripes": 2, "parity": 1}])
            homes = [name for name, pieces in before.items() if pieces]
            if len(homes) < legs_of(shape):
                break
            grows = []
            for home in rng.sample(homes, legs_of(shape)):
                grows.append([before[home].pop() for _ in range(rng.randint(1, min(3, len(before[home]))))])
            # All legs of a volume are equally long.
            least = min(sum(piece[2] for piece in leg) for leg in grows)
            for leg in grows:
                cut = sum(piece[2] for piece in leg) - least
                while cut:
                    piece = leg[0]
                    taken = min(cut, piece[2])
                    piece[1], piece[2], cut = piece[1] + taken, piece[2] - taken, cut - taken
                    if not piece[2]:
                        leg.pop(0)
            wanted = max(1, int(least * rng.choice([0.1, 0.5, 1, 3, 10])))
            request = {"name": "g%d" % index, "extents": wanted * shape.get("stripes", 1), **shape, "policy": policy, "grows": grows, "separation": rng.choice(["leg", "leg", "segment"]) if legs_of(shape) > 1 else "leg"}
            if policy == "cling_by_tags":
                request["cling_tags"] = ["t0", "t1", "t2"]
            requests.append(request)
        if not requests:
            return make(rng)
        return problem(sources, requests, "segments", "sources")

    return make


def thin(rng):
    sources = pool(rng, rng.randint(6, 26))
    free = room(sources)
    data = {"stripes": 4, "parity": 2, "metadata": 1} if len(sources) > 7 else {"copies": 2, "metadata": 1}
    requests = [raid(rng, "pool_data", int(free * rng.uniform(0.2, 0.5)) // legs_of(data), data), raid(rng, "pool_meta", rng.choice([32, 1024]), {"copies": 2, "metadata": 1})]
    requests += [raid(rng, "spare", 32, {})] + [raid(rng, "v%d" % i, int(free * rng.uniform(0.01, 0.09)) // 2, {"copies": 2, "metadata": 1}) for i in range(rng.randint(1, 4))]
    return problem(sources, requests, "segments", "sources")


def mirror(*objective):
    shape = lambda rng: {"copies": rng.randint(2, 4), "separation": "segment", "cuts": "apart"}
    return single(shape, objective=objective)


def striped(low, high, most):
    return single(lambda rng: {"stripes": rng.randint(low, high)}, most=most)


KINDS = {
    "raid1_real": single(lambda rng: {"copies": rng.randint(2, 4), "metadata": 1}),
    "raid5_real": single(lambda rng: {"stripes": rng.randint(2, 9), "parity": 1, "metadata": 1}),
    "raid6_real": single(lambda rng: {"stripes": rng.randint(3, 13), "parity": 2, "metadata": 1}),
    "raid10_real": single(lambda rng: {"stripes": rng.randint(2, 5), "copies": 2, "metadata": 1}),
    "many_legs": single(lambda rng: {"stripes": rng.randint(15, 60), "parity": rng.randint(1, 2), "metadata": 1}, most=130),
    "sources_first": single(lambda rng: rng.choice(SHAPES[1:3] + SHAPES[5:]), objective=("sources", "segments")),
    "racks": single(lambda rng: {"copies": rng.randint(2, 4), "metadata": 1}, racks=9, objective=("segments", "sources"), loads=(0.05, 0.5)),
    "racks_sources": single(lambda rng: {"stripes": 2, "copies": 2, "metadata": 1}, racks=14, objective=("sources", "segments"), loads=(0.05, 0.5)),
    "linear": single(lambda rng: {}, objective=("segments", "sources")),
    "linear_sources": single(lambda rng: {}, objective=("sources", "segments")),
    "mirror_segment": mirror("segments", "sources"),
    "mirror_sources": mirror("sources", "segments"),
    "stripe_real": striped(2, 8, 25),
    "stripe_wide": striped(8, 24, 120),
    "stripe_batch": batch([{"stripes": n} for n in range(2, 6)], (2, 7)),
    "linear_batch": batch([{}], (3, 120)),
    "leg_batch": batch(SHAPES[1:3] + SHAPES[5:], (2, 12)),
    "leg_batch_sources": batch(SHAPES[1:3] + SHAPES[5:], (2, 12), objective=("sources", "segments")),
    "mixed_2_8": batch(SHAPES, (2, 6), most=8),
    "mixed_10_40": batch(SHAPES, (10, 18), most=40, policies=("normal", "normal", "contiguous", "cling")),
    "mixed_60_200": batch(SHAPES, (60, 200), most=60, policies=("normal", "normal", "contiguous", "cling"), loads=(0.3, 0.8)),
    "contig_batch": batch(SHAPES, (5, 40), policies=("contiguous",), loads=(0.2, 0.7)),
    "thin": thin,
    "companions": companions,
    "avoid": avoid,
    "ranges": ranges,
    "cling_tags": cling_tags,
    "grow_normal": grow("normal"),
    "grow_cling": grow("cling"),
    "grow_cling_tags": grow("cling_by_tags"),
    "grow_contiguous": grow("contiguous"),
    "at_most": batch(SHAPES, (1, 3), objective=("shortfall", "segments", "sources"), loads=(0.8, 1.4), at_most=True),
    "optional": batch(SHAPES, (5, 20), objective=("unserved", "segments", "sources"), policies=("normal", "cling", "contiguous"), loads=(0.7, 1.5), value=True),
    "balance": single(lambda rng: rng.choice(SHAPES), objective=("balance",)),
    "balance_second": single(lambda rng: rng.choice(SHAPES), objective=("sources", "balance", "segments")),
    "fragments": batch(SHAPES, (1, 4), objective=("fragments",), loads=(0.1, 0.8)),
    "fragments_second": batch(SHAPES[:4], (1, 2), objective=("sources", "fragments", "segments"), loads=(0.1, 0.8)),
}


def made(seed, each, kinds):
    for kind in kinds:
        for index in range(1, each + 1):
            yield "%s_%d" % (kind, index), KINDS[kind](random.Random("%s %d %d" % (kind, seed, index)))


def run(program, text, limit, extra):
    """Status, bounds, processor seconds and peak MB of one run."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(text)
        file.flush()
        command = [program, "plan", file.name, "--format", "json", "--threads", "1", "--time-limit", "%gs" % limit] + extra
        with tempfile.TemporaryFile("w+") as out:
            child = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True)
            error = child.stderr.read()
            _, _, used = os.wait4(child.pid, 0)
            out.seek(0)
            answer = out.read()
    seconds, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    try:
        return json.loads(answer), seconds, megabytes
    except ValueError:
        return {"status": "refused", "error": error.strip()}, seconds, megabytes


def gap(answer, objective):
    """Bound and cost in the first measure where they differ, and by what part of the cost."""
    cost, bound = answer.get("cost") or {}, answer.get("bound") or {}
    for measure in objective:
        if measure not in cost:
            return None
        low = bound.get(measure)
        if low != cost[measure]:
            return measure, low, cost[measure], 1.0 if low is None else (cost[measure] - low) / cost[measure]
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default="target/release/extentplan")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=4)
    parser.add_argument("--kind", action="append", help="only this kind (may be given again)")
    parser.add_argument("--folder", help="problems from files instead")
    parser.add_argument("--write", help="keep the problems in this folder and end")
    parser.add_argument("--limit", type=float, default=5.0, help="seconds for each problem")
    parser.add_argument("--json", help="write what came of each problem there")
    parser.add_argument("--quiet", action="store_true", help="only the table of kinds")
    parser.add_argument("extra", nargs="*", help="further arguments for `plan`, after --")
    given = parser.parse_args()
    if given.folder:
        files = sorted(f for f in glob.glob(given.folder + "/*.json") if not f.endswith((".answer.json", ".plan.json")))
        problems = [(os.path.basename(f)[:-5], json.load(open(f))) for f in files]
        problems = [(n, p) for n, p in problems if not given.kind or n.rsplit("_", 1)[0] in given.kind]
    else:
        problems = list(made(given.seed, given.each, given.kind or KINDS))
    if given.write:
        os.makedirs(given.write, exist_ok=True)
        for name, one in problems:
            with open(os.path.join(given.write, name + ".json"), "w") as file:
                json.dump(one, file)
        return
    rows, kept = {}, {}
    for name, one in problems:
        answer, seconds, megabytes = run(given.program, json.dumps(one), given.limit, given.extra)
        status = answer["status"]
        wide = gap(answer, one["objective"]) if status == "found" else None
        row = rows.setdefault(name.rsplit("_", 1)[0], [])
        row.append((status, seconds, megabytes, wide))
        kept[name] = {"status": status, "seconds": seconds, "megabytes": megabytes, "cost": answer.get("cost"), "bound": answer.get("bound")}
        if not given.quiet and status not in ("best", "impossible"):
            print("%-22s %-8s %s %.2f s %s" % (name, status, "%s [%s, %s]" % wide[:3] if wide else answer.get("error", ""), seconds, answer.get("stopped", "")), flush=True)
    print("\n%-18s %5s | proven within 0.1 s / 1 s / 5 s | found unknown refused | worst gap | median s | peak MB" % ("kind", "count"))
    total = [0] * 7
    for kind, row in rows.items():
        proven = [seconds for status, seconds, _, _ in row if status in ("best", "impossible")]
        counts = [len(row)] + [sum(s <= most for s in proven) for most in (0.1, 1, 1e9)]
        counts += [sum(status == which for status, *_ in row) for which in ("found", "unknown", "refused")]
        total = [a + b for a, b in zip(total, counts)]
        worst = max((wide[3] for *_, wide in row if wide), default=0)
        print("%-18s %5d | %9d %9d %9d     | %5d %7d %7d | %8.0f%% | %8.2f | %7.0f" % (kind, *counts, 100 * worst, sorted(s for _, s, _, _ in row)[len(row) // 2], max(m for _, _, m, _ in row)))
    print("%-18s %5d | %9d %9d %9d     | %5d %7d %7d |" % ("all", *total))
    if given.json:
        with open(given.json, "w") as file:
            json.dump(kept, file, indent=1)


if __name__ == "__main__":
    sys.exit(main())
