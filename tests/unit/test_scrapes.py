"""What `datastorage top` makes of two scrapes."""

import pytest

from datastorage.cli.scrapes import Scrape, quantile, rate

BEFORE = Scrape(
    'a_total{op="x",status="200"} 10\na_total{op="x",status="500"} 1\na_total{op="y",status="200"} 5\n', 0.0
)
AFTER = Scrape('a_total{op="x",status="200"} 30\na_total{op="x",status="500"} 1\na_total{op="y",status="200"} 1\n', 2.0)


def test_a_rate_is_the_growth_in_a_second_by_label() -> None:
    assert rate(BEFORE, AFTER, "a_total", "op", status="200") == {"x": 10.0, "y": 0.5}
    assert rate(BEFORE, AFTER, "a_total", "status", op="x") == {"200": 10.0, "500": 0.0}
    assert rate(BEFORE, AFTER, "absent", "op") == {}


def test_a_level_is_the_sum_of_the_series_that_have_the_labels() -> None:
    assert AFTER.total("a_total") == 32
    assert AFTER.total("a_total", op="x") == 31
    assert AFTER.total("absent") == 0


@pytest.mark.parametrize(
    ("share", "value"),
    [(0.5, 0.01), (0.25, 0.005), (0.95, 0.1), (1.0, 0.1)],
)
def test_a_quantile_is_interpolated_within_its_bucket(share: float, value: float) -> None:
    assert quantile(share, {"0.01": 50, "0.1": 95, "+Inf": 95 if share == 1.0 else 100}) == pytest.approx(value)


def test_of_nothing_there_is_no_quantile() -> None:
    assert quantile(0.5, {}) is None
    assert quantile(0.5, {"0.1": 0, "+Inf": 0}) is None


def test_beyond_the_last_bound_the_bound_is_all_that_is_known() -> None:
    assert quantile(0.99, {"0.1": 10, "+Inf": 100}) == 0.1
