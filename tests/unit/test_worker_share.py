"""How the connections of an instance are shared among its workers."""

import pytest

from datastorage.settings import SettingsError, load_settings
from datastorage.worker_share import worker_share


@pytest.mark.parametrize("workers", range(1, 13))
@pytest.mark.parametrize("most", [37, 38, 100])
@pytest.mark.parametrize("auth", ["on", "off"])
@pytest.mark.parametrize("sealing", ["on", "off"])
def test_the_shares_of_all_workers_and_the_sealer_never_add_up_to_more_than_the_setting(
    workers: int, most: int, auth: str, sealing: str
) -> None:
    share = worker_share(load_settings(workers=workers, pool_max_size=most, auth=auth, sealing=sealing))
    keys, sealer = auth == "on", sealing == "on"
    assert workers * (share.pooled + share.listens + keys) + sealer <= most
    assert share.pooled >= 2
    left = (most - sealer) // workers - keys > 2
    assert share.listens == left, "the catalog is followed where a connection is left for it"


@pytest.mark.parametrize(
    ("auth", "sealing", "workers", "needed"), [("off", "off", 13, 26), ("off", "on", 13, 27), ("on", "on", 9, 28)]
)
def test_a_setting_that_leaves_a_worker_without_a_connection_is_refused(
    auth: str, sealing: str, workers: int, needed: int
) -> None:
    with pytest.raises(SettingsError, match=rf"too small for {workers} workers: .* {needed} in all"):
        load_settings(workers=workers, auth=auth, sealing=sealing)
    assert load_settings(workers=workers, auth=auth, sealing=sealing, pool_max_size=needed)
