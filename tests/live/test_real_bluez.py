"""The same sender over a real bluetoothd and a real kernel, in a guest: nothing of bleak is replaced."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KERNEL = "OTADIFF_GUEST_KERNEL"
TOOLS = ("qemu-system-x86_64", "busybox", "cpio", "modprobe", "bluetoothctl", "dbus-daemon")

HOW = f"""needs a guest (qemu alone, no KVM): install qemu-system-x86 busybox-static cpio kmod bluez dbus, then
mkdir kernel && cd kernel && apt-get download linux-image-6.1.0-56-amd64 && dpkg-deb -x linux-image-*.deb . &&
depmod -b . $(ls lib/modules) && cd .. && {KERNEL}=$PWD/kernel pytest -m e2e_bluez tests/live"""


@pytest.mark.e2e_bluez
def test_an_update_over_a_real_bluetoothd() -> None:
    kernel = os.environ.get(KERNEL)
    missing = [tool for tool in TOOLS if shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None]
    if kernel is None or missing:
        pytest.skip(f"{', '.join(missing) or KERNEL} not there; {HOW}")
    boot = ROOT / "tests" / "live" / "guest" / "boot.sh"
    done = subprocess.run(
        ["bash", str(boot), str(ROOT), sys.executable, kernel], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
    assert "outcome accepted" in done.stdout
