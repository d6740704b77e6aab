"""Judge: zlint, over one certificate at a time; errors and warnings count."""

import json
import subprocess
import sys

# For certificates that browsers, mail programs or European law trust, which a cluster's are not.
FOREIGN_SOURCES = "Apple,CABF_EV,CABF_SMIME_BR,ETSI_ESI,Mozilla"

# Of the public web's Baseline Requirements, what a PKI of one's own has no reason to keep.
EXEMPT = {
    "names that only the cluster resolves, and addresses that only it routes": [
        "e_dnsname_not_valid_tld",
        "e_ext_san_contains_reserved_ip",
    ],
    "Ed25519 (RFC 8410), which the web's authorities do not issue yet": [
        "e_algorithm_identifier_improper_encoding",
        "e_signature_algorithm_not_supported",
    ],
    "a company's name in every CA": [
        "e_ca_country_name_missing",
        "e_ca_organization_name_missing",
    ],
    "policies, whose object identifiers a company would have to own": [
        "e_sub_ca_certificate_policies_missing",
        "e_sub_cert_cert_policy_empty",
        "e_sub_cert_certificate_policies_missing",
    ],
    "a public place for CRLs, OCSP and the issuer's certificate": [
        "e_sub_ca_crl_distribution_points_missing",
        "e_sub_cert_aia_does_not_contain_ocsp_url",
        "e_sub_cert_aia_missing",
        "w_sub_ca_aia_does_not_contain_issuing_ca_url",
        "w_sub_ca_aia_missing",
        "w_sub_cert_aia_does_not_contain_issuing_ca_url",
    ],
    "a leaf's basicConstraints critical, and no common name: RFC 5280 leaves both free": [
        "e_sub_cert_basic_constraints_not_critical",
        "w_subject_common_name_included",
    ],
}

files = [line.rstrip("\n").split("\t")[1] for line in sys.stdin]
exempt = ",".join(rule for rules in EXEMPT.values() for rule in rules)
command = ["zlint", "-excludeSources", FOREIGN_SOURCES, "-excludeNames", exempt, *files]
for report in subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.splitlines():
    results = json.loads(report).items()
    found = [rule for rule, result in results if result["result"] in ("warn", "error", "fatal")]
    print("no: " + " ".join(found) if found else "ok")
