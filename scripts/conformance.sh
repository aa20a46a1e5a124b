#!/usr/bin/env bash
# Runs the specs that show behaviours of Kubernetes' conformance tests, and prints how many of how many are shown and which are not, with the reasons.
# --list prints without running. Build first: dotnet build Orchestrator.sln -c Release. The list is Orchestrator.Tests/Conformance/behaviours.txt.
set -uo pipefail
cd "$(dirname "$0")/.."
run() { dotnet test Orchestrator.Tests/Orchestrator.Tests.csproj -c ${CONFIGURATION:-Release} --no-build --nologo "$@"; }

code=0
if [ "${1:-}" != --list ]; then
  kubectl=$(scripts/fetch-kubectl.sh) || exit 1
  PATH="$kubectl:$PATH" run --filter "Category=Conformance|FullyQualifiedName~BehavioursSpec" || code=1
fi
run --filter "FullyQualifiedName~BehavioursSpec.Every_behaviour" --logger "console;verbosity=detailed" |
  sed -n "s/^ //; /behaviours of Kubernetes/,/^$/p" || code=1
exit "$code"
