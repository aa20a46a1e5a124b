#!/usr/bin/env bash
# Unpacks one file of a Debian package, which apt fetches and whose signature it checks: nothing is installed.
#   fetch-debian-file.sh RELEASE PACKAGE FILE TARGET
set -euo pipefail
release=$1 package=$2 file=$3 target=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$(dirname "$target")"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$work/sources.list"
apt=(apt-get -qq -o APT::Sandbox::User=root -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o "Dir::State::Lists=$work/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
"${apt[@]}" update >&2
(cd "$work" && "${apt[@]}" download "$package/$release" >&2 && dpkg-deb -x "$package"_*.deb unpacked)
mv "$work/unpacked/$file" "$target.$$"
mv "$target.$$" "$target"
