"""Mutations: bytes, JSON values and texts changed as damage changes them, and as somebody who means harm would."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

Random = random.Random

NUMBERS = (0, 1, -1, 2, 127, 255, 256, 65_535, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 10**15, 10**18, 10**400, 10**5000)
FLOATS = (0.0, -0.0, -1.5, 1e-320, 1e30, 1e308, float("inf"), float("-inf"), float("nan"), 0.1)
TEXTS = (
    *(
        "",
        " ",
        "0",
        "-",
        "é手",
        "\ud800",
        "\udcff\udc80",
        "a\0b",
        "\x1b[2J\x1b]0;x\x07",
        "\u202e",
        "\n\nmore\n",
        "../" * 40,
    ),
    *(
        "/dev/zero",
        "/dev/stdin",
        "~",
        "~nobody-here",
        "/",
        ".",
        "none",
        "NaN",
        "1e999",
        "0x1",
        "=1+1",
        "9" * 5000,
        "x" * 100_000,
    ),
)
DEPTHS = (2, 50, 900, 1100, 5000, 60_000)


def some_value(rng: Random) -> Any:
    """A value of any kind of JSON, seldom a usual one."""
    kinds: tuple[Callable[[], Any], ...] = (
        lambda: None,
        lambda: rng.random() < 0.5,
        lambda: rng.choice(NUMBERS) * rng.choice((1, 1, -1)),
        lambda: rng.choice(FLOATS),
        lambda: rng.choice(TEXTS),
        list,
        dict,
        lambda: [some_value(rng) for _ in range(rng.randrange(4))],
        lambda: {rng.choice(TEXTS): some_value(rng)},
        lambda: [rng.choice(NUMBERS[:12])] * rng.choice((10, 1000, 60_000)),
    )
    return rng.choice(kinds)()


def mutated_value(rng: Random, value: Any) -> Any:
    """A copy of a JSON value with some of what is in it replaced, removed, doubled or renamed."""
    changed = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        changed = _change_within(rng, changed)
    return changed


def _change_within(rng: Random, value: Any) -> Any:
    if isinstance(value, dict) and value and rng.random() < 0.95:
        key = rng.choice(list(value))
        match rng.randrange(8):
            case 0:
                del value[key]
            case 1:
                value[rng.choice(TEXTS)] = value.pop(key)
            case 2:
                value[rng.choice(TEXTS)] = some_value(rng)
            case _:
                value[key] = _change_within(rng, value[key])
        return value
    if isinstance(value, list) and value and rng.random() < 0.8:
        place = rng.randrange(len(value))
        match rng.randrange(5):
            case 0:
                del value[place]
            case 1:
                value.insert(place, copy.deepcopy(value[place]))
            case _:
                value[place] = _change_within(rng, value[place])
        return value
    return some_value(rng)


def as_json(rng: Random, value: Any) -> bytes:
    """JSON text of a value, at times with what `json` would never write."""
    text = _without_limit(value)
    if rng.random() < 0.1:
        depth = rng.choice(DEPTHS)
        text = _replaced(rng, text, "[" * depth + "]" * depth)
    if rng.random() < 0.1:
        text = _replaced(
            rng, text, rng.choice(("1e400", "-" * 9000, "1" * 6000, '"\\ud800"', "NaN", "Infinity", "{", "\\"))
        )
    return text.encode("utf-8", "surrogatepass")


def _without_limit(value: Any) -> str:
    """Also of whole numbers that Python writes out only if asked to."""
    long = {number: hex(number) for number in (10**5000, -(10**5000))}

    def shown(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: shown(each) for key, each in part.items()}
        if isinstance(part, list):
            return [shown(each) for each in part]
        return long.get(part, part) if type(part) is int else part

    text = json.dumps(shown(value))
    for number, name in long.items():
        text = text.replace(f'"{name}"', ("-" if number < 0 else "") + "1" + "0" * 5000)
    return text


def _replaced(rng: Random, text: str, other: str) -> str:
    """A text with one of its numbers or quoted texts, or any place, taken by another."""
    places = [at for at, letter in enumerate(text) if letter in ",:[{"] or [0]
    at = rng.choice(places) + 1
    end = next((place for place in range(at, len(text)) if text[place] in ",]}"), len(text))
    return text[:at] + other + text[end:]


def mutated_bytes(rng: Random, content: bytes, other: bytes = b"") -> bytes:
    """Content with some of its bytes changed, lost, doubled, or taken from `other`."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        size = len(changed)
        # Headers are where it matters: half of all changes are near the beginning.
        at = rng.randrange(min(size, 64) if rng.random() < 0.5 else size) if size else 0
        end = min(size, at + rng.choice((1, 2, 4, 16, 256)))
        match rng.randrange(9):
            case 0 if size:
                changed[at] ^= 1 << rng.randrange(8)
            case 1 if size:
                changed[at] = rng.randrange(256)
            case 2:
                changed[at : at + 4] = rng.choice((0, 1, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFF, 50_000)).to_bytes(
                    4, rng.choice(("big", "little"))
                )
            case 3:
                del changed[at:]
            case 4:
                del changed[at:end]
            case 5:
                changed[at:at] = changed[at:end] * rng.choice((1, 2, 100))
            case 6:
                changed[at:at] = rng.randbytes(rng.choice((1, 4, 64)))
            case 7:
                changed += bytes(rng.choice((1, 100, 100_000)))
            case _:
                changed[at:end] = other[at:end]
    return bytes(changed)


WORDS = (
    *(
        "=",
        ".",
        "[",
        "]",
        "[[",
        "{",
        "}",
        ",",
        '"',
        "'",
        '"""',
        "#",
        "\n",
        "\0",
        "\t",
        " = ",
        "true",
        "inf",
        "nan",
        "-0",
    ),
    *(
        "1e400",
        "0x" + "f" * 6000,
        "9" * 5000,
        "1979-05-27",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ),
    *(
        "[" * 3000,
        "a." * 3000 + "a = 1\n",
        "k" * 200_000,
        "x = [" + "1," * 100_000 + "]\n",
        '"\\uD800"',
        "\x1b[2J",
        "é手",
    ),
)


def mutated_text(rng: Random, text: str) -> str:
    """A text with words replaced, moved, doubled or lost, and lines that mean harm."""
    for _ in range(rng.choice((1, 1, 2, 5))):
        lines = text.splitlines(keepends=True) or [""]
        at = rng.randrange(len(lines))
        line = lines[at]
        place = rng.randrange(len(line) + 1)
        match rng.randrange(8):
            case 0:
                del lines[at]
            case 1:
                lines.insert(rng.randrange(len(lines) + 1), line)
            case 2:
                lines[at] = line[:place] + rng.choice(WORDS) + line[place:]
            case 3:
                lines[at] = line[:place] + line[place + rng.choice((1, 3, 20)) :]
            case 4 if "=" in line:
                value = _as_toml(rng, some_value(rng))
                lines[at] = f"{line.partition('=')[0]}= {value}\n"
            case 5 if "=" in line:
                lines[at] = f"{rng.choice(TEXTS)} = {line.partition('=')[2]}"
            case 6:
                lines.insert(at, rng.choice(WORDS) + "\n")
            case _:
                lines[at] = "".join(rng.sample(line, len(line))) if len(line) < 200 else line
        text = "".join(lines)
    return text


def _as_toml(rng: Random, value: Any) -> str:
    """Near enough to TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_as_toml(rng, part)}" for key, part in value.items()) + "}"
    return as_json(rng, value).decode("utf-8", "replace").replace("Infinity", "inf").replace("NaN", "nan")
