#!/bin/sh
# Makes a checkout ready: the npm packages, Node 24 and, with --languages, what the Python, Go and C++ parts and the models need.
#
#   tools/setup.sh [--languages | --peers]
#
# --peers: besides the languages what the bench alone needs: gRPC for its C++ peer, and valgrind to count instructions.
#
# Afterwards .setup/bin/node is Node 24, whatever the machine's own Node is. Prints nothing and takes well under
# a second when nothing changed. Several may run at once: one works, the others wait for it.
# Exit codes: 0 ready (a missing language is named on standard error, and whoever needs it decides), 1 not ready.
set -eu

NODE_MAJOR_NEEDED=24
NODE_MAJOR_TO_START=18
PYTHON_MINOR_NEEDED=10
LOCK_WAIT_SECONDS_MAX=900
APT_LOCK_WAIT_SECONDS_MAX=300

cd "$(dirname "$0")/.."
mkdir -p .setup/bin

say() { echo "setup: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

# One set-up at a time. The lock goes with the process that holds it, so a killed one leaves nothing to clean.
if [ "${MILLRACE_SETUP_LOCKED:-}" != yes ]; then
  command -v flock >/dev/null || fail "flock is missing: install util-linux."
  status=0
  MILLRACE_SETUP_LOCKED=yes flock -w "$LOCK_WAIT_SECONDS_MAX" -E 75 .setup/lock "$0" "$@" || status=$?
  [ "$status" -ne 75 ] || say "another set-up has run for $LOCK_WAIT_SECONDS_MAX s: end it, then try again."
  exit "$status"
fi

# --- Node ---------------------------------------------------------------------------------------------------

node_major() { "$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0; }

# The fetched Node where the registry has one for this machine, otherwise the machine's own.
link_node() {
  for fetched in node_modules/node-linux-*/bin/node; do
    if [ -x "$fetched" ] && [ "$(node_major "$fetched")" -ge "$NODE_MAJOR_NEEDED" ]; then
      ln -sfn "$(pwd)/$fetched" .setup/bin/node
      return
    fi
  done
  own=$(command -v node || true)
  if [ -n "$own" ] && [ "$(node_major "$own")" -ge "$NODE_MAJOR_NEEDED" ]; then
    ln -sfn "$own" .setup/bin/node
    return
  fi
  fail "no Node $NODE_MAJOR_NEEDED for $(uname -s) $(uname -m) came with the packages: install Node $NODE_MAJOR_NEEDED."
}

# packages_match_lock all | required: the installed packages are those of the lock file. Also true after somebody ran
# `npm install`, so that a running checkout is not torn down to be built again.
#
# `all` counts the optional ones that are for this machine too: a checkout brought up to date gets those that are new.
# `required` leaves them out: what the registry does not have of them is done without.
packages_match_lock() {
  [ -f node_modules/.package-lock.json ] && node - "$1" <<'SCRIPT'
const { readFileSync } = require('node:fs')
const read = (path) => JSON.parse(readFileSync(path, 'utf8')).packages
const wanted = read('package-lock.json')
const present = read('node_modules/.package-lock.json')
const all = process.argv[2] === 'all'
const libc = process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
const fits = (list, own) => {
  const names = [].concat(list ?? [])
  if (names.includes(`!${own}`)) return false
  return names.includes(own) || names.every((name) => name.startsWith('!'))
}
const forThisMachine = (entry) =>
  fits(entry.os, process.platform) && fits(entry.cpu, process.arch) && fits(entry.libc, libc)
const missing = Object.keys(wanted).filter((path) => {
  const entry = wanted[path]
  if (!path.startsWith('node_modules/') || entry.link) return false
  if (entry.optional && !(all && forThisMachine(entry))) return false
  return present[path]?.version !== entry.version
})
process.exit(missing.length === 0 ? 0 : 1)
SCRIPT
}

set_up_packages() {
  # The checkout's own path is part of the key: .setup/bin/node is an absolute link, and a checkout may be moved.
  key=$(pwd && cat package-lock.json package.json packages/*/package.json .npmrc tools/setup.sh | cksum)
  if [ -x .setup/bin/node ] && [ -d node_modules ] && [ "$(cat .setup/packages.stamp 2>/dev/null)" = "$key" ]; then
    return
  fi
  command -v node >/dev/null || fail "Node is missing: install Node $NODE_MAJOR_TO_START or later with npm."
  [ "$(node_major node)" -ge "$NODE_MAJOR_TO_START" ] ||
    fail "Node $(node --version) is too old to start with: install Node $NODE_MAJOR_TO_START or later."
  if ! packages_match_lock all; then
    command -v npm >/dev/null || fail "npm is missing: install it (it comes with Node)."
    say "installing the npm packages"
    # Not `npm ci`: that demands the optional packages of every platform, and a mirror may not have them all. This
    # keeps to the lock file as well, never writes it, and leaves alone what is installed already.
    # Errors only: an older Node just installs here, and a warning that it is too old to run things says nothing.
    if ! npm install --no-save --loglevel=error --no-progress </dev/null >.setup/npm.log 2>&1; then
      fail "npm install failed ($(sed -n 's/^npm .*code //p' .setup/npm.log | head -n 1)): see .setup/npm.log."
    fi
    packages_match_lock required || fail "npm installed other versions than package-lock.json says: run npm install and commit it."
  fi
  link_node
  echo "$key" >.setup/packages.stamp
}

# --- The other languages ------------------------------------------------------------------------------------

# At least the version that go.mod asks for.
go_fits() {
  command -v go >/dev/null || return 1
  [ -f sdks/go/go.mod ] || return 0
  wanted=$(sed -n 's/^go //p' sdks/go/go.mod)
  present=$(go env GOVERSION | sed 's/^go//')
  [ "$(printf '%s\n%s\n' "$wanted" "$present" | sort -V | head -n 1)" = "$wanted" ]
}
python_fits() {
  command -v python3 >/dev/null && python3 -c "import sys; sys.exit(sys.version_info < (3, $PYTHON_MINOR_NEEDED))"
}
pip_fits() { python3 -m pip --version >/dev/null 2>&1; }
python_lint_fits() { cmp -s tools/python-lint/requirements.txt .setup/python-lint/requirements.txt; }
cpp_fits() { command -v g++ >/dev/null && command -v cmake >/dev/null && [ -d /usr/src/googletest ]; }
perl_fits() { command -v perl >/dev/null; }
bwrap_fits() { command -v bwrap >/dev/null; }
runc_fits() { command -v runc >/dev/null; }
grpc_cpp_fits() { command -v pkg-config >/dev/null && pkg-config --exists grpc++; }
valgrind_fits() { command -v valgrind >/dev/null; }
spin_fits() { command -v spin >/dev/null && command -v gcc >/dev/null; }

# The linter and the type checker of the Python SDK, as the file beside them has them. Whole or not there: the file comes last.
install_python_lint() {
  pip_fits || { apt_install .setup/apt-pip.log python3-pip && pip_fits; } || return 1
  say "installing the checks of the Python SDK"
  rm -rf .setup/python-lint
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --target .setup/python-lint -r tools/python-lint/requirements.txt >.setup/python-lint.log 2>&1 || return 1
  cp tools/python-lint/requirements.txt .setup/python-lint/requirements.txt
}

# apt_install LOG PACKAGE...: succeeds only as root on a machine with apt.
apt_install() {
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 1
  log=$1
  shift
  say "installing $*"
  {
    apt-get update &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        -o "DPkg::Lock::Timeout=$APT_LOCK_WAIT_SECONDS_MAX" "$@"
  } </dev/null >"$log" 2>&1 || say "apt-get failed: see $log."
}

set_up_languages() {
  python_fits || { apt_install .setup/apt-python.log python3 && python_fits; } ||
    say "PYTHON IS MISSING: install Python 3.$PYTHON_MINOR_NEEDED or later."
  python_lint_fits || install_python_lint || say "THE CHECKS OF PYTHON ARE MISSING: see .setup/python-lint.log."
  go_fits || { apt_install .setup/apt-go.log golang-go && go_fits; } ||
    say "GO IS MISSING: install Go $(sed -n 's/^go //p' sdks/go/go.mod 2>/dev/null) or later."
  cpp_fits || { apt_install .setup/apt-cpp.log g++ cmake make libgtest-dev && cpp_fits; } ||
    say "C++ IS MISSING: install g++, cmake and libgtest-dev."
  perl_fits || { apt_install .setup/apt-perl.log perl && perl_fits; } ||
    say "PERL IS MISSING: install perl."
  spin_fits || { apt_install .setup/apt-spin.log spin gcc libc6-dev && spin_fits; } ||
    say "SPIN IS MISSING: install spin and gcc."
  bwrap_fits || { apt_install .setup/apt-bwrap.log bubblewrap && bwrap_fits; } ||
    say "BUBBLEWRAP IS MISSING: install bubblewrap."
  runc_fits || { apt_install .setup/apt-runc.log runc && runc_fits; } ||
    say "RUNC IS MISSING: install runc."
}

set_up_peers() {
  grpc_cpp_fits || { apt_install .setup/apt-grpc.log libgrpc++-dev pkg-config && grpc_cpp_fits; } ||
    say "GRPC FOR C++ IS MISSING: install libgrpc++-dev and pkg-config."
  valgrind_fits || { apt_install .setup/apt-valgrind.log valgrind && valgrind_fits; } ||
    say "VALGRIND IS MISSING: install valgrind."
}

set_up_packages
case "${1:-}" in
  --languages) set_up_languages ;;
  --peers) set_up_languages && set_up_peers ;;
esac
