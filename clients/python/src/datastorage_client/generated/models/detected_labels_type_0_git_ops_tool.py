from typing import Literal, cast

DetectedLabelsType0GitOpsTool = Literal["", "*", "argocd", "flux"]

DETECTED_LABELS_TYPE_0_GIT_OPS_TOOL_VALUES: set[DetectedLabelsType0GitOpsTool] = {
    "",
    "*",
    "argocd",
    "flux",
}


def check_detected_labels_type_0_git_ops_tool(value: str) -> DetectedLabelsType0GitOpsTool:
    if value in DETECTED_LABELS_TYPE_0_GIT_OPS_TOOL_VALUES:
        return cast(DetectedLabelsType0GitOpsTool, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {DETECTED_LABELS_TYPE_0_GIT_OPS_TOOL_VALUES!r}")
