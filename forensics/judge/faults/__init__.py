"""The detectors of faults that bytes show: one module a fault, named like its slug."""
