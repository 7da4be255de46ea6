#!/bin/sh
# Resolves the dependencies of pyproject.toml anew: dev.txt with everything, demo.txt with the same versions of less.
# Usage: sh requirements/lock.sh path/to/uv
set -eu
cd "$(dirname "$0")/.."
uv=${1:-uv}

resolve() {
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@"
}

resolve pyproject.toml --all-extras --group dev --output-file requirements/dev.txt
resolve pyproject.toml --extra demo --group build --constraints requirements/dev.txt --output-file requirements/demo.txt
