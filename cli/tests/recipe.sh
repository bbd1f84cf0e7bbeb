#!/usr/bin/env bash
# The documented shell recipe, with the real programs, against `lockop apply`.
#
#   recipe.sh LOCKOP
#
# Makes keys and operations with openssl, jq and base64, in both spellings that locks must take, and checks what a lock
# says to them: as sent, sent again, tampered with, late, and misdirected. Works in the current folder.
set -euo pipefail

lockop=${1:?usage: recipe.sh LOCKOP}
for program in openssl jq base64; do
    command -v "$program" >/dev/null || { echo "this test needs $program" >&2; exit 3; }
done

lock=ad8fb900-4def-11e8-8370-170748b9fca8
other_lock=ad8fb900-4def-11e8-8370-170748b9fca9
owner=f2d5da90-4df0-11e8-a9c9-5d2b0b3a0a01
now=$(date +%s)

# --- Keys and the lock's ACL -------------------------------------------------------------------------------------------
openssl genpkey -algorithm ed25519 -out private.pem
openssl genpkey -algorithm ed25519 -out guest.pem
public_key() { openssl pkey -in "$1" -pubout -outform DER | base64 -w0; }

new_lock() {
    rm -f acl.json acl.json.replay
    jq -n --arg user "$owner" --arg key "$(public_key private.pem)" \
        '[{user: $user, publicKey: $key, role: "ADMIN", start: null, end: null}]' >acl.json
}

# --- The recipe --------------------------------------------------------------------------------------------------------
# One of the two spellings of a segment: RFC 7515's, or standard base64 with padding.
encode() {
    case $spelling in
        base64url) base64 -w0 | tr '+/' '-_' | tr -d '=' ;;
        base64) base64 -w0 ;;
    esac
}

decode() {
    local text
    text=$(tr -- '-_' '+/' | tr -d '=')
    while ((${#text} % 4)); do text+='='; done
    printf %s "$text" | base64 -d
}

# make JTI [SUB]: a signed operation. jq writes pretty JSON, with newlines and spaces; they are signed as they are.
make() {
    local header payload signature
    header=$(jq -n '{typ: "JWT", alg: "EdDSA"}' | encode)
    payload=$(jq -n --arg iss "$owner" --arg sub "${2:-$lock}" --arg jti "$1" --argjson now "$now" \
        --arg user "5c8d2e90-4df0-11e8-a9c9-5d2b0b3a0a02" --arg key "$(public_key guest.pem)" '
        {iss: $iss, sub: $sub, nbf: $now, iat: $now, exp: ($now + 60), jti: $jti,
         operation: {type: "BATCH_ADD_USER", users: [
             {user: $user, publicKey: $key, role: "USER", start: $now, end: ($now + 86400)}]}}' | encode)
    printf '%s.%s' "$header" "$payload" >signing-input
    openssl pkeyutl -sign -rawin -inkey private.pem -in signing-input -out signature.bin
    signature=$(encode <signature.bin)
    printf '%s.%s' "$(cat signing-input)" "$signature"
}

# --- What the lock says ------------------------------------------------------------------------------------------------
# expect VERDICT TITLE FILE: the verdict of `lockop apply`, and its exit status; at another time `at`, at another lock
# `at_lock`.
expect() {
    local verdict=$1 title=$2 file=$3 said status=0 wanted=1
    [[ $verdict != applied ]] || wanted=0
    said=$("$lockop" apply --acl acl.json --lock "${at_lock:-$lock}" --now "${at:-$now}" "$file") || status=$?
    if [[ ${said%%$'\n'*} != "$verdict" || $status != "$wanted" ]]; then
        printf 'FAILED %s, %s: expected %s, got (exit status %s)\n%s\n' \
            "$spelling" "$title" "$verdict" "$status" "$said" >&2
        exit 1
    fi
    printf 'ok %s: %s: %s\n' "$spelling" "$title" "$verdict"
}

for spelling in base64url base64; do
    new_lock
    make "$spelling-first" >first.jws
    case $spelling in
        base64url) ! grep -q '[+/=]' first.jws ;;
        base64) grep -q '==$' first.jws ;;
    esac || { echo "FAILED $spelling: not the spelling that was meant" >&2; exit 1; }

    # The recipe's signature is one, whatever lockop thinks.
    IFS=. read -r header payload signature <first.jws || true
    printf '%s.%s' "$header" "$payload" >verified-input
    printf %s "$signature" | decode >verified-signature
    openssl pkeyutl -verify -rawin -inkey private.pem -in verified-input -sigfile verified-signature >/dev/null

    # One bit of the payload: the last digit of the guest's ID. The old signature stays.
    tampered=$(printf %s "$payload" | decode | sed 's/0a02"/0a03"/' | encode)
    [[ $tampered != "$payload" ]]
    printf '%s.%s.%s' "$header" "$tampered" "$signature" >tampered-payload.jws
    expect unauthenticated "tampered with the payload" tampered-payload.jws

    # One bit of the signature.
    byte=$(od -An -tu1 -j20 -N1 verified-signature)
    cp verified-signature flipped
    printf "$(printf '\\x%02x' $((byte ^ 1)))" | dd of=flipped bs=1 seek=20 conv=notrunc status=none
    printf '%s.%s.%s' "$header" "$payload" "$(encode <flipped)" >tampered-signature.jws
    expect unauthenticated "tampered with the signature" tampered-signature.jws

    at=$((now + 120)) expect expired "late" first.jws
    at=$((now - 61)) expect not-yet-valid "early" first.jws
    at_lock=$other_lock expect wrong-device "at another lock" first.jws
    make "$spelling-misdirected" "$other_lock" >misdirected.jws
    expect wrong-device "misdirected" misdirected.jws

    jq -e 'length == 1' acl.json >/dev/null
    expect applied "as sent" first.jws
    jq -e --arg key "$(public_key guest.pem)" --argjson now "$now" '
        length == 2 and .[1].publicKey == $key and .[1].role == "USER" and .[1].end == $now + 86400' acl.json >/dev/null
    expect replayed "sent again" first.jws
    make "$spelling-second" >second.jws
    expect applied "another one" second.jws
done
