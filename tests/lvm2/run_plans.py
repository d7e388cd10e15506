#!/usr/bin/env python3
"""Runs the scripts of `extentplan plan` on the real lvm2, as they are printed, with nobody there who answers a question.

    run_plans.py target/release/extentplan GENERATOR SEED COUNT     scenarios of gen_GENERATOR.py

Each scenario is made up to one of its steps; then that step, and with luck some behind it, is planned, and the
script has to run to its end. Prints what does not, and counts. Needs what oracle.py needs.
"""
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import oracle  # noqa: E402
import run_scripts  # noqa: E402

# What says only that nobody types so, or stands for an answer that nobody gives here.
ANSWERS = {"-y", "--yes"}


class Bench(run_scripts.Bench):
    """The fake disks, on which scripts run without a standard input."""

    def run(self, script, stop_after=""):
        path = os.path.join(self.orc.base, "plan.sh")
        with open(path, "w", encoding="utf-8") as file:
            file.write(script)
        ran = subprocess.run(["sh", path], stdin=subprocess.DEVNULL, env={"PATH": self.path}, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, check=False)
        return ran.returncode, (ran.stdout + ran.stderr).decode(errors="replace")

    def planned(self, group, lines):
        """The script that is printed for some lines; none where there is none."""
        path = os.path.join(self.orc.base, "lines.sh")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        command = [self.program, "plan", group, path, "--format", "commands", "--node-limit", "5000"]
        config = self.config
        for name, value in config.items():
            value = ",".join(value) if isinstance(value, list) else value
            command += ["--config", "%s=%s" % (name, value)]
        ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def line(scenario, step, dev):
    """A step as somebody types it."""
    words = [word for word in scenario.command(step, dev) if word not in ANSWERS]
    return " ".join("'%s'" % word if set(word) & set(" '$*") else word for word in words)


def judged(bench, js, r, counts):
    """One scenario: what is wrong, each with the script and what was said."""
    steps = js["steps"]
    if len(steps) < 2:
        return []
    wrong = []
    for at in sorted(r.sample(range(1, len(steps)), min(3, len(steps) - 1))):
        scenario = dict(js, steps=steps[:at], active=True)
        group = bench.made(scenario)
        bench.config = js.get("config") or {}
        read = oracle.Scenario(scenario)
        behind = steps[at:at + r.choice([1, 1, 1, 2, 3])]
        lines = [line(read, step, bench.orc.dev) for step in behind]
        status, script, said = bench.planned(group, lines)
        if status not in (0, 1, 2, 3):
            wrong.append("%s: exit code %d: %s" % (lines, status, said[-400:]))
        if status != 0 or not script:
            counts["no script"] += 1
            continue
        counts["scripts"] += 1
        ended, said = bench.run(script)
        if ended != 0:
            counts["stopped"] += 1
            body = script[script.index("trap failed EXIT"):].splitlines()[1:]
            body = [one for one in body if not one.startswith(("attempt", "done_by", "for_good", "forget"))]
            wrong.append("%s step %d\n  asked   %s\n  printed %s\n  said    %s" % (
                js["id"], at, "\n          ".join(lines), "\n          ".join(body), "\n          ".join(said.splitlines()[-8:])))
    return wrong


def main():
    program, generator, seed, count = sys.argv[1:5]
    made = subprocess.run([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "gen_%s.py" % generator),
                           "--seed", seed, "--count", count], stdout=subprocess.PIPE, check=True).stdout.decode()
    bench = Bench(program)
    counts = {"scripts": 0, "no script": 0, "stopped": 0}
    is_wrong = False
    for text in made.splitlines():
        js = oracle.json.loads(text)
        for wrong in judged(bench, js, random.Random(js["id"]), counts):
            is_wrong = True
            print(wrong.replace(bench.orc.base, ""))
    bench.orc.close()
    print(counts)
    return 1 if is_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
