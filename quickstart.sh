#!/usr/bin/env bash
# From a clone to three running pods on this machine. Running it again is harmless.
#   DATA_DIR   where the cluster keeps its journal and kubeconfig (default ./.orchestrator)
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
data=${DATA_DIR:-$PWD/.orchestrator}
bin=$PWD/artifacts/bin

command -v dotnet >/dev/null || { echo "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download" >&2; exit 1; }
echo "This needs a Docker engine and a static busybox; what is missing comes from Debian (docker.io, busybox-static)."
scripts/install-prerequisites.sh docker.io busybox-static
scripts/start-docker.sh
scripts/import-sample-image.sh

echo "Building orchestrator-node and orc into artifacts/bin"
for project in Orchestrator.Node Orchestrator.Cli; do
  dotnet publish "$project" -c Release -o "$bin" -v q --nologo
done

timeout 60 "$bin/orc" up --data-dir "$data"
if [ ! -s "$data/admin.kubeconfig" ]; then
  echo "The cluster did not start: 'orc up' left no $data/admin.kubeconfig." >&2
  exit 1
fi
export KUBECONFIG=$data/admin.kubeconfig
"$bin/orc" apply -f samples/web.yaml
timeout 180 "$bin/orc" rollout status deploy/web
"$bin/orc" get pods -o wide

cat <<NEXT

Next:
  export KUBECONFIG=$data/admin.kubeconfig PATH=$bin:\$PATH
  orc scale deploy/web --replicas=5          # kubectl does as well
  orc set image deploy/web web=orchestrator/sample:2
  orc history deploy/web                     # everything that ever happened to it
  orc down                                   # stops the cluster, keeps its journal
NEXT
