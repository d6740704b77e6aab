"""Judge: pkilint's RFC 5280 rules, over one certificate at a time; errors and warnings count."""

import re
import sys

from pkilint import loader
from pkilint.pkix import certificate, extension, name
from pkilint.validation import ValidationFindingSeverity

# Nodes of one cluster call each other `node1` and `localhost`. RFC 5280 §4.2.1.6 takes such names
# (it asks for the "preferred name syntax" of RFC 1034 §3.5, which one label satisfies); pkilint
# wants at least two, as the public web does.
SINGLE_LABEL = re.compile(r'Invalid domain name syntax: "[A-Za-z0-9-]+"')

RULES = certificate.create_pkix_certificate_validator_container(
    certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
    [
        certificate.create_issuer_validator_container([]),
        certificate.create_validity_validator_container(),
        certificate.create_subject_validator_container([]),
        certificate.create_extensions_validator_container([]),
        certificate.create_spki_validator_container([]),
    ],
)


def exempt(finding):
    code = finding.finding.code == "pkix.invalid_domain_name_syntax"
    return code and SINGLE_LABEL.fullmatch(finding.message or "")


def lint(file):
    with open(file) as stream:
        first, end, _ = stream.read().partition("-----END CERTIFICATE-----\n")
    document = loader.load_pem_certificate(first + end, file)
    for result in RULES.validate(document.root):
        for finding in result.finding_descriptions:
            if finding.finding.severity <= ValidationFindingSeverity.WARNING and not exempt(finding):
                yield f"{finding.finding.code} {finding.message or ''}"


for line in sys.stdin:
    _, path = line.rstrip("\n").split("\t")
    findings = "; ".join(lint(path))
    print(f"no: {findings}" if findings else "ok")
