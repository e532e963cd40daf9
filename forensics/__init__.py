"""otadiff: what happened to ESP32 firmware that was sent over Bluetooth LE."""
