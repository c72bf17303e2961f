#!/usr/bin/env bash
# Pins and hashes what trainer/requirements*.in ask for, for every platform: `npm run lock:python` (needs uv).
# The runtime lock is taken from the development lock, so that both hold the same versions.
set -euo pipefail
cd "$(dirname "$0")/../trainer"
command -v uv >/dev/null || { echo 'error: uv was not found; install it: https://docs.astral.sh/uv/' >&2; exit 2; }
export UV_CUSTOM_COMPILE_COMMAND='npm run lock:python'
lock=(uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet)
"${lock[@]}" --output-file requirements-dev.lock requirements-dev.in
"${lock[@]}" --constraint requirements-dev.lock --output-file requirements.lock requirements.in
(cd ../ops/focus-validator && "${lock[@]}" --output-file requirements.lock requirements.in)
(cd ../ops/schemathesis && "${lock[@]}" --output-file requirements.lock requirements.in)
(cd ../ops/example && "${lock[@]}" --no-deps --output-file requirements.lock requirements.in)
(cd ../ops/vllm && "${lock[@]}" --no-annotate --override overrides.in --output-file requirements.lock requirements.in)
# The image's, for the machines that it runs on: vLLM has wheels for few others.
(cd ../ops/images/trainer/vllm && uv pip compile --python-version 3.11 --python-platform x86_64-manylinux_2_35 --only-binary :all: \
  --generate-hashes --no-emit-index-url --no-annotate --quiet --output-file requirements.lock requirements.in)
