# DataStorage. Built and tried by `make image-check`; docs/operations.md says how it is run.
ARG BASE_IMAGE=python:3.13-slim

# What is thrown away: pip, the compiler of the wheel's metadata, binutils.
FROM ${BASE_IMAGE} AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# strip(1) halves the size of the compiled wheels. Its version is that of the base image's Debian.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends binutils \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements/build.txt requirements/serve.txt requirements/
RUN python3 -m venv /build \
    && /build/bin/pip install --no-cache-dir --require-hashes --only-binary :all: --requirement requirements/build.txt \
    && python3 -m venv --without-pip /opt/datastorage \
    && /build/bin/pip --python /opt/datastorage/bin/python install --no-cache-dir --no-compile \
        --require-hashes --only-binary :all: --requirement requirements/serve.txt
COPY pyproject.toml setup.py MANIFEST.in README.md LICENSE ./
COPY openapi openapi
COPY migrations migrations
COPY src src
# Bytecode of what the service imports, and of nothing else: its own file system is read-only. Types, C sources and tests of
# others are for developers, and so is Pygments: rich has it color source code, which nothing here prints.
RUN /build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /build/wheels . \
    && /build/bin/pip --python /opt/datastorage/bin/python install --no-cache-dir --no-compile --no-deps --no-index \
        /build/wheels/*.whl \
    && rm -rf /opt/datastorage/lib/python3*/site-packages/pygments /opt/datastorage/lib/python3*/site-packages/pygments-* \
    && find /opt/datastorage/lib -type d '(' -name tests -o -name sboms ')' -prune -exec rm -rf {} + \
    && find /opt/datastorage/lib -type f -regextype posix-extended -regex '.*\.(map|pyi|pxd|pyx|c|h|hpp)' -delete \
    && find /opt/datastorage -name '*.so*' -exec strip --strip-unneeded {} + \
    && PYTHONPYCACHEPREFIX='' /opt/datastorage/bin/python -c \
        'import datastorage.app, datastorage.server, datastorage.startup, datastorage.worker, uvloop, httptools, yoyo.backends'

FROM ${BASE_IMAGE}
ARG VERSION=1.0.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="DataStorage" \
      org.opencontainers.image.description="An OpenAPI-first audit store that never loses an acknowledged event" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=build /opt/datastorage /opt/datastorage
# No account of this number has to exist; with a read-only root give it a writable /tmp (metrics, a few hundred KiB).
ENV PATH="/opt/datastorage/bin:${PATH}" \
    HOME=/tmp \
    USER=datastorage \
    DATASTORAGE_HOST=0.0.0.0 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 8080
STOPSIGNAL SIGTERM
# Liveness, as an orchestrator without probes of its own needs it: an outage of a store is no reason for a restart.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('DATASTORAGE_PORT', '8080') + '/health/live', timeout=2)"]
ENTRYPOINT ["datastorage"]
CMD ["serve"]
