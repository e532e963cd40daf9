"""The lines of device logs, a module a dialect; ``dialects`` lists them all, and few programs need them all."""
