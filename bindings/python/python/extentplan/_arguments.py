"""Arguments as the library takes them, checked at the door."""

from __future__ import annotations

import json
import math
import os
import shlex
from contextlib import contextmanager
from typing import Any, Callable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from . import _extentplan
from ._answers import Progress
from ._errors import ExtentplanError, WrongType, of_values

Request = Union[str, Sequence[str]]
Requests = Union[Sequence[Request], Mapping[str, Any]]
Scenario = Union[None, str, bytes, "os.PathLike[str]", Mapping[str, Any]]

_LARGEST = {"threads": 1024, "when": 1200}
_LONGEST = 10**12
"""Seconds: longer than anybody waits."""
_DEEPEST = 64
"""Levels of a dict: more than any of ours has, and fewer than the stack of Python takes."""


def wrong(name: str, value: Any, expected: str, position: Optional[int] = None) -> WrongType:
    """What is said of an argument of a wrong type."""
    return WrongType(f"{name}: found {_shown(value)}, expected {expected}", position=position)


def _shown(value: Any) -> str:
    """A value in a few words, whatever it is."""
    try:
        words = repr(value)
    except Exception:  # Of a value that cannot even be shown its type is said.
        words = ""
    return words if 0 < len(words) <= 80 else f"a {type(value).__name__}"


def _whole(value: Any) -> Optional[int]:
    """The whole number that a value is, one of numpy's as well; ``None`` where it is none."""
    if isinstance(value, bool):
        return None
    try:
        number: int = value.__index__()
    except (AttributeError, TypeError):
        return None
    return number


def natural(name: str, value: Any, least: int = 0) -> Optional[int]:
    """A whole number in its range, or ``None``."""
    if value is None:
        return None
    number = _whole(value)
    if number is None:
        raise wrong(name, value, "a whole number")
    most = _LARGEST.get(name, 2**64 - 1)
    if not least <= number <= most:
        raise ExtentplanError(f"{name}: found {_shown(number)}, expected {least} to {most}")
    return number


def seconds(name: str, value: Any) -> Optional[float]:
    """A time in seconds, or ``None``."""
    if value is None:
        return None
    expected = f"seconds from 0 to 10^{len(str(_LONGEST)) - 1}, or None for no limit"
    if isinstance(value, (bool, str, bytes)) or not hasattr(value, "__float__") and _whole(value) is None:
        raise wrong(name, value, expected)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not 0 <= number <= _LONGEST:
        raise ExtentplanError(f"{name}: found {_shown(value)}, expected {expected}")
    return number


def text(name: str, value: Any, expected: str = "a str") -> str:
    """A text that can be written down."""
    if not isinstance(value, str):
        raise wrong(name, value, expected)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ExtentplanError(f"{name}: found {_shown(value)}, expected no halves of characters") from None
    return value


def text_if_any(name: str, value: Any) -> Optional[str]:
    """A text, or ``None``."""
    return None if value is None else text(name, value, "a str or None")


def extents_or_size(name: str, value: Any) -> Optional[str]:
    """So many extents, or a size as a text, or ``None``."""
    if value is None or isinstance(value, str):
        return text_if_any(name, value)
    number = _whole(value)
    if number is None:
        raise wrong(name, value, "extents, or a size as a str")
    return str(natural(name, number))


def bounds(
    time_limit: Optional[float],
    threads: Optional[int],
    node_limit: Optional[int] = None,
    seed: int = 0,
    progress: Optional[Callable[[Progress], object]] = None,
) -> _extentplan.Bounds:
    """What a run may use up, and who hears of it."""
    if progress is not None and not callable(progress):
        raise wrong("progress", progress, "what can be called with a Progress, or None")

    def tell(
        took: float, method: str, cost: List[Tuple[str, int]], bound: List[Tuple[str, int]]
    ) -> None:
        if progress is not None:
            progress(Progress(took, method, dict(cost), dict(bound)))

    return _extentplan.Bounds(
        seconds("time_limit", time_limit),
        natural("threads", threads, 1),
        natural("node_limit", node_limit),
        natural("seed", seed) or 0,
        tell if progress else None,
    )


def lvm2(version: Optional[str], config: Sequence[str] = ()) -> _extentplan.Lvm2:
    """How LVM2 behaves."""
    return _extentplan.Lvm2(text_if_any("lvm2", version), words("config", config))


def words(name: str, value: Union[None, str, Sequence[str]]) -> List[str]:
    """A list of texts; one alone may stand for itself."""
    if value is None:
        return []
    if isinstance(value, str):
        return [text(name, value)]
    try:
        found = None if isinstance(value, (bytes, Mapping)) else list(value)
    except TypeError:
        found = None
    if found is None:
        raise wrong(name, value, "a str or a list of str")
    return [text(f"{name}[{index}]", word) for index, word in enumerate(found)]


def requests(value: Union[None, str, Requests], name: str = "requests") -> Union[List[List[str]], str]:
    """Commands in words, or requests of our own as JSON."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return as_json(name, value)
    if isinstance(value, str):
        value = [value]
    try:
        given = None if isinstance(value, bytes) else list(value)
    except TypeError:
        given = None
    if given is None:
        raise wrong(name, value, "commands, each a str or a list of words, or a dict")
    commands = []
    for position, one in enumerate(given):
        place = f"{name}[{position}]"
        try:
            command = shlex.split(text(place, one)) if isinstance(one, str) else words(place, one)
        except ExtentplanError as error:
            raise type(error)(error.args[0], position=position) from None
        except ValueError as error:
            raise ExtentplanError(f"{one}: {error}", position=position) from None
        if not command:
            raise ExtentplanError(
                f"{place} is empty; expected a command such as `lvcreate -l 10 -n data`", position=position
            )
        commands.append(command)
    return commands


def as_json(name: str, value: Union[str, Mapping[str, Any]]) -> str:
    """A JSON text of a dict; a text is taken as it is."""
    if isinstance(value, str):
        return text(name, value)
    if not isinstance(value, Mapping):
        raise wrong(name, value, "a dict or a JSON text")
    return json.dumps(_plain(name, value, 0), allow_nan=False)


def _plain(path: str, value: Any, depth: int) -> Any:
    """A value as JSON has it; whole numbers and lists may be numpy's."""
    if depth > _DEEPEST:
        raise ExtentplanError(f"{path[:80]}..: found more than {_DEEPEST} levels, expected no more")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(path, value)
    number = _whole(value)
    if number is not None:
        return number
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ExtentplanError(f"{path}: found {value}, expected a number")
        return value
    if isinstance(value, Mapping):
        return {
            text(f"a key of {path}", key): _plain(f"{path}.{key}" if depth else f"{path}: {key}", of, depth + 1)
            for key, of in value.items()
        }
    if hasattr(value, "tolist"):
        return _plain(path, value.tolist(), depth + 1)
    if isinstance(value, (list, tuple)):
        return [_plain(f"{path}[{index}]", of, depth + 1) for index, of in enumerate(value)]
    raise wrong(path, value, "what JSON has: a dict, a list, a str, a number, a bool or None")


@contextmanager
def blamed(**given: Any) -> Iterator[None]:
    """Errors in texts that were made of dicts, by their names in messages, have paths, and no lines of what nobody wrote."""
    try:
        yield
    except ExtentplanError as error:
        dicts = [name for name, value in given.items() if isinstance(value, Mapping)]
        if error.args[0].startswith(tuple(f"{name}: line " for name in dicts)):
            raise of_values(error) from None
        raise


def scenario(value: Scenario) -> Optional[str]:
    """The text of a scenario: of a dict, of a file, or as it is."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return as_json("scenario", value)
    return content("scenario", value)[0].decode("utf-8", "replace")


def content(name: str, source: Union[str, bytes, "os.PathLike[str]"]) -> Tuple[bytes, str]:
    """The bytes that are meant, and what messages call them."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), "bytes"
    if isinstance(source, str) and ("\n" in source or source.lstrip()[:1] in ("{", "[", "")):
        return text(name, source).encode(), "text"
    if not isinstance(source, (str, os.PathLike)):
        raise wrong(name, source, "a path, a text or bytes")
    path = os.fspath(source)
    try:
        with open(path, "rb") as file:
            return file.read(), os.fsdecode(path)
    except ValueError as error:  # Such as a zero in it.
        raise ExtentplanError(f"{name}: found {_shown(path)}, expected a path: {error}") from None
