"""(sent, received) -> Alignment: the story of the received bytes, proven before it is told.

Strictly pairwise. Knows bytes and chunk plans, nothing of ESP32, BLE or blame.
"""
