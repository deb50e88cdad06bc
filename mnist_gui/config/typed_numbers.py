"""Numbers as the user types them: one rule for every field, so that a text means the same number everywhere.

A point is always the decimal point. A comma is one too ("0,1" is a tenth), unless it groups digits by threes:
"1,500,000" can only be a whole number. "1,500" is a whole number where only whole numbers are legal, and refused where
a fraction is: to many users it means 1.5. Blanks, underscores and apostrophes group digits as well.
"""

import re

# A sign between groups of three: blanks of three widths, underscore, apostrophe, comma. A leading 0 is not grouped.
_SIGN = "[,_' \u00a0\u202f]"
_GROUPS = rf"[+-]?[1-9]\d{{0,2}}(?P<sign>{_SIGN})\d{{3}}(?:(?P=sign)\d{{3}})*"
_WHOLE = re.compile(_GROUPS)
_GROUPED = re.compile(rf"{_GROUPS}(?:\.\d*)?")
_TIGHT = re.compile(r"(?<!\d)([1-9]\d{0,2}),(\d{3})(?!\d)")
_AMBIGUOUS = re.compile(r"([+-]?[1-9]\d{0,2}),(\d{3})")

# No setting takes a number of more digits, and int() refuses thousands of them.
MOST_DIGITS = 20


def readings(text: str) -> tuple[str, str] | None:
    """The two numbers that a text such as "1,500" could mean where fractions are legal, as text; None for any other."""
    found = _AMBIGUOUS.fullmatch(text.strip())
    return (f"{found[1]}{found[2]}", f"{found[1]}.{found[2].rstrip('0') or '0'}") if found else None


def list_readings(text: str, most: int) -> tuple[str, str] | None:
    """The two meanings of a comma between numbers of a list, as text: "1,500" as "1500" or as "1, 500".

    None if each comma can only separate two numbers: as one number they would be above `most`.
    """
    for found in _TIGHT.finditer(text):
        if int(found[1] + found[2]) <= most:
            return found[1] + found[2], f"{found[1]}, {found[2]}"
    return None


def read_whole(text: str) -> int | str:
    """A whole number, grouped or not; the text itself if it is not one."""
    plain = text.strip()
    if _WHOLE.fullmatch(plain):
        plain = re.sub(_SIGN, "", plain)
    digits = plain.removeprefix("-") if plain.startswith("-") else plain.removeprefix("+")
    # isdecimal also holds for other scripts' digits, which int() reads too
    return int(plain) if digits.isdecimal() and len(digits) <= MOST_DIGITS else text


def read_number(text: str) -> float | str:
    """A number with a decimal point or comma, or with an exponent; the text itself if it is not one, or could be
    two."""
    plain = text.strip()
    if readings(plain):
        return text
    if _GROUPED.fullmatch(plain):
        plain = re.sub(_SIGN, "", plain)
    elif plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        return float(plain) if "_" not in plain else text
    except ValueError:
        return text


def read_amount(text: str) -> int | float | str:
    """A whole number, or a share as 0.7 or 70 %; the text itself if it is neither."""
    whole = read_whole(text)
    if isinstance(whole, int):
        return whole
    plain = text.strip()
    number = read_number(plain.removesuffix("%"))
    if isinstance(number, str):
        return text
    return round(number / 100.0, 12) if plain.endswith("%") else number
