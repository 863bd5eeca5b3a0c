# What start, stop and submit share; sourced by them.
# Environment: JAVA_HOME (a JDK 17), ANTIPHON_RUN (the run folder; target/ beside this file if not given),
# ANTIPHON_FIRST_PORT (five ports from there on in place of the usual ones), ANTIPHON_AGENT (the job's configuration).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
run="${ANTIPHON_RUN:-$here/target}"
agent="$(realpath "${ANTIPHON_AGENT:-$here/agent.yaml}")"
names=(zookeeper broker jobmanager taskmanager-1 taskmanager-2)
if [[ -n "${ANTIPHON_FIRST_PORT:-}" ]]; then
  kafka_port=$ANTIPHON_FIRST_PORT controller_port=$((kafka_port + 1)) rest_port=$((kafka_port + 2))
  rpc_port=$((kafka_port + 3)) zookeeper_port=$((kafka_port + 4))
else
  kafka_port=9092 controller_port=9093 rest_port=8081 rpc_port=6123 zookeeper_port=2181
fi
cluster_jar() { printf '%s\n' "$root"/deploy/target/antiphon-jobs-*-cluster.jar; }
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"

fail() {
  printf '%s\n' "$*" >&2
  exit 2
}

# Whether the process of that name, started here, is alive.
alive() {
  local file="$run/$1.pid" begun
  [[ -f "$file" && -f "$run/$1.begun" ]] || return 1
  # A number that another program got meanwhile is not ours: the begin tells them apart. It is the same before and after
  # the shell of launch has become Java, which takes a while on a busy machine; the command line is not.
  begun="$(begun "$(<"$file")")" && [[ "$begun" == "$(<"$run/$1.begun")" ]]
}

# When a process began, in ticks of the system's clock since its start; fails for one that ended and that nobody has waited for.
begun() {
  local stat fields
  { stat="$(<"/proc/$1/stat")"; } 2>/dev/null || return 1
  # The name in parentheses may hold spaces.
  read -ra fields <<<"${stat##*) }"
  [[ "${fields[0]}" != [ZX] ]] && printf '%s' "${fields[19]}"
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
  (cd "$root" && exec nohup "$java" "${options[@]}" -XX:-UsePerfData -XX:ErrorFile="$run/logs/$name.crash" \
    --add-opens java.base/java.util=ALL-UNNAMED \
    --add-opens java.base/java.lang=ALL-UNNAMED \
    --add-opens java.base/java.time=ALL-UNNAMED \
    -Dlog.file="$run/logs/$name.log" -Dlog4j2.configurationFile="$here/log4j2.xml" \
    -cp "$class_path" "$@" >"$run/logs/$name.out" 2>&1 </dev/null) &
  printf '%s\n' "$!" >"$run/$name.pid"
  # A process that ended already has no begin; alive says so.
  begun "$!" >"$run/$name.begun" || true
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

rest() { curl --silent --fail --max-time 5 "http://localhost:$rest_port$1"; }

# Copies a configuration file into the run folder, with this run's folder and ports.
configure() {
  sed -e "s|@RUN@|$run|g" -e "s|@KAFKA@|$kafka_port|g" -e "s|@CONTROLLER@|$controller_port|g" -e "s|@REST@|$rest_port|g" \
    -e "s|@RPC@|$rpc_port|g" -e "s|@ZOOKEEPER@|$zookeeper_port|g" "$here/$1" >"$run/conf/$1"
}
