from typing import Literal, cast

EffectivenessmonitorPlaybookUpdatedEventEventType = Literal["effectivenessmonitor.playbook.updated"]

EFFECTIVENESSMONITOR_PLAYBOOK_UPDATED_EVENT_EVENT_TYPE_VALUES: set[
    EffectivenessmonitorPlaybookUpdatedEventEventType
] = {
    "effectivenessmonitor.playbook.updated",
}


def check_effectivenessmonitor_playbook_updated_event_event_type(
    value: str,
) -> EffectivenessmonitorPlaybookUpdatedEventEventType:
    if value in EFFECTIVENESSMONITOR_PLAYBOOK_UPDATED_EVENT_EVENT_TYPE_VALUES:
        return cast(EffectivenessmonitorPlaybookUpdatedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EFFECTIVENESSMONITOR_PLAYBOOK_UPDATED_EVENT_EVENT_TYPE_VALUES!r}"
    )
