#!/bin/sh
# apply.sh PLANS: applies the base branch, if a fresh plan of it is what was reviewed; with the credential for changes.
# PLANS is a folder of reviewed plans, each called HEAD.json after the commit that it was made of. Those count whose commit
# is merged: by Git, or, where requests are squashed, by the commits that the forge says are (RESEAT_MERGED). Those that
# an earlier run was about (merged in RESEAT_APPLIED) do not, and those of runs that never came do.
set -eu
plans=${1:?the folder of reviewed plans}
shift
manifest=${RESEAT_MANIFEST:-licenses}
work=${RESEAT_WORK:-.reseat-pipeline}

is_merged() {
  case " ${RESEAT_MERGED:-} " in *" $1 "*) return 0 ;; esac
  git merge-base --is-ancestor "$1" HEAD 2> /dev/null || return 1
  [ -z "${RESEAT_APPLIED:-}" ] || ! git merge-base --is-ancestor "$1" "$RESEAT_APPLIED" 2> /dev/null
}

rm -rf "$work/reviewed"
mkdir -p "$work/reviewed"
for plan in "$plans"/*.json; do
  head=$(basename "$plan" .json)
  case $head in *[!0-9a-f]* | '') continue ;; esac
  if [ "${#head}" -ge 40 ] && is_merged "$head"; then cp "$plan" "$work/reviewed/"; fi
done

if [ -z "$(ls -A "$work/reviewed")" ]; then
  status=0
  reseat plan "$manifest" --detailed-exitcode "$@" || status=$?
  [ "$status" -eq 0 ] || {
    echo 'apply.sh: nobody reviewed this: look at the plan above, and apply it with --reviewed and its content' >&2
    exit 5
  }
  exit 0
fi
exec reseat apply "$manifest" --reviewed "$work/reviewed" --isolated "$@"
