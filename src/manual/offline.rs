//! `certctl-offline-root(7)`: a root whose key lies on a stick, from the first day to renewals.

use super::{section, title, verbatim};

/// A heading, what stands below it, and the commands.
type Chapter = (&'static str, &'static str, &'static [&'static str]);

/// Writes the page in roff.
pub(super) fn page() -> String {
    let mut page = title(
        "certctl-offline-root",
        "7",
        "a root CA whose key is kept apart",
    );
    section(
        &mut page,
        "DESCRIPTION",
        "Whoever has a root's key can be anybody. So it is kept where no network reaches: on a stick with a PKI \
         directory of its own, below called stick, on a file system that knows modes. The PKI directory in daily \
         use has an intermediate, issuing, and knows the root without its key. What stands here works for the root \
         of a company as well, whose certificate is a file and whose owner signs the request.",
    );
    for (heading, about, commands) in CHAPTERS {
        section(&mut page, heading, about);
        verbatim(&mut page, commands.iter().copied());
    }
    section(
        &mut page,
        "SEE ALSO",
        "certctl-init-ca(1), certctl-init-intermediate(1), certctl-sign(1), certctl-install(1), certctl-crl(1), \
         certctl-passphrase(1)",
    );
    page.to_roff()
}

const CHAPTERS: &[Chapter] = &[
    (
        "THE FIRST DAY",
        "Where the stick is, make the root; on a terminal its passphrase is asked for where no file has it:",
        &["certctl --dir stick init-ca root --encrypt --passphrase-file pass"],
    ),
    (
        "THE INTERMEDIATE",
        "In daily use, take the root in without its key, make the key of the intermediate and its request, and carry \
         the request to the stick:",
        &[
            "certctl init-ca root --cert stick/ca/root/cert.pem",
            "certctl init-intermediate issuing --request",
            "cp pki/ca/issuing/request.csr stick/issuing.csr",
        ],
    ),
    (
        "ITS SIGNATURE",
        "Where the stick is, sign it; in daily use, put the answer beside the key. From then on entries are made \
         without the root:",
        &[
            "certctl --dir stick sign stick/issuing.csr --profile intermediate --name issuing --passphrase-file pass",
            "certctl install ca/issuing stick/ca/issuing/cert.pem",
            "certctl issue node1",
        ],
    ),
    (
        "REVOCATION LISTS",
        "Each CA signs its own. That of the root says which intermediates were revoked, and may live longer than \
         the others. Once it is installed in daily use, pki/ca/root/crl-bundle.pem has both, as servers want them; \
         `certctl crl --all` and `certctl renew --all` say when the next one has to come from the stick, and end \
         with 3. With `--ahead 12 --days 45` a year of them is signed in one sitting; `certctl install ca/root \
         stick/ca/root/crl-ahead.pem` takes all of them in, and each is published when its time has come:",
        &[
            "certctl --dir stick crl --ca root --days 180 --passphrase-file pass",
            "certctl install ca/root stick/ca/root/crl.pem",
            "certctl crl --all",
        ],
    ),
    (
        "RENEWAL",
        "`certctl renew --all` says when the intermediate is due. It keeps its key, so that a request is all that is \
         carried to the stick; once the answer is installed, all entries have the new chain, and their servers are \
         to read it:",
        &[
            "certctl init-intermediate issuing --request",
            "cp pki/ca/issuing/request.csr stick/issuing.csr",
            "certctl --dir stick sign stick/issuing.csr --profile intermediate --name issuing --force --passphrase-file pass",
            "certctl install ca/issuing stick/ca/issuing/cert.pem",
        ],
    ),
    (
        "RENEWAL OF THE ROOT",
        "With the same key it is the same root to all that it has signed, but peers have it in their trust bundles, \
         and read there when it ends. Once the new certificate is installed, all entries have the new bundle; \
         so must all who have a copy:",
        &[
            "certctl --dir stick renew ca/root --force --passphrase-file pass",
            "certctl install ca/root stick/ca/root/cert.pem",
        ],
    ),
    (
        "ANOTHER PASSPHRASE",
        "Where somebody leaves who knew it:",
        &["certctl --dir stick passphrase root --passphrase-file pass --new-passphrase-file other"],
    ),
];
