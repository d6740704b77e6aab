//! What is judged: a chain per key type, made once by the built program through its command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use crate::support::{Certctl, openssl};

/// The key types of a root, its two intermediates and its node.
pub(crate) struct Chain {
    pub(crate) name: &'static str,
    key_types: [&'static str; 4],
}

impl Chain {
    const fn of(key_type: &'static str) -> Self {
        Self {
            name: key_type,
            key_types: [key_type; 4],
        }
    }
}

/// All that every judge must know. In the last one each signature is of another kind than the key that it covers.
pub(crate) const CHAINS: [Chain; 7] = [
    Chain::of("p256"),
    Chain::of("p384"),
    Chain::of("ed25519"),
    Chain::of("rsa2048"),
    Chain::of("rsa3072"),
    Chain::of("rsa4096"),
    Chain {
        name: "mixed",
        key_types: ["rsa2048", "p384", "ed25519", "p256"],
    },
];

/// A chain that the others' owners do not trust.
pub(crate) const STRANGER: Chain = Chain {
    name: "stranger",
    ..Chain::of("p256")
};

/// A CA certificate that breaks RFC 5280: no keyUsage (§4.2.1.3), basicConstraints not critical (§4.2.1.9).
pub(crate) const UNFIT: &str = "unfit.pem";

/// The directory that holds a PKI directory for each chain.
pub(crate) fn material() -> &'static Path {
    static MATERIAL: OnceLock<PathBuf> = OnceLock::new();
    MATERIAL.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judges");
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).expect("the target directory can be written");
        thread::scope(|scope| {
            for chain in CHAINS.iter().chain([&STRANGER]) {
                scope.spawn(|| make(chain, &directory.join(chain.name)));
            }
        });
        make_unfit(&directory);
        directory
    })
}

fn make(chain: &Chain, pki: &Path) {
    let certctl = Certctl::new();
    let run = |command: &str, key_type: &str| {
        let words = command.split(' ').chain(["--key-type", key_type, "--dir"]);
        let arguments = words.map(AsRef::as_ref).chain([pki.as_os_str()]);
        let _ = certctl.run(&arguments.collect::<Vec<_>>()).expect_status(0);
    };
    let [root, policy, issuing, leaf] = chain.key_types;
    run("init-ca root", root);
    run("init-intermediate policy --ca root --path-len 1", policy);
    run("init-intermediate issuing --ca policy", issuing);
    run(
        "issue node1 --san node1.db.internal,10.0.0.1 --local --ca issuing",
        leaf,
    );
    run("issue app --profile client --ca issuing", "p256");
    leave_alone(&pki.join("certs/node1"), &pki.join("alone"));
}

/// Copies an entry without its intermediates.
fn leave_alone(entry: &Path, alone: &Path) {
    const END: &str = "-----END CERTIFICATE-----\n";
    let chain = fs::read_to_string(entry.join("cert.pem")).expect("the entry has a chain");
    let (leaf, _) = chain.split_once(END).expect("a chain is PEM");
    fs::create_dir(alone).expect("the PKI directory can be written");
    fs::write(alone.join("cert.pem"), format!("{leaf}{END}")).expect("a file can be written");
    for file in ["key.pem", "ca.pem"] {
        fs::copy(entry.join(file), alone.join(file)).expect("a file can be copied");
    }
}

fn make_unfit(directory: &Path) {
    const CONFIGURATION: &str = "\
        [req]\ndistinguished_name = name\nx509_extensions = extensions\n[name]\n\
        [extensions]\nbasicConstraints = CA:TRUE\n";
    let configuration = directory.join("unfit.cnf");
    fs::write(&configuration, CONFIGURATION).expect("a file can be written");
    let made = directory.join(UNFIT);
    let words = "req -x509 -newkey ed25519 -nodes -keyout /dev/null -subj /CN=unfit -config";
    let arguments = words.split(' ').map(AsRef::as_ref);
    let files = [configuration.as_os_str(), "-out".as_ref(), made.as_os_str()];
    let _ = openssl(&arguments.chain(files).collect::<Vec<_>>()).expect_status(0);
}
