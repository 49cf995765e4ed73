#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check-pure.sh LIBRARY...: the pure libraries may call only what is listed here. A name that is
# missing means: this code has begun to do input, output, time or global state. Move it out.
set -eu
allowed='^(abort|calloc|free|malloc|realloc|qsort|bcmp|mem(chr|cmp|cpy|move|set)|str(chr|cmp|len|ncmp|nlen|spn|cspn)'
allowed="$allowed"'|cw_[a-z0-9_]+|xml[A-Za-z0-9]+|__stack_chk_fail|__mem(cpy|move|set)_chk'
allowed="$allowed"'|__(asan|ubsan|tsan|msan|sanitizer|sancov|gcov)_[a-z0-9_]+|_GLOBAL_OFFSET_TABLE_)$'
# libunistring and libidn2: tables and arithmetic on text (translate/jid_prep).
allowed="$allowed"'|^(u32_[a-z]+|uc_[a-z_]+|UC_CATEGORY_[A-Za-z]+|uninorm_nf[kcd]+|idn2_[a-z0-9_]+)$'
# OpenSSL: reading a certificate and computing a key; no connection (edge/peer_cert, edge/dialback).
allowed="$allowed"'|^(ASN1_(STRING|TIME)_[a-z0-9_]+|CRYPTO_(free|memcmp)|EVP_(Digest|sha256)|HMAC|i2d_X509_PUBKEY'
allowed="$allowed"'|(EXTENDED_KEY_USAGE|GENERAL_NAMES)_free|OBJ_[a-z0-9_]+|OPENSSL_sk_(num|value)|X509_(cmp_time|get[a-zA-Z0-9_]+))$'
# jansson: a document in memory and what is in it (gateway/lync_json).
allowed="$allowed"'|^json_(loadb|delete|object_[a-z_]+|array_(size|get)|string_(value|length)|integer_value)$'
stray=$(nm --undefined-only "$@" | awk '$1 == "U" { print $2 }' | sort -u | grep -Ev "$allowed" || true)
if [ -n "$stray" ]; then
    printf 'not pure:\n%s\n' "$stray" >&2
    exit 1
fi
