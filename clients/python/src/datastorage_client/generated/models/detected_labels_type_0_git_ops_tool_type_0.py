from typing import Literal, cast

DetectedLabelsType0GitOpsToolType0 = Literal["", "*", "argocd", "flux"]

DETECTED_LABELS_TYPE_0_GIT_OPS_TOOL_TYPE_0_VALUES: set[DetectedLabelsType0GitOpsToolType0] = {
    "",
    "*",
    "argocd",
    "flux",
}


def check_detected_labels_type_0_git_ops_tool_type_0(value: str) -> DetectedLabelsType0GitOpsToolType0:
    if value in DETECTED_LABELS_TYPE_0_GIT_OPS_TOOL_TYPE_0_VALUES:
        return cast(DetectedLabelsType0GitOpsToolType0, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {DETECTED_LABELS_TYPE_0_GIT_OPS_TOOL_TYPE_0_VALUES!r}"
    )
