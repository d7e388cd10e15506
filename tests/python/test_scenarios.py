"""What if, and when: a scenario changes the pool before anything is asked, and says how volumes grow."""

import json
import pickle

import pytest
from conftest import timeless

import extentplan
from extentplan import ExtentplanError

SPARE = {"add": [{"disk": "/dev/sdx", "size": "200M"}]}
GROWTH = """
[[growth]]
volume = "data"
per_month = "12M"

[[growth]]
per_month = "5%"
shape = "--type raid1 -m 1"
"""


@pytest.fixture
def raid5(models):
    return models / "lvm2" / "raid5.vg"


def test_what_if_changes_the_pool_of_every_question(program, raid5, tmp_path):
    file = tmp_path / "spare.json"
    file.write_text(json.dumps(SPARE))
    before = extentplan.read(raid5)
    vg = extentplan.read(raid5, scenario=SPARE)
    assert [row["name"] for row in vg.sources][-1] == "/dev/sdx"
    assert len(vg.sources) == len(before.sources) + 1 and len(vg.volumes) == len(before.volumes)
    for way in (file, str(file), file.read_text(), file.read_bytes()):
        assert extentplan.read(raid5, scenario=way).to_dict() == vg.to_dict()
    assert pickle.loads(pickle.dumps(vg)).to_dict() == vg.to_dict()
    ours = extentplan.survive(vg)
    assert ours.is_survived
    theirs = program("capacity", raid5, "--scenario", file, "--survive", "1", "--json")
    assert timeless(ours.to_dict()) == timeless(theirs)
    plan = extentplan.plan(vg, ["lvcreate -l 10 -n new vg0 /dev/sdx"])
    theirs = program("plan", raid5, "--scenario", file, "--json", "--", *"lvcreate -l 10 -n new vg0 /dev/sdx".split())
    assert timeless(plan.to_dict()) == timeless(theirs)
    assert "vgextend" in plan.script()


def test_when_growth_no_longer_fits(program, raid5, tmp_path):
    file = tmp_path / "growth.toml"
    file.write_text(GROWTH)
    ours = extentplan.capacity(extentplan.read(raid5, scenario=GROWTH), when=60, disks="1G")
    theirs = program("capacity", raid5, "--scenario", file, "--when", "60", "--disk", "1G", "--json")
    assert timeless(ours.to_dict()) == timeless(theirs)
    assert (ours.lasts, ours.is_proven, ours.fails["month"]) == (3, True, 4)
    assert len(ours.months) >= 4 and "month 4" in str(ours) and ours._repr_svg_().startswith("<svg")
    assert repr(ours) == "<Outlook lasts 3 months>"


def test_a_scenario_that_is_wrong_says_so(raid5):
    wrong = [
        {"remove": [{"disk": "/dev/none"}]},
        {"remove": 7},
        {"unknown": []},
        "[[add]]\ndisk = 3\n",
        "\x00\n",
    ]
    for scenario in wrong:
        with pytest.raises(ExtentplanError, match="scenario"):
            extentplan.read(raid5, scenario=scenario)
    with pytest.raises(ExtentplanError, match=r"scenario: add: found \{1, 2\}, expected what JSON has"):
        extentplan.read(raid5, scenario={"add": {1, 2}})
    # A text has lines, a dict has none.
    for text, place in (('{\n"x": 1}', (2, 6)), ("[[add]]\ndisk = 3\n", (2, 8))):
        with pytest.raises(ExtentplanError) as caught:
            extentplan.read(raid5, scenario=text)
        assert (caught.value.line, caught.value.column) == place
    with pytest.raises(ExtentplanError) as caught:
        extentplan.read(raid5, scenario={"x": 1})
    assert caught.value.line is None and "line" not in str(caught.value)


def test_when_needs_growth_and_stands_alone(raid5):
    vg = extentplan.read(raid5)
    with pytest.raises(ExtentplanError, match="growth"):
        extentplan.capacity(vg, when=12)
    growing = extentplan.read(raid5, scenario=GROWTH)
    for months in (0, 1201):
        with pytest.raises(ExtentplanError, match="when: found"):
            extentplan.capacity(growing, when=months)
    for other in ({"add": True}, {"why": True}, {"count": 3}, {"prefer": "value"}):
        with pytest.raises(ExtentplanError, match="when: found beside"):
            extentplan.capacity(growing, when=12, **other)
