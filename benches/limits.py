#!/usr/bin/env python3
"""Whether limits hold: many kinds of large inputs, each command, each limit, and Ctrl-C.

    cargo build --release
    python3 benches/limits.py                     # all cases, some ten minutes
    python3 benches/limits.py --only optional     # those whose name has the word

A run may take its time limit and a tenth more, or 0.2 s more; after Ctrl-C 0.2 s; and its memory limit and a
tenth more. What is over twice is marked, and the exit code is 1.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

SLACK_SECONDS = 0.2
SLACK_SHARE = 0.1
INTERRUPT_AFTER = 0.5
MIB = 1 << 20


# Inputs

class Maker:
    """Writes inputs made by rule from a seed."""

    def __init__(self, folder, seed):
        self.folder = folder
        self.random = random.Random(seed)
        self.count = 0

    def file(self, text, ending):
        self.count += 1
        path = os.path.join(self.folder, "%d.%s" % (self.count, ending))
        with open(path, "w") as out:
            out.write(text)
        return path

    def sources(self, count, areas, least=20, most=60, tags=0, racks=0):
        made = []
        for index in range(count):
            start, free = 0, []
            for _ in range(areas):
                start += self.random.randint(1, 5)
                length = self.random.randint(least, most)
                free.append([start, length])
                start += length
            own = ["t%d" % self.random.randrange(tags)] if tags else []
            own += ["rack%d" % (index % racks)] if racks else []
            made.append({"name": "s%d" % index, "extents": start + 1, "free": free, "tags": own})
        return made

    def problem(self, sources, requests, objective=("segments", "sources")):
        text = json.dumps({"schema": "extentplan/problem/1", "sources": sources, "requests": requests,
                           "objective": list(objective), "extent_bytes": 4 * MIB})
        return self.file(text, "json")

    def batch(self, count, least=5, most=40, **keys):
        """Requests of one shape and different sizes."""
        stripes = keys.get("stripes", 1)
        return [{"name": "r%d" % index, "extents": stripes * self.random.randint(least, most), **keys}
                for index in range(count)]

    def group(self, disks, areas, least=20, most=60, raids=0, linears=0, tags=0):
        """Metadata of a volume group. Between free areas lie extents of a linear volume; in front of them
        all, legs of RAID1 volumes and linear volumes of their own."""
        words, held, ends = [], [], [0] * disks
        volumes = []

        def take(disk, length):
            start = ends[disk]
            ends[disk] += length
            return disk, start, length

        for index in range(raids):
            pair = self.random.sample(range(disks), 2)
            volumes.append(("raid%d" % index, [(take(disk, 1), take(disk, 9)) for disk in pair]))
        for index in range(linears):
            volumes.append(("own%d" % index, take(self.random.randrange(disks), self.random.randint(1, 4))))
        for disk in range(disks):
            for _ in range(areas):
                held.append(take(disk, self.random.randint(1, 5)))
                ends[disk] += self.random.randint(least, most)

        def volume(name, segments, visible=True):
            flags = '["READ", "WRITE", "VISIBLE"]' if visible else '["READ", "WRITE"]'
            words.append("%s {\nid = \"%s\"\nstatus = %s\nflags = []\nsegment_count = %d" % (
                name, identity(len(words)), flags, len(segments)))
            words.extend(segments)
            words.append("}")

        def linear(at, number, piece):
            disk, start, length = piece
            return ("segment%d {\nstart_extent = %d\nextent_count = %d\ntype = \"striped\"\nstripe_count = 1\n"
                    "stripes = [ \"pv%d\", %d ]\n}" % (number, at, length, disk, start))

        words.append("contents = \"Text Format Volume Group\"\nversion = 1\nvg0 {\nid = \"%s\"\nseqno = 1\n"
                     "format = \"lvm2\"\nstatus = [\"RESIZEABLE\", \"READ\", \"WRITE\"]\nflags = []\n"
                     "extent_size = 8192\nmax_lv = 0\nmax_pv = 0\nmetadata_copies = 0\nphysical_volumes {"
                     % identity(1 << 30))
        for disk in range(disks):
            tag = "tags = [\"t%d\"]\n" % (disk % tags) if tags else ""
            words.append("pv%d {\nid = \"%s\"\ndevice = \"/dev/d%d\"\nstatus = [\"ALLOCATABLE\"]\nflags = []\n%s"
                         "dev_size = %d\npe_start = 2048\npe_count = %d\n}" % (
                             disk, identity((1 << 29) + disk), disk, tag, ends[disk] * 8192 + 4096, ends[disk]))
        words.append("}\nlogical_volumes {")
        at, segments = 0, []
        for number, piece in enumerate(held, 1):
            segments.append(linear(at, number, piece))
            at += piece[2]
        volume("old", segments)
        for name, made in volumes:
            if isinstance(made, tuple):
                volume(name, [linear(0, 1, made)])
                continue
            parts = ", ".join("\"%s_rmeta_%d\", \"%s_rimage_%d\"" % (name, leg, name, leg) for leg in range(2))
            volume(name, ["segment1 {\nstart_extent = 0\nextent_count = 9\ntype = \"raid1\"\ndevice_count = 2\n"
                          "region_size = 4096\nraids = [ %s ]\n}" % parts])
            for leg, (metadata, image) in enumerate(made):
                volume("%s_rmeta_%d" % (name, leg), [linear(0, 1, metadata)], False)
                volume("%s_rimage_%d" % (name, leg), [linear(0, 1, image)], False)
        words.append("}\n}")
        return self.file("\n".join(words) + "\n", "vg")


def identity(number):
    """An identifier as LVM2 has it, of a number."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    word = ""
    for _ in range(32):
        number, digit = divmod(number, len(digits))
        word += digits[digit]
    return "-".join([word[:6], word[6:10], word[10:14], word[14:18], word[18:22], word[22:26], word[26:]])


def cases(make):
    """Each kind of input with the words of its command."""
    plain = make.sources(100, 5)
    wide = make.sources(1000, 5)
    racks = make.sources(300, 4, tags=20, racks=8)
    large = make.sources(2000, 10, least=5, most=50)

    def plan(name, requests, sources=plain, objective=("segments", "sources")):
        return name, ["plan", make.problem(sources, requests, objective)]

    yield plan("linear, 10,000 requests", make.batch(10000, 2, 20), wide)
    yield plan("at most, 300", make.batch(300, size="at_most"), objective=["shortfall", "segments"])
    yield plan("at most, 300 large", make.batch(300, 50, 400, size="at_most"), objective=["shortfall", "segments"])
    yield plan("optional, 1,000", [dict(one, value=make.random.randint(1, 50)) for one in make.batch(1000, 20, 200)],
               objective=["unserved", "segments"])
    yield plan("optional at most, 400", [dict(one, value=3) for one in make.batch(400, 20, 200, size="at_most")],
               objective=["unserved", "shortfall", "segments"])
    avoid = [[index, 1, ["s%d" % make.random.randrange(100)]] for index in range(500)]
    yield plan("avoid, 500 entries", [{"name": "r", "extents": 2000, "avoid": avoid}])
    yield plan("avoid, 500 entries, two copies", [{"name": "r", "extents": 1000, "copies": 2, "avoid": avoid}])
    yield plan("log, 90 areas", [{"name": "r", "extents": 800, "copies": 2,
                                  "log": {"extents": 1, "count": 90, "place": "own_source"}}])
    yield plan("log, 20,000 areas", [{"name": "r", "extents": 100, "log": {"extents": 1, "count": 20000}}])
    yield plan("log, 2*10^9 areas", [{"name": "r", "extents": 100, "log": {"extents": 1, "count": 2000000000}}])
    yield plan("metadata in front, 64 legs",
               [{"name": "r", "extents": 62 * 150, "stripes": 62, "parity": 2, "metadata": 3}])
    for place in ("own_source", "any_source"):
        yield plan("metadata %s, 200 requests" % place,
                   make.batch(200, 20, 60, copies=2, metadata=1, metadata_place=place), racks)
    yield plan("stripes cut together, 8 legs", [{"name": "r", "extents": 8 * 1800, "stripes": 8}])
    yield plan("stripes cut together, 100 requests", make.batch(100, 5, 20, stripes=4), racks)
    yield plan("stripes cut together, 1,000 sources", [{"name": "r", "extents": 16 * 11000, "stripes": 16}], wide)
    yield plan("legs apart, 30", [{"name": "r", "extents": 28 * 600, "stripes": 28, "parity": 2, "metadata": 1}])
    yield plan("legs apart, 300 sources", [{"name": "r", "extents": 20 * 2200, "stripes": 20, "parity": 2,
                                            "separation": "leg"}], racks)
    yield plan("mirrors, 500", make.batch(500, 5, 20, copies=2), wide)
    yield plan("contiguous, 1,500 requests", make.batch(1500, 5, 50, policy="contiguous"), wide)
    yield plan("contiguous, tight", make.batch(330, 30, 60, policy="contiguous"))
    yield plan("contiguous legs, 200 requests", make.batch(200, 10, 40, copies=3, policy="contiguous"), racks)
    yield plan("cling, 300 requests", make.batch(300, 10, 100, policy="cling"), racks)
    yield plan("cling by tags, 100 requests",
               make.batch(100, 50, 300, policy="cling_by_tags", copies=2, cling_tags=["t%d" % tag for tag in range(20)]),
               racks)
    yield plan("cling by tags, one", [{"name": "r", "extents": 3000, "copies": 2, "policy": "cling_by_tags",
                                       "cling_tags": ["t%d" % tag for tag in range(20)]}], racks)
    yield plan("anywhere, 8 legs", [{"name": "r", "extents": 8 * 2000, "stripes": 8, "policy": "anywhere"}])
    yield plan("partition by tags", [{"name": "r", "extents": 6 * 1200, "stripes": 5, "parity": 2,
                                      "partition_by_tags": ["rack%d" % rack for rack in range(8)]}], racks)
    yield plan("partition by tags, 100 requests",
               make.batch(100, 10, 60, copies=3, partition_by_tags=["rack%d" % rack for rack in range(8)]), racks)
    grows = [[["s%d" % leg, plain[leg]["extents"] - 1, 1]] for leg in range(4)]
    yield plan("grows, 4 legs", [{"name": "r", "extents": 4 * 1500, "stripes": 4, "grows": grows}])
    yield plan("grows, apart", [{"name": "r", "extents": 1500, "copies": 4, "grows": grows}])
    ranges = [["s%d" % index, source["free"][0][0], 10] for index, source in enumerate(large)]
    yield plan("ranges, 2,000", [{"name": "r", "extents": 8000, "copies": 2, "ranges": ranges}], large)
    yield plan("sources by name, 200 requests",
               [dict(one, sources=sorted({"s%d" % make.random.randrange(1000) for _ in range(20)}))
                for one in make.batch(200, 20, 200, copies=2)], wide)
    for measure in ("balance", "fragments", "largest_area"):
        yield plan("%s first, 60 requests" % measure, make.batch(60, 20, 90, copies=2), objective=[measure, "segments"])
        yield plan("%s last, one" % measure, [{"name": "r", "extents": 5000}], large,
                   ["segments", "sources", measure])
    yield plan("mixed, 300 requests", [dict(one, **make.random.choice([
        {"copies": 2}, {"copies": 2, "metadata": 1}, {"policy": "contiguous"}, {"policy": "cling"},
        {"avoid": [[0, 2, ["s1", "s2"]]]}, {"parity": 1, "copies": 1, "separation": "leg"}]))
        for one in make.batch(300, 10, 60)], racks)
    yield plan("linear, 20,000 areas", [{"name": "r", "extents": 300000}], large)
    yield plan("reading, 2 million areas", [{"name": "r", "extents": 100}], make.sources(20000, 100, 1, 3))
    for recipe in ("p --sources 60 --legs 6", "t --legs 20", "a --sources 60 --legs 10", "b --requests 200 --sources 80",
                   "c --sources 40 --legs 6", "d --sources 60 --racks 6 --both 10", "e --requests 100 --sources 60",
                   "z --sources 40 --legs 8"):
        yield "family " + recipe, ["generated", recipe]

    small_group = make.group(40, 6, raids=60, linears=200, tags=4)
    holes = make.group(200, 20)
    more_holes = make.group(400, 20)
    raids = make.group(200, 4, raids=400)
    volumes = make.group(200, 4, raids=1000, linears=4000)
    many_disks = make.group(10000, 10)

    def lvm(name, words, pool, command):
        return name, words[:1] + [pool] + words[1:] + ["--"] + command.split()

    yield lvm("commands of 200 PVs of 20 holes", ["plan"], holes, "lvcreate -l 100%FREE -n x vg0")
    yield lvm("commands of 400 PVs of 20 holes", ["plan"], more_holes, "lvcreate -l 100%FREE -n x vg0")
    yield lvm("commands of stripes", ["plan", "--format", "commands"], holes, "lvcreate -i 4 -l 60%FREE -n x vg0")
    yield lvm("raid6 on 200 PVs", ["plan"], raids, "lvcreate --type raid6 -i 4 -l 4000 -n x vg0")
    yield lvm("raid1 with tags", ["plan"], many_disks, "lvcreate --type raid1 -m 1 -l 50000 -n x vg0")
    yield lvm("page", ["plan", "--format", "html"], many_disks, "lvcreate -l 50000 -n x vg0")
    yield lvm("compare", ["compare"], more_holes, "lvcreate -i 2 -l 40%FREE -n x vg0")
    yield lvm("compare raid", ["compare"], many_disks, "lvcreate --type raid5 -i 3 -l 60000 -n x vg0")
    yield lvm("how large, raid6", ["capacity"], raids, "lvcreate --type raid6 -i 3 -n x vg0")
    yield lvm("how large, stripes", ["capacity"], holes, "lvcreate -i 4 -n x vg0")
    yield lvm("how large, 10,000 PVs", ["capacity"], many_disks, "lvcreate --type raid5 -i 4 -n x vg0")
    yield lvm("how many, raid1", ["capacity", "--count"], raids, "lvcreate --type raid1 -m 1 -l 10 -n x vg0")
    yield lvm("how many, linear", ["capacity", "--count", "100000"], many_disks, "lvcreate -l 10 -n x vg0")
    yield lvm("what to add", ["capacity", "--add", "--disk", "1T", "--disk", "300G"], raids,
              "lvcreate --type raid6 -i 4 -l 100000 -n x vg0")
    yield lvm("why not", ["capacity", "--why"], raids, "lvcreate --type raid6 -i 4 -l 60000 -n x vg0")
    yield "how many, 900", ["capacity", make.problem(plain, [{"name": "r", "extents": 14}]), "--count", "2000"]
    yield "how many beside others", ["capacity", make.problem(plain, make.batch(200, 5, 20, copies=2)), "--count"]
    yield "which fit, value", ["capacity", make.problem(plain, [dict(one, value=make.random.randint(1, 9))
                                                               for one in make.batch(400, 30, 200, copies=2)]),
                               "--prefer", "value"]
    yield "which fit, count", ["capacity", make.problem(plain, [dict(one, value=make.random.randint(1, 9))
                                                               for one in make.batch(400, 30, 200)]),
                               "--prefer", "count"]
    yield "what to add, batch", ["capacity", make.problem(plain, make.batch(300, 100, 200, copies=2)), "--add"]
    yield "why not, batch", ["capacity", make.problem(plain, make.batch(300, 100, 200, copies=2)), "--why"]
    yield "how large, at most", ["capacity", make.problem(plain, make.batch(100, 10, 20, copies=2)
                                                          + [{"name": "x", "extents": 9000, "copies": 2,
                                                              "size": "at_most"}]), "--request", "x"]
    yield "survive", ["capacity", raids, "--survive", "1"]
    yield "survive, by tags", ["capacity", small_group, "--survive", "1", "--domain", "t0", "--domain", "t1"]
    growth = make.file("[[growth]]\nper_month = \"2%\"\nshape = \"--type raid1 -m 1\"\n", "toml")
    yield "when", ["capacity", raids, "--scenario", growth, "--when", "600"]
    yield "audit", ["audit", volumes]
    yield "audit, tags", ["audit", small_group, "--tag", "t0", "--tag", "t1"]
    yield "audit, 10,000 PVs", ["audit", many_disks]
    yield "show", ["show", many_disks]
    yield "export", ["export", make.problem(wide, make.batch(100, 20, 200)), "--format", "lp"]
    yield "export, areas", ["export", make.problem(plain, make.batch(6, 20, 200, copies=2)), "--format", "mps",
                            "--formulation", "areas"]
    yield "generate", ["generate", "e", "--requests", "2000", "--sources", "100000", "--areas", "40"]
    yield "check", ["checked", make.problem(wide, make.batch(2000, 5, 20))]


# Runs

class Run:
    """One run of the program: time, the most memory that was resident, exit code, first words."""

    def __init__(self, program, words, interrupt=None, patience=60.0):
        started = time.monotonic()
        with tempfile.TemporaryFile() as out:
            child = subprocess.Popen([program, *words], stdout=out, stderr=subprocess.STDOUT)
            self.status, self.usage, self.gave_up = None, None, False
            while True:
                pid, status, usage = os.wait4(child.pid, os.WNOHANG)
                passed = time.monotonic() - started
                if pid:
                    break
                if interrupt is not None and passed >= interrupt:
                    child.send_signal(signal.SIGINT)
                    interrupt = None
                if passed > patience:
                    self.gave_up = True
                    child.kill()
                    _, status, usage = os.wait4(child.pid, 0)
                    break
                time.sleep(0.002)
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            self.words = " ".join(out.read(400).decode(errors="replace").split())
        self.seconds = time.monotonic() - started
        self.code = child.returncode
        self.bytes = usage.ru_maxrss * 1024
        self.cpu = usage.ru_utime + usage.ru_stime


def prepared(program, words, folder):
    """The words of a command, with what a command of ours has to make first."""
    if words[0] == "generated":
        made = subprocess.run([program, "generate", *words[1].split()], capture_output=True, check=True).stdout
        path = os.path.join(folder, "family.json")
        with open(path, "wb") as file:
            file.write(made)
        return ["plan", path]
    if words[0] == "checked":
        path = os.path.join(folder, "plan.json")
        with open(path, "wb") as file:
            subprocess.run([program, "plan", words[1], "--json", "--time-limit", "20s"], stdout=file, check=False)
        return ["check", words[1], path]
    return words


def with_options(words, options):
    """Options stand in front of the commands of LVM2."""
    at = words.index("--") if "--" in words else len(words)
    return words[:at] + options + words[at:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/release/extentplan")
    parser.add_argument("--only", default="", help="cases whose name has this")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limits", default="0,0.1,1,3", help="time limits in seconds")
    parser.add_argument("--memory", default="64", help="memory limits in MiB")
    parser.add_argument("--recording", action="append", default=[], help="a recording, to replay and compare")
    parser.add_argument("--make", help="only write the inputs to this folder")
    parser.add_argument("--no-interrupt", action="store_true")
    parser.add_argument("--all", action="store_true", help="print also what holds")
    arguments = parser.parse_args()
    if arguments.make:
        with open(os.path.join(arguments.make, "cases.json"), "w") as file:
            json.dump(list(cases(Maker(arguments.make, arguments.seed))), file)
        return
    limits = [float(word) for word in arguments.limits.split(",") if word]
    memories = [int(word) for word in arguments.memory.split(",") if word]
    runs = broken = 0
    worst = {}
    with tempfile.TemporaryDirectory() as folder:
        # A child's memory counts from what its parent had: the inputs are made by a process of its own.
        subprocess.run([sys.executable, __file__, "--make", folder, "--seed", str(arguments.seed)], check=True)
        with open(os.path.join(folder, "cases.json")) as file:
            listed = json.load(file)
        for recording in arguments.recording:
            listed += [("replay", ["replay", recording]), ("compare recording", ["compare", recording])]
        for name, words in listed:
            if arguments.only not in name:
                continue
            words = prepared(arguments.program, words, folder)
            tries = [("time %gs" % limit, ["--time-limit", "%gs" % limit], None, limit, None) for limit in limits]
            if not arguments.no_interrupt:
                tries.append(("Ctrl-C", [], INTERRUPT_AFTER, INTERRUPT_AFTER, None))
            tries += [("memory %dM" % memory, ["--memory-limit", "%dm" % memory, "--time-limit", "5s"], None, 5,
                       memory * MIB) for memory in memories]
            for kind, options, interrupt, limit, memory in tries:
                slack = SLACK_SECONDS if interrupt else max(SLACK_SECONDS, limit * SLACK_SHARE)
                # A busy machine stalls a process now and then: what is over is run once more.
                for _ in range(2):
                    run = Run(arguments.program, with_options(words, options), interrupt)
                    over = run.seconds - limit
                    is_expected = run.code in (0, 1, 3) or "log count" in run.words
                    is_broken = over > slack or not is_expected
                    is_broken |= memory is not None and run.bytes > memory * (1 + SLACK_SHARE)
                    if not is_broken:
                        break
                runs += 1
                broken += is_broken
                worst[kind] = max(worst.get(kind, (-9e9, "")), (over, name))
                if is_broken or arguments.all:
                    print("%s %-40s %-11s %6.2f s (%+.2f), %5d MiB, exit %d: %s" % (
                        "OVER" if is_broken else "    ", name, kind, run.seconds, over, run.bytes // MIB, run.code,
                        run.words[:100]), flush=True)
    for kind, (over, name) in worst.items():
        print("%-11s worst %+.2f s: %s" % (kind, over, name))
    print("%d runs, %d over" % (runs, broken))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
