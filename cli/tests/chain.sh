#!/usr/bin/env bash
# Makes, with OpenSSL, keys and a chain of four certificates shaped like those of real users (docs/operation.md §6):
# leaf (Ed25519) <- user (RSA-2048) <- intermediate (RSA-4096) <- root (RSA-4096).
# usage: chain.sh FOLDER USER_UUID
set -euo pipefail
cd "$1"
user=$2

openssl genpkey -quiet -algorithm ed25519 -out leaf.key
for name in user:2048 intermediate:4096 root:4096; do
    openssl genpkey -quiet -algorithm rsa -pkeyopt "rsa_keygen_bits:${name##*:}" -out "${name%%:*}.key"
done

# usage: issue NAME SUBJECT DAYS SIGNER EXTENSIONS
issue() {
    printf '%s\n' "$5" >"$1.ext"
    openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
    if [ "$1" = "$4" ]; then
        openssl x509 -req -in "$1.csr" -signkey "$1.key" -days "$3" -sha256 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
    else
        openssl x509 -req -in "$1.csr" -CA "$4.pem" -CAkey "$4.key" -set_serial "0x$(openssl rand -hex 15)1" \
            -days "$3" -sha256 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
    fi
}

authority=$'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash'
issued=$'authorityKeyIdentifier=keyid:always,issuer:always'
issue root "/C=GB/O=Example Locks Ltd/OU=Certificate Authority/CN=Example Root CA" 3650 root "$authority"
issue intermediate "/C=GB/O=Example Locks Ltd/CN=Example Issuing CA" 1825 root "$authority"$'\n'"$issued"
issue user "/UID=$user" 90 intermediate "$authority"$'\n'"$issued"
issue leaf "/x500UniqueIdentifier=$(openssl rand -hex 16)" 7 user \
    $'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\n'"$issued"

for name in leaf user intermediate root; do
    openssl x509 -in "$name.pem" -outform der -out "$name.der"
done
openssl pkey -in user.key -pubout -outform der -out user.spki
