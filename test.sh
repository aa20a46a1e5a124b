#!/usr/bin/env bash
# Installs what the tests need, starts a Docker engine if none answers, builds with warnings as errors and runs every test.
# The last line is "N passed, N failed"; the exit code is 0 only if none failed.
set -uo pipefail
cd "$(dirname "$0")"
if [ $# -gt 0 ]; then
  echo "usage: ./test.sh: installs what the tests need, builds, and runs every test. It takes no arguments." >&2
  exit $([[ $1 == --help || $1 == -h ]] && echo 0 || echo 2)
fi
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

scripts/install-prerequisites.sh docker.io iproute2 nftables conntrack busybox-static containernetworking-plugins postgresql prometheus || exit 1
kubectl=$(scripts/fetch-kubectl.sh) || exit 1
export PATH="$kubectl:$PATH"
scripts/start-docker.sh || exit 1

dotnet build Orchestrator.sln -c Release -v q --nologo || { echo "0 passed, 1 failed (the build)"; exit 1; }

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
dotnet test Orchestrator.Tests/Orchestrator.Tests.csproj -c Release --no-build --nologo \
  --logger "trx;LogFileName=results.trx" --results-directory "$results" --blame-hang-timeout 5m
code=$?

counters=$(grep -o '<Counters [^>]*>' "$results/results.trx" 2>/dev/null | head -n 1)
count() { printf '%s' "$counters" | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p"; }
passed=$(count passed); failed=$(count failed)
if [ -z "$counters" ]; then
  echo "The test run left no result; see the output above."
  echo "0 passed, 1 failed"
  exit 1
fi
echo "${passed:-0} passed, ${failed:-0} failed"
exit "$code"
