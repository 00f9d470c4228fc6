# A bridge between reseat and a VPN with a text file of members: id, address, and `access` or `-`.
#
# reseat writes one compact request per line with fields in a fixed order, so `sed` can find them; the bridge writes one
# answer per line (docs/adapter-protocol.md). Log messages go to stderr.
set -eu
file=$1

# Prints the text of a field of the request.
field() {
	printf '%s\n' "$line" | sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'
}

answer() {
	printf '{"id":%s,%s}\n' "$id" "$1"
}

refuse() {
	answer "\"error\":{\"kind\":\"$1\",\"message\":\"$2\"}"
}

# Prints members as accounts: the one with the given id, or all.
accounts() {
	awk -v only="$1" '
		only == "" || $1 == only {
			held = $3 == "-" ? "" : "{\"license\":\"" $3 "\"}"
			printf "%s{\"id\":\"%s\",\"email\":\"%s\",\"holdings\":[%s]}", comma, $1, $2, held
			comma = ","
		}' "$file"
}

execute() {
	kind=$(field kind)
	member=$(field account)
	license=$(field license)
	case $kind in
	assign) after=$license ;;
	remove) after=- ;;
	*) refuse unsupported "the VPN cannot $kind" && return ;;
	esac
	before=$(awk -v id="$member" '$1 == id { print $3 }' "$file")
	if [ -z "$before" ]; then
		refuse not-found "the VPN has no member $member"
	elif [ "$before" = "$after" ]; then
		answer '"execute":{"state":"already"}'
	else
		awk -v id="$member" -v after="$after" '$1 == id { $3 = after } { print }' "$file" >"$file.new"
		mv "$file.new" "$file"
		answer '"execute":{"state":"done"}'
	fi
}

while read -r line; do
	id=$(printf '%s\n' "$line" | sed 's/^{"id":\([0-9]*\),.*/\1/')
	case $line in
	# This file contains nothing that needs escaping, so an escaped id is unknown.
	*\\*) refuse not-found 'the VPN knows no such name' ;;
	*'"do":"describe"'*) answer '"describe":{"protocol":1,"name":"vpn-bridge","can":["observe","account","execute"]}' ;;
	*'"do":"observe"'*) answer "\"observe\":{\"accounts\":[$(accounts '')]}" ;;
	*'"do":"account"'*)
		found=$(accounts "$(field account)")
		answer "\"account\":{\"account\":${found:-null}}"
		;;
	*'"do":"execute"'*) execute ;;
	*) refuse unsupported 'this bridge cannot do that' ;;
	esac
done
