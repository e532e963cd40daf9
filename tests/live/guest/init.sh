#!/bin/bash
# The first process of the guest: the system's bus, a virtual adapter with the virtual ESP32 on it, bluetoothd, the session.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root PYTHONDONTWRITEBYTECODE=1
mount -t proc proc /proc 2>/dev/null
mount -t sysfs sys /sys 2>/dev/null
mount -t devtmpfs dev /dev 2>/dev/null
for word in $(cat /proc/cmdline); do case $word in repository=* | python=*) eval "$word" ;; esac; done
for folder in /run /var/lib/bluetooth /var/tmp; do mount -t tmpfs tmpfs "$folder"; done
ip link set lo up 2>/dev/null
mkdir -p /run/dbus
cd "$repository" || exit

finish() {
  if [ "$1" != 0 ]; then tail -40 /run/bluetoothd.log /run/peripheral.log 2>/dev/null; fi
  echo "GUEST_STATUS=$1"
  sync
  exec busybox poweroff -f
}

dbus-daemon --system --fork || finish 91
"$python" -m tests.live.guest.peripheral /run/ready >/run/peripheral.log 2>&1 &
for _ in $(seq 900); do [ -e /run/ready ] && break; sleep 0.1; done
[ -e /run/ready ] || finish 92
echo "peripheral is advertising after $(cut -d' ' -f1 /proc/uptime) s"
/usr/libexec/bluetooth/bluetoothd -n >/run/bluetoothd.log 2>&1 &
for _ in $(seq 300); do bluetoothctl show 2>/dev/null | grep -q 'Powered: yes' && break; sleep 0.2; done
echo "bluetoothd $(bluetoothd -v) is ready after $(cut -d' ' -f1 /proc/uptime) s"
timeout 300 "$python" -m tests.live.guest.session
finish $?
