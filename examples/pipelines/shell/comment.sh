#!/bin/sh
# comment.sh HEAD: posts $RESEAT_WORK/plan.json as a comment; needs the forge token (RESEAT_FORGE_TOKEN) and no
# other credential. Forge, repository and request come from the CI server's variables or from options after HEAD.
# RESEAT_REPORT is the address of the full report, which the comment links to if it cannot show everything.
set -eu
head=${1:?the commit that was planned}
shift
manifest=${RESEAT_MANIFEST:-licenses}
work=${RESEAT_WORK:-.reseat-pipeline}

[ "$(sha256sum "$work/plan.json" | cut -d ' ' -f 1)" = "$(cat "$work/plan.sha256")" ] || {
  echo 'comment.sh: this is not the plan that was made' >&2
  exit 3
}
# Each manifest of a repository has its own comment.
reseat comment "$work/plan.json" -m "$manifest" --commit "$head" --isolated \
  ${RESEAT_REPORT:+--full-report "$RESEAT_REPORT"} "$@"
