#!/bin/bash
# Boots Debian's stock kernel in qemu on this machine's own files, read-only, and runs init.sh in it.
#
#   boot.sh REPOSITORY PYTHON KERNEL
#
# KERNEL is a folder into which a linux-image package was unpacked (see tests/live/test_real_bluez.py).
set -eu
repository=$(realpath "$1") python=$(realpath -s "$2") kernel=$(realpath "$3")
release=$(ls "$kernel/lib/modules" | head -1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/root/bin" "$work/root/modules" "$work/root/mnt"
cp "$(command -v busybox)" "$work/root/bin/busybox"
number=100
for module in virtio_pci 9p 9pnet_virtio overlay hci_vhci ecdh_generic cmac ecb algif_hash algif_skcipher virtio_rng; do
  modprobe -n --show-depends -d "$kernel" -S "$release" "$module" | awk '$1 == "insmod" { print $2 }'
done | awk '!seen[$0]++' | while read -r file; do
  cp "$file" "$work/root/modules/$number-$(basename "$file")"
  number=$((number + 1))
done

cat >"$work/root/init" <<'I'
#!/bin/busybox sh
for module in /modules/*.ko; do /bin/busybox insmod "$module"; done
/bin/busybox mkdir -p /proc /dev /lower /rw /new
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose host /lower
/bin/busybox mount -t tmpfs rw /rw
/bin/busybox mkdir /rw/upper /rw/work
/bin/busybox mount -t overlay -o lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work overlay /new
for word in $(/bin/busybox cat /proc/cmdline); do case $word in repository=*) eval "$word" ;; esac; done
/bin/busybox umount /proc
exec /bin/busybox switch_root /new "$repository/tests/live/guest/init.sh"
I
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd"

qemu-system-x86_64 -M q35 -accel tcg,thread=multi -cpu max -smp 2 -m 2048 \
  -nographic -no-reboot -nodefaults -serial stdio -monitor none \
  -kernel "$kernel/boot/vmlinuz-$release" -initrd "$work/initrd" -device virtio-rng-pci \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
  -append "console=ttyS0 quiet mitigations=off loglevel=3 panic=-1 random.trust_cpu=on repository=$repository python=$python" \
  </dev/null | tee "$work/console"
exit "$(grep -oE 'GUEST_STATUS=[0-9]+' "$work/console" | cut -d= -f2 || echo 99)"
