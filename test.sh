#!/usr/bin/env bash
# Builds everything and runs the whole suite. Arguments go to `dotnet test` (for example --filter).
set -uo pipefail
cd "$(dirname "$0")" || exit 1
. scripts/environment.sh

has dotnet || die "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download"
install_missing \
  "dockerd=docker.io=the container runtime the specs drive" \
  "busybox=busybox-static=the content of the sample image" \
  "ip=iproute2=network namespaces of pods" \
  "kubectl=kubernetes-client=the client the specs drive the API with"
if ! has initdb && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
  install_missing "initdb=postgresql=the journal shared by several control hosts"
fi
mkdir -p artifacts
start_engine "$PWD/artifacts"

dotnet build Orchestrator.sln -c Release -v q --nologo || { echo "0 passed, 1 failed"; exit 1; }

log=artifacts/test.log
timeout 1200 dotnet test Orchestrator.Tests -c Release --no-build --nologo \
  --logger 'console;verbosity=minimal' --blame-hang-timeout 5min "$@" 2>&1 | tee "$log"
code=${PIPESTATUS[0]}

count() { grep -oE "$1: +[0-9]+" "$log" | grep -oE '[0-9]+$' | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(count Passed); failed=$(count Failed)
if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
  [ "$code" -ne 0 ] || code=1      # a suite that ran nothing is not a green suite
  failed=1
fi
[ "$code" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed"
exit "$code"
