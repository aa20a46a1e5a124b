#!/usr/bin/env bash
# Runs the specs of project quotas in a user-mode kernel that has them, for machines whose own kernel has not. Run it after "dotnet build Orchestrator.Tests".
# Everything of this machine is visible in it and nothing can be written to; it has no network.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${IN_USER_MODE_KERNEL:-}" ]; then
  scripts/install-prerequisites.sh user-mode-linux e2fsprogs xfsprogs
  output=$(mktemp)
  trap 'rm -f "$output"' EXIT
  timeout 600 linux.uml mem=3G quiet ro root=/dev/root rootfstype=hostfs rootflags=/ con=null con0=null,fd:1 \
    init=/usr/bin/env -- IN_USER_MODE_KERNEL=1 "FILTER=${1:-FullyQualifiedName~Agent.Quotas}" "CONFIGURATION=${2:-Debug}" "PATH=$PATH" HOME=/tmp DOTNET_NOLOGO=1 TERM=dumb "$PWD/scripts/quota-specs.sh" </dev/null | tee "$output"
  grep -q 'specs ended with 0' "$output" && grep -q 'Passed!' "$output" && ! grep -q 'Skipped Orchestrator' "$output"
  exit
fi

# From here on in that kernel, as its first process, which must not end by itself.
trap 'sync; halt -f -p || echo o > /proc/sysrq-trigger; sleep 60' EXIT
mount -t proc proc /proc
mount -t sysfs sysfs /sys
grep -q " /dev " /proc/mounts || mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
modules=/usr/lib/uml/modules/$(uname -r)/kernel
for module in fs/quota/quota_tree fs/quota/quota_v2 drivers/block/loop; do
  insmod "$modules/$module.ko"
done
ip link set lo up
result=0
dotnet vstest "Orchestrator.Tests/bin/$CONFIGURATION/net10.0/Orchestrator.Tests.dll" --TestCaseFilter:"$FILTER" || result=$?
echo "The specs ended with $result."
