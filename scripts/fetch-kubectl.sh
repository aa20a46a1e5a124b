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
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work/lists/partial" "$tools"
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$work/sources.list"
  apt=(apt-get -qq -o APT::Sandbox::User=root -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$work/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
  "${apt[@]}" update >&2
  (cd "$work" && "${apt[@]}" download "kubectl/$release" >&2 && dpkg-deb -x kubectl_*.deb unpacked)
  mv "$work/unpacked/usr/bin/kubectl" "$tools/kubectl"
fi
echo "$tools"
