"""Text that shows bytes: dumps, lists and logs. One file a form."""
