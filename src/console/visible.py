"""Text that others wrote, made safe to look at: what cannot be seen, or changes the order of letters, is named."""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup, escape

__all__ = ["visible", "visible_markup"]

#: Controls, bidirectional formatting, zero-width letters, separators that break lines, private use, noncharacters.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
#: More combining marks in a row than any script writes: they would climb over the lines above.
_STACKED = re.compile("([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4})[\u0300-\u036f\u1ab0-\u20ff]+")


def visible(text: object) -> str:
    """`text` with every hidden character as its code point, `U+202E` in angle brackets."""
    return _HIDDEN.sub(lambda match: f"⟨{_code(match[0])}⟩", _STACKED.sub(r"\1…", str(text)))


def visible_markup(text: object) -> Markup:
    """`text` for HTML, escaped; hidden characters stand out and say their names."""
    plain = _STACKED.sub(r"\1…", str(text))
    parts: list[Markup] = []
    at = 0
    for match in _HIDDEN.finditer(plain):
        parts += [
            escape(plain[at : match.start()]),
            Markup('<span class="hidden-char" title="{}">{}</span>').format(_name(match[0]), _code(match[0])),
        ]
        at = match.end()
    return Markup("").join([*parts, escape(plain[at:])])


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _name(character: str) -> str:
    return unicodedata.name(character, "control, private or unassigned character").lower()
