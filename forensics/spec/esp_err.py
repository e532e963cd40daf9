"""Result codes of the verifier (``esp_err_t``).

Source: components/esp_common/include/esp_err.h and esp_image_format.h, ESP-IDF v5.4.
"""

from __future__ import annotations

ESP_OK = 0
ESP_FAIL = -1
ESP_ERR_NO_MEM = 0x101
ESP_ERR_INVALID_ARG = 0x102
ESP_ERR_INVALID_SIZE = 0x104
ESP_ERR_IMAGE_INVALID = 0x2002
