"""``otadiff live``: the commands that use Bluetooth LE. Only they need the extra ``live``."""
