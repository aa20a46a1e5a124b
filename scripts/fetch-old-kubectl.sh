#!/usr/bin/env bash
# Prints the path of the oldest kubectl that is tried, 1.20: it knows SPDY only. It is that of Debian bookworm, unpacked below artifacts/tools.
set -euo pipefail
cd "$(dirname "$0")/.."
kubectl=$PWD/artifacts/tools/kubectl-1.20/kubectl
if [ ! -x "$kubectl" ]; then
  echo "Fetching kubectl 1.20 from Debian bookworm" >&2
  scripts/fetch-debian-file.sh bookworm kubernetes-client usr/bin/kubectl "$kubectl"
fi
echo "$kubectl"
