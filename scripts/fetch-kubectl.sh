#!/usr/bin/env bash
# Prints the folder of a kubectl of at least 1.27. If PATH has none, the package of the Debian release after this one is fetched
# by apt, which checks its signature, and unpacked below artifacts/tools: nothing is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
oldest=27 release=trixie
minor() { timeout 20 "$1" version --client -o json 2>/dev/null | sed -n 's/.*"minor": "\([0-9]*\).*/\1/p' | head -n 1; }

found=$(command -v kubectl || true)
if [ -n "$found" ] && [ "$(minor "$found")" -ge "$oldest" ] 2>/dev/null; then
  dirname "$found"
  exit 0
fi

tools=$PWD/artifacts/tools
if [ ! -x "$tools/kubectl" ]; then
  echo "Fetching kubectl from Debian $release: ${found:-no kubectl} here is older than 1.$oldest" >&2
  scripts/fetch-debian-file.sh "$release" kubectl usr/bin/kubectl "$tools/kubectl"
fi
echo "$tools"
