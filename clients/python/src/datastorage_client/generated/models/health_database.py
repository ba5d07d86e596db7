from typing import Literal, cast

HealthDatabase = Literal["connected", "unreachable"]

HEALTH_DATABASE_VALUES: set[HealthDatabase] = {
    "connected",
    "unreachable",
}


def check_health_database(value: str) -> HealthDatabase:
    if value in HEALTH_DATABASE_VALUES:
        return cast(HealthDatabase, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {HEALTH_DATABASE_VALUES!r}")
