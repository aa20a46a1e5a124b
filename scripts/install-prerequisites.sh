#!/usr/bin/env bash
# Installs the named Debian packages that are missing; says so first, and why it can't when it can't.
set -euo pipefail
missing=()
for package in "$@"; do
  case "$package" in
    # A Docker engine or client from elsewhere serves as well.
    docker.io) command -v dockerd >/dev/null || docker info >/dev/null 2>&1 || missing+=("$package") ;;
    *) dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package") ;;
  esac
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "Installing from Debian: ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "There is no apt-get here: install ${missing[*]} by hand and run this again." >&2
  exit 1
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Not root and no sudo: as root, run 'apt-get install ${missing[*]}'." >&2; exit 1; }
  sudo=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq "${missing[@]}" >/dev/null
