"""Facts -> findings. One file a fault under ``faults``, its explanation beside its detector; one order between them."""
