//! PKIs of other tools are taken over without losing a revocation: OpenSSL judges each of their certificates, with
//! their CRL before and with ours afterwards.

mod support;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use support::{Certctl, Run, program};

/// What OpenSSL says of each certificate, by its file; no number where it holds.
type Verdicts = BTreeMap<PathBuf, Option<u32>>;

/// X509_V_ERR_CERT_REVOKED
const REVOKED: u32 = 23;

/// Runs a script of bash in the test's directory.
fn script(certctl: &Certctl, script: &str) {
    let mut bash = program("bash");
    let _ = Run::of(
        bash.args(["-euc", script])
            .current_dir(certctl.home())
            .env_remove("OPENSSL_CONF"),
    )
    .expect_status(0);
}

/// What the scripts below call to make CAs and leaves as `NAME.crt` and `NAME.key`.
const TOOLBOX: &str = r#"
ca() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.crt" -subj "/CN=$2" -days 3650 \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign; }
below() { signed "$1" "$2" "$3" "basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign"; }
leaf() { signed "$1" "$2" "$3" "subjectAltName=DNS:$3.test
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth"; }
signed() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$2.key" -out csr -subj "/CN=$3"
    openssl x509 -req -in csr -CA "$1.crt" -CAkey "$1.key" -out "$2.crt" -days 365 -extfile <(printf '%s\nauthorityKeyIdentifier=keyid\n' "$4"); rm csr; }
"#;

/// The verdict on a certificate with these CAs and CRLs, `at` so many days from now.
fn verdict(certctl: &Certctl, anchors: &str, certificate: &Path, days: u64) -> Option<u32> {
    let file = certctl.home().join("anchors.pem");
    fs::write(&file, anchors).expect("writable");
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970");
    let at = (now.as_secs() + days * 24 * 3600).to_string();
    let mut openssl = program("openssl");
    openssl
        .args(["verify", "-attime", &at, "-CAfile"])
        .arg(&file);
    if anchors.contains("X509 CRL") {
        openssl.arg("-crl_check");
    }
    let run = Run::of(openssl.arg(certificate));
    match run.status {
        Some(0) => None,
        _ => {
            let number = run.stderr.split("error ").nth(1);
            let number = number.and_then(|rest| rest.split(' ').next()?.parse().ok());
            Some(number.unwrap_or_else(|| panic!("{}: {}", certificate.display(), run.stderr)))
        }
    }
}

/// Verdicts on all certificates, today and in two days.
fn verdicts(certctl: &Certctl, anchors: &str, certificates: &[PathBuf]) -> [Verdicts; 2] {
    [0, 2].map(|days| {
        let verdict = |path: &PathBuf| (path.clone(), verdict(certctl, anchors, path, days));
        certificates.iter().map(verdict).collect()
    })
}

/// Files below a folder whose names end so.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("readable").path();
            let name = path.to_string_lossy().into_owned();
            match path.is_dir() {
                true => folders.push(path),
                false if endings.iter().any(|ending| name.ends_with(ending)) => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(certctl: &Certctl, line: &str) -> serde_json::Value {
    let words: Vec<_> = line.split(' ').collect();
    let run = certctl.run(&words).expect_status(0);
    serde_json::from_str(&run.stdout).expect("JSON")
}

/// Imports with the keys, makes our CRLs, and compares the verdicts with those of the source's own CRL.
fn keeps_verdicts(
    certctl: &Certctl,
    source: &str,
    ca: &str,
    crl: &str,
    certificates: &[PathBuf],
) -> Verdicts {
    let home = certctl.home();
    let (ca, crl) = (read(home.join(ca)), read(home.join(crl)));
    let before = verdicts(certctl, &(ca.clone() + &crl), certificates);
    let untouched = snapshot(&home.join(source));
    let _ = certctl
        .run(&["import", source, "--keys", "--ca", "theirs"])
        .expect_status(0);
    assert_eq!(
        snapshot(&home.join(source)),
        untouched,
        "the source was changed"
    );
    let _ = certctl.run(&["crl", "--ca", "theirs"]).expect_status(0);
    let ours = read(certctl.pki("ca/theirs/crl.pem"));
    let after = verdicts(certctl, &(ca + &ours), certificates);
    assert_eq!(after, before);
    let again = certctl.run(&["import", source, "--keys", "--detailed-exitcode"]);
    let _ = again.expect_status(0);
    let _ = certctl.run(&["log", "--verify"]).expect_status(0);
    let [today, _] = before;
    today
}

/// Every file with its content and mode.
fn snapshot(folder: &Path) -> Vec<(PathBuf, Vec<u8>, u32)> {
    let all = files(folder, &[""]);
    let one = |path: PathBuf| {
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        let octets = fs::read(&path).expect("readable");
        (path, octets, mode)
    };
    all.into_iter().map(one).collect()
}

fn count(verdicts: &Verdicts, wanted: Option<u32>) -> usize {
    verdicts.values().filter(|found| **found == wanted).count()
}

/// What came from elsewhere goes on: each of its roots makes way for one that nothing is wrong with, and so does what
/// that signs, by the letter of RFC 5280.
fn rotates(certctl: &Certctl) {
    let listed = json(certctl, "list --json");
    let all = listed["entries"].as_array().expect("entries").iter();
    let of = |is_meant: fn(&str) -> bool| {
        let meant = all.clone();
        let meant = meant.filter(move |it| is_meant(it["kind"].as_str().expect("a word")));
        let names = meant.map(|it| it["name"].as_str().expect("a name").to_owned());
        names.collect::<Vec<_>>()
    };
    for root in of(|kind| kind == "root") {
        for words in [
            &["start", &root][..],
            &["ack", "--all"],
            &["switch"],
            &["ack", "--all"],
            &["finish"],
        ] {
            let _ = certctl
                .run(&[&["rotate-ca"], words].concat())
                .expect_status(0);
        }
    }
    for entry in of(|kind| !["root", "intermediate"].contains(&kind)) {
        let _ = certctl.run(&["verify", &entry]).expect_status(0);
    }
}

#[test]
fn easy_rsa() {
    let certctl = Certctl::new();
    script(
        &certctl,
        r"e=/usr/share/easy-rsa/easyrsa
        export EASYRSA_BATCH=1 EASYRSA_PKI=$PWD/pki-of-theirs EASYRSA_SILENT=1 EASYRSA_ALGO=ec EASYRSA_CURVE=prime256v1
        $e init-pki
        $e --req-cn='VPN CA' build-ca nopass
        mkdir kept
        for name in node1 node2 node3 node4; do $e build-server-full $name nopass; cp pki-of-theirs/issued/$name.crt kept; done
        EASYRSA_CERT_EXPIRE=1 $e build-client-full app nopass
        cp pki-of-theirs/issued/app.crt kept/app-old.crt
        $e renew app nopass
        cp pki-of-theirs/issued/app.crt kept
        $e revoke node2 keyCompromise
        $e revoke node3 superseded
        rm pki-of-theirs/revoked/certs_by_serial/* # of these only the index knows
        $e revoke node4
        $e gen-crl",
    );
    let certificates = files(&certctl.home().join("kept"), &[".crt"]);
    let verdicts = keeps_verdicts(
        &certctl,
        "pki-of-theirs",
        "pki-of-theirs/ca.crt",
        "pki-of-theirs/crl.pem",
        &certificates,
    );
    assert_eq!(
        (count(&verdicts, Some(REVOKED)), count(&verdicts, None)),
        (3, 3)
    );
    for name in ["app", "node1"] {
        let mode = fs::metadata(certctl.pki(format!("certs/{name}/key.pem"))).expect("taken over");
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    }
    // What is in the archive by then gets no key any more, which is said.
    let late = ["import", "pki-of-theirs", "--dir", "late"];
    let _ = certctl.run(&late).expect_status(0);
    let keys = certctl.run(&[&late[..], &["--keys"]].concat());
    let keys = keys.expect_status(0);
    assert!(
        keys.stderr
            .contains("the keys of 2 certificates in the archive"),
        "{keys:?}"
    );
    // What came here goes on here.
    let _ = certctl.run(&["renew", "node1", "--force"]).expect_status(0);
    let _ = certctl.run(&["revoke", "node1", "--yes"]).expect_status(0);
    let _ = certctl
        .run(&["issue", "node5", "--ca", "theirs"])
        .expect_status(0);
    let anchor = read(certctl.home().join("pki-of-theirs/ca.crt"));
    assert_eq!(
        verdict(&certctl, &anchor, &certctl.pki("certs/node5/cert.pem"), 0),
        None
    );
    // easy-rsa's basicConstraints are not critical, which ends with the CA's next certificate, and with the next CA.
    let _ = certctl.run(&["verify", "node5"]).expect_status(3);
    let renewed = certctl.run(&["renew", "theirs", "--force"]);
    let renewed = renewed.expect_status(0);
    // It writes the CA's serial number into what it issues.
    assert!(renewed.stderr.contains("renew app --force"), "{renewed:?}");
    let _ = certctl.run(&["renew", "app", "--force"]).expect_status(0);
    let _ = certctl.run(&["verify", "app", "node5"]).expect_status(0);
    rotates(&certctl);
}

#[test]
fn openssl_ca() {
    let certctl = Certctl::new();
    script(
        &certctl,
        r#"mkdir -p demoCA/newcerts demoCA/private; cd demoCA; touch index.txt; echo 01 > serial; echo 1000 > crlnumber
        cat > ca.cnf <<'END'
[ca]
default_ca=a
[a]
dir=.
database=index.txt
new_certs_dir=newcerts
serial=serial
crlnumber=crlnumber
certificate=cacert.pem
private_key=private/cakey.pem
default_md=sha256
default_days=365
default_crl_days=30
policy=p
unique_subject=no
[p]
commonName=supplied
END
        openssl req -x509 -newkey rsa:2048 -nodes -keyout private/cakey.pem -out cacert.pem -subj '/CN=Old CA' -days 3650 -addext keyUsage=critical,keyCertSign,cRLSign
        openssl req -newkey rsa:2048 -nodes -keyout k -out r -subj /CN=x
        o() { openssl ca -config ca.cnf -batch -notext "$@"; }
        for name in a b b c d e f; do o -in r -subj /CN=$name; done
        o -in r -subj /CN=ended -startdate 20200101000000Z -enddate 20210101000000Z
        o -in r -subj /CN=ended-and-revoked -startdate 20200101000000Z -enddate 20210101000000Z
        o -revoke newcerts/02.pem -crl_reason superseded; o -revoke newcerts/04.pem -crl_reason keyCompromise
        o -revoke newcerts/05.pem -crl_hold holdInstructionReject; o -revoke newcerts/06.pem -crl_compromise 20250101000000Z
        o -revoke newcerts/09.pem
        mv newcerts ../all; mkdir newcerts; cp ../all/0[1235].pem newcerts; rm k r
        o -gencrl -out crl.pem"#,
    );
    let certificates = files(&certctl.home().join("all"), &[".pem"]);
    let source = "demoCA";
    let verdicts = keeps_verdicts(
        &certctl,
        source,
        "demoCA/cacert.pem",
        "demoCA/crl.pem",
        &certificates,
    );
    assert_eq!(
        (count(&verdicts, Some(REVOKED)), count(&verdicts, None)),
        (5, 3)
    );
    let crl = json(&certctl, "inspect pki/ca/theirs/crl.pem --json");
    assert!(
        crl.to_string().contains("4097"),
        "the number after 0x1000: {crl}"
    );
    // Known by its serial number alone, and revoked all the same.
    let _ = certctl
        .run(&["revoke", "--serial", "07", "--yes"])
        .expect_status(0);
    let _ = certctl.run(&["crl", "--ca", "theirs"]).expect_status(0);
    let anchors =
        read(certctl.home().join("demoCA/cacert.pem")) + &read(certctl.pki("ca/theirs/crl.pem"));
    let seventh = certctl.home().join("all/07.pem");
    assert_eq!(verdict(&certctl, &anchors, &seventh, 0), Some(REVOKED));
    // A hold that theirs began ends here.
    let _ = certctl
        .run(&["revoke", "d", "--reason", "removeFromCRL"])
        .expect_status(0);
    // What servers are looked for by cannot be made up.
    let refused = certctl.run(&["renew", "a", "--force"]).expect_status(1);
    assert!(refused.stderr.contains("`--san`"), "{refused:?}");
}

#[test]
fn cfssl() {
    let certctl = Certctl::new();
    script(
        &certctl,
        r#"mkdir theirs; cd theirs
        echo '{"CN":"C CA","key":{"algo":"ecdsa","size":256}}' | cfssl gencert -initca - | cfssljson -bare ca
        for name in node1 node2; do
            echo '{"CN":"'$name'","hosts":["'$name'.test"],"key":{"algo":"ecdsa","size":256}}' | cfssl gencert -ca ca.pem -ca-key ca-key.pem -profile x - | cfssljson -bare $name
        done"#,
    );
    let taken = json(&certctl, "import theirs --keys --json");
    assert_eq!(taken["tool"], "cfssl");
    let names: Vec<_> = taken["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|it| it["name"].clone())
        .collect();
    assert_eq!(names, ["node1", "node2"]);
    let _ = certctl.run(&["verify", "node1", "node2"]).expect_status(0);
    let _ = certctl.run(&["revoke", "node2", "--yes"]).expect_status(0);
    let _ = certctl.run(&["crl"]).expect_status(0);
    let anchors =
        read(certctl.home().join("theirs/ca.pem")) + &read(certctl.pki("ca/root/crl.pem"));
    let second = certctl.home().join("theirs/node2.pem");
    assert_eq!(verdict(&certctl, &anchors, &second, 0), Some(REVOKED));
    rotates(&certctl);
}

/// What cfssl has on record in SQLite: of what was issued, whose files may be anywhere, and what was revoked.
#[test]
fn cfssl_database() {
    let certctl = Certctl::new();
    fs::create_dir(certctl.home().join("theirs")).expect("it is ours");
    let db = rusqlite::Connection::open(certctl.home().join("theirs/certdb.db"));
    let tables = db.expect("it is ours").execute_batch(CERTDB);
    tables.expect("SQL");
    script(
        &certctl,
        r#"cd theirs
        echo '{"driver":"sqlite3","data_source":"certdb.db"}' > db.json
        echo '{"CN":"C CA","key":{"algo":"ecdsa","size":256}}' | cfssl gencert -initca - | cfssljson -bare ca
        rm ca.csr
        for name in node1 node2 node3; do
            echo '{"CN":"'$name'","hosts":["'$name'.test"],"key":{"algo":"ecdsa","size":256}}' > request.json
            cfssl genkey request.json | cfssljson -bare $name
            cfssl sign -ca ca.pem -ca-key ca-key.pem -db-config db.json $name.csr | cfssljson -bare $name
            mkdir -p ../away && mv $name.pem $name-key.pem $name.csr ../away
        done
        serial=$(openssl x509 -noout -serial -in ../away/node2.pem)
        serial=$(python3 -c 'import sys; print(int(sys.argv[1], 16))' "${serial#serial=}")
        cfssl revoke -db-config db.json -serial $serial -aki '' -reason keyCompromise || python3 - $serial <<'END'
import sqlite3, sys
db = sqlite3.connect('certdb.db')
db.execute("UPDATE certificates SET status='revoked', reason=1, revoked_at='2026-01-02 03:04:05+00:00' WHERE serial_number=?", sys.argv[1:])
db.commit()
END"#,
    );
    let before = snapshot(&certctl.home().join("theirs"));
    let taken = json(&certctl, "import theirs --keys --json");
    assert_eq!(taken["tool"], "cfssl");
    assert_eq!(snapshot(&certctl.home().join("theirs")), before);
    let _ = certctl.run(&["crl"]).expect_status(0);
    let anchors =
        read(certctl.home().join("theirs/ca.pem")) + &read(certctl.pki("ca/root/crl.pem"));
    for (name, expected) in [("node1", None), ("node2", Some(REVOKED)), ("node3", None)] {
        let file = certctl.home().join(format!("away/{name}.pem"));
        assert_eq!(verdict(&certctl, &anchors, &file, 0), expected, "{name}");
    }
    let again = certctl.run(&["import", "theirs", "--detailed-exitcode"]);
    let _ = again.expect_status(0);
    // What was written last and is not in it could be a revocation.
    fs::write(certctl.home().join("theirs/certdb.db-wal"), "x").expect("it is ours");
    let refused = certctl.run(&["import", "theirs"]).expect_status(1);
    assert!(refused.stderr.contains("certdb.db-wal"), "{refused:?}");
}

/// As cfssl's migrations make it (certdb/sqlite/migrations).
const CERTDB: &str = "CREATE TABLE certificates (serial_number blob NOT NULL,
    authority_key_identifier blob NOT NULL, ca_label blob, status blob NOT NULL, reason int, expiry timestamp,
    revoked_at timestamp, pem blob NOT NULL, PRIMARY KEY (serial_number, authority_key_identifier));
    CREATE TABLE ocsp_responses (serial_number blob NOT NULL, authority_key_identifier blob NOT NULL,
    body blob NOT NULL, expiry timestamp, PRIMARY KEY (serial_number, authority_key_identifier));";

#[test]
fn mkcert() {
    let certctl = Certctl::new();
    script(
        &certctl,
        r"mkdir theirs; cd theirs; export CAROOT=$PWD
        mkcert db.test 10.0.0.1; mkcert '*.web.test'; mkcert -client app.test",
    );
    let taken = json(&certctl, "import theirs --keys --json");
    assert_eq!(taken["tool"], "mkcert");
    let _ = certctl
        .run(&["verify", "db.test-1", "wildcard.web.test"])
        .expect_status(0);
    let _ = certctl.run(&["issue", "node9"]).expect_status(0);
    let _ = certctl.run(&["verify", "node9"]).expect_status(0);
    rotates(&certctl);
}

/// Layouts of tools that are not in the system's packages, laid by hand, each with what it should become.
#[test]
fn other_layouts() {
    for (tool, layout, authorities, entries) in [
        (
            "kubeadm",
            "ca ca kubernetes; mkdir etcd; ca etcd/ca etcd-ca; ca front-proxy-ca front-proxy-ca
             leaf ca apiserver kube-apiserver; leaf ca apiserver-kubelet-client kubelet; leaf etcd/ca etcd/server master; leaf etcd/ca etcd/peer master
             leaf front-proxy-ca front-proxy-client front-proxy-client; openssl genrsa -out sa.key 2048; openssl rsa -in sa.key -pubout -out sa.pub",
            &["etcd", "front-proxy", "kubernetes"][..],
            &["apiserver", "apiserver-kubelet-client", "etcd-peer", "etcd-server", "front-proxy-client"][..],
        ),
        (
            "cockroach",
            "ca old 'Cockroach CA'; leaf old client.old old; sleep 1; ca ca 'Cockroach CA'; cat ca.crt old.crt > both; leaf ca node node
             leaf ca client.root root; mv both ca.crt; mkdir safe; mv ca.key safe/; rm old.*",
            &["root", "root-2"],
            &["client.old", "client.root", "node"],
        ),
        (
            "step",
            "mkdir certs secrets; ca certs/root_ca Root; below certs/root_ca certs/intermediate_ca Intermediate; leaf certs/intermediate_ca certs/web web
             openssl pkcs8 -topk8 -v2 aes256 -in certs/root_ca.key -passout pass:abc -out secrets/root_ca_key; mv certs/intermediate_ca.key secrets/intermediate_ca_key
             mv certs/web.key .; rm certs/root_ca.key",
            &["intermediate", "root"],
            &["web"],
        ),
        (
            "minica",
            "ca minica 'minica root'; mv minica.crt minica.pem; mv minica.key minica-key.pem; ln -s minica.pem minica.crt; ln -s minica-key.pem minica.key
             for name in a.test b.test; do mkdir $name; leaf minica $name/x $name; mv $name/x.crt $name/cert.pem; mv $name/x.key $name/key.pem; done; rm minica.crt minica.key",
            &["root"],
            &["a.test", "b.test"],
        ),
        (
            "certstrap",
            "mkdir out; cd out; ca Acme Acme; leaf Acme db db; leaf Acme gone gone; touch index; echo 05 > n
             printf '[ca]\\ndefault_ca=a\\n[a]\\ndatabase=index\\ncrlnumber=n\\ndefault_md=sha256\\n' > cnf
             openssl ca -config cnf -cert Acme.crt -keyfile Acme.key -revoke gone.crt; openssl ca -config cnf -cert Acme.crt -keyfile Acme.key -gencrl -crldays 30 -out Acme.crl
             rm index* n* cnf gone.*",
            &["Acme"],
            &["db"],
        ),
    ] {
        let certctl = Certctl::new();
        let folder = certctl.home().join("theirs");
        fs::create_dir(&folder).expect("made");
        script(&certctl, &format!("{TOOLBOX}\ncd theirs\n{layout}"));
        let told = certctl.run(&["import", "theirs", "-n"]).expect_status(0);
        let is_told = told.stderr.contains("whoever has this file trusts `root` and `root-2`");
        assert_eq!(is_told, tool == "cockroach", "{tool}: {}", told.stderr);
        let taken = json(&certctl, "import theirs --keys --json");
        assert_eq!(taken["tool"], tool);
        let listed = json(&certctl, "list --json");
        let names = |is_authority: bool| {
            let all = listed["entries"].as_array().expect("entries").iter();
            let is_meant = |it: &&serde_json::Value| {
                ["root", "intermediate"].contains(&it["kind"].as_str().expect("a word")) == is_authority
            };
            let mut names: Vec<_> = all.filter(is_meant).map(|it| it["name"].as_str().expect("a name")).collect();
            names.sort_unstable();
            names
        };
        assert_eq!((names(true), names(false)), (authorities.to_vec(), entries.to_vec()), "{tool}");
        let targets: Vec<_> = ["verify"].iter().chain(entries).collect();
        let _ = certctl.run(&targets).expect_status(0);
        if tool == "certstrap" {
            let next = json(&certctl, "crl --ca Acme --json");
            assert_eq!(next["crls"][0]["number"], 6, "{next}");
            assert_eq!(next["crls"][0]["revoked"], 1, "{next}");
        }
    }
}

/// Names that lead elsewhere, what is no file, other CAs' certificates, the same certificate twice.
#[test]
fn hostile_sources() {
    let certctl = Certctl::new();
    script(
        &certctl,
        &format!(
            "{TOOLBOX}
            mkdir -p theirs/issued theirs/private theirs/certs_by_serial; cd theirs; ca ca 'VPN CA'; mv ca.key private/; ln -s private/ca.key ca.key
            leaf ca a a; cp a.crt issued/a.crt; cp a.crt issued/b.crt; mv a.key private/a.key; mv a.crt certs_by_serial/01.pem
            signed ca x '..\\/..\\/..\\/etc\\/passwd' keyUsage=critical,digitalSignature; mv x.crt certs_by_serial/02.pem; rm x.key
            leaf ca long $(printf 'n%.0s' {{1..60}}); mv long.crt issued/$(printf 'l%.0s' {{1..200}}).crt; rm long.key
            ca other Other; leaf other foreign foreign; mv foreign.crt issued/; rm foreign.key other.*
            head -c 100 issued/a.crt > issued/cut.crt; echo nonsense > issued/nonsense.crt
            mkfifo issued/fifo.crt crl.pem.fifo; rm ca.key; touch index.txt
            mkdir -p crls issued/$(printf 'd/%.0s' {{1..9}}); echo x > crls/old-crl.pem; ln -s /tmp revoked; touch issued/$'\\xff.crt'"
        ),
    );
    let theirs = certctl.home().join("theirs");
    fs::write(
        certctl.home().join("secret.crt"),
        read(theirs.join("issued/a.crt")),
    )
    .expect("writable");
    symlink("../../secret.crt", theirs.join("issued/out.crt")).expect("made");
    let huge = fs::File::create(theirs.join("issued/huge.crt")).expect("made");
    huge.set_len(1 << 40).expect("sparse");
    let run = certctl
        .run(&["import", "theirs", "--keys"])
        .expect_status(0);
    for words in [
        "theirs/issued/b.crt: the same certificate as theirs/certs_by_serial/01.pem",
        "theirs/issued/foreign.crt (of CN=Other)",
        "theirs/issued/out.crt: passed over: it is a symlink",
        "theirs/issued/fifo.crt: passed over: it is no regular file",
        "theirs/issued/huge.crt: it is larger than",
        "passed over: it is a symlink, which is not followed: theirs/revoked\n",
        "passed over: it is no regular file: theirs/crl.pem.fifo\n",
        "passed over: no CRL has its place there, and `--crl FILE` reads one: theirs/crls/old-crl.pem\n",
        "passed over: its name is not UTF-8",
        "passed over: no tool keeps files so deep: theirs/issued/d/",
        "theirs/issued/nonsense.crt: ",
        "theirs/issued/cut.crt: ",
        "`../../../etc/passwd` is `etc-passwd` here",
    ] {
        assert!(run.stderr.contains(words), "{words}\n{}", run.stderr);
    }
    let mut names: Vec<_> = fs::read_dir(certctl.pki("certs"))
        .expect("made")
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .into_string()
                .expect("text")
        })
        .collect();
    names.sort();
    assert_eq!(names, ["a", "etc-passwd", &"l".repeat(120)]);
    let _ = certctl.run(&["log", "--verify"]).expect_status(0);
}

/// CAs that share a name, and CAs with several certificates: what is left out is told with its reason.
#[test]
fn namesakes() {
    let certctl = Certctl::in_memory();
    script(
        &certctl,
        &format!(
            "{TOOLBOX}
            mkdir -p theirs/issued theirs/private; cd theirs; touch index.txt; ca ca Same; leaf ca issued/a a
            ca other Same; leaf other issued/b b; openssl req -new -key other.key -subj /CN=x -out csr
            mkdir db; touch db/index; echo 07 > db/n; printf '[ca]\ndefault_ca=a\n[a]\ndatabase=db/index\ncrlnumber=db/n\ndefault_md=sha256\n' > db/cnf
            openssl ca -config db/cnf -cert other.crt -keyfile other.key -revoke issued/b.crt
            openssl ca -config db/cnf -cert other.crt -keyfile other.key -gencrl -crldays 30 -out crl.pem; rm -r db csr
            mv ca.key issued/*.key private/; mv other.crt issued/"
        ),
    );
    let run = certctl.run(&["import", "theirs", "--keys"]);
    let run = run.expect_status(0);
    for words in [
        "theirs/issued/other.crt: left out, for it is another CA's: CN=Same",
        "another CA has signed it: theirs/issued/b.crt (of another CN=Same)",
        "theirs/crl.pem: left out, for no CA here or there has signed this CRL",
    ] {
        assert!(run.stderr.contains(words), "{words}\n{}", run.stderr);
    }
    let made = json(&certctl, "crl --json");
    assert_eq!(made["crls"][0]["number"], 1, "of the other's numbers none");
    // The CA's next certificate, for the same key.
    script(
        &certctl,
        "cd theirs; sleep 1; openssl x509 -in ca.crt -signkey private/ca.key -days 4000 -set_serial 77 -out next.crt; mv next.crt ca.crt",
    );
    let again = certctl.run(&["import", "theirs"]).expect_status(0);
    let command = "install ca/root theirs/ca.crt";
    assert!(again.stderr.contains(command), "{}", again.stderr);
    let words: Vec<_> = command.split(' ').collect();
    let _ = certctl.run(&words).expect_status(0);
    let last = certctl.run(&["import", "theirs"]).expect_status(0);
    assert!(!last.stderr.contains(command), "{}", last.stderr);
    let _ = certctl.run(&["verify", "a"]).expect_status(0);
}

/// Nothing is written where another tool keeps its files, which may be called as our directory is.
#[test]
fn no_pki_in_a_source() {
    let certctl = Certctl::in_memory();
    script(
        &certctl,
        &format!(
            "{TOOLBOX}
            mkdir -p pki/issued pki/private; cd pki; touch index.txt; ca ca Theirs; leaf ca issued/a a; mv ca.key issued/*.key private/"
        ),
    );
    let before = snapshot(&certctl.home().join("pki"));
    for source in ["pki", ".", "pki/../pki"] {
        let refused = certctl.run(&["import", source, "--keys"]).expect_status(4);
        assert!(refused.stderr.contains("`--dir DIR`"), "{refused:?}");
    }
    assert_eq!(snapshot(&certctl.home().join("pki")), before);
    let _ = certctl
        .run(&["import", ".", "--keys", "--dir", "ours"])
        .expect_status(0);
    assert_eq!(snapshot(&certctl.home().join("pki")), before);
}

/// A hundred thousand lines take no time that grows faster than they do.
#[test]
fn long_indexes() {
    let certctl = Certctl::in_memory();
    script(
        &certctl,
        &format!(
            "{TOOLBOX}
            mkdir -p theirs/private; cd theirs; ca ca Old; mv ca.key private/; echo 2000 > crlnumber
            seq 1 100000 | awk '{{ printf \"%s\\t401201000000Z\\t%s\\t%08X\\tunknown\\t/CN=same\\n\", ($1 % 10 ? \"V\" : \"R\"), ($1 % 10 ? \"\" : \"250101000000Z\"), $1 }}' > index.txt"
        ),
    );
    let begin = Instant::now();
    let run = certctl
        .run(&["import", "theirs", "--from", "openssl-ca", "--keys"])
        .expect_status(0);
    let taken = begin.elapsed();
    assert!(
        run.stdout
            .contains("90000 known by the serial alone, 10000 revoked and known"),
        "{}",
        run.stdout
    );
    // Some four seconds where nothing else runs, of a build without optimisation.
    assert!(taken < Duration::from_secs(120), "{taken:?}");
    let crl = json(&certctl, "crl --json");
    assert_eq!(crl["crls"][0]["revoked"], 10_000);
    assert_eq!(crl["crls"][0]["number"], 0x2000, "as the file says");
}
