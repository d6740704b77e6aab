//! Programs that crash, hang, speak nonsense, sign with another key or lose their tongue: a clear error, and nothing
//! left behind.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::{scene::Scene, support::openssl};

/// A program that does as it is told: by the URI when it is opened, by the file `fault` when it signs.
const PROGRAM: &str = r#"#!/usr/bin/env python3
import base64, json, os, subprocess, sys, time

def openssl(*words, octets=b""):
    done = subprocess.run(["openssl", *words], input=octets, capture_output=True, check=True)
    return base64.b64encode(done.stdout).decode()

def faulty(fault, id):
    if fault == "crash":
        print("out of cheese", file=sys.stderr)
        os.abort()
    if fault == "exit":
        sys.exit(0)
    if fault == "hang":
        time.sleep(600)
    if fault == "nonsense":
        print("hello", flush=True)
    if fault == "long":
        sys.stdout.write("x" * 100000)
    if fault == "half":
        sys.stdout.write('{"id":')
        sys.stdout.flush()
        os._exit(3)
    if fault == "other-id":
        print(json.dumps({"id": id + 7, "signature": "AAAA"}), flush=True)
    if fault == "empty":
        print(json.dumps({"id": id}), flush=True)
    if fault == "both":
        print(json.dumps({"id": id, "signature": "AAAA", "error": "x"}), flush=True)
    if fault == "garbage":
        print(json.dumps({"id": id, "signature": "AAAA"}), flush=True)
    if fault == "refuse":
        print(json.dumps({"id": id, "error": "not today \x1b[31m", "hint": "ask again tomorrow"}), flush=True)
    if fault == "pin-again":
        print(json.dumps({"id": id, "pin_of": "it"}), flush=True)
    time.sleep(1)

for line in sys.stdin:
    asked = json.loads(line)
    if asked["op"] == "open":
        fault = asked["key"].partition(":")[2]
        key = "key.pem"
        if fault == "weak":
            key = "weak.pem"
        elif fault == "pin":
            if "pin" not in asked:
                print(json.dumps({"id": asked["id"], "pin_of": "the box"}), flush=True)
            else:
                print("my stderr says " + asked["pin"], file=sys.stderr, flush=True)
                print(json.dumps({"id": asked["id"], "error": "bad PIN " + asked["pin"], "kind": "pin"}), flush=True)
            continue
        elif fault:
            faulty(fault, asked["id"])
            continue
        print(json.dumps({"id": asked["id"], "public_key": openssl("pkey", "-in", key, "-pubout", "-outform", "DER")}), flush=True)
    else:
        fault = open("fault").read() if os.path.exists("fault") else ""
        if fault and fault not in ("other-key", "other-message"):
            faulty(fault, asked["id"])
            continue
        key = "other.pem" if fault == "other-key" else "key.pem"
        message = base64.b64decode(asked["message"])
        if fault == "other-message":
            message += b"!"
        signature = openssl("dgst", "-sha256", "-sign", key, octets=message)
        print(json.dumps({"id": asked["id"], "signature": signature}), flush=True)
"#;

fn scene() -> Scene {
    let mut scene = Scene::new();
    scene.install("certctl-signer-box", PROGRAM);
    for name in ["key.pem", "other.pem"] {
        let path = scene.path(name).display().to_string();
        let words = [
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            &path,
        ];
        let _ = openssl(&words).expect_status(0);
    }
    let path = scene.path("weak.pem").display().to_string();
    let words = [
        "genpkey",
        "-algorithm",
        "RSA",
        "-pkeyopt",
        "rsa_keygen_bits:1024",
        "-out",
        &path,
    ];
    let _ = openssl(&words).expect_status(0);
    scene.set("CERTCTL_SIGNER_TIMEOUT", "2");
    scene
}

/// What is said of each fault.
const FAULTS: [(&str, &str); 12] = [
    (
        "crash",
        "ended unasked (signal: 6 (SIGABRT) (core dumped)); it said: out of cheese",
    ),
    ("exit", "ended unasked (exit status: 0)"),
    ("hang", "did not answer within 2 s"),
    ("nonsense", "no answer of the signer protocol"),
    ("long", "wrote a line longer than 64 KiB"),
    ("half", "ended within a line"),
    ("other-id", "answers what nobody asked"),
    ("empty", "no answer of the signer protocol"),
    ("both", "no answer of the signer protocol"),
    ("garbage", "signature"),
    ("refuse", "not today \\u{1b}[31m"),
    ("pin-again", ""),
];

#[test]
fn whatever_goes_wrong_when_a_key_is_opened_leaves_nothing() {
    let scene = scene();
    for (fault, words) in FAULTS {
        let begun = Instant::now();
        let status = if fault == "pin-again" { 2 } else { 1 };
        let said = scene
            .run(&format!("init-ca root --key-uri box:{fault}"), status)
            .stderr;
        let words = words.replace(" (core dumped)", "");
        let said = said.replace(" (core dumped)", "");
        assert!(said.contains(&words), "{fault}: {said}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{fault}");
        scene.nothing_left();
    }
    let weak = scene.run("init-ca root --key-uri box:weak", 1).stderr;
    assert!(
        weak.contains("1024 bits") && weak.contains("rsa2048"),
        "{weak}"
    );
    let absent = scene.run("init-ca root --key-uri nobody:x", 1).stderr;
    assert!(
        absent.contains("`certctl-signer-nobody` is not there"),
        "{absent}"
    );
    scene.install("certctl-signer-broken", "#!/no/such/interpreter\n");
    let broken = scene.run("init-ca root --key-uri broken:x", 1).stderr;
    assert!(broken.contains("cannot be run"), "{broken}");
    scene.nothing_left();
}

#[test]
fn whatever_goes_wrong_when_it_signs_leaves_nothing() {
    let scene = scene();
    let _ = scene.run("init-ca root --key-uri box:", 0);
    let more = [
        (
            "other-key",
            "a signature that does not hold with the CA's public key",
        ),
        (
            "other-message",
            "a signature that does not hold with the CA's public key",
        ),
    ];
    for (fault, words) in FAULTS.into_iter().chain(more) {
        fs::write(scene.path("fault"), fault).expect("written");
        let words = words.replace(" (core dumped)", "");
        for command in [
            "issue node1",
            "issue n1 n2 n3",
            "init-intermediate issuing",
            "crl",
            "renew root --force",
        ] {
            let said = scene.run(command, 1).stderr.replace(" (core dumped)", "");
            assert!(
                said.contains("certctl-signer-box") && said.contains(&words),
                "{fault}: {said}"
            );
            // What mends it is the program's to say.
            let is_helped = said.contains("hint: ask again tomorrow");
            assert_eq!(is_helped, fault == "refuse", "{fault}, {command}: {said}");
            if fault == "hang" {
                break;
            }
        }
        let list = scene.run("list --json", 0).stdout;
        assert_eq!(list.matches("\"serial\"").count(), 1, "{list}");
        let _ = scene.run("log --verify", 0);
        assert!(
            !scene.certctl.pki("certs").exists()
                || fs::read_dir(scene.certctl.pki("certs"))
                    .expect("read")
                    .next()
                    .is_none()
        );
        assert!(!scene.certctl.pki("ca/root/crl.pem").exists());
    }
    fs::remove_file(scene.path("fault")).expect("it was made");
    let _ = scene.run("issue node1", 0);
    // Another key under the same name is seen before anything is signed.
    fs::copy(scene.path("other.pem"), scene.path("key.pem")).expect("copied");
    let other = scene.run("issue node2", 1).stderr;
    assert!(
        other.contains("not that of the certificate of the CA `root`"),
        "{other}"
    );
}

#[test]
fn a_pin_is_shown_nowhere() {
    let mut scene = scene();
    scene.set("BOX_PIN", "9274-secret");
    fs::write(scene.path("pin"), "9274-secret\n").expect("written");
    let none = scene.run("init-ca root --key-uri box:pin", 2).stderr;
    assert!(
        none.contains("PIN of the box is needed") && none.contains("--pin-file"),
        "{none}"
    );
    for option in [
        "--pin-file pin",
        "--pin-env BOX_PIN",
        "--passphrase-file root=pin",
    ] {
        for json in ["", " --json", " -v"] {
            let run = scene.run(&format!("init-ca root --key-uri box:pin {option}{json}"), 1);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(said.contains("bad PIN …"), "{said}");
            assert!(!said.contains("9274"), "{said}");
        }
    }
    let typed = scene
        .run("init-ca root --key-uri box:x?pin-value=9274", 2)
        .stderr;
    assert!(!typed.contains("9274"), "{typed}");
    let ledger = fs::read(scene.certctl.pki("ledger.db")).unwrap_or_default();
    assert!(!ledger.windows(4).any(|it| it == b"9274"));
}

#[test]
fn a_directory_cannot_say_what_is_run_or_loaded() {
    let scene = scene();
    let _ = scene.run("init-ca root --key-uri box:", 0);
    let uri = scene.certctl.pki("ca/root/key.uri");
    for text in [
        "../../bin/sh:x\n",
        "/bin/sh:x\n",
        "Box:\n",
        "box:?module-path=/tmp/evil.so\n",
        "pkcs11:object=root;module-path=/tmp/evil.so\n",
        "pkcs11:object=root;pin-source=/etc/shadow\n",
        "box:\nbox:\n",
        "",
        "box",
    ] {
        fs::write(&uri, text).expect("written");
        let said = scene.run("issue node1", 1).stderr;
        assert!(said.contains("key.uri"), "{text}: {said}");
        assert!(scene.run("check", 3).stdout.contains("malformed"), "{text}");
    }
    fs::remove_file(&uri).expect("it was made");
    std::os::unix::fs::symlink(scene.path("fault"), &uri).expect("made");
    fs::write(scene.path("fault"), "box:\n").expect("written");
    let _ = scene.run("issue node1", 1);
}
