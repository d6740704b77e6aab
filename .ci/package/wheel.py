"""Writes a wheel that holds the program, its manual and nothing of Python: wheel.py TREE VERSION ARCH README OUT.

maturin would want a pyproject.toml beside Cargo.toml, and compile once more.
"""

import base64
import hashlib
import os
import sys
import time
import zipfile
from pathlib import Path

tree, version, arch, readme, out = sys.argv[1:]
# No C library is asked for, so that every one will do.
tags = [f"py3-none-{system}_{arch}" for system in ("manylinux2014", "musllinux_1_1")]
info = f"certctl-{version}.dist-info"
data = f"certctl-{version}.data"
instant = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]

files = {f"{data}/scripts/certctl": (0o755, Path(tree, "usr/bin/certctl").read_bytes())}
for page in sorted(Path(tree, "usr/share/man").rglob("*.gz")):
    files[f"{data}/data/{page.relative_to(Path(tree, 'usr'))}"] = (0o644, page.read_bytes())
files[f"{info}/METADATA"] = (
    0o644,
    f"""Metadata-Version: 2.1
Name: certctl
Version: {version}
Summary: Takes a database cluster from no TLS to mutual TLS, and keeps it there
License: MIT OR Apache-2.0
Keywords: tls,x509,pki,certificate,cluster
Requires-Python: >=3.8
Description-Content-Type: text/markdown

{Path(readme).read_text()}""".encode(),
)
wheel = ["Wheel-Version: 1.0", "Generator: certctl .ci/release", "Root-Is-Purelib: false"]
wheel += [f"Tag: {tag}" for tag in tags]
files[f"{info}/WHEEL"] = (0o644, "".join(line + "\n" for line in wheel).encode())


def digest(octets):
    """The hash as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(octets).digest()).rstrip(b"=").decode()


record = [f"{name},sha256={digest(octets)},{len(octets)}\n" for name, (_, octets) in files.items()]
files[f"{info}/RECORD"] = (0o644, "".join([*record, f"{info}/RECORD,,\n"]).encode())

platforms = ".".join(tag.removeprefix("py3-none-") for tag in tags)
with zipfile.ZipFile(Path(out, f"certctl-{version}-py3-none-{platforms}.whl"), "w") as archive:
    for name, (mode, octets) in files.items():
        entry = zipfile.ZipInfo(name, instant)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = 3
        entry.external_attr = (0o100000 | mode) << 16
        archive.writestr(entry, octets)
