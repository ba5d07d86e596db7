"""How the connections of an instance are shared among its workers."""

import pytest

from datastorage.composition import worker_share
from datastorage.settings import SettingsError, load_settings


@pytest.mark.parametrize("workers", range(1, 13))
@pytest.mark.parametrize("most", [24, 25, 100])
def test_the_shares_of_all_workers_never_add_up_to_more_than_the_setting(workers: int, most: int) -> None:
    share = worker_share(load_settings(workers=workers, pool_max_size=most))
    assert workers * (share.pooled + share.listens) <= most
    assert share.pooled >= 2
    assert share.listens == (most // workers > 2), "the catalog is followed where a connection is left for it"


def test_a_setting_that_leaves_a_worker_without_a_connection_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"pool_max_size 25 is too small for 13 workers: .* 26 in all"):
        load_settings(workers=13)
