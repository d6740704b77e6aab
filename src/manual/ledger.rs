//! `certctl-ledger(7)`: one ledger for several machines.

use super::{section, title, verbatim};

/// A heading, what stands below it, and lines to type or to read.
type Chapter = (&'static str, &'static str, &'static [&'static str]);

/// Writes the page in roff.
pub(super) fn page() -> String {
    let mut page = title("certctl-ledger", "7", "one ledger for several machines");
    for (heading, about, lines) in CHAPTERS {
        section(&mut page, heading, about);
        if !lines.is_empty() {
            verbatim(&mut page, lines.iter().copied());
        }
    }
    section(
        &mut page,
        "SEE ALSO",
        "certctl-ledger(1), certctl-join(1), certctl-pull(1), certctl-log(1), certctl-signer(7), psql(1)",
    );
    page.to_roff()
}

const CHAPTERS: &[Chapter] = &[
    (
        "DESCRIPTION",
        "One PKI directory serves one machine. Where a team, or a pipeline with many runners, issues for one cluster, \
         the ledger can be kept in PostgreSQL: no name is given twice, no revocation is missed, and everybody sees who \
         did what. Each machine has a PKI directory of its own. Its ledger.toml says where the shared ledger is, and \
         holds no secret; its ledger.db is a copy of it, brought up to date when a command begins, which all questions \
         are asked of. Keys are in no ledger: an entry's lies where it was issued, and a CA's on each machine that \
         signs, or in a token (certctl-signer(7)).",
        &[],
    ),
    (
        "THE DATABASE",
        "A role that may create a schema makes the tables, once; those who issue get their grants. They read and add, and \
         cannot change or delete what is recorded:",
        &["certctl ledger init 'postgres:///pki?host=/run/postgresql' --role issuers | psql pki"],
    ),
    (
        "URLS",
        "A URL is as libpq has it. Over a network it is always sslmode=verify-full: sslrootcert names what the server's \
         certificate is verified by, sslcert and sslkey the client's certificate and key, which certctl can make (in a \
         PKI of its own, with `certctl issue db` and `certctl issue ops1 --profile client`). These paths are absolute, \
         or below the PKI directory. A URL with a password is refused; one that is needed is taken from PGPASSWORD. \
         --ledger, or CERTCTL_LEDGER for any command that makes a new PKI directory, says where the ledger is.",
        &[],
    ),
    (
        "MACHINES",
        "The first one makes the CAs; others join, and get the CAs' certificates, bundles and CRLs. What is issued on one \
         machine is fetched by others without its key:",
        &[
            "certctl init-ca --ledger \"$URL\"",
            "certctl join \"$URL\"",
            "certctl pull --all",
        ],
    ),
    (
        "A PKI THAT IS THERE",
        "A directory with a ledger of its own gives it to an empty shared one, with its whole history, and belongs to it \
         from then on:",
        &["certctl ledger copy \"$URL\""],
    ),
    (
        "MANY AT ONCE",
        "Certificates are recorded there before they are signed, and their names claimed. Who wants a name that another \
         is about to take, or changed in the meantime, is told so and changes nothing (exit code 4); the same command, \
         run again, sees what is so. A claim of a machine that died ends with its next command, or after ten minutes. \
         `renew --all`, `apply` and `check` leave entries to the machine that has their keys, and say so.",
        &[],
    ),
    (
        "ROTATIONS",
        "A CA is rotated (certctl-rotate-ca(1)) where its key is. On the others, `pull` fetches its \
         successor's certificate and brings the bundles of their entries up to date, and `ack` says what their servers \
         have. Once all are known to be ready, `switch` is run on each machine that has keys of entries, and of the new CA:",
        &[
            "certctl pull",
            "certctl rotate-ca ack NAME...",
            "certctl rotate-ca switch",
        ],
    ),
    (
        "WHERE THE DATABASE IS NOT REACHED",
        "Commands that look go on with the copy, and say that it may be old. Commands that change something fail before \
         anything is signed. Where the connection breaks while a change is decided, the next command on that machine \
         asks what became of it, and finishes it or takes it back. A network that takes what is sent and lets no answer \
         through is given up: a connection after the URL's connect_timeout (10 seconds), an answer three times as long \
         after the database would have given up the statement. That is statement_timeout, of the role or in the URL's \
         options, or else 300 seconds: ",
        &["postgres://db.example/pki?connect_timeout=5&options=-c%20statement_timeout%3D60s"],
    ),
    (
        "A BACKUP THAT WAS PUT BACK",
        "A database that lacks what a machine has had from it is refused (exit code 4): it may have forgotten \
         revocations, and the next CRL would take them back. Any machine that knows more gives it the rest: ",
        &["certctl ledger copy \"$URL\"", "certctl ledger verify"],
    ),
    (
        "HISTORY",
        "Each machine's events are chained by hashes, and every machine notes from time to time up to where it has seen \
         the others'. An event that does not fit is not taken into a copy; `certctl log --verify` looks at a copy, \
         `certctl ledger verify` compares it with the shared ledger, event by event. `certctl ledger backup FILE` writes \
         the copy to a file that may stand as ledger.db.",
        &[],
    ),
    (
        "WHO IS TRUSTED",
        "Whoever may issue may add to the ledger, and so may record what is false: a transaction in another machine's name, or \
         one that fits nothing, which stops all changes until the tables' owner removes it. What is recorded nobody changes \
         unseen: an event that does not fit is told by every command, those that only look go on with their copy, and a \
         machine is told of transactions in its name that it did not make. A revocation for good is not taken back by \
         anything that is added. A certificate that no CA has signed may be recorded under anybody's name, and is fetched by \
         nobody: `pull` verifies who signed it, `check` tells the machine that had the name (ledger-differs), and \
         `certctl log NAME` says who did it. Names of users and hosts in the history are what the machines say of themselves; as whom \
         they came, the database's own log says. A machine whose clock is behind that of the last change says so.",
        &[],
    ),
    (
        "SPEED",
        "A certificate in a shared ledger costs what it costs in one's own, and the database besides. Sixteen machines' \
         directories on one computer with 2 cores, the database on it too, 1,000 certificates each: 9,372 certificates a second \
         in memory, where sixteen ledgers of their own make 13,190 and pgbench inserts 31,347 rows of that size at 16 clients \
         (0.30 times as many); on a disk 1,269, and 1,040 with ledgers of their own. A certificate takes 156 us of a core where \
         it is made (149 us with a ledger of one's own: a key, a signature and its files) and 54 us of the database's. As \
         many as pgbench inserts in memory cannot be made where both share 2 cores. With the database on a disk, the \
         directories in memory and one machine killed every second: 3,889 to 5,313 certificates a second beside 3,137 to \
         3,527 rows, and 3,990 to 5,315 beside 5,799 to 8,045 in another hour. Of the database's CPU a certificate takes 72 us, \
         such a row 165.",
        &[],
    ),
    (
        "WHAT IS NEEDED",
        "The feature ledger-postgres, which packages have (`cargo build --release --features ledger-postgres`). It is \
         tried with PostgreSQL. CockroachDB and YugabyteDB speak the same protocol, and nothing is used that they lack \
         (no sequences, triggers, advisory locks or LISTEN); they are untested.",
        &[],
    ),
];
