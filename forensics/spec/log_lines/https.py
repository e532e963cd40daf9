"""Lines of a download over HTTP or HTTPS: ``esp_https_ota``, ``HTTP_CLIENT``, ``esp-tls``, mbedTLS, and curl.

Source: ESP-IDF ``components/esp_https_ota``, ``components/esp_http_client``, ``components/esp-tls``,
``components/tcp_transport``; arduino-esp32 ``libraries/NetworkClientSecure/src/ssl_client.cpp``; curl's exit codes.
"""

from __future__ import annotations

from forensics.model.finding import Certainty, Where
from forensics.spec.log_lines.template import Meaning, event, meaning

_CERTIFICATE = (
    ("The certificate validity has expired", "tls-clock"),
    ("The certificate validity starts in the future", "tls-clock"),
    ("The certificate Common Name (CN) does not match with the expected CN", "tls-name"),
    ("The certificate is not correctly signed by the trusted CA", "tls-certificate"),
)

TLS = (
    event("tls_failed", "mbedtls_ssl_handshake returned -0x2700", "tls-certificate", error=0x2700),
    event("tls_failed", "mbedtls_ssl_handshake returned -0x7F00", "no-memory", error=0x7F00),
    event("tls_failed", "mbedtls_ssl_handshake returned -0x7f00", "no-memory", error=0x7F00),
    event("tls_failed", "mbedtls_ssl_handshake returned -0x7780", "tls-alert", error=0x7780),
    event("tls_failed", "mbedtls_ssl_handshake returned -0x{error:x}", "tls-handshake"),
    event("tls_failed", "X509 - Certificate verification failed", "tls-certificate", anywhere="X509 - "),
    event("tls_failed", "Failed to verify peer certificate!", "tls-certificate"),
    *(event("tls_failed", f"verification info: ! {reason}", means) for reason, means in _CERTIFICATE),
    event("tls_failed", "No server verification option set in esp_tls_cfg_t structure", "tls-no-option"),
    event("tls_failed", "Server certificate not found in esp_http_client config", "tls-no-option"),
    event("tls_failed", "No option for server verification is enabled in esp_http_client config", "tls-no-option"),
)

CONNECTION = (
    event("http_failed", "couldn't get hostname for :{host:w}", "http-host"),
    event("http_failed", "[sock={socket:d}] select() timeout", "not-connected"),
    event("http_failed", "[sock={socket:d}] delayed connect error: {reason:text}", "not-connected"),
    event("http_failed", "[sock={socket:d}] connect() error: {reason:text}", "not-connected"),
    event("http_failed", "Failed to open new connection", "not-connected"),
    event("http_failed", "Connection failed, sock < 0", "not-connected"),
    event("http_failed", "Failed to open HTTP connection: ESP_ERR_{name:w}", "not-connected"),
    event("http_failed", "URL redirection Failed", "http-redirect"),
    event("http_failed", "File not found({status:d})", "http-status"),
    event("http_failed", "Client error ({status:d})", "http-status"),
    event("http_failed", "Server error ({status:d})", "http-status"),
    event("http_failed", "Received incorrect http status {status:d}", "http-status"),
    event("http_failed", "Got {status:d} status code from server", "http-status"),
)

READS = (
    event("http_read_failed", "Connection closed, errno = {errno:d}", "cut-off"),
    event("http_read_failed", "data read {result:d}, errno 11", "stalled", errno=11),
    event("http_read_failed", "data read -26880, errno {errno:d}", "stalled", result=-26880),
    event("http_read_failed", "data read {result:d}, errno {errno:d}", "cut-off"),
    event("http_read_failed", "esp_transport_read returned:{result:d} and errno:11", "http-stalled", errno=11),
    event("http_read_failed", "esp_transport_read returned:{result:d} and errno:{errno:d}"),
    event("http_read_failed", "Connection timed out before data was ready!", "http-stalled"),
    event("http_read_failed", "Complete data was not received.", "cut-off"),
)

BEGIN = (
    event("ota_refused", "Passive OTA partition not found", "no-slot"),
    event("ota_refused", "Couldn't allocate memory to upgrade data buffer", "no-memory"),
    event("ota_failed", "ESP HTTPS OTA Begin failed"),
    event("ota_failed", "image header verification failed"),
    event("ota_failed", "ESP_HTTPS_OTA upgrade failed..."),
)

CURL = (
    event("curl_failed", "curl: (7) {reason:text}", "not-connected", code=7),
    event("curl_failed", "curl: (22) The requested URL returned error: {status:d}", "http-status", code=22),
    event("curl_failed", "curl: (28) {reason:text}", "stalled", code=28),
    event("curl_failed", "curl: (52) {reason:text}", "curl-answer", code=52),
    event("curl_failed", "curl: (56) {reason:text}", "curl-answer", code=56),
    event("curl_failed", "curl: ({code:d}) {reason:text}", "curl"),
)

LINES = (*TLS, *CONNECTION, *READS, *BEGIN, *CURL)

_ANY_CONNECTION = ("esp-tls does not say for which connection: MQTT and others print the same",)

MEANINGS: dict[str, Meaning] = {
    "http-stalled": meaning("link-lost", Where.SENDER,
        "the download stalled: no data came from the server in time",
        "Look at server and network at that moment, and let the device go on with a range request or try again.",
        where=Where.AIR, certainty=Certainty.LIKELY),
    "tls-certificate": meaning("link-lost", Where.DEVICE,
        "the device does not trust the certificate of the server (mbedTLS -0x2700)",
        "Give the device the root certificate of that server, or attach esp_crt_bundle; set its clock before.",
        certainty=Certainty.LIKELY, notes=_ANY_CONNECTION),
    "tls-clock": meaning("link-lost", Where.DEVICE,
        "by the clock of the device, the server's certificate is not valid yet or no more",
        "Set the clock (SNTP) before the download; if it is right, renew the certificate.",
        certainty=Certainty.LIKELY, notes=_ANY_CONNECTION),
    "tls-name": meaning("link-lost", Where.DEVICE,
        "the certificate of the server is for another name than the address that was asked",
        "Use the name of the certificate in the address, or set skip_cert_common_name_check for a test.",
        certainty=Certainty.LIKELY, notes=_ANY_CONNECTION),
    "tls-alert": meaning("link-lost", Where.SENDER,
        "the server ended the TLS handshake with an alert (mbedTLS -0x7780)",
        "Look at the server's log: most often protocol version, cipher, server name (SNI) or client certificate.",
        where=Where.UNKNOWN, certainty=Certainty.LIKELY, notes=_ANY_CONNECTION),
    "tls-handshake": meaning("link-lost", Where.DEVICE,
        "the TLS handshake with the server failed (mbedTLS -{error:#x})",
        "Look the number up with mbedtls_strerror, and check the server, its certificate and the link.",
        where=Where.UNKNOWN, certainty=Certainty.LIKELY, notes=_ANY_CONNECTION),
    "tls-no-option": meaning("link-lost", Where.DEVICE,
        "the download was set up without a way to verify the server, so it never began",
        "Set cert_pem or crt_bundle_attach in esp_http_client_config_t."),
    "http-host": meaning("link-lost", Where.DEVICE,
        "the device could not resolve the name {host}",
        "Check the name and the DNS server that the device uses.",
        where=Where.UNKNOWN, certainty=Certainty.LIKELY, notes=_ANY_CONNECTION),
    "http-redirect": meaning("link-lost", Where.DEVICE,
        "the server sent the device to another address, and that failed",
        "Use the final address, and a transmit buffer (buffer_size_tx) that holds it."),
    "curl-answer": meaning("link-lost", Where.DEVICE,
        "the device closed the connection during the upload: {reason:.50}",
        "Read the device's own log: a restart or a refusal of the image looks like this from outside.",
        where=Where.UNKNOWN,
        certainty=Certainty.LIKELY,
        notes=("a device that restarts at once after a good update closes the connection, too",)),
    "curl": meaning("link-lost", Where.SENDER,
        "curl gave up (code {code}): {reason:.60}",
        "Look the code up in curl's manual, section exit codes."),
}  # fmt: skip
