# Sourced by the recipe's scripts: one thread, the environment, and stages that run once.
#
#   stage NAME COMMAND…   runs a command unless runs/done/NAME is there; what was interrupted goes on where it was
#
# PYTHON chooses the interpreter, by default the environment that ./run-tests made. MINUTES_FACTOR multiplies every training time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 PYTHONPATH=$PWD PYTHONWARNINGS=ignore
if [[ -z ${PYTHON:-} ]]; then
  key=$({ cat requirements.lock; python3.11 --version; } | sha256sum | cut -c1-16)
  PYTHON=${XDG_CACHE_HOME:-$HOME/.cache}/antiphon/python-$key/bin/python
  [[ -x $PYTHON ]] || { echo "There is no environment yet: run ./run-tests once, or set PYTHON" >&2; exit 2; }
fi
mkdir -p runs/done

minutes() { "$PYTHON" -c "print($1 * ${MINUTES_FACTOR:-1})"; }

module() { nice -n 19 "$PYTHON" -m "$@"; }

stage() {
  local name=$1
  shift
  if [[ -e runs/done/$name ]]; then
    echo "$name: done before"
    return
  fi
  echo "$name: $(date +%H:%M:%S) $*"
  "$@"
  touch "runs/done/$name"
}
