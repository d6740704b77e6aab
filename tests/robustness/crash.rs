//! A kill at any moment: the next command finds the PKI directory as before or as after.
//!
//! What is on disk changes by system calls alone, so a kill before each of them in turn that changes it leaves
//! everything that a kill at any moment can leave. (SQLite also writes to the memory that it maps from `ledger.db-shm`;
//! whoever opens the ledger alone, as every command that writes does, begins by making that file anew.)

use std::fs;

use crate::inspect::{inspect, inspect_unrepaired, is_unfinished};
use crate::scene::{Scene, State, words};
use crate::strace::{Call, calls, moments, traced};
use crate::support::{Certctl, Run};

/// What repairs, and changes nothing else, wherever there is or is no PKI yet.
const REPAIR: [&str; 3] = ["init-ca", "zz", "--dry-run"];

#[test]
fn init_ca() {
    survives(&[], "init-ca", &[]);
}

#[test]
fn init_ca_force() {
    survives(&["init-ca", "issue n1"], "init-ca --force", &[]);
}

/// The root and the one in reserve, whose passphrase is the first line of a file that is there.
#[test]
fn init_ca_with_next() {
    let command = "init-ca --with-next --passphrase-file root-2=other/ca/root/cert.pem";
    survives(&["--dir other init-ca"], command, &[]);
}

#[test]
fn init_ca_force_with_next() {
    let before = ["--dir other init-ca", "init-ca", "issue n1"];
    let command = "init-ca --force --with-next --passphrase-file root-2=other/ca/root/cert.pem";
    survives(&before, command, &[]);
}

#[test]
fn init_intermediate() {
    survives(&["init-ca"], "init-intermediate issuing", &[]);
}

#[test]
fn issue() {
    survives(&["init-ca"], "issue n1", &[]);
}

#[test]
fn issue_force() {
    survives(&["init-ca", "issue n1"], "issue n1 --force", &[]);
}

/// As on a file system that can neither swap two names nor refuse to replace one.
#[test]
fn issue_force_without_exchange() {
    let unsupported = ["-einject=renameat2:error=EINVAL"];
    survives(&["init-ca", "issue n1"], "issue n1 --force", &unsupported);
}

/// As on a kernel, or in a container, that opens one name after the other.
#[test]
fn issue_force_without_openat2() {
    let unsupported = ["-einject=openat2:error=ENOSYS"];
    survives(&["init-ca", "issue n1"], "issue n1 --force", &unsupported);
}

#[test]
fn issue_init() {
    survives(&[], "issue a b c --init", &[]);
}

/// CAs prepared one by one and entries prepared together: the CAs are there first.
#[test]
fn issue_init_ten() {
    let command = "issue n{1..10} --init";
    survives(&[], command, &[]);
    let calls = calls(&Scene::new(&[], command).copy(), &words(command), &[]);
    let renamed = |directory: &str, name: &str| {
        let to = format!("{directory}>, \"{name}\"");
        let mut renames = calls.iter().filter(|call| call.name == "renameat2");
        renames.position(|call| call.text.contains(&to))
    };
    let (authority, entries) = (renamed("/pki/ca", "issuing"), renamed("/pki", "certs"));
    assert!(authority.is_some() && authority < entries, "{calls:?}");
}

#[test]
fn issue_ten() {
    survives(&["init-ca", "issue n1"], "issue n{1..10} --force", &[]);
}

#[test]
fn renew() {
    survives(&["init-ca", "issue n{1..3}"], "renew n1 n2 --force", &[]);
}

/// Files of a standing directory change, and its key stays.
#[test]
fn renew_ca() {
    survives(&["init-ca", "issue n1"], "renew root --force", &[]);
}

/// The chain in the entries' certificate files changes too.
#[test]
fn renew_intermediate() {
    let before = ["init-ca", "init-intermediate issuing", "issue n1 n2"];
    survives(&before, "renew issuing --force", &[]);
}

#[test]
fn revoke() {
    survives(&["issue n1 n2 --init"], "revoke n1 --yes", &[]);
}

/// A directory for each new CA, and new files for all that stands.
#[test]
fn rotate_start() {
    let before = ["issue n1 n2 --init", "crl --all"];
    survives(&before, "rotate-ca start", &[]);
}

/// A certificate more, which all chains below it carry.
#[test]
fn rotate_start_with_a_cross_certificate() {
    let before = ["init-ca", "issue n1"];
    survives(&before, "rotate-ca start --cross-sign", &[]);
}

/// The cross certificate goes to the archive, and out of the chains.
#[test]
fn rotate_finish_with_a_cross_certificate() {
    let before = [
        "init-ca",
        "issue n1",
        "rotate-ca start --cross-sign",
        "rotate-ca switch",
        "rotate-ca ack --all",
    ];
    survives(&before, "rotate-ca finish", &[]);
    survives(&before, "rotate-ca finish --force", &[]);
}

#[test]
fn cross_sign() {
    let before = ["init-ca", "issue n1", "init-ca acme"];
    survives(&before, "cross-sign root --by acme", &[]);
}

/// Another CA's takes its place.
#[test]
fn cross_sign_again() {
    let before = [
        "init-ca",
        "issue n1",
        "init-ca acme",
        "init-ca other",
        "cross-sign root --by acme",
    ];
    survives(&before, "cross-sign root --by other --force", &[]);
}

#[test]
fn revoke_a_cross_certificate() {
    let before = [
        "init-ca",
        "issue n1",
        "init-ca acme",
        "cross-sign root --by acme",
    ];
    survives(&before, "revoke ca/root-by-acme --yes", &[]);
}

#[test]
fn rotate_ack() {
    let before = ["issue n1 n2 --init", "rotate-ca start"];
    survives(&before, "rotate-ca ack n1", &[]);
}

const ANNOUNCED: [&str; 3] = [
    "issue n1 n2 --init",
    "rotate-ca start",
    "rotate-ca ack --all",
];

#[test]
fn rotate_switch() {
    survives(&ANNOUNCED, "rotate-ca switch", &[]);
}

/// What comes below the old CA meanwhile gets its successor in the same transaction.
#[test]
fn rotate_switch_with_latecomers() {
    let before = [
        "init-ca",
        "rotate-ca start",
        "init-intermediate issuing",
        "issue n1",
    ];
    survives(&before, "rotate-ca switch", &[]);
}

/// With CRLs the successors come alone at first.
#[test]
fn rotate_switch_with_latecomers_and_lists() {
    let before = [
        "init-ca",
        "rotate-ca start",
        "init-intermediate issuing",
        "crl --all",
        "issue n1",
    ];
    survives(&before, "rotate-ca switch", &[]);
}

/// One entry comes from the successor, and the others stay.
#[test]
fn rotate_switch_of_a_canary() {
    survives(&ANNOUNCED, "rotate-ca switch --canary n1", &[]);
}

/// The last of them comes after a canary.
#[test]
fn rotate_switch_of_a_batch() {
    let canary = [&ANNOUNCED[..], &["rotate-ca switch --canary n1"]].concat();
    survives(&canary, "rotate-ca switch --batch 1", &[]);
}

#[test]
fn rotate_abort_after_a_canary() {
    let canary = [&ANNOUNCED[..], &["rotate-ca switch --canary n1"]].concat();
    survives(&canary, "rotate-ca abort", &[]);
}

/// What a switch took back is taken back, too.
#[test]
fn rotate_abort_twice() {
    let back = [
        "rotate-ca switch --canary n1",
        "rotate-ca abort",
        "rotate-ca ack n1",
    ];
    survives(&[&ANNOUNCED[..], &back].concat(), "rotate-ca abort", &[]);
}

#[test]
fn rotate_abort() {
    survives(&ANNOUNCED, "rotate-ca abort", &[]);
}

#[test]
fn rotate_abort_after_switch() {
    let before = [&ANNOUNCED[..], &["rotate-ca switch n1"]].concat();
    survives(&before, "rotate-ca abort", &[]);
}

#[test]
fn rotate_finish() {
    let before = [&ANNOUNCED[..], &["rotate-ca switch", "rotate-ca ack --all"]].concat();
    survives(&before, "rotate-ca finish", &[]);
}

#[test]
fn crl() {
    survives(
        &["issue n1 --init", "revoke n1 --yes"],
        "crl --ca issuing",
        &[],
    );
}

#[test]
fn crl_ahead() {
    survives(
        &["issue n1 --init", "revoke n1 --yes"],
        "crl --ca issuing --ahead 2",
        &[],
    );
}

/// CAs, entries in use and what goes to the archive, from another PKI directory.
#[test]
fn import() {
    let before = [
        "--dir theirs issue n1 n2 --init",
        "--dir theirs renew n1 --force",
        "--dir theirs revoke n2 --yes",
        "--dir theirs crl --all",
    ];
    survives(&before, "import theirs --keys", &[]);
}

/// Keys come to what was here without them, and what the source has since then.
#[test]
fn import_keys_later() {
    let before = [
        "--dir theirs issue n1 n2 n3 --init",
        "import theirs",
        "--dir theirs revoke n2 --yes",
        "--dir theirs issue n4",
        "--dir theirs crl --all",
    ];
    survives(&before, "import theirs --keys", &[]);
}

#[test]
fn request() {
    survives(&[], "request n1", &[]);
}

#[test]
fn sign() {
    let before = ["init-ca", "--dir node request n1"];
    survives(&before, "sign node/certs/n1/request.csr", &[]);
}

#[test]
fn install() {
    let before = [
        "request n1",
        "--dir ca init-ca",
        "--dir ca sign pki/certs/n1/request.csr",
    ];
    survives(
        &before,
        "install n1 ca/certs/n1/cert.pem --trust ca/certs/n1/ca.pem",
        &[],
    );
}

/// The request for the next certificate of an entry in use, and its answer: key and certificate change together,
/// and what somebody has put beside them stays.
#[test]
fn request_and_install_in_use() {
    let first = [
        "request n1",
        "--dir ca init-ca",
        "--dir ca sign pki/certs/n1/request.csr --name n1",
        "install n1 ca/certs/n1/cert.pem --trust ca/certs/n1/ca.pem",
    ];
    survives(&first, "request n1", &[]);
    let next = [
        "request n1",
        "--dir ca sign pki/certs/n1/request.csr --name n1 --force",
    ];
    let install = "install n1 ca/certs/n1/cert.pem --trust ca/certs/n1/ca.pem";
    survives(&[&first[..], &next].concat(), install, &[]);
}

/// A CA whose issuer's key is elsewhere: each step where it is done.
#[test]
fn request_of_an_intermediate() {
    survives(&[], "init-intermediate issuing --request", &[]);
}

/// Of one in use, whose key stays.
#[test]
fn request_of_an_intermediate_in_use() {
    let before = ["issue n1 --init"];
    survives(&before, "init-intermediate issuing --request", &[]);
}

#[test]
fn sign_an_intermediate() {
    let before = [
        "init-ca",
        "--dir online init-intermediate issuing --request",
    ];
    let command = "sign online/ca/issuing/request.csr --profile intermediate --name issuing";
    survives(&before, command, &[]);
}

/// The answer to the first request, and to the next, which gives all below it the new chain.
#[test]
fn install_an_intermediate() {
    let first = [
        "init-intermediate issuing --request",
        "--dir root init-ca",
        "--dir root sign pki/ca/issuing/request.csr --profile intermediate --name issuing",
        "init-ca --cert root/ca/root/cert.pem",
    ];
    let install = "install ca/issuing root/ca/issuing/cert.pem";
    survives(&first, install, &[]);
    let next = [
        install,
        "issue n1 n2",
        "init-intermediate issuing --request",
        "--dir root sign pki/ca/issuing/request.csr --profile intermediate --name issuing --force",
    ];
    survives(&[&first[..], &next].concat(), install, &[]);
}

/// The list, the bundle and what falls by it: a CA that its parent has revoked.
#[test]
fn install_a_crl() {
    let first = [
        "--dir root init-ca",
        "init-ca --cert root/ca/root/cert.pem",
        "init-intermediate issuing --request",
        "--dir root sign pki/ca/issuing/request.csr --profile intermediate --name issuing",
        "install ca/issuing root/ca/issuing/cert.pem",
        "--dir root revoke ca/issuing --yes",
        "--dir root crl --ca root",
    ];
    survives(&first, "install ca/root root/ca/root/crl.pem", &[]);
}

/// The key is encrypted, with the first line of a file that is there, and stays the same key.
#[test]
fn passphrase() {
    let command = "passphrase root --new-passphrase-file pki/ca/root/cert.pem";
    survives(&["init-ca"], command, &[]);
}

/// The example that `fleet init` writes.
/// Whom it notes since a rotation began, and what it issues.
#[test]
fn apply_in_a_rotation() {
    let before = ["init-ca", "rotate-ca start"];
    survives(&before, "apply trusting.toml", &[]);
    let applied = Scene::new(&before, "apply trusting.toml").after;
    assert_eq!(applied.sightings.len(), 1, "{applied:?}");
}

#[test]
fn apply() {
    survives(&["fleet init --out fleet.toml"], "apply fleet.toml", &[]);
}

/// The repair is killed too, wherever it takes back, swaps or archives.
#[test]
fn repair() {
    let scene = Scene::new(&["init-ca", "issue n1"], "issue n1 --force");
    repair_survives(&scene, &[("mkdir", 2), ("rename", 1), ("rename", 2)]);
}

/// And where it renames files over others, and clears up.
#[test]
fn repair_of_changes() {
    let scene = Scene::new(&["issue n1 --init"], "renew issuing --force");
    repair_survives(&scene, &[("rename", 2), ("unlinkat", 1)]);
}

/// Where nothing is staged any more, the log that was left tells that what was published may not be durable.
#[test]
fn published_and_not_durable() {
    let scene = Scene::new(&["init-ca"], "issue n1");
    let sync = scene.sync_of_publication();
    for command in ["list", "issue n2"] {
        let certctl = scene.copy();
        kill(&certctl, &scene.command, &sync, &[]);
        let calls = calls(&certctl, &words(command), &[]);
        let synced: Vec<_> = calls.iter().filter(|call| call.name == "fsync").collect();
        for (call, directory) in synced.iter().zip(["/pki/ca>", "/pki/certs>", "/pki>"]) {
            assert!(call.text.contains(directory), "{command}: {call}");
        }
        assert!(synced.len() >= 3, "{command}: {synced:?}");
    }
}

/// The log of a ledger that is gone belongs to no other: SQLite would write what it holds into the new one.
#[test]
fn log_of_a_removed_ledger() {
    let scene = Scene::new(&["init-ca"], "issue n1");
    let certctl = scene.copy();
    let calls = calls(&scene.copy(), &scene.command, &[]);
    let publishes = calls.iter().find(|call| call.name == "renameat2");
    kill(
        &certctl,
        &scene.command,
        publishes.expect("it publishes"),
        &[],
    );
    fs::remove_file(certctl.pki("ledger.db")).expect("it is there");
    for area in ["ca", "certs"] {
        fs::remove_dir_all(certctl.pki(area)).expect("it is there");
    }
    assert!(certctl.pki("ledger.db-wal").exists());
    let _ = certctl.run(&["init-ca"]).expect_status(0);
    inspect(&certctl);
    assert_eq!(State::of(&certctl).rows.len(), 1);
}

/// Kills the command before each of these system calls, and then its repair before each of that one's.
fn repair_survives(scene: &Scene, firsts: &[(&str, usize)]) {
    // It repairs, and then refuses to replace the entry.
    let repair = ["issue", "n1"];
    let begins = |call: &Call| {
        firsts
            .iter()
            .any(|(name, position)| call.name.starts_with(name) && call.position == *position)
    };
    let begins: Vec<_> = calls(&scene.copy(), &scene.command, &[])
        .into_iter()
        .filter(begins)
        .collect();
    assert_eq!(begins.len(), firsts.len(), "{begins:?}");
    for first in begins {
        let begin = || {
            let certctl = scene.copy();
            kill(&certctl, &scene.command, &first, &[]);
            certctl
        };
        for second in moments(calls(&begin(), &repair, &[])) {
            let certctl = begin();
            kill(&certctl, &repair, &second, &[]);
            repaired(
                scene,
                &certctl,
                &format!("killed at {first}, and its repair at {second}"),
            );
        }
    }
}

/// Kills the command before each of its system calls; `also` is what else strace injects.
fn survives(before: &[&'static str], command: &'static str, also: &[&str]) {
    let scene = Scene::new(before, command);
    let (mut undone, mut done) = (0, 0);
    for call in moments(calls(&scene.copy(), &scene.command, also)) {
        if call.text.ends_with("(INJECTED)") {
            // It changes nothing.
            continue;
        }
        let certctl = scene.copy();
        kill(&certctl, &scene.command, &call, also);
        match repaired(&scene, &certctl, &format!("{command}, killed at {call}")) {
            true => done += 1,
            false => undone += 1,
        }
    }
    assert!(
        undone > 20 && done > 5,
        "{undone} kills before and {done} after the commit are too few"
    );
}

fn kill(certctl: &Certctl, command: &[&str], call: &Call, also: &[&str]) {
    let Call { name, position, .. } = call;
    let trace = format!("-etrace={name},renameat2,?openat2");
    let inject = format!("-einject={name}:signal=KILL:when={position}");
    let arguments = [&["-o/dev/null", &trace], also, &[&inject]].concat();
    let run = Run::of(&mut traced(&certctl.command(command), &arguments));
    assert_eq!(
        run.status, None,
        "{command:?} outlived {call}: {}",
        run.stderr
    );
}

/// The next command repairs by itself and says so; then the killed one can be run again.
fn repaired(scene: &Scene, certctl: &Certctl, what: &str) -> bool {
    inspect_unrepaired(certctl);
    let unfinished = is_unfinished(certctl);
    let repair = certctl.run(&REPAIR).expect_status(0);
    let told = repair.stderr.contains("interrupted command");
    assert_eq!(told, unfinished, "{what}: {}", repair.stderr);
    let done = scene.is_done(certctl, what);
    scene.finish(certctl, done);
    done
}
