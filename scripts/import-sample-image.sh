#!/usr/bin/env bash
# Imports the sample image under each name given (default orchestrator/sample:1 and :2) that is not there yet:
# a static busybox whose web server answers with the image's own name on port 80. No registry is needed.
set -euo pipefail
[ $# -gt 0 ] || set -- orchestrator/sample:1 orchestrator/sample:2
busybox=$(command -v busybox) || { echo "The sample image needs busybox (Debian: busybox-static)." >&2; exit 1; }
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{bin,tmp,etc,www,proc,dev,sys}
cp "$busybox" "$tree/bin/busybox"
"$busybox" --list | while read -r applet; do
  [ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"
done
echo 'root:x:0:0:root:/:/bin/sh' >"$tree/etc/passwd"
for image in "$@"; do
  docker image inspect "$image" >/dev/null 2>&1 && continue
  echo "Hello from $image" >"$tree/www/index.html"
  tar -C "$tree" -c . | docker import --change 'CMD ["/bin/httpd","-f","-p","80","-h","/www"]' --change 'EXPOSE 80' - "$image" >/dev/null
  echo "Imported $image"
done
