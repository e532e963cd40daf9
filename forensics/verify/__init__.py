"""The device's own checks over an image, and the lines it prints."""
