"""What others wrote is shown harmlessly, and every digit of a payload is kept."""

from __future__ import annotations

import msgspec
import pytest

from console.app import word
from console.payload import MOST_LINES, containment, lines_of, pretty
from console.reader import safe_next
from console.visible import visible, visible_markup


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("\u200bzero", "⟨U+200B⟩zero"),
        ("bell\x07", "bell⟨U+0007⟩"),
        ("\ufffe\U0010ffff", "⟨U+FFFE⟩⟨U+10FFFF⟩"),
        ("plain grüße 日本", "plain grüße 日本"),
    ],
)
def test_what_cannot_be_seen_is_named(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("value", "told"), [((), "—"), (("a", "b"), "a, b"), (None, "—"), (True, "true"), (0, "0"), ("x", "x")]
)
def test_values_of_settings_are_told_as_a_person_writes_them(value: object, told: str) -> None:
    assert word(value) == told


def test_marks_stacked_on_one_letter_are_cut() -> None:
    assert len(visible("z" + "\u0301" * 500)) < 10


def test_markup_is_escaped_between_the_named_characters() -> None:
    shown = str(visible_markup("<script>\u202e</script>"))
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "U+202E" in shown


def test_numbers_keep_every_digit() -> None:
    document = b'{"a": 36893488147419103233, "b": 0.1000000000000000055511151231257827, "c": -1.2e29}'
    numbers = [line.text for line in lines_of(document) if line.kind == "number"]
    assert numbers == ["36893488147419103233", "0.1000000000000000055511151231257827", "-1.2e29"]
    assert all(number in pretty(document) for number in numbers)


def test_each_value_names_the_containment_that_finds_it() -> None:
    document = b'{"query": {"filters": [{"severity": "critical"}], "n": 18446744073709551617}}'
    finds = [line.find for line in lines_of(document) if line.find]
    assert finds == [
        '{"query":{"filters":[{"severity":"critical"}]}}',
        '{"query":{"n":18446744073709551617}}',
    ]


def test_a_containment_quotes_the_names_of_members() -> None:
    assert msgspec.json.decode(containment(['a"b', None], "1")) == {'a"b': [1]}


def test_32_levels_are_drawn_level_by_level() -> None:
    document = b'{"a":' * 32 + b"1" + b"}" * 32
    assert max(line.depth for line in lines_of(document)) == 32


def test_a_document_of_very_many_lines_stops_early() -> None:
    document = msgspec.json.encode(list(range(50_000)))
    assert len(lines_of(document)) == MOST_LINES + 1


def test_a_long_text_is_cut_and_says_by_how_much() -> None:
    (_, line, _) = lines_of(msgspec.json.encode({"a": "x" * 5000}))
    assert len(line.text) + line.cut == 5000
    assert line.cut > 0
    assert not line.find


def test_a_payload_that_is_no_object_is_shown_too() -> None:
    assert [line.text for line in lines_of(b'["a", null]')] == ["[", "a", "null", "]"]


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/console", "//evil.example/console", "/other", "/console\\@evil", "javascript:1", ""],
)
def test_nobody_is_sent_out_of_the_console_after_signing_in(address: str) -> None:
    assert safe_next(address) == "/console/"


def test_the_page_that_asked_for_signing_in_is_shown_after_it() -> None:
    assert safe_next("/console/queue?done=x") == "/console/queue?done=x"
