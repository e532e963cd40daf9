"""``pio run -t otadiff``: what happened to this project's image on its way to the device.

PlatformIO runs this file where ``extra_scripts`` names it. otadiff may be installed anywhere on PATH; it need not share
PlatformIO's Python.
"""

import subprocess
import sys

Import("env")


def diagnose(target, source, env):
    """Compare the image that was built with ``custom_otadiff_received`` and give otadiff's exit status."""
    image = env.subst("$BUILD_DIR/${PROGNAME}.bin")
    received = env.GetProjectOption("custom_otadiff_received", "received.bin")
    try:
        return subprocess.call(["otadiff", "compare", "--", image, received], cwd=env.subst("$PROJECT_DIR"))
    except FileNotFoundError:
        sys.stderr.write("otadiff is not on PATH\n")
        return 2


# No dependencies: a new build would replace the image that was sent, and that is the evidence.
env.AddCustomTarget(
    name="otadiff",
    dependencies=None,
    actions=[diagnose],
    title="Diagnose the transfer",
    description="Say what happened to the image on its way to the device",
)
