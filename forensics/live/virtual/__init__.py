"""A virtual ESP32 over Bluetooth LE without a radio: what it takes is the extra ``otadiff[virtual]``."""
