"""On PYTHONPATH, this makes every metric of a service do nothing: what counting costs is the difference."""

from prometheus_client import Counter, Gauge, Histogram

for kind, names in ((Counter, ("inc",)), (Gauge, ("inc", "dec", "set")), (Histogram, ("observe",))):
    for name in names:
        setattr(kind, name, lambda *_arguments, **_more: None)
