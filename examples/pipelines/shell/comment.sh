#!/bin/sh
# comment.sh HEAD: says on the forge what $RESEAT_WORK/plan.json does; with the forge's token (RESEAT_FORGE_TOKEN) and no
# other credential. Which forge, repository and request is known from the CI server's variables, or given behind HEAD.
# RESEAT_REPORT is the address of the full report, to which the comment points where it has no room for everything.
set -eu
head=${1:?the commit that was planned}
shift
manifest=${RESEAT_MANIFEST:-licenses}
work=${RESEAT_WORK:-.reseat-pipeline}

[ "$(sha256sum "$work/plan.json" | cut -d ' ' -f 1)" = "$(cat "$work/plan.sha256")" ] || {
  echo 'comment.sh: this is not the plan that was made' >&2
  exit 3
}
# Each manifest of a repository has a comment of its own.
reseat comment "$work/plan.json" -m "$manifest" --commit "$head" --isolated \
  ${RESEAT_REPORT:+--full-report "$RESEAT_REPORT"} "$@"
