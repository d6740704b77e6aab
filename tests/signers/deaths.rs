//! Deaths in the middle of a batch that a token signs: of the program that has the token, of certctl, and of both.

use std::{fs, path::Path};

use crate::{
    scene::Scene,
    softhsm::{pkcs11_tool, scene},
    support::Run,
};

/// Stands before the program that has the token, and counts what is to be signed: at a number that `kill` names, it
/// kills whom that names.
const BEFORE: &str = r#"#!/usr/bin/env python3
import os, signal, subprocess, sys

whom, at = "nobody", 0
if os.path.exists("kill"):
    whom, at = open("kill").read().split()
child = subprocess.Popen(["REAL"], stdin=subprocess.PIPE)
count = 0
for line in sys.stdin.buffer:
    count += b'"op":"sign"' in line
    if count == int(at) and whom != "nobody":
        if whom != "certctl":
            child.kill()
        if whom != "signer":
            os.kill(os.getppid(), signal.SIGKILL)
        if whom != "certctl":
            os._exit(1)
        whom = "nobody"
    child.stdin.write(line)
    child.stdin.flush()
"#;

/// How many one command issues, and at which of their signatures somebody dies.
const BATCH: usize = 40;
const MOMENTS: [usize; 4] = [1, 2, BATCH / 2, BATCH];

#[test]
fn leave_nothing_half() {
    let scene = scene();
    let own = Path::new(env!("CARGO_BIN_EXE_certctl-signer-pkcs11"));
    let before = BEFORE.replace("REAL", &own.display().to_string());
    scene.install("certctl-signer-pkcs11", before);
    let root = "init-ca root --key-uri pkcs11:token=ca;object=root --generate --pin-file pin";
    let _ = scene.run(root, 0);
    let mut batches = 0;
    for whom in ["signer", "certctl", "both"] {
        for moment in MOMENTS {
            let names = format!("b{batches}-n{{1..{BATCH}}}");
            let line = format!("issue {names} --pin-file pin");
            fs::write(scene.path("kill"), format!("{whom} {moment}")).expect("written");
            let run = Run::of(&mut scene.command(&line));
            let status = (whom == "signer").then_some(1);
            assert_eq!(run.status, status, "{whom} {moment}: {run:?}");
            if whom == "signer" {
                assert!(
                    run.stderr.contains("certctl-signer-pkcs11"),
                    "{moment}: {run:?}"
                );
            }
            fs::remove_file(scene.path("kill")).expect("it was written");
            assert_eq!(in_use(&scene), batches * BATCH + 1, "{whom} {moment}");
            assert_eq!(directories(&scene), batches * BATCH, "{whom} {moment}");
            let _ = scene.run(&line, 0);
            batches += 1;
            assert_eq!(in_use(&scene), batches * BATCH + 1, "{whom} {moment}");
        }
    }
    let _ = scene.run("log --verify", 0);
    let _ = scene.run("check", 0);
    // The token has its one key still, and no session that is left keeps it.
    let listed = pkcs11_tool(&scene, "--list-objects --type privkey").stdout;
    assert_eq!(listed.matches("Private Key Object").count(), 1, "{listed}");
}

fn in_use(scene: &Scene) -> usize {
    let listed = scene.run("list --json", 0).stdout;
    listed.matches("\"serial\"").count()
}

/// Of entries; what is prepared has another name.
fn directories(scene: &Scene) -> usize {
    let entries = fs::read_dir(scene.certctl.pki("certs"))
        .into_iter()
        .flatten();
    let staged = fs::read_dir(scene.certctl.pki("")).expect("it is there");
    let staged = staged.filter_map(Result::ok);
    let mut staged = staged.map(|entry| entry.file_name());
    assert!(!staged.any(|name| name.to_string_lossy().contains("staging")));
    entries.count()
}
