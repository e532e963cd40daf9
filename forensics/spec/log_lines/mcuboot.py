"""Lines of MCUboot on ESP32 and of Zephyr's and NuttX's boots with it; other text may stand before them.

Source: mcuboot ``boot/bootutil/src/loader.c`` and ``bootutil_public.c``, ``boot/espressif/main.c``,
``boot/espressif/hal/src/esp_loader.c`` and ``boot/zephyr/main.c``.
"""

from __future__ import annotations

from forensics.model.finding import Where
from forensics.spec.log_lines.template import Meaning, event, meaning

LINES = (
    event("mcuboot_started", "Booting MCUboot build {version:text}", anywhere="MCUboot"),
    event("mcuboot_swap", "Swap type: revert", "mcuboot-revert", anywhere="Swap type", swap="revert"),
    event("mcuboot_swap", "Swap type: {swap:w}", anywhere="Swap type"),
    event("mcuboot_refused", "Image in the secondary slot is not valid!", "mcuboot-secondary", anywhere="slot is not valid"),
    event("mcuboot_refused", "Image in the primary slot is not valid!", "mcuboot-primary", anywhere="slot is not valid"),
    event("mcuboot_refused", "Unable to find bootable image", "mcuboot-none", anywhere="find bootable image"),
    event("mcuboot_refused", "Load header magic verification failed. Aborting", "mcuboot-load-header", anywhere="Aborting"),
    event(
        "mcuboot_refused",
        "{region:w} region in load header is not valid. Aborting",
        "mcuboot-load-header",
        anywhere="Aborting",
    ),
    event("mcuboot_refused", "Cannot upgrade: {reason:text}", "mcuboot-slots", anywhere="Cannot upgrade"),
    event("mcuboot_loading", "Loading image {image:d} - slot {slot:d} from flash", anywhere="Loading image"),
    event("mcuboot_segment", "DRAM segment: start=0x{start:x}, size=0x{size:x}, vaddr=0x{vaddr:x}", anywhere="AM segment"),
    event("mcuboot_segment", "IRAM segment: start=0x{start:x}, size=0x{size:x}, vaddr=0x{vaddr:x}", anywhere="AM segment"),
    event("app_loaded", "br_image_off = 0x{address:x}", anywhere="br_image_off"),
    event("app_loaded", "Bootloader chainload address offset: 0x{address:x}", anywhere="chainload"),
)

MEANINGS: dict[str, Meaning] = {
    "mcuboot-revert": meaning("no-bootable-app", Where.DEVICE,
        "the bootloader (MCUboot) goes back to the previous image: the new one ran once and did not confirm itself",
        "Look at why the new app did not call boot_write_img_confirmed (a crash, a failed self-test, a missing call).",
        notes=("the transfer was fine: MCUboot had checked the image before it first started it",)),
    "mcuboot-secondary": meaning("digest-failed", Where.FILE,
        "the bootloader (MCUboot) refused the image in the secondary slot: hash, signature or header",
        "Compare the slot with the file that was sent, and the key it was signed with (imgtool verify) with MCUboot's.",
        where=Where.UNKNOWN, notes=("MCUboot erases the slot, and the old image keeps running",)),
    "mcuboot-primary": meaning("no-bootable-app", Where.FILE,
        "the bootloader (MCUboot) refused the image in the primary slot: hash, signature or header",
        "Flash a signed image into the primary slot by cable.",
        where=Where.UNKNOWN),
    "mcuboot-none": meaning("no-bootable-app", Where.FILE,
        "the bootloader (MCUboot) found no image that it may start",
        "Flash a signed image (zephyr.signed.bin, not zephyr.bin) at the address of the primary slot.",
        where=Where.UNKNOWN),
    "mcuboot-load-header": meaning("not-an-app-image", Where.FILE,
        "the image passed MCUboot's check, but no valid ESP32 load header follows MCUboot's own",
        "Build the app for MCUboot (imgtool with --header-size 0x20 and the load header), not as an image of ESP-IDF."),
    "mcuboot-slots": meaning("update-refused", Where.DEVICE,
        "the bootloader (MCUboot) cannot swap the slots: {reason:.60}",
        "Make both slots equal in size and in sectors, in the devicetree or sysflash of MCUboot and app."),
}  # fmt: skip
