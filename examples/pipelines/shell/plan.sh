#!/bin/sh
# plan.sh FOLDER: plans the files in FOLDER and writes the plan to $RESEAT_WORK; needs no credential and no network.
# It runs in a checkout of the base branch, whose tenants and policy apply. It exits 4 if policy denies the plan or
# a limit holds something; the plan is still written, and the comment says why. Next to plan.json it writes
# plan.txt, plan.md (for a job summary) and plan.html (the full report); RESEAT_REPORT is the address of the report.
set -eu
folder=${1:?the folder of the change, from export.sh}
manifest=${RESEAT_MANIFEST:-licenses}
work=${RESEAT_WORK:-.reseat-pipeline}

(cd "$work/state" && sha256sum --quiet --check ../state.sha256)
status=0
reseat validate "$folder/$manifest" --trusted "$manifest" --root "$folder" --isolated || status=$?
case $status in 0 | 4) status=0 ;; *) exit "$status" ;; esac
reseat plan "$folder/$manifest" --trusted "$manifest" --state "$work/state" --isolated \
  --out "$work/plan.json" > "$work/plan.txt" || status=$?
cat "$work/plan.txt"
case $status in
  0 | 4)
    sha256sum "$work/plan.json" | cut -d ' ' -f 1 > "$work/plan.sha256"
    reseat show "$work/plan.json" -m "$manifest" --isolated --format markdown --limit step-summary \
      ${RESEAT_REPORT:+--full-report "$RESEAT_REPORT"} > "$work/plan.md"
    reseat show "$work/plan.json" -m "$manifest" --isolated --format html > "$work/plan.html"
    ;;
esac
exit "$status"
