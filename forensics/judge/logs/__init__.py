"""What the device's log shows."""
