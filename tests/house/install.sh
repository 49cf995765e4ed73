#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# install.sh [--yes] LIST...: installs the Debian packages of the lists that are missing, after showing
# the command and asking. No service is started by it.
set -euo pipefail
yes=no
if [ "${1:-}" = --yes ]; then
    yes=yes
    shift
fi

missing=()
while read -r package; do
    if ! dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then
        missing+=("$package")
    fi
done < <(sed -E 's/#.*//; s/[[:space:]]+//g; /^$/d' "$@")
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "missing packages, and no sudo. As root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "to install: ${as_root[*]} apt-get install --no-install-recommends ${missing[*]}"
if [ "$yes" = no ]; then
    read -r -p "install them now? [y/N] " answer
    [[ $answer == [yY]* ]] || { echo "nothing was installed" >&2; exit 1; }
fi

# A daemon that comes with a package must not start on this machine because of us.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi
install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends "${missing[@]}" >/dev/null
}
"${as_root[@]}" apt-get update -qq
install
