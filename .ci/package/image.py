"""Writes an OCI image (image-spec 1.0) of one layer that holds only the program: image.py TREE VERSION ARCH OUT.

The file is a tar of an OCI layout, as `skopeo copy oci-archive:FILE` and `podman load -i FILE` take it. It is written
here because nothing that an engine adds, such as the time of day, is the same the next time.
"""

import gzip
import hashlib
import io
import json
import os
import sys
import tarfile
import time
from pathlib import Path

tree, version, arch, out = sys.argv[1:]
epoch = int(os.environ["SOURCE_DATE_EPOCH"])
created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch))


def entry(name, size=0, mode=0o644, kind=tarfile.REGTYPE):
    """A member of a tar: root's, from the time of the commit."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.type, info.mtime = size, mode, kind, epoch
    return info


def layer():
    """The root file system: the program, and a folder to mount over, in which it works."""
    program = Path(tree, "usr/bin/certctl").read_bytes()
    octets = io.BytesIO()
    with tarfile.open(fileobj=octets, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(entry("certctl", len(program), 0o755), io.BytesIO(program))
        archive.addfile(entry("data", mode=0o755, kind=tarfile.DIRTYPE))
    return octets.getvalue()


blobs = {}


def blob(kind, octets):
    """Keeps octets under their hash, and says how others refer to them."""
    digest = hashlib.sha256(octets).hexdigest()
    blobs[f"blobs/sha256/{digest}"] = octets
    return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(octets)}


def written(document):
    """JSON, always the same."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


plain = layer()
packed = blob("layer.v1.tar+gzip", gzip.compress(plain, 9, mtime=0))
labels = {
    "org.opencontainers.image.title": "certctl",
    "org.opencontainers.image.version": version,
    "org.opencontainers.image.revision": os.environ["CERTCTL_COMMIT"],
    "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
}
config = blob(
    "config.v1+json",
    written(
        {
            "architecture": arch,
            "os": "linux",
            "created": created,
            "config": {"Entrypoint": ["/certctl"], "WorkingDir": "/data", "Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(plain).hexdigest()}"]},
            "history": [{"created": created, "created_by": ".ci/release"}],
        }
    ),
)
manifest = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": config,
    "layers": [packed],
    "annotations": labels,
}
reference = blob("manifest.v1+json", written(manifest))
reference["annotations"] = {"org.opencontainers.image.ref.name": version}
index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [reference]}
blobs["index.json"] = written(index)
blobs["oci-layout"] = written({"imageLayoutVersion": "1.0.0"})

with tarfile.open(Path(out, f"certctl-{version}-linux-{arch}.oci.tar"), "w", format=tarfile.USTAR_FORMAT) as archive:
    for name in sorted(blobs):
        archive.addfile(entry(name, len(blobs[name])), io.BytesIO(blobs[name]))
