#!/usr/bin/env bash
# Makes the certificates of this folder with OpenSSL (3.0 or newer): the same bytes every time, because keys, serial
# numbers and dates are fixed and both algorithms sign without randomness.
#
#   leaf (Ed25519) <- user (RSA-2048) <- intermediate (RSA-4096) <- root (RSA-4096)
#   ed25519-leaf (Ed25519) <- the issuer's Ed25519 key
#
# Their sizes are those of docs/operation.md §6, within 13 bytes.
#
# usage: benches/target/certificates/make.sh [FOLDER]    (without FOLDER: over what is here)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
keys=$here/../../../vectors/keys
to=$(cd "${1:-$here}" && pwd)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"

# ISSUER, and the seeds of the key pairs 0xfe (leaf) and 0xff (the issuer), of build/operation.rs.
user=a0a0a0a0-a0a0-40a0-80a0-a0a0a0a0a000
for pair in leaf:fe ed25519-leaf:fe ed25519-issuer:ff; do
    { printf '\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20' && printf "\\x${pair##*:}%.0s" {1..32}; } |
        openssl pkey -inform der -out "${pair%%:*}.key"
done
for pair in user:user2048 intermediate:intermediate4096 root:root4096; do
    base64 --decode "$keys/${pair##*:}.pkcs1.b64" | openssl rsa -inform der -out "${pair%%:*}.key" 2>/dev/null
done

cat >ca.cnf <<'CONFIG'
[ca]
default_ca = any
[any]
database = index
serial = serial
new_certs_dir = .
default_md = default
policy = policy
preserve = yes
unique_subject = no
[policy]
commonName = optional
CONFIG

# usage: issue NAME SUBJECT NOT_BEFORE NOT_AFTER SIGNER EXTENSIONS
issue() {
    : >index
    # Fifteen bytes that look like a serial number.
    printf '41%s\n' "$(printf '%s' "$1" | sha256sum | cut -c1-28)" >serial
    printf '%s\n' "$6" >extensions
    openssl req -new -key "$1.key" -subj "$2" -out request
    if [ "$1" = "$5" ]; then signer=(-selfsign); else signer=(-cert "$5.pem"); fi
    openssl ca -batch -notext -preserveDN -config ca.cnf "${signer[@]}" -keyfile "$5.key" \
        -startdate "$3000000Z" -enddate "$4000000Z" -extfile extensions -in request -out "$1.pem" 2>log || { cat log; exit 1; }
    openssl x509 -in "$1.pem" -outform der -out "$1.der"
}

authority=$'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash'
issued=$'authorityKeyIdentifier=keyid:always,issuer:always'
leaf=$'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\n'"$issued"
phone=$(printf phone | sha256sum | cut -c1-32)
issue root "/C=GB/O=Example Lock Ltd/CN=Example Root CA" 200101 400101 root "$authority"
issue intermediate "/C=GB/O=Example Lock Ltd/CN=Example CA" 220101 270101 root "$authority"$'\n'"$issued"
issue user "/UID=$user" 231001 231230 intermediate "$authority"$'\n'"$issued"
issue leaf "/x500UniqueIdentifier=$phone" 231111 231118 user "$leaf"
issue ed25519-issuer "/UID=$user" 231001 231230 ed25519-issuer "$authority"
issue ed25519-leaf "/x500UniqueIdentifier=$phone" 231111 231118 ed25519-issuer "$leaf"

openssl rsa -in user.key -pubout -outform der -out user.spki 2>/dev/null
cp leaf.der user.der intermediate.der root.der ed25519-leaf.der user.spki "$to"
cd "$to" && wc -c ./*.der user.spki
