#!/usr/bin/env bash
# Fetch a validator of E-ARK packages and the schemas of METS, PREMIS 3 and EAD3, all pinned, out of
# Python packages into .cache/eark (which git ignores). Their own versions of shared libraries do not
# go with ours, hence an environment of its own.
set -euo pipefail

cache="$(cd "$(dirname "$0")/../.." && pwd)/.cache/eark"
wanted="eark-validator==1.1.3 meemoo-sip-validator==0.2.9 django-ead==0.8.1"

if [ "$(cat "$cache/ready" 2>/dev/null)" != "$wanted" ]; then
    rm -rf "$cache"
    mkdir -p "$cache/wheels"
    python3 -m venv "$cache/env"
    "$cache/env/bin/python" -m pip install -q --disable-pip-version-check "${wanted%% *}"
    # Only their schemas are wanted: no dependencies, nothing is installed.
    for package in ${wanted#* }; do
        "$cache/env/bin/python" -m pip download -q --disable-pip-version-check --no-deps \
            --only-binary=:all: -d "$cache/wheels" "$package"
    done
    for wheel in "$cache"/wheels/*.whl; do
        "$cache/env/bin/python" -m zipfile -e "$wheel" "$cache/packages"
    done
    printf '%s' "$wanted" >"$cache/ready"
fi
ls "$cache"/env/bin/eark-validator
