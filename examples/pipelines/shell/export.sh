#!/bin/sh
# export.sh BASE HEAD FOLDER: exports the merge of HEAD into BASE as plain files to FOLDER.
# Both are hashes of local commits. The script runs nothing from them: no hook, filter, submodule or link.
set -eu
base=${1:?the commit of the base branch} head=${2:?the commit of the change} folder=${3:?an empty folder}
files_max=100000 bytes_max=1073741824

fail() { echo "export.sh: $1" >&2; exit 3; }

for commit in "$base" "$head"; do
  case $commit in *[!0-9a-f]*) fail 'a commit is named by its whole hash' ;; esac
  [ "${#commit}" -ge 40 ] || fail 'a commit is named by its whole hash'
done
mkdir -p "$folder"
[ -z "$(ls -A "$folder")" ] || fail "$folder is not empty"
folder=$(cd "$folder" && pwd)

# Attributes in a change can name filters from the machine's settings, which would run and even fetch.
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_ATTR_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 GIT_LFS_SKIP_SMUDGE=1
git() { command git -c "safe.directory=$PWD" -c core.symlinks=false -c core.hooksPath=/dev/null -c core.fsmonitor=false "$@"; }

tree=$(git merge-tree --write-tree --no-messages "$base" "$head") || fail "$head cannot be merged: resolve its conflicts first"
git ls-tree -r --format='%(objectsize)' "$tree" |
  awk -v files="$files_max" -v bytes="$bytes_max" '{ sum += $1 } END { exit NR > files || sum > bytes }' ||
  fail 'the change has too many files, or too large ones'

GIT_INDEX_FILE=$(mktemp)
export GIT_INDEX_FILE
trap 'rm -f "$GIT_INDEX_FILE"' EXIT
rm -f "$GIT_INDEX_FILE"
git read-tree "$tree"
git checkout-index --all --quiet --prefix="$folder/"
echo "$folder"
