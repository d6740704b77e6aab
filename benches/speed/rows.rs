//! The rows of the table: what is measured, beside what, and the goal.

use std::path::{Path, PathBuf};

use crate::{
    input, life, limit,
    measure::{Sandbox, certctl, median, rounds, run, run_times, shell},
};

/// What something was compared with, the goal, and the ratio.
pub(crate) type Verdict = (&'static str, f64, f64);

/// One measurement.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) measure: fn(&Sandbox) -> Vec<Verdict>,
}

pub(crate) const ROWS: &[Row] = &[
    Row {
        what: "start-up (`--version`)",
        measure: start_up,
    },
    Row {
        what: "root CA, durable",
        measure: root,
    },
    Row {
        what: "one node, durable",
        measure: one_node,
    },
    Row {
        what: "1,000 nodes",
        measure: thousand,
    },
    Row {
        what: "10,000 nodes",
        measure: ten_thousand,
    },
    Row {
        what: "renewal of 10,000",
        measure: life::renewal,
    },
    Row {
        what: "rotation of a root with 10,000",
        measure: life::rotation,
    },
    Row {
        what: "`apply` of 10,000, nothing to do",
        measure: life::apply,
    },
    Row {
        what: "growth to 100,000 nodes",
        measure: growth,
    },
    Row {
        what: "input of twice the length",
        measure: input::doubled,
    },
    Row {
        what: "RSA-2048 key",
        measure: rsa,
    },
    Row {
        what: "10,000 nodes of a CA in a token that takes its time",
        measure: crate::slow::batch,
    },
    #[cfg(feature = "signer-pkcs11")]
    Row {
        what: "10,000 nodes of a CA in a token on the same cores (SoftHSM)",
        measure: crate::token::batch,
    },
    #[cfg(feature = "ledger-postgres")]
    Row {
        what: "16 machines with 1,000 nodes each by one ledger, one killed every second",
        measure: crate::ledger::shared,
    },
];

const START_UP_ROUNDS: usize = 41;
const SMALL_ROUNDS: usize = 31;
pub(crate) const BATCH_ROUNDS: usize = 5;

fn start_up(_: &Sandbox) -> Vec<Verdict> {
    let [ratio] = rounds(START_UP_ROUNDS, || {
        let ours = run_times(10, env!("CARGO_BIN_EXE_certctl"), &["--version"]).wall;
        [ours / run_times(10, "openssl", &["version"]).wall]
    });
    vec![("`openssl version`", 0.5, ratio)]
}

/// openssl's key and self-signed root in one process, without any sync.
fn openssl_root(directory: &Path) -> f64 {
    shell(&format!(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=root -days 3650 \
         -addext keyUsage=critical,keyCertSign,cRLSign -keyout {0}/ca.key -out {0}/ca.pem 2>/dev/null",
        directory.display()
    ))
    .wall
}

fn root(sandbox: &Sandbox) -> Vec<Verdict> {
    let [ratio] = rounds(SMALL_ROUNDS, || {
        let ours = certctl(&sandbox.fresh(), &["init-ca"]).wall;
        [ours / openssl_root(&sandbox.directory())]
    });
    vec![("`openssl req -x509`", 0.8, ratio)]
}

fn one_node(sandbox: &Sandbox) -> Vec<Verdict> {
    let (pki, other) = (sandbox.fresh(), sandbox.directory());
    certctl(&pki, &["init-ca"]);
    openssl_root(&other);
    let mut number = 0;
    let [ratio] = rounds(SMALL_ROUNDS, || {
        number += 1;
        let ours = certctl(&pki, &["issue", &format!("node{number}")]).wall;
        let theirs = shell(&format!(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=n{number} \
             -CA {0}/ca.pem -CAkey {0}/ca.key -addext subjectAltName=DNS:n{number} \
             -addext basicConstraints=CA:FALSE -keyout {0}/n{number}.key -out {0}/n{number}.pem 2>/dev/null",
            other.display()
        ));
        [ours / theirs.wall]
    });
    vec![("`openssl req -x509 -CA`", 0.5, ratio)]
}

/// Seconds that each peer needs for 1,000 nodes, two processes at a time.
fn peers(sandbox: &Sandbox) -> Vec<f64> {
    let prepare = |line: &str| -> PathBuf {
        let directory = sandbox.directory();
        shell(&format!("cd {} && {line}", directory.display()));
        directory
    };
    let openssl = sandbox.directory();
    openssl_root(&openssl);
    let certtool = prepare(
        "printf 'cn=root\\nca\\ncert_signing_key\\n' > ca.tmpl; certtool --generate-privkey --ecc --outfile ca.key; \
         certtool --generate-self-signed --load-privkey ca.key --template ca.tmpl --outfile ca.pem",
    );
    let cfssl = prepare(
        "echo '{\"CN\":\"root\",\"key\":{\"algo\":\"ecdsa\",\"size\":256}}' > ca.json; \
         echo '{\"CN\":\"n\",\"hosts\":[\"n\"],\"key\":{\"algo\":\"ecdsa\",\"size\":256}}' > n.json; \
         cfssl gencert -initca ca.json | cfssljson -bare ca",
    );
    let mkcert = prepare("CAROOT=$PWD mkcert -ecdsa -cert-file x.pem -key-file x.key x");
    let each = |directory: &Path, line: &str| {
        shell(&format!(
            "cd {} && seq 1000 | xargs -P2 -I% sh -c \"{line}\" 2>/dev/null",
            directory.display()
        ))
        .wall
    };
    vec![
        each(
            &certtool,
            "certtool --generate-privkey --ecc --outfile %.key; \
             printf 'cn=%\\ndns_name=%\\ntls_www_server\\n' > %.tmpl; \
             certtool --generate-certificate --load-privkey %.key --load-ca-certificate ca.pem \
             --load-ca-privkey ca.key --template %.tmpl --outfile %.pem",
        ),
        each(
            &cfssl,
            "cfssl gencert -ca ca.pem -ca-key ca-key.pem n.json | cfssljson -bare %",
        ),
        each(
            &openssl,
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=% \
             -CA ca.pem -CAkey ca.key -addext subjectAltName=DNS:% -keyout %.key -out %.pem",
        ),
        each(
            &mkcert,
            "CAROOT=$PWD mkcert -ecdsa -cert-file %.pem -key-file %.key %",
        ),
    ]
}

/// Python's `cryptography` in one process: key, certificate and two files each, no sync.
const PYTHON: &str = "
import sys, datetime as d
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization as s
from cryptography.hazmat.primitives.asymmetric import ec
root = ec.generate_private_key(ec.SECP256R1())
name = lambda n: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, n)])
now = d.datetime.now(d.timezone.utc)
for i in range(int(sys.argv[2])):
    key = ec.generate_private_key(ec.SECP256R1())
    cert = (x509.CertificateBuilder().subject_name(name(f'n{i}')).issuer_name(name('root'))
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now).not_valid_after(now + d.timedelta(days=365))
        .add_extension(x509.BasicConstraints(False, None), True)
        .add_extension(x509.KeyUsage(True, *[False] * 8), True)
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(f'n{i}')]), False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .sign(root, hashes.SHA256()))
    open(f'{sys.argv[1]}/{i}.pem', 'wb').write(cert.public_bytes(s.Encoding.PEM))
    open(f'{sys.argv[1]}/{i}.key', 'wb').write(key.private_bytes(
        s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()))
";

pub(crate) fn issue_many(sandbox: &Sandbox, count: usize) -> (PathBuf, crate::measure::Cost) {
    let pki = sandbox.fresh();
    certctl(&pki, &["init-ca"]);
    certctl(&pki, &["init-intermediate", "issuing"]);
    let cost = certctl(&pki, &["issue", &format!("node{{1..{count}}}")]);
    (pki, cost)
}

fn thousand(sandbox: &Sandbox) -> Vec<Verdict> {
    let best = peers(sandbox).into_iter().fold(f64::INFINITY, f64::min);
    let [of_peers, of_python] = rounds(BATCH_ROUNDS, || {
        let ours = issue_many(sandbox, 1000).1.wall;
        let directory = sandbox.directory();
        let python = run(
            "python3",
            &["-c", PYTHON, directory.to_str().unwrap(), "1000"],
        )
        .wall;
        [ours / best, ours / python]
    });
    vec![
        (
            "best of certtool, cfssl, openssl, mkcert, two at a time",
            0.05,
            of_peers,
        ),
        (
            "Python `cryptography`, one process, no sync",
            0.6,
            of_python,
        ),
    ]
}

fn ten_thousand(sandbox: &Sandbox) -> Vec<Verdict> {
    const COUNT: usize = 10_000;
    let [wall, cpu] = rounds(BATCH_ROUNDS, || {
        let (files, sync) = limit::files(&sandbox.directory(), COUNT);
        let crypto = limit::crypto(COUNT);
        let (_, cost) = issue_many(sandbox, COUNT);
        [
            cost.wall / (f64::midpoint(crypto.wall, files.wall) + sync.wall),
            cost.cpu / (crypto.cpu + files.cpu),
        ]
    });
    vec![
        (
            "limit of two cores: (keys and signatures + files) / 2 + sync; wall",
            1.5,
            wall,
        ),
        ("limit: keys and signatures + files; CPU", 2.0, cpu),
    ]
}

fn growth(sandbox: &Sandbox) -> Vec<Verdict> {
    let per_entry = |count: usize, wall: f64| wall / f64::from(u32::try_from(count).unwrap());
    let (_, ten) = issue_many(sandbox, 10_000);
    let (pki, hundred) = issue_many(sandbox, 100_000);
    let (empty, _) = issue_many(sandbox, 1);
    let mut number = 0;
    let [one] = rounds(SMALL_ROUNDS, || {
        number += 1;
        let name = format!("late{number}");
        let full = certctl(&pki, &["issue", &name]).wall;
        [full / certctl(&empty, &["issue", &name]).wall]
    });
    let list = median(
        (0..BATCH_ROUNDS)
            .map(|_| certctl(&pki, &["list"]).wall)
            .collect(),
    );
    vec![
        (
            "time per entry at 10,000",
            1.3,
            per_entry(100_000, hundred.wall) / per_entry(10_000, ten.wall),
        ),
        ("peak memory / 64 MiB", 1.0, hundred.memory / 64.0),
        ("one more node, beside one in an empty directory", 1.3, one),
        ("`list` of 100,000 / 1 s", 1.0, list),
        ("CRL of 100,000 / 2 s", 1.0, life::crl(&pki) / 2.0),
    ]
}

fn rsa(sandbox: &Sandbox) -> Vec<Verdict> {
    let pki = sandbox.fresh();
    certctl(&pki, &["init-ca"]);
    let mut number = 0;
    // Prime search scatters by a factor of ten, so medians are compared, not pairs.
    let [ours, theirs] = rounds(41, || {
        number += 1;
        let ours = certctl(
            &pki,
            &["issue", &format!("rsa{number}"), "--key-type", "rsa2048"],
        )
        .cpu;
        let args = [
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
        ];
        [ours, run("openssl", &args).cpu]
    });
    vec![("`openssl genpkey`, median of 41, CPU", 1.2, ours / theirs)]
}
