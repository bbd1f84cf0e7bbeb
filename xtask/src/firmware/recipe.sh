#!/usr/bin/env bash
# The documented shell recipe: one operation, made with openssl, jq and base64, on standard output. Its variables:
# KEY (a PEM file), ISS, SUB, JTI, NOW, EXP, USERS (a JSON array), SPELLING (base64url or base64), ALG, TYPE.
set -euo pipefail

# One of the two spellings of a segment: RFC 7515's, or standard base64 with padding.
encode() {
    case $SPELLING in
        base64url) base64 -w0 | tr '+/' '-_' | tr -d '=' ;;
        base64) base64 -w0 ;;
    esac
}

# jq writes pretty JSON, with newlines and spaces; they are signed as they are.
header=$(jq -n --arg alg "$ALG" '{typ: "JWT", alg: $alg}' | encode)
payload=$(jq -n --arg iss "$ISS" --arg sub "$SUB" --arg jti "$JTI" --argjson now "$NOW" --argjson exp "$EXP" \
    --argjson users "$USERS" --arg type "$TYPE" \
    '{iss: $iss, sub: $sub, nbf: $now, iat: $now, exp: $exp, jti: $jti, operation: {type: $type, users: $users}}' | encode)
input=$(mktemp)
trap 'rm -f "$input"' EXIT
printf '%s.%s' "$header" "$payload" >"$input"
printf '%s.%s' "$(cat "$input")" "$(openssl pkeyutl -sign -rawin -inkey "$KEY" -in "$input" | encode)"
