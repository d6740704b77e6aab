"""Writes what the program is made of as CycloneDX 1.5: `cargo metadata ... | sbom.py Cargo.lock`.

cargo-cyclonedx writes into the source, and a serial number that is another each time.
"""

import datetime
import json
import os
import re
import sys
from pathlib import Path

metadata = json.load(sys.stdin)
lock = Path(sys.argv[1]).read_text()
pattern = r'name = "([^"]+)"\nversion = "([^"]+)"\nsource = "[^"]+"\nchecksum = "([0-9a-f]{64})"'
checksums = {(name, version): checksum for name, version, checksum in re.findall(pattern, lock)}
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}


def below(identity):
    """What a package is compiled with; tests need more."""
    wanted = lambda kinds: any(kind["kind"] != "dev" for kind in kinds)
    return sorted(it["pkg"] for it in nodes[identity]["deps"] if wanted(it["dep_kinds"]))


def reference(identity):
    """The package's URL (purl)."""
    package = packages[identity]
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(identity):
    """A package as CycloneDX describes it."""
    package = packages[identity]
    found = {
        "type": "library",
        "bom-ref": reference(identity),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(identity),
    }
    if package["license"]:
        found["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if checksum := checksums.get((package["name"], package["version"])):
        found["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return found


root = metadata["resolve"]["root"]
reached, waiting = set(), [root]
while waiting:
    identity = waiting.pop()
    if identity not in reached:
        reached.add(identity)
        waiting += below(identity)
reached = sorted(reached, key=reference)
epoch = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
document = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "version": 1,
    "metadata": {
        "timestamp": epoch.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "component": {**component(root), "type": "application"},
        "properties": [{"name": "certctl:commit", "value": os.environ["CERTCTL_COMMIT"]}],
    },
    "components": [component(identity) for identity in reached if identity != root],
    "dependencies": [
        {"ref": reference(identity), "dependsOn": sorted(map(reference, below(identity)))} for identity in reached
    ],
}
print(json.dumps(document, indent=1, sort_keys=True))
