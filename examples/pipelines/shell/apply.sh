#!/bin/sh
# apply.sh PLANS: applies the base branch if a new plan of it matches the reviewed one; needs the write credential.
# PLANS is a folder of reviewed plans, each named HEAD.json after its commit. Plans of merged commits count:
# merged according to Git or, for squashed pull requests, to the forge (RESEAT_MERGED). Plans that an earlier
# run applied (merged in RESEAT_APPLIED) do not count, and those of lost runs do.
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
