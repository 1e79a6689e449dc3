#!/bin/bash
# The systemd unit: systemd understands it, and finds little that the server may do besides its work.
command -v systemd-analyze >/dev/null || { echo "skipped: systemd-analyze is not here"; exit 77; }
program=${WHEREABOUTS:?the path of the program}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
unit=$room/whereabouts.service
sed "s#^ExecStart=[^ ]*#ExecStart=$program#" "$(dirname "$program")/whereabouts.service" >"$unit"
grep -q "^ExecStart=$program serve" "$unit" || { echo "FAILED: the unit does not start serve"; exit 1; }

if ! said=$(systemd-analyze --man=no verify "$unit" 2>&1) || [ -n "$said" ]; then
    echo "FAILED: verify: $said"
    exit 1
fi
# Exposure in tenths, of 100; a unit that says nothing has 96.
systemd-analyze security --offline=true --threshold=14 --no-pager "$unit" >"$room/security" ||
    { tail -n 1 "$room/security"; grep -v ✓ "$room/security"; echo 'FAILED: the unit may do too much'; exit 1; }
tail -n 1 "$room/security"
# It would be found: the same without its walls.
sed -i -E '/^(Protect|Private|Restrict|SystemCall|Capability|NoNew)/d' "$unit"
if systemd-analyze security --offline=true --threshold=14 --no-pager "$unit" >"$room/security"; then
    echo 'FAILED: a unit without walls passes'
    exit 1
fi
