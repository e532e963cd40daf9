"""bleak's scanner over a bumble central."""

from __future__ import annotations

from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Device

from forensics.live.virtual.gatt import uuid_text

_SERVICE_LISTS = (
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
)


def scanner_class(central: Device) -> type[BaseBleakScanner]:
    """A class for ``BleakScanner(backend=...)`` that hears what ``central``, powered on, hears."""

    class VirtualScanner(BaseBleakScanner):
        """Feeds bleak with bumble's advertisements."""

        def __init__(
            self,
            detection_callback: AdvertisementDataCallback | None,
            service_uuids: list[str] | None,
            scanning_mode: str,
            **_options: object,
        ) -> None:
            super().__init__(detection_callback, service_uuids)
            self._active = scanning_mode == "active"

        async def start(self) -> None:
            self.seen_devices = {}
            central.on(Device.EVENT_ADVERTISEMENT, self._heard)
            await central.start_scanning(active=self._active, filter_duplicates=False)

        async def stop(self) -> None:
            await central.stop_scanning()
            central.remove_listener(Device.EVENT_ADVERTISEMENT, self._heard)

        def _heard(self, advertisement: Advertisement) -> None:
            data = _advertisement_data(advertisement)
            if not self.is_allowed_uuid(data.service_uuids):
                return
            address = advertisement.address.to_string(False)
            device = self.create_or_update_device(address, address, data.local_name, advertisement.address, data)
            self.call_detection_callbacks(device, data)

    return VirtualScanner


def _advertisement_data(advertisement: Advertisement) -> AdvertisementData:
    data = advertisement.data
    name = data.get(AdvertisingData.COMPLETE_LOCAL_NAME) or data.get(AdvertisingData.SHORTENED_LOCAL_NAME)
    lists = (data.get(place) for place in _SERVICE_LISTS)
    uuids = [uuid_text(uuid) for found in lists if isinstance(found, list) for uuid in found]
    return AdvertisementData(
        local_name=None if name is None else str(name),
        manufacturer_data={},
        service_data={},
        service_uuids=uuids,
        tx_power=None,
        rssi=advertisement.rssi,
        platform_data=(advertisement,),
    )
