//! Extfiles against OpenSSL: the same file through `openssl x509 -extfile` and through certctl.
//!
//! A file needs nothing here: what lies under `tests/data/extfile/good/` must give the extensions that
//! OpenSSL writes, what lies under `bad/` must be refused with the words beside it
//! (`SNAPSHOTS=overwrite cargo test --test extfile` writes them). Comments at the top say what else there
//! is to know: `# section: NAME`, `# role: CA`, `# issuer: itself`, `# OpenSSL takes it: REASON`.

mod support;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use certctl::{
    diagnostic::Diagnostics,
    extfile::{Environment, Extfile, Included, IssuerCertificate, Role, Subject},
    host::extfile::{Surroundings, View, open},
    pki::{extension::Extension, serial::Serial},
};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    strategy::ValueTree as _,
    test_runner::TestRunner,
};
use snapbox::{Assert, Data, data::DataFormat};
use support::{Run, openssl};
use tempfile::TempDir;
use x509_parser::{oid_registry as oids, pem::parse_x509_pem, prelude::X509Certificate};

/// What the files name by `$ENV::`.
const VARIABLE: (&str, &str) = ("CERTCTL_TEST_HOST", "from-the-environment");

/// The surroundings of the tests, with the variable that the files name.
struct Fixture;

impl Environment for Fixture {
    fn variable(&self, name: &str) -> Option<String> {
        (name == VARIABLE.0).then(|| VARIABLE.1.to_owned())
    }

    fn include(&self, path: &str) -> Result<Included, String> {
        View::of(&Surroundings::default()).include(path)
    }
}

/// Where a certificate comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum From {
    Authority,
    AuthorityWithoutKeyIdentifier,
    Itself,
}

/// What the comments of a file say.
#[derive(Clone, Debug)]
struct Case {
    path: PathBuf,
    section: Option<String>,
    role: Role,
    from: From,
    openssl_takes_it: bool,
}

fn cases(folder: &str) -> Vec<Case> {
    let folder = Path::new("tests/data/extfile").join(folder);
    let entries = fs::read_dir(&folder).expect("the folder exists");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cnf"))
        .collect();
    paths.sort();
    paths.into_iter().map(Case::read).collect()
}

impl Case {
    fn read(path: PathBuf) -> Self {
        let octets = fs::read(&path).expect("the file is readable");
        let text = String::from_utf8_lossy(&octets).into_owned();
        let said = |what: &str| {
            let mut lines = text.lines();
            let prefix = format!("# {what}: ");
            lines.find_map(|line| Some(line.strip_prefix(&prefix)?.to_owned()))
        };
        Self {
            path,
            section: said("section"),
            role: match said("role").as_deref() {
                Some("CA") => Role::Authority,
                _ => Role::Leaf,
            },
            from: match said("issuer").as_deref() {
                Some("itself") => From::Itself,
                Some("without key identifier") => From::AuthorityWithoutKeyIdentifier,
                _ => From::Authority,
            },
            openssl_takes_it: said("OpenSSL takes it").is_some(),
        }
    }
}

/// Keys and certificates made by OpenSSL.
struct Bench {
    directory: TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self {
            directory: tempfile::tempdir().expect("a temporary directory can be made"),
        };
        for name in ["root", "ca", "leaf"] {
            let key = bench.path(&format!("{name}.key"));
            let request = bench.path(&format!("{name}.csr"));
            let subject = format!("/CN={name}");
            let mut arguments = vec!["req", "-new", "-newkey", "ec", "-nodes", "-batch"];
            arguments.extend(["-pkeyopt", "ec_paramgen_curve:P-256"]);
            arguments.extend(["-keyout", &key, "-out", &request, "-subj", &subject]);
            let _ = openssl(&arguments).expect_status(0);
        }
        let root = ["-signkey", &bench.path("root.key")].map(str::to_owned);
        bench.authority("root", "root", &root, "hash");
        let issued = [
            "-CA",
            &bench.path("root.pem"),
            "-CAkey",
            &bench.path("root.key"),
        ];
        let issued = issued.map(str::to_owned);
        bench.authority("ca", "ca", &issued, "hash");
        bench.authority("ca", "anonymous", &issued, "none");
        bench
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    fn authority(&self, request: &str, name: &str, signer: &[String], identifier: &str) {
        let config = self.path("authority.cnf");
        let text = format!("basicConstraints=CA:TRUE\nsubjectKeyIdentifier={identifier}\n");
        fs::write(&config, text).expect("writable");
        let mut arguments = vec!["x509".to_owned(), "-req".to_owned()];
        arguments.extend(["-in".to_owned(), self.path(&format!("{request}.csr"))]);
        arguments.extend(["-out".to_owned(), self.path(&format!("{name}.pem"))]);
        arguments.extend(["-extfile".to_owned(), config]);
        arguments.extend(signer.iter().cloned());
        let _ = openssl(&arguments).expect_status(0);
    }

    /// Lets OpenSSL make a certificate with an extfile.
    fn openssl(&self, case: &Case) -> (Run, Option<Vec<u8>>) {
        let out = self.path("out.pem");
        let mut command = Command::new("openssl");
        command
            .args(["x509", "-req", "-set_serial", "0x80abcdef", "-days", "1"])
            .args(["-in", &self.path("leaf.csr"), "-out", &out])
            .arg("-extfile")
            .arg(&case.path)
            .env(VARIABLE.0, VARIABLE.1)
            .env_remove("OPENSSL_CONF_INCLUDE");
        let authority = |name| (self.path(name), self.path("ca.key"));
        match case.from {
            From::Itself => command.args(["-signkey", &self.path("leaf.key")]),
            From::Authority => {
                let (certificate, key) = authority("ca.pem");
                command.args(["-CA", &certificate, "-CAkey", &key])
            }
            From::AuthorityWithoutKeyIdentifier => {
                let (certificate, key) = authority("anonymous.pem");
                command.args(["-CA", &certificate, "-CAkey", &key])
            }
        };
        if let Some(section) = &case.section {
            command.args(["-extensions", section]);
        }
        let run = Run::of(&mut command);
        let certificate = (run.status == Some(0)).then(|| self.certificate("out.pem"));
        (run, certificate)
    }

    /// Reads an extfile and, unless it is refused, compares the extensions with OpenSSL's.
    fn compare(&self, case: &Case) -> Result<Verdict, String> {
        let path = case.path.display();
        let octets = fs::read(&case.path).expect("readable");
        let extfile = Extfile::parse(&path.to_string(), &octets, &Fixture);
        let section = case.section.as_deref();
        let (run, theirs) = self.openssl(case);
        let taken = theirs.is_some();
        let own = theirs.unwrap_or_else(|| self.certificate("ca.pem"));
        let own = parsed(&own);
        let issuer = self.issuer(case.from);
        let requested = match extfile.request(section, issuer.as_ref(), case.role) {
            Ok(requested) => requested,
            Err(mistakes) => return Ok(Verdict::Refused(mistakes)),
        };
        if !taken {
            return Err(format!("OpenSSL refuses {path}:\n{}", run.stderr));
        }
        let ours = requested.extensions(&Subject {
            name: own.subject().as_raw(),
            public_key: &own.public_key().subject_public_key.data,
            serial: &Serial::from_integer(own.raw_serial()),
        });
        let mut theirs = extensions(&own);
        // OpenSSL adds both key identifiers unless the file speaks of them.
        theirs.retain(|theirs| {
            let identifier = theirs.oid == oids::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER
                || theirs.oid == oids::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER;
            !identifier
                || requested.omitted().contains(&theirs.oid)
                || ours.iter().any(|ours| ours.oid == theirs.oid)
        });
        if ours == theirs {
            return Ok(Verdict::Equal);
        }
        let (ours, theirs) = (shown(&ours), shown(&theirs));
        Err(format!("{path}\nours:\n{ours}OpenSSL's:\n{theirs}"))
    }

    fn certificate(&self, name: &str) -> Vec<u8> {
        let pem = fs::read(self.path(name)).expect("OpenSSL wrote it");
        let (_, pem) = parse_x509_pem(&pem).expect("PEM");
        pem.contents
    }

    fn issuer(&self, from: From) -> Option<IssuerCertificate> {
        let name = match from {
            From::Authority => "ca.pem",
            From::AuthorityWithoutKeyIdentifier => "anonymous.pem",
            From::Itself => return None,
        };
        Some(IssuerCertificate::from(&parsed(&self.certificate(name))))
    }
}

/// How a file fared.
enum Verdict {
    Equal,
    Refused(Diagnostics),
}

fn shown(extensions: &[Extension]) -> String {
    let shown = extensions.iter().map(|extension| {
        let Extension {
            oid,
            critical,
            value,
        } = extension;
        format!("  {oid} {critical} {value:02x?}\n")
    });
    shown.collect()
}

fn nobody(serial: &Serial) -> Subject<'_> {
    Subject {
        name: &[0x30, 0],
        public_key: b"key",
        serial,
    }
}

fn parsed(der: &[u8]) -> X509Certificate<'_> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).expect("a certificate");
    certificate
}

fn extensions(certificate: &X509Certificate<'_>) -> Vec<Extension> {
    let extensions = certificate.extensions().iter();
    let extensions = extensions.map(|extension| Extension {
        oid: extension.oid.to_owned(),
        critical: extension.critical,
        value: extension.value.to_vec(),
    });
    extensions.collect()
}

#[test]
fn certificates_equal_those_of_openssl() {
    let bench = Bench::new();
    let cases = cases("good");
    assert!(cases.len() >= 40, "only {} files", cases.len());
    let compared = cases.iter().map(|case| match bench.compare(case) {
        Ok(Verdict::Equal) => Ok(()),
        Ok(Verdict::Refused(mistakes)) => Err(mistakes.to_string()),
        Err(difference) => Err(difference),
    });
    let differences: Vec<_> = compared.filter_map(Result::err).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn mistakes_are_reported_where_they_are() {
    let bench = Bench::new();
    let mut surprises = Vec::new();
    for case in cases("bad") {
        let extfile = open(&case.path, &Surroundings::default()).expect("readable");
        let issuer = bench.issuer(case.from);
        let found = extfile.request(case.section.as_deref(), issuer.as_ref(), case.role);
        let found = found
            .map(|_| ())
            .expect_err(&case.path.display().to_string());
        let expected = case.path.with_extension("txt");
        let expected = Data::read_from(&expected, Some(DataFormat::Text)).raw();
        Assert::new()
            .action_env("SNAPSHOTS")
            .eq(format!("{found}\n"), expected);
        let (run, _) = bench.openssl(&case);
        if (run.status == Some(0)) != case.openssl_takes_it {
            let path = case.path.display();
            surprises.push(format!("{path}: OpenSSL says:\n{}", run.stderr));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// Every name that OpenSSL has for an object, as the value of an extension.
#[test]
fn objects_are_those_of_openssl() {
    let bench = Bench::new();
    let listed = openssl(&["list", "-objects"]).expect_status(0).stdout;
    let mut text = String::new();
    let rows = listed.lines().filter(|line| !line.starts_with('#'));
    for (row, number) in rows.zip(0..) {
        let (short, rest) = row.split_once(" = ").expect("a name and an OID");
        let long = rest.rsplit_once(", ").map_or(short, |(long, _)| long);
        // OpenSSL itself prints these OIDs cut off.
        if row.ends_with('.') {
            continue;
        }
        for (name, kind) in [(short, 1), (long, 2)] {
            writeln!(text, "1.2.{kind}.{number} = ASN1:OID:{name}").expect("memory is writable");
        }
    }
    let path = PathBuf::from(bench.path("objects.cnf"));
    fs::write(&path, &text).expect("writable");
    let case = Case::read(path);
    let (_, theirs) = bench.openssl(&case);
    let theirs = theirs.expect("OpenSSL knows its own names");
    let theirs = parsed(&theirs);
    let extfile = Extfile::parse("objects.cnf", text.as_bytes(), &Fixture);
    let requested = extfile.request(None, None, Role::Leaf);
    let ours = requested.expect("the names are known");
    let ours = ours.extensions(&nobody(&Serial::from_integer(&[1])));
    assert!(ours.len() > 2000);
    assert_eq!(ours[..], extensions(&theirs)[..ours.len()]);
}

/// Files that were right, changed here and there: what is still taken still equals OpenSSL's.
#[test]
fn what_is_taken_is_what_openssl_writes() {
    let bench = Bench::new();
    let cases = cases("good");
    let change = (any::<Index>(), 0..4u8, select(&WORDS[..]), 0..64usize);
    let changes = (0..cases.len(), vec(change, 1..3));
    let mut random = TestRunner::deterministic();
    let mut equal = 0;
    for _ in 0..100 {
        let drawn = changes.new_tree(&mut random).expect("nothing is filtered");
        let (case, changes) = drawn.current();
        let mut case = cases[case].clone();
        let mut octets = fs::read(&case.path).expect("readable");
        for change in changes {
            apply(&mut octets, change);
        }
        case.path = PathBuf::from(bench.path("changed.cnf"));
        fs::write(&case.path, &octets).expect("writable");
        match bench.compare(&case) {
            Ok(Verdict::Equal) => equal += 1,
            Ok(Verdict::Refused(_)) => {}
            Err(difference) => {
                panic!("{}\n{difference}", String::from_utf8_lossy(&octets));
            }
        }
    }
    assert!(equal > 10, "only {equal} of the files were taken");
}

/// Deletes, inserts, replaces or moves something.
fn apply(octets: &mut Vec<u8>, (at, kind, word, number): (Index, u8, &str, usize)) {
    let likely = b"azAZ09 \t\\\"'`#,:;.=$@+_-\n";
    let index = at.index(octets.len() + 1);
    let end = octets.len().min(index + number % 16);
    match kind {
        0 => drop(octets.drain(index..end)),
        1 => drop(octets.splice(index..index, word.bytes())),
        2 => octets.insert(index, likely[number % likely.len()]),
        _ => {
            let moved: Vec<u8> = octets.drain(index..end).collect();
            let index = at.index(octets.len() + 1);
            drop(octets.splice(index..index, moved));
        }
    }
}

/// Words that bring a generated file deep into the readers.
const WORDS: [&str; 64] = [
    "\n",
    "\n",
    "\n",
    "=",
    "=",
    "=",
    ":",
    ":",
    ",",
    ",",
    ".1",
    ";",
    "@",
    "@s",
    "[s]\n",
    "[ t ]\n",
    "$x",
    "${x}",
    "$(s::x)",
    "$ENV::x",
    "\\",
    "\"",
    "'",
    "#",
    " ",
    "\r\n",
    "critical,",
    "x",
    "s",
    "t",
    ".include ",
    ".pragma ",
    "dollarid:on",
    "subjectAltName",
    "keyUsage",
    "extendedKeyUsage",
    "basicConstraints",
    "subjectKeyIdentifier",
    "authorityKeyIdentifier",
    "crlDistributionPoints",
    "authorityInfoAccess",
    "certificatePolicies",
    "nameConstraints",
    "permitted;",
    "policyIdentifier",
    "userNotice",
    "fullname",
    "relativename",
    "reasons",
    "1.2.3.4",
    "ASN1:",
    "DER:",
    "SEQUENCE:",
    "EXP:1,",
    "IMP:2A,",
    "BITWRAP,",
    "UTF8:",
    "INT:-0x80",
    "FORMAT:BITLIST,BITSTR:9",
    "hash",
    "DNS:a",
    "IP:10.0.0.1/8",
    "dirName:",
    "otherName:1.2;",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_octets_are_read(octets in vec(any::<u8>(), 0..400)) {
        read(&octets);
    }

    #[test]
    fn any_words_are_read(words in vec(select(&WORDS[..]), 0..80)) {
        read(words.concat().as_bytes());
    }
}

fn read(octets: &[u8]) {
    let extfile = Extfile::parse("any.cnf", octets, &Nothing);
    for role in [Role::Leaf, Role::Authority] {
        match extfile.request(None, None, role) {
            Ok(requested) => drop(requested.extensions(&nobody(&Serial::from_integer(&[1])))),
            Err(mistakes) => {
                assert!(
                    mistakes
                        .0
                        .iter()
                        .all(|mistake| mistake.line > 0 && mistake.column > 0)
                );
            }
        }
    }
}

/// Surroundings in which an included file includes the next.
struct Nothing;

impl Environment for Nothing {
    fn variable(&self, name: &str) -> Option<String> {
        Some(name.to_uppercase())
    }

    fn include(&self, path: &str) -> Result<Included, String> {
        Ok(Included::File(
            format!(".include {path}\nx = y").into_bytes(),
        ))
    }
}
