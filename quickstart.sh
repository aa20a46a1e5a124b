#!/usr/bin/env bash
# From a clone to three running pods on this machine. Running it again is harmless. Arguments go to 'orc up':
#   ./quickstart.sh --runtime simulated --simulated-nodes 3     # without Docker and containers
#   DATA_DIR   where the cluster keeps its journal and kubeconfig (default ./.orchestrator)
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; then
  sed -n '2,4s/^# //p' "$0"
  exit 0
fi

data=${DATA_DIR:-$PWD/.orchestrator}
bin=$PWD/artifacts/bin

command -v dotnet >/dev/null || { echo "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download" >&2; exit 1; }
case " $* " in
  *" --runtime simulated "* | *" --runtime=simulated "*) ;;
  *)
    echo "This needs a Docker engine and a static busybox; what is missing comes from Debian (docker.io, busybox-static, and iproute2, nftables and conntrack for the network of pods)."
    scripts/install-prerequisites.sh docker.io iproute2 nftables conntrack busybox-static
    scripts/start-docker.sh
    scripts/import-sample-image.sh
    ;;
esac

echo "Building orchestrator-node and orc into artifacts/bin, a minute or two"
for project in Orchestrator.Node Orchestrator.Cli; do
  dotnet publish "$project" -c Release -o "$bin" -v m --nologo
done

"$bin/orc" up --data-dir "$data" "$@"
export KUBECONFIG=$data/admin.kubeconfig
"$bin/orc" apply -f samples/web.yaml
"$bin/orc" rollout status deploy/web --timeout=3m
"$bin/orc" get pods -o wide

cat <<NEXT

Next:
  export KUBECONFIG=$data/admin.kubeconfig PATH=$bin:\$PATH
  orc scale deploy/web --replicas=5          # kubectl does as well
  orc set image deploy/web web=orchestrator/sample:2
  orc history deploy/web                     # everything that ever happened to it
  orc down --data-dir $data                  # stops the cluster, keeps its journal; --purge deletes everything
NEXT
