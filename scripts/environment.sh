# Sourced by quickstart.sh and test.sh: what the machine must have, and how it gets it.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# install_missing COMMAND=PACKAGE=WHY … : one apt-get for every command that is not there.
install_missing() {
  local packages=() entry command package why
  for entry in "$@"; do
    IFS='=' read -r command package why <<<"$entry"
    has "$command" && continue
    say "Will install Debian package $package ($why): '$command' is not on this machine."
    packages+=("$package")
  done
  [ ${#packages[@]} -eq 0 ] && return 0
  [ "$(id -u)" -eq 0 ] || die "Cannot install ${packages[*]}: not root. Run again as root, or install them yourself."
  has apt-get || die "Cannot install ${packages[*]}: this machine has no apt-get. Install them with its own package manager."
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >&2 \
    || die "Cannot install ${packages[*]}: apt-get failed, its reason is above."
}

engine_answers() { timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# Starts dockerd when no engine answers, and leaves it running; its log and pid lie in $1.
start_engine() {
  engine_answers && return 0
  has dockerd || die "No Docker engine answers and there is no dockerd to start."
  [ "$(id -u)" -eq 0 ] || die "No Docker engine answers and starting dockerd needs root."
  mkdir -p "$1"
  say "No Docker engine answers: starting dockerd (log $1/dockerd.log)."
  setsid nohup dockerd >"$1/dockerd.log" 2>&1 </dev/null &
  local pid=$! waited=0
  echo "$pid" >"$1/dockerd.pid"
  until engine_answers; do
    kill -0 "$pid" 2>/dev/null || { tail -n 5 "$1/dockerd.log" >&2; die "dockerd stopped; its last lines are above."; }
    [ $((waited += 1)) -le 60 ] || die "dockerd did not answer within a minute; see $1/dockerd.log."
    sleep 1
  done
}

# A root file system of nothing but a static busybox and its links, packed as a tar on stdout.
busybox_tree() {
  local busybox tree
  busybox=$(command -v busybox) || die "The sample image needs busybox (Debian: busybox-static)."
  tree=$(mktemp -d)
  mkdir -p "$tree"/{bin,tmp,etc,www,proc,dev,sys}
  cp "$busybox" "$tree/bin/busybox"
  local applet
  for applet in $("$busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"
  done
  echo 'root:x:0:0:root:/:/bin/sh' >"$tree/etc/passwd"
  echo "$1" >"$tree/www/index.html"
  tar -C "$tree" -c .
  rm -rf "$tree"
}

# import_sample NAME:TAG … : each image that is not there yet serves a page with its own name on port 80.
import_sample() {
  local image
  for image in "$@"; do
    docker image inspect "$image" >/dev/null 2>&1 && continue
    busybox_tree "Hello from $image" \
      | docker import --change 'CMD ["/bin/httpd","-f","-p","80","-h","/www"]' --change 'EXPOSE 80' - "$image" >/dev/null \
      || die "Could not import the sample image $image."
  done
}
