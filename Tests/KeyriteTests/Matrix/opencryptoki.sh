#!/bin/sh
# opencryptoki's software token, fresh, behind a p11-kit server: FOLDER/s. Everything it writes and all its processes
# are in namespaces of its own, so that many can run side by side and none outlives this script.
#
#   unshare --mount --ipc --pid --fork --kill-child --mount-proc --propagation private opencryptoki.sh FOLDER LABEL PIN
set -eu

folder=$1 label=$2 pin=$3
# The daemon's socket, its lock files, its shared memory, and the tokens' data.
for place in /run /dev/shm /var/lib/opencryptoki; do mount -t tmpfs tmpfs "$place"; done
mkdir -p /run/lock/opencryptoki/swtok /var/lib/opencryptoki/swtok/TOK_OBJ
chgrp -R pkcs11 /run/lock/opencryptoki /var/lib/opencryptoki
chmod -R 770 /run/lock/opencryptoki /var/lib/opencryptoki
printf 'version opencryptoki-3.1\nslot 3\n{\nstdll = libpkcs11_sw.so\n}\n' >"$folder/opencryptoki.conf"
mount --bind "$folder/opencryptoki.conf" /etc/opencryptoki/opencryptoki.conf

pkcsslotd
tries=0
while [ ! -S /run/pkcsslotd.socket ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { echo "pkcsslotd does not listen" >&2; exit 1; }
    sleep 0.1
done

# A fresh token's PINs are opencryptoki's defaults, and must be changed before they serve.
echo "$label" | pkcsconf -I -c 3 -S 87654321
pkcsconf -P -c 3 -S 87654321 -n 76543210
pkcsconf -u -c 3 -S 76543210 -n 12345678
pkcsconf -p -c 3 -U 12345678 -n "$pin"

exec p11-kit server --foreground --name "$folder/s" \
    --provider "$(ls /usr/lib/*/libopencryptoki.so.0)" pkcs11:
