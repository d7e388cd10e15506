"""The command line of the generators: so many scenarios of a seed, a line of JSON each."""

import argparse
import json
import sys


def write(scenario, description):
    """Writes what `scenario(seed, index)` makes, with the generator's own description as help."""
    ap = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--seed", default="1")
    ap.add_argument("--count", type=int, default=100)
    a = ap.parse_args()
    for i in range(a.count):
        sys.stdout.write(json.dumps(scenario(a.seed, i), separators=(",", ":")) + "\n")
