#!/bin/sh
# Writes the current state to $RESEAT_WORK/state; needs the read credential, runs on the base branch and sees no change.
set -eu
manifest=${RESEAT_MANIFEST:-licenses}
work=${RESEAT_WORK:-.reseat-pipeline}

rm -rf "$work/state"
reseat observe -m "$manifest" --out "$work/state" --isolated "$@"
# The next job checks that it plans exactly this state.
(cd "$work/state" && sha256sum -- *) > "$work/state.sha256"
sha256sum < "$work/state.sha256" | cut -d ' ' -f 1
