#!/bin/sh
# Rehearses a change of role against an emulator of the vendor: nothing is real.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'kill "$emulator" 2>/dev/null || true; rm -rf "$work"' EXIT

say() { printf '\n## %s\n' "$*"; }

# wait_for FILE TEXT: waits up to 30 seconds until the file contains the text.
wait_for() {
  tries=0
  until grep -q "$2" "$1" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { echo "\"$2\" never came" >&2; exit 1; }
    sleep 0.1
  done
}

say 'An 8x8 of our own, with six people'
reseat emulate 8x8 --state state.yaml --save "$work/phones.yaml" --knobs knobs.yaml --format json > "$work/emulator.json" &
emulator=$!
wait_for "$work/emulator.json" base_url
url=$(sed -n 's/.*"base_url": *"\([^"]*\)".*/\1/p' "$work/emulator.json")
export EIGHTXEIGHT_API_KEY=rehearsal
echo "it answers at $url"

say 'Import the current state'
mkdir "$work/company"
cat > "$work/company/reseat.yaml" <<YAML
apiVersion: reseat/v1
tenants:
  phones:
    vendor: 8x8
    adapter: { api: { base_url: "$url", key: { env: EIGHTXEIGHT_API_KEY } } }
acknowledgements:
  - { tenant: phones, people: [ana@acme.example, bo@acme.example], note: "voicemail exported", until: 2099-12-31 }
YAML
cd "$work/company"
reseat doctor phones
reseat import phones
reseat plan --detailed-exitcode

say 'Ana and Bo lead teams from now on, and Cy gets a phone'
imported=assignments/phones.yaml
awk '
  $2 == "license:" { license = $3 }
  /- (ana|bo)@acme.example/ { next }
  { print }
  $1 == "to:" && license == "phones/X4" { print "      - ana@acme.example"; print "      - bo@acme.example" }
  $1 == "to:" && license == "phones/X2" { print "      - cy@acme.example" }
' "$imported" > "$imported.new"
mv "$imported.new" "$imported"
cat "$imported"
reseat plan --out plan.json

say 'It is applied, and killed in the middle'
reseat apply plan.json --events events.jsonl &
run=$!
wait_for events.jsonl '"event":"waiting"'
sleep 0.3
kill -9 "$run"
wait "$run" || true

say 'The next one goes on'
reseat resume
reseat plan --detailed-exitcode

say 'What the vendor has now'
grep -A8 -E 'email: (ana|bo|cy)@' "$work/phones.yaml"
