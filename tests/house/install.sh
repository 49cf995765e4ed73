#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# install.sh [--yes] LIST...: installs the Debian packages of the lists that are missing, after showing
# the command and asking. No service is started by it. What apt says is kept in build/packages.log.
set -euo pipefail
yes=no
if [ "${1:-}" = --yes ]; then
    yes=yes
    shift
fi
cd "$(dirname "$0")/../.."
log=build/packages.log

missing=()
while read -r package; do
    if ! dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then
        missing+=("$package")
    fi
done < <(sed -E 's/#.*//; s/[[:space:]]+//g; /^$/d' "$@" | sort -u)
if [ ${#missing[@]} -eq 0 ]; then
    echo "all present"
    exit 0
fi

echo "${#missing[@]} are missing"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "There is no sudo. Install them as root, then come back:" >&2
        echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
command=("${as_root[@]}" apt-get install --no-install-recommends "${missing[@]}")
printf '%s\n' "${command[*]}" | fold -s -w 96 | sed 's/^/                 /'
if [ "$yes" = no ]; then
    answer=
    read -r -p "Run this now? [y/N] " answer || echo
    if [[ $answer != [yY]* ]]; then
        echo "Nothing was installed. Run it yourself, or come back with --yes." >&2
        exit 1
    fi
fi

# A daemon that comes with a package must not start on this machine because of us.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi

# apt METHOD ARGUMENT...: waits for another apt that is at work, asks nothing.
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 \
        "$@" >>"$log" 2>&1 </dev/null
}
since=$SECONDS
mkdir -p build
: >"$log"
apt update || echo "                 apt-get update failed; going on with the lists there are"
if ! apt install --no-install-recommends "${missing[@]}"; then
    tail -n 15 "$log" >&2
    echo "apt-get failed; the whole log: $log" >&2
    exit 1
fi
echo "                 installed ($((SECONDS - since)) s)"

# They did not start now; the next boot is the owner's to decide.
services=()
for service in prosody kamailio ejabberd; do
    [[ " ${missing[*]} " == *" $service "* ]] && services+=("$service")
done
if [ -d /run/systemd/system ] && [ ${#services[@]} -gt 0 ]; then
    echo "                 to keep Debian from starting them at the next boot:" \
        "systemctl disable ${services[*]}"
fi
