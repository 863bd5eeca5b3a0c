# What start, stop and submit share; sourced by them.
# Environment: JAVA_HOME (a JDK 17).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
run="$here/target"
cluster_jar() { printf '%s\n' "$root"/deploy/target/antiphon-jobs-*-cluster.jar; }
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"

fail() {
  printf '%s\n' "$*" >&2
  exit 2
}

# Whether the process of that name, started here, is alive.
alive() {
  local file="$run/$1.pid"
  [[ -f "$file" ]] || return 1
  # A number that another program got after a restart of the machine is not ours.
  { tr '\0' ' ' <"/proc/$(<"$file")/cmdline"; } 2>/dev/null | grep -qF -- "-Dlog.file=$run/logs/$1.log"
}

# A setting of config.yaml, in MiB.
mebibytes() {
  local value
  value="$(sed -n "s/^$1: *\([0-9]*\)m$/\1/p" "$here/config.yaml")"
  [[ -n "$value" ]] || fail "$here/config.yaml holds no $1 in MiB; expected such as $1: 64m"
  printf '%s' "$value"
}

# Starts a process: name, class path, options of the JVM up to --, then class and arguments.
launch() {
  local name="$1" class_path="$2" options=()
  shift 2
  while [[ "$1" != -- ]]; do
    options+=("$1")
    shift
  done
  shift
  # Paths in agent.yaml are relative to the root.
  (cd "$root" && exec nohup "$java" "${options[@]}" -XX:-UsePerfData \
    --add-opens java.base/java.util=ALL-UNNAMED \
    --add-opens java.base/java.lang=ALL-UNNAMED \
    --add-opens java.base/java.time=ALL-UNNAMED \
    -Dlog.file="$run/logs/$name.log" -Dlog4j2.configurationFile="$here/log4j2.xml" \
    -cp "$class_path" "$@" >"$run/logs/$name.out" 2>&1 </dev/null) &
  printf '%s\n' "$!" >"$run/$name.pid"
}

# Waits until a command succeeds while a process lives: name, seconds, command.
await() {
  local name="$1" deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    alive "$name" || fail "$name ended; see $run/logs/$name.out and $name.log"
    ((SECONDS < deadline)) || fail "$name is not ready; see $run/logs/$name.log"
    sleep 0.2
  done
}

rest() { curl --silent --fail --max-time 5 "http://localhost:8081$1"; }
