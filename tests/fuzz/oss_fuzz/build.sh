#!/bin/bash -eu
# Builds a fuzzer for each target, as OSS-Fuzz runs it in its Python base image with the clone as the working folder.
pip3 install .
names=$(python3 -c "from tests.fuzz.targets import TARGETS; print(*(target.name for target in TARGETS))")
for name in $names; do
    cp tests/fuzz/oss_fuzz/fuzz_target.py "fuzz_$name.py"
    compile_python_fuzzer "fuzz_$name.py" --collect-all forensics --collect-submodules tests.fuzz --collect-submodules tests.captures
done
