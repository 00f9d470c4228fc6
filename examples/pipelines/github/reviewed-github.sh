#!/bin/sh
# reviewed-github.sh FOLDER: downloads the plans of all pull requests merged since the last apply into FOLDER,
# each as HEAD.json, and prints their commits. It reads with the job's own token (GH_TOKEN).
set -eu
folder=${1:?an empty folder}
repository=${GITHUB_REPOSITORY:?} commit=${GITHUB_SHA:?}
mkdir -p "$folder"
# An artifact must not be empty.
echo 'The plans that were reviewed, each called after its commit.' > "$folder/README.txt"

last=$(gh api "repos/$repository/actions/workflows/reseat-apply.yml/runs?branch=main&status=success&per_page=1" \
  --jq '.workflow_runs[0].head_sha // empty')
if [ -n "$last" ]; then
  commits=$(gh api "repos/$repository/compare/$last...$commit?per_page=250" --jq '.commits[].sha')
else
  commits=$commit
fi

heads=$(for one in $commits; do
  gh api "repos/$repository/commits/$one/pulls" --jq '.[] | select(.merged_at != null and .base.ref == "main") | .head.sha'
done | sort -u)

for head in $heads; do
  case $head in *[!0-9a-f]*) continue ;; esac
  # A workflow in a branch could upload an artifact of the same name: only the one of the base branch counts.
  gh api "repos/$repository/actions/artifacts?name=reseat-plan-$head&per_page=100" \
    --jq '.artifacts[] | select(.expired | not) | "\(.id) \(.workflow_run.id)"' |
    while read -r artifact run; do
      made_by=$(gh api "repos/$repository/actions/runs/$run" --jq '.event + " " + (.path | split("@")[0])')
      [ "$made_by" = 'pull_request_target .github/workflows/reseat-plan.yml' ] || continue
      gh api "repos/$repository/actions/artifacts/$artifact/zip" > "$folder/plan.zip"
      unzip -p "$folder/plan.zip" plan.json > "$folder/$head.json"
      rm "$folder/plan.zip"
      break
    done
done
# Print all commits on one line.
echo "$heads" | tr '\n' ' '
