#!/bin/sh
# What people hold, into $RESEAT_WORK/state: with the credential for reading, on the base branch, and nothing of the change.
set -eu
manifest=${RESEAT_MANIFEST:-licenses}
work=${RESEAT_WORK:-.reseat-pipeline}

rm -rf "$work/state"
reseat observe -m "$manifest" --out "$work/state" --isolated "$@"
# The next job checks that it plans what this one saw.
(cd "$work/state" && sha256sum -- *) > "$work/state.sha256"
sha256sum < "$work/state.sha256" | cut -d ' ' -f 1
