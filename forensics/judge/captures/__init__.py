"""What a capture of the link, or a damaged log of the writes, says of a transfer and of itself."""
