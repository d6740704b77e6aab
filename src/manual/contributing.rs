//! `certctl-contributing(7)`: how certctl is changed, for whoever comes next.

use clap_mangen::roff::{Roff, bold, roman};

use super::{section, title, verbatim};

/// A heading, what stands below it, and items of a term and a text.
type Chapter = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// Writes the page in roff.
pub(super) fn page() -> String {
    let mut page = title("certctl-contributing", "7", "how certctl is changed");
    section(
        &mut page,
        "DESCRIPTION",
        "One file has one job, and 400 lines at most without its tests; src/lib.rs says which part may know \
         which. Names in capitals below stand for your own. Each change brings its tests, its line in \
         CHANGELOG.md, and its pages: man/ is generated, by",
    );
    verbatim(&mut page, ["SNAPSHOTS=overwrite cargo test --test docs"]);
    for (heading, about, items) in CHAPTERS {
        section(&mut page, heading, about);
        for (term, text) in *items {
            item(&mut page, term, text);
        }
    }
    section(
        &mut page,
        "SEE ALSO",
        "certctl(1), certctl-findings(7), certctl-json(7), certctl-servers(7)",
    );
    page.to_roff()
}

fn item(page: &mut Roff, term: &str, text: &str) {
    page.control("TP", []);
    page.text([bold(term)]);
    page.text([roman(text)]);
}

const CHAPTERS: &[Chapter] = &[
    (
        "TESTS",
        "`tests/run` installs what the tests need and runs everything; nothing lands that it refuses. While you \
         work, the smallest that can fail:",
        &[
            (
                "cargo test --lib MODULE",
                "The tables beside the code, such as check, fleet or pki::chain.",
            ),
            (
                "CASES=NAME cargo test --test cli",
                "The command line as transcripts, tests/cases/NAME.txt. A new one is its commands; \
                 SNAPSHOTS=overwrite writes what they print. Read it before you commit it.",
            ),
            (
                "cargo test --test docs",
                "Help, examples, README, changelog and these pages.",
            ),
            (
                "cargo test --test layers",
                "Which part may know which, who may print, how long a file may be.",
            ),
            (
                "cargo test --test schemas",
                "Every document of --json against its schema; `SNAPSHOTS=overwrite cargo test --lib schemas` writes \
                 man/schema/ from the types.",
            ),
            (
                "cargo test --test emit",
                "What is written for servers, against tests/golden/; SNAPSHOTS=overwrite writes it.",
            ),
            (
                "cargo test --test judges, --test chain",
                "OpenSSL, GnuTLS, Go, Java and others judge certificates, chains and handshakes.",
            ),
            (
                "cargo test --test mutants",
                "What config writes is spoiled in many ways: where the program refuses it, check must say something. `MUTANTS=5000` tries more, `MUTANT=NUMBER` one.",
            ),
            (
                "cargo test --test explain",
                "Programs that are set up wrong on purpose: explain knows what they say, and who refused whom.",
            ),
            (
                "cargo test --test servers, --test clients, --test clusters, --test containers",
                "Real programs run with what is written for them.",
            ),
            (
                "cargo test --features signers --test signers",
                "Keys of CAs in SoftHSM's tokens and in ssh-agent, and programs that crash, hang or lie.",
            ),
            (
                "cargo test --features ledger-postgres --test shared_ledger",
                "What the ledger promises, over SQLite and over PostgreSQL; machines that share one: many at once, killed, \
                 cut off, restored from backups.",
            ),
            (
                "cargo test --test robustness, --test memory, --test injection, --test bounds",
                "Kills, full disks, races; secrets in memory; hostile values; endless input.",
            ),
        ],
    ),
    (
        "ADDING A RULE",
        "The rule's file is the only place that knows its code, severity, source, meaning and remedy.",
        &[
            (
                "for one certificate",
                "Copy src/pki/rules/expired.rs to src/pki/rules/NAME.rs and change all of it: the \
                 line at the top says what must hold, `cases` has examples that break the rule and some that do \
                 not. Two lines in src/pki/rules.rs: its `mod`, and its place in RULES, which are sorted by \
                 code; a third in ASKED where `verify` is to ask it.",
            ),
            (
                "for what lies in a directory",
                "The same below src/check/site/. What it asks for that src/check/facts.rs does not have, \
                 src/survey/ has to gather.",
            ),
            (
                "for servers' files",
                "The same below src/check/configuration/. What only one server has is a [[rule]] in its \
                 server.toml instead, with its `source`; with `file` it holds for files that somebody wrote, too. \
                 Its case goes into tests/golden/SERVER/cases.toml.",
            ),
            (
                "for verify",
                "A line in src/pki/chain/codes.rs and a variant of Rule in src/pki/chain/failure.rs; rows in \
                 tests/chain/tables/ put it before OpenSSL and rustls.",
            ),
            (
                "for what is served",
                "A line in src/wire/codes.rs, and what tells it in src/wire/verdict.rs; tests/probe/ has servers that \
                 are set up wrong on purpose.",
            ),
            (
                "then",
                "`cargo test --lib check`, `cargo test --lib rulebook`, and the pages; for verify the schemas too.",
            ),
        ],
    ),
    (
        "ADDING A SERVER",
        "A server is data: nothing in Rust names one.",
        &[
            (
                "templates/SERVER/server.toml",
                "What is known of it: listeners, formats, options, rules. src/emit/manifest.rs and the folder beside it have every key. \
                 Begin with a copy of the folder that is nearest; a server that takes the same files says `like`, and only what differs. `before` says of a listener what is spoken before TLS; a \
                 conversation that src/emit/manifest/before_tls.rs does not name yet is written in src/wire/before.rs. \
                 `reads_chain` and `many_roots` say what a rotation can count on, once somebody has seen it; `account` says as whom it opens its files, where that is not root. \
                 `[setup]` (src/emit/manifest/setup.rs) is what `certctl setup` asks and lays out, where the usual does not do.",
            ),
            (
                "templates/SERVER/FORMAT.j2",
                "One template a format, and one for each client below templates/SERVER/client. \
                 `certctl config SERVER NAME --templates templates` tries them without compiling.",
            ),
            (
                "templates/SERVER/walk.sh",
                "Its section of certctl-clusters(7): comments between empty lines begin a step. The first lays all files and \
                 starts the servers, those after it look, the last is a stranger's and fails. tests/clusters lays the files \
                 and has check judge them; `Walk::of` in tests/servers/SERVER.rs runs the server with them and looks.",
            ),
            (
                "tests/golden/SERVER/cases.toml",
                "Requests that should be found wrong, one [[case]] for each rule at least. \
                 `SNAPSHOTS=overwrite cargo test --test emit` writes all that is emitted beside it.",
            ),
            (
                "tests/injection/languages.rs",
                "Which language each format is in: no value may mean something else there.",
            ),
            (
                "tests/configurations.rs",
                "For each rule with `file`, a file that breaks it, and the line where it does.",
            ),
            (
                "tests/servers/SERVER.rs",
                "The real program runs with it: the right peer gets in, a wrong one does not. Its package stands in \
                 the lists of tests/run. Where it cannot be had, `proof` in its server.toml says so.",
            ),
            (
                "tests/clients/SERVER.rs, README.md",
                "Each of its clients reaches the right server and refuses a wrong one; a line in the support table.",
            ),
            (
                "tests/emit/checklist.rs",
                "What of all this is still missing: `cargo test --test emit every_server_is_whole`.",
            ),
        ],
    ),
    (
        "ADDING A MESSAGE",
        "What `certctl explain` knows is data: a [[message]] is a text, its fault, who refuses whom, and how it is \
         known that the program says so.",
        &[
            (
                "templates/explain/STACK.toml, templates/SERVER/messages.toml",
                "`says` is the text, as short as it is unmistakable; `*` stands for anything within the line. \
                 `direction` is seen from the program that says it: peer-refused, we-refused, own where its own \
                 files cannot be used, untold where the text does not tell. `seen = true` where tests/explain/ \
                 has the program say it, or else `read` with the place where it is written. `certctl explain TEXT \
                 --templates templates` tries it without compiling.",
            ),
            (
                "templates/explain/faults.toml",
                "What can go wrong, once for each direction, with its causes: the likeliest first, each with a \
                 command that decides it, and with the codes of check that show it.",
            ),
            (
                "tests/explain/",
                "Set-ups that are wrong on purpose; what the programs said in them lies below target/tmp/explain \
                 afterwards. `cargo test --test explain` names what is explained wrongly, and what no program said.",
            ),
        ],
    ),
    (
        "ADDING A COMMAND",
        "",
        &[
            (
                "src/cli/COMMAND.rs",
                "Its arguments, with examples, and its `run`; two lines in src/cli.rs, its `mod` and its name.",
            ),
            (
                "src/documents/COMMAND.rs",
                "Its document: derives Serialize and, in tests, JsonSchema, with a comment on each field; a row in \
                 src/documents/schemas.rs, and a line in the SESSION of tests/schemas/main.rs.",
            ),
            (
                "src/session/",
                "What it does beside its arguments and words, unless another part of src/lib.rs owns that.",
            ),
            (
                "its errors",
                "New codes stand in src/terminal/codes.rs; a hint names the next command.",
            ),
            ("tests/cases/COMMAND.txt", "A session, mistakes included."),
        ],
    ),
    (
        "ADDING A KEY TYPE",
        "",
        &[
            (
                "src/pki/key.rs",
                "A variant of KeyType, in ALL too; the compiler leads to the rest: src/pki/key/signing.rs, \
                 src/pki/draft.rs. Its word is listed in src/fleet/keys.rs.",
            ),
            (
                "tests/judges/material.rs",
                "A chain with such keys, which all judges are then asked about. Bounds of weak keys are in \
                 src/pki/signature.rs and src/pki/rules/weak_key.rs.",
            ),
        ],
    ),
    (
        "ADDING A PEER",
        "",
        &[
            (
                "that judges",
                "A program beside tests/judges/main.rs that answers its questions, and a row there.",
            ),
            (
                "that connects to a server",
                "A [[client]] in the server.toml, its template, and a test in tests/clients.",
            ),
            (
                "its package",
                "In the lists of tests/run, with its version where versions differ.",
            ),
        ],
    ),
    (
        "WHERE REASONS ARE WRITTEN",
        "",
        &[
            (
                "beside the code",
                "What a reader would ask: why this number, why not the obvious way.",
            ),
            ("in the rule", "The section that demands it, as `source`."),
            (
                "in the commit",
                "The subject is an imperative sentence, the body argues: what was wrong, why this way, what was \
                 measured.",
            ),
            (
                "in Cargo.toml",
                "Why a crate is needed, where its name does not say it.",
            ),
            ("in CHANGELOG.md", "What changes for users, not how."),
        ],
    ),
];
