#!/usr/bin/env bash
# Starts a Docker engine in the background if none answers, and waits until it does.
set -euo pipefail
answers() { timeout 10 docker info --format '{{.ServerVersion}}' >/dev/null 2>&1 && timeout 10 docker ps -q >/dev/null 2>&1; }
answers && exit 0
command -v dockerd >/dev/null || { echo "No Docker engine answers and dockerd is not installed." >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || { echo "No Docker engine answers; starting one needs root." >&2; exit 1; }

# An engine that was killed leaves its number behind. Once another process has that number, no engine starts until the file is gone.
forget_stale() {
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] || rm -f "$1"
}
forget_stale /var/run/docker.pid dockerd
forget_stale /var/run/docker/containerd/containerd.pid containerd

log=${TMPDIR:-/tmp}/orchestrator-dockerd.log
echo "Starting the Docker engine (log: $log)"
setsid nohup dockerd >"$log" 2>&1 </dev/null &
for _ in $(seq 60); do
  answers && exit 0
  sleep 1
done
echo "The Docker engine did not answer in 60 s. Its last lines:" >&2
tail -n 5 "$log" >&2
exit 1
