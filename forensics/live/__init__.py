"""Transfers over Bluetooth LE by bleak, recorded into a journal that is evidence like any capture.

Only this package imports bleak, which the extra ``live`` installs.
"""
