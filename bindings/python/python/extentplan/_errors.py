"""What is wrong with what was asked."""

from __future__ import annotations

import re
from typing import Optional


class ExtentplanError(ValueError):
    """A text, a request or an argument is wrong; the message names it, what was found and what was expected.

    Of an argument of a wrong type it is a ``TypeError``, too. An answer of "no" is no error: see :attr:`Plan.status`.
    """

    line: Optional[int]
    """The line of the text that is wrong, from 1; ``None`` where none is to blame."""
    column: Optional[int]
    """The column in that line, in characters from 1."""
    position: Optional[int]
    """The request that is wrong, by its place in the list that was given, from 0."""

    def __init__(
        self,
        message: str,
        line: Optional[int] = None,
        column: Optional[int] = None,
        position: Optional[int] = None,
    ) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.position = position

    def __reduce__(self):  # type: ignore[no-untyped-def]
        return (type(self), (self.args[0], self.line, self.column, self.position))


class WrongType(ExtentplanError, TypeError):
    """An argument is of a wrong type."""


# The words of the command line that messages have, and the arguments of the same meaning.
_ARGUMENTS = {
    "tag": "tags",
    "domain": "domains",
    "disk": "disks",
    "most-moves": "most_moves",
    "ignore-policy": "ignore_policy",
    "node-limit": "node_limit",
    "time-limit": "time_limit",
}
_SAME = (
    "add|balance|budget|config|count|defragment|drain|heal|keep|lvm2|objective|prefer|rate|request|room|scenario|shrink"
    "|survive|to|vg|when|why"
)
# Not behind the name of a command of LVM2, which may have an option of the same name.
_OPTION = re.compile(rf"(?<![\w-])--({'|'.join(_ARGUMENTS)}|{_SAME})(?![\w-])")
_QUOTED = re.compile(r"(`[^`]*`|\"[^\"]*\")")
_LEADING = re.compile(rf"^--({'|'.join(_ARGUMENTS)}|{_SAME}) ([^:\n]*): ", re.MULTILINE)
_HOW_TO_REQUEST = "give requests in a file, or as `-- lvcreate ARGS`"
_PLACE = re.compile(r"^(?:\w+): line (\d+)(?:, column (\d+))?")


def _argument(option: str) -> str:
    return _ARGUMENTS.get(option, option)


def _leading(found: "re.Match[str]") -> str:
    argument, value = _argument(found[1]), found[2]
    if value == argument or found.string.startswith("found ", found.end()):
        return f"{argument}: "
    return f"{argument}: found {value!r}: "


def in_words_of_python(message: str) -> str:
    """A message of the library with the arguments that its options of the command line stand for."""
    message = _LEADING.sub(_leading, message).replace(_HOW_TO_REQUEST, "expected at least one request")
    parts = _QUOTED.split(message)
    plain = (_OPTION.sub(lambda found: _argument(found[1]), part) for part in parts[::2])
    parts[::2] = plain
    return "".join(parts)


def of_fault(
    message: str, line: Optional[int], column: Optional[int], position: Optional[int]
) -> ExtentplanError:
    """The exception for what the library says is wrong."""
    place = _PLACE.match(message)
    if line is None and place:
        line = int(place[1])
        column = int(place[2]) if place[2] else None
    return ExtentplanError(in_words_of_python(message), line, column, position)


def of_values(error: ExtentplanError) -> ExtentplanError:
    """The same of what was given as a dict: it has no lines, and the message has the path."""
    message = re.sub(r"^(\w+): line \d+, column \d+: ", r"\1: ", error.args[0], flags=re.MULTILINE)
    return type(error)(message, position=error.position)
