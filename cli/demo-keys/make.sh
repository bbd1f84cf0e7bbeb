#!/usr/bin/env bash
# Makes, with OpenSSL 3.0 or later, the certificates and keys of `lockop demo`, in this folder. They are made up, public,
# and good for nothing else. The RSA keys are thrown away, so nothing more can ever be issued with them.
#
# What a real user has (docs/operation.md §6) is of the same shape, with two certificates more behind these.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# The demo's RSA user, and its clock: 1700000000 is 2023-11-14T22:13:20Z.
user=00000000-0000-4000-8000-00000000a002
user_valid=(-startdate 20231001000000Z -enddate 20231230000000Z)
leaf_valid=(-startdate 20231112000000Z -enddate 20231119000000Z)

for name in user forger; do
    openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out "$name.key"
done
for name in leaf forged-leaf; do
    openssl genpkey -quiet -algorithm ed25519 -out "$name.key"
done

# `openssl x509` cannot set the dates of a certificate before 3.4; `openssl ca` can, and wants a folder of its own.
cat >ca.cnf <<'END'
[ca]
default_ca = here
[here]
new_certs_dir = .
database = index
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
UID = optional
x500UniqueIdentifier = optional
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always,issuer:always
END
touch index

# usage: issue NAME SUBJECT EXTENSIONS OPTIONS...
issue() {
    local name=$1 subject=$2 extensions=$3
    shift 3
    openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr"
    openssl ca -batch -notext -config ca.cnf -extensions "$extensions" -in "$name.csr" -out "$name.crt" "$@"
}

issue user "/UID=$user" authority "${user_valid[@]}" -selfsign -keyfile user.key
# The forger's leaf names the same issuer: an authority of the same name, with another key.
issue forger "/UID=$user" authority "${user_valid[@]}" -selfsign -keyfile forger.key
issue leaf /x500UniqueIdentifier=demo-leaf leaf "${leaf_valid[@]}" -cert user.crt -keyfile user.key
issue forged-leaf /x500UniqueIdentifier=demo-leaf leaf "${leaf_valid[@]}" -cert forger.crt -keyfile forger.key

# usage: publish MADE WHAT FILE
publish() {
    { printf 'MADE UP for lockop demo by make.sh: %s. Public, good for nothing else.\n' "$2"; cat "$1"; } >"$here/$3"
}

publish user.crt "the RSA user's certificate" user.pem
publish leaf.crt "a leaf certificate that the RSA user's key has signed" leaf.pem
publish leaf.key "the private key of leaf.pem" leaf-key.pem
publish forged-leaf.crt "a leaf certificate in the RSA user's name that another key has signed" forged-leaf.pem
publish forged-leaf.key "the private key of forged-leaf.pem" forged-leaf-key.pem
