from typing import Literal, cast

DetectedLabelsGitOpsTool = Literal["", "*", "argocd", "flux"]

DETECTED_LABELS_GIT_OPS_TOOL_VALUES: set[DetectedLabelsGitOpsTool] = {
    "",
    "*",
    "argocd",
    "flux",
}


def check_detected_labels_git_ops_tool(value: str) -> DetectedLabelsGitOpsTool:
    if value in DETECTED_LABELS_GIT_OPS_TOOL_VALUES:
        return cast(DetectedLabelsGitOpsTool, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {DETECTED_LABELS_GIT_OPS_TOOL_VALUES!r}")
