"""What the README tells a reader to run, runs."""

import re
import subprocess
import sys
import textwrap

from conftest import ROOT


def test_the_example_of_the_readme_prints_commands_and_proof():
    found = re.search(r"\n    python -c '\n(.*?)\n    '\n", (ROOT / "README.md").read_text(), re.DOTALL)
    code = textwrap.dedent(found.group(1))
    assert len(code.splitlines()) <= 10
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = told.stdout.splitlines()
    assert lines[0].startswith("best {'segments': 3, 'sources': 3}")
    assert "proven" in lines[1] and lines[2].startswith("lvcreate -i 2 -l 80 -n data vg0 ")
    assert int(lines[-1]) > 0
