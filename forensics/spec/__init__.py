"""Facts about images, chips and logs, each with its source."""
