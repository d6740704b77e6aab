//! What lies in a PKI directory is not believed for lying there: one that others can change is looked at and
//! left as it is, and no symlink leads out of any.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;

use rusqlite::Connection;

use crate::hostile::{changes, snapshot};
use crate::scene::words;
use crate::support::{Certctl, Run};

/// Commands that look, with how they may end.
const LOOKING: [(&str, &[i32]); 17] = [
    ("list", &[0]),
    ("list --json", &[0]),
    ("show node1", &[0]),
    ("log", &[0]),
    ("log --verify", &[0, 3]),
    ("ledger verify", &[0, 3]),
    ("check", &[0, 3]),
    ("needs-renewal node1", &[0, 1, 3]),
    ("verify pki/certs/node1/cert.pem", &[0, 1, 3]),
    ("verify node1 ca/issuing", &[0, 1, 3]),
    ("inspect node1", &[0, 1]),
    ("inspect node1 ca/issuing --json", &[0, 1]),
    ("check node1 ca/root", &[0, 1, 3]),
    ("config redis node1", &[0, 1]),
    ("client redis redis-cli node1 --host node1", &[0, 1]),
    ("export node1 --format pem", &[0, 1]),
    ("fleet init", &[0]),
];

/// Commands that change something.
const CHANGING: [&str; 15] = [
    "issue node1 --force",
    "issue node2",
    "init-ca other",
    "init-ca root --force",
    "init-intermediate issuing --force",
    "renew --all",
    "renew node1 --force",
    "renew issuing --force",
    "revoke node1 --yes",
    "crl --all",
    "ledger copy postgres:///pki?host=/nowhere",
    "pull",
    "request node3",
    "apply fleet.toml",
    "sign node.csr --name node4",
];

/// A PKI with `root`, `issuing`, `node1` and something in its archive; `outside/` lies beside it, with a
/// directory and a file for whatever a symlink might lead to.
fn scene() -> Certctl {
    let certctl = Certctl::in_memory();
    for line in [
        "issue node1 --init",
        "issue node1 --force",
        "crl --all",
        "--dir node request node4",
    ] {
        let _ = certctl.run(&words(line)).expect_status(0);
    }
    let home = certctl.home();
    fs::copy(
        home.join("node/certs/node4/request.csr"),
        home.join("node.csr"),
    )
    .expect("it is there");
    fs::remove_dir_all(home.join("node")).expect("it is there");
    fs::write(home.join("fleet.toml"), "[[entry]]\nname = \"node9\"\n").expect("it can be written");
    for directory in [
        "outside/node1",
        "outside/root",
        "outside/deep/certs/cert.pem",
    ] {
        fs::create_dir_all(home.join(directory)).expect("it can be made");
    }
    for file in [
        "outside/key.pem",
        "outside/node1/key.pem",
        "outside/node1/cert.pem",
    ] {
        fs::write(home.join(file), "x\n").expect("it can be written");
        fs::set_permissions(home.join(file), Permissions::from_mode(0o644)).expect("it is ours");
    }
    certctl
}

/// Makes the ledger say that what is staged by transaction 9 is to be published.
fn claim_commit(certctl: &Certctl) {
    let db = Connection::open(certctl.pki("ledger.db")).expect("it opens");
    db.execute("UPDATE state SET txn = 9, progress = 'committed'", [])
        .expect("it can be written");
    db.close().expect("it closes");
    // As certctl leaves it: nothing beside the database.
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(certctl.pki(format!("ledger.db{suffix}")));
    }
}

/// Everything that an attacker would stage: files for others' directories, and what is to be archived.
fn stage_attack(certctl: &Certctl) {
    let outside = certctl.home().join("outside");
    let staging = certctl.pki(".staging-9");
    fs::create_dir_all(staging.join("changed/certs/cert.pem")).expect("it can be made");
    fs::write(staging.join("changed/certs/cert.pem/node1"), "evil\n").expect("it can be written");
    symlink(&outside, staging.join("archived")).expect("the name is free");
    claim_commit(certctl);
}

fn expect_untouched(certctl: &Certctl, what: &str, run: impl FnOnce() -> Run) -> Run {
    let outside = certctl.home().join("outside");
    let before = snapshot(&outside);
    let run = run();
    let changes = changes(&before, &outside);
    assert!(changes.is_empty(), "{what}: {changes:?}\n{run:?}");
    run
}

/// How a directory comes to be somebody else's to change, at each place that decides what a command does.
fn loosen(certctl: &Certctl) -> Vec<(String, Certctl)> {
    let mut scenes = Vec::new();
    let copy = || {
        let other = Certctl::in_memory();
        let script = format!("cp -a {}/. .", certctl.home().display());
        let mut command = std::process::Command::new("sh");
        let _ = Run::of(command.args(["-ec", &script]).current_dir(other.home())).expect_status(0);
        other
    };
    for place in ["", "ca", "certs", "archive", "ledger.db", ".staging-9"] {
        for mode in [0o777, 0o770, 0o707, 0o720] {
            let other = copy();
            fs::set_permissions(other.pki(place), Permissions::from_mode(mode))
                .expect("it is ours");
            scenes.push((format!("{place:?} with mode {mode:o}"), other));
        }
        let other = copy();
        // Only root can give a file away.
        if chown(other.pki(place), Some(65534), None).is_ok() {
            scenes.push((format!("{place:?} of nobody"), other));
        }
    }
    scenes
}

#[test]
fn what_others_can_change_is_only_looked_at() {
    let template = scene();
    stage_attack(&template);
    for (what, certctl) in loosen(&template) {
        for (line, statuses) in LOOKING {
            let before = snapshot(&certctl.pki(""));
            let run = expect_untouched(&certctl, &what, || certctl.run(&words(line)));
            let status = run.status.expect("it ends by itself");
            assert!(statuses.contains(&status), "{what}, {line}: {run:?}");
            assert!(
                !run.stderr.contains("interrupted"),
                "{what}, {line}: {run:?}"
            );
            let changes = changes(&before, &certctl.pki(""));
            assert!(changes.is_empty(), "{what}, {line}: {changes:?}");
        }
        let run = certctl.run(&["list"]);
        assert!(run.stderr.contains("without repair"), "{what}: {run:?}");
    }
}

#[test]
fn what_others_can_change_is_not_written() {
    let template = scene();
    stage_attack(&template);
    for (what, certctl) in loosen(&template) {
        for line in CHANGING {
            let before = snapshot(&certctl.pki(""));
            let run = expect_untouched(&certctl, &what, || certctl.run(&words(line)));
            assert_eq!(run.status, Some(4), "{what}, {line}: {run:?}");
            assert!(run.stderr.contains("`ch"), "{what}, {line}: {run:?}");
            let changes = changes(&before, &certctl.pki(""));
            assert!(changes.is_empty(), "{what}, {line}: {changes:?}");
        }
    }
}

/// A CA's directory in which others can put another bundle signs nothing.
#[test]
fn a_ca_that_others_can_change_does_not_sign() {
    let certctl = scene();
    for place in [
        "ca/root",
        "ca/issuing",
        "ca/root/bundle.pem",
        "ca/issuing/chain.pem",
    ] {
        let old = fs::metadata(certctl.pki(place))
            .expect("it is there")
            .permissions();
        fs::set_permissions(certctl.pki(place), Permissions::from_mode(0o777)).expect("it is ours");
        let run = certctl.run(&["issue", "node2"]).expect_status(4);
        assert!(run.stderr.contains("chmod go-w"), "{place}: {run:?}");
        fs::set_permissions(certctl.pki(place), old).expect("it is ours");
    }
    let _ = certctl.run(&["issue", "node2"]).expect_status(0);
}

/// Places in a PKI directory, each with what an attacker would have a symlink in its place lead to.
const LINKS: [(&str, &str); 19] = [
    ("ca", "outside"),
    ("certs", "outside"),
    ("archive", "outside"),
    ("ca/root", "outside/root"),
    ("ca/issuing", "outside/root"),
    ("ca/root/key.pem", "outside/key.pem"),
    ("ca/root/bundle.pem", "outside/key.pem"),
    ("ca/issuing/crl.pem", "outside/key.pem"),
    ("certs/node1", "outside/node1"),
    ("certs/node1/key.pem", "outside/key.pem"),
    ("certs/node1/cert.pem", "outside/key.pem"),
    ("certs/node1/ca.pem", "outside/key.pem"),
    (".staging-9", "outside"),
    (".staging-9/changed", "outside/deep"),
    (".staging-9/changed/certs", "outside/deep/certs"),
    (
        ".staging-9/changed/certs/cert.pem",
        "outside/deep/certs/cert.pem",
    ),
    (".staging-9/archived", "outside"),
    (".staging-9/certs", "outside"),
    (".staging-9.certs.node1", "outside/node1"),
];

#[test]
fn no_symlink_is_followed() {
    for (place, target) in LINKS {
        let lines = LOOKING.iter().map(|(line, _)| *line).chain(CHANGING);
        for line in lines.chain(["check --fix", "check --fix pki/certs/node1"]) {
            let certctl = scene();
            link(&certctl, place, target);
            claim_commit(&certctl);
            let what = format!("{place} to {target}, {line}");
            let run = expect_untouched(&certctl, &what, || certctl.run(&words(line)));
            assert!(run.status.is_some(), "{what}: {run:?}");
        }
    }
}

/// Puts a symlink in the place of whatever stands there, and what is needed above it.
fn link(certctl: &Certctl, place: &str, target: &str) {
    let path = certctl.pki(place);
    let parent = path.parent().expect("it is below the PKI directory");
    fs::create_dir_all(parent).expect("it can be made");
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(&path).expect("it is ours"),
        Ok(_) => fs::remove_file(&path).expect("it is ours"),
        Err(_) => {}
    }
    symlink(certctl.home().join(target), &path).expect("the name is free");
}

/// Names that certctl does not give lead nowhere, wherever they stand.
#[test]
fn only_known_names_are_published() {
    let certctl = scene();
    let staging = certctl.pki(".staging-9");
    for file in ["authorized_keys", "ledger.db", "..cert.pem"] {
        let directory = staging.join("changed/certs").join(file);
        fs::create_dir_all(&directory).expect("it can be made");
        fs::write(directory.join("node1"), "evil\n").expect("it can be written");
    }
    for name in [".hidden-4A", "x;y-4A"] {
        fs::create_dir_all(staging.join("archived").join(name)).expect("it can be made");
    }
    claim_commit(&certctl);
    let run = certctl.run(&["list"]).expect_status(0);
    assert!(run.stderr.contains("finished"), "{run:?}");
    let entry = crate::inspect::names_in(certctl.pki("certs/node1"));
    assert!(
        !entry
            .iter()
            .any(|name| name.contains("keys") || name.contains("ledger")),
        "{entry:?}"
    );
    let archive = crate::inspect::names_in(certctl.pki("archive"));
    assert!(
        archive.iter().all(|name| name.starts_with("node1-")),
        "{archive:?}"
    );
}

/// Modes are mended in one's own directory, and not through it in another.
#[test]
fn modes_are_mended_in_place() {
    let certctl = scene();
    for (place, mode) in [
        ("", 0o777),
        ("certs", 0o775),
        ("certs/node1/key.pem", 0o644),
    ] {
        fs::set_permissions(certctl.pki(place), Permissions::from_mode(mode)).expect("it is ours");
    }
    let _ = certctl.run(&["check", "--fix"]);
    for (place, mode) in [
        ("", 0o700),
        ("certs", 0o700),
        ("certs/node1/key.pem", 0o600),
    ] {
        let found = fs::metadata(certctl.pki(place))
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(found & 0o7777, mode, "{place}");
    }
    let _ = certctl.run(&["issue", "node2"]).expect_status(0);
    // A hard link is another's name for the same file.
    let other = certctl.home().join("outside/other.pem");
    fs::hard_link(certctl.pki("certs/node2/key.pem"), &other).expect("the name is free");
    fs::set_permissions(&other, Permissions::from_mode(0o644)).expect("it is ours");
    let run = certctl.run(&["check", "--fix"]).expect_status(3);
    assert!(run.stderr.contains("hard link"), "{run:?}");
}

/// Whoever can open the directory holds nobody up.
#[test]
fn a_lock_on_the_directory_is_nobodys() {
    let certctl = Certctl::in_memory();
    fs::create_dir(certctl.pki("")).expect("the name is free");
    fs::set_permissions(certctl.pki(""), Permissions::from_mode(0o755)).expect("it is ours");
    let held = File::open(certctl.pki("")).expect("a directory can be opened");
    held.lock().expect("nobody else holds it");
    let run = certctl
        .run(&["issue", "node1", "--init", "--wait", "0s"])
        .expect_status(0);
    assert!(run.stderr.contains("yours alone"), "{run:?}");
    assert_eq!(mode(&certctl.pki("")), 0o700);
    let _ = certctl.run(&["list", "--wait", "0s"]).expect_status(0);
}

/// A dry run leaves the mode of an empty directory as it was.
#[test]
fn a_dry_run_tightens_nothing() {
    let certctl = Certctl::in_memory();
    fs::create_dir(certctl.pki("")).expect("the name is free");
    fs::set_permissions(certctl.pki(""), Permissions::from_mode(0o755)).expect("it is ours");
    let _ = certctl.run(&["init-ca", "-n"]).expect_status(0);
    assert_eq!(mode(&certctl.pki("")), 0o755);
    assert!(crate::inspect::names_in(certctl.pki("")).is_empty());
}

/// Keys that others could use are archived as keys should be.
#[test]
fn exposed_keys_are_archived_for_their_owner_alone() {
    for line in [
        "issue node1 --force",
        "renew node1 --force",
        "revoke node1 --yes",
    ] {
        let certctl = Certctl::in_memory();
        let _ = certctl.run(&words("issue node1 --init")).expect_status(0);
        fs::set_permissions(
            certctl.pki("certs/node1/key.pem"),
            Permissions::from_mode(0o666),
        )
        .expect("it is ours");
        let _ = certctl.run(&words(line)).expect_status(0);
        for name in crate::inspect::names_in(certctl.pki("archive")) {
            assert_eq!(
                mode(&certctl.pki("archive").join(&name).join("key.pem")),
                0o600,
                "{line}"
            );
        }
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path)
        .expect("it is there")
        .permissions()
        .mode()
        & 0o7777
}

/// What a service's user owns does not stop the repair of its own entry.
#[test]
fn an_entry_of_a_server_is_swapped_out_and_archived() {
    let certctl = Certctl::in_memory();
    let _ = certctl.run(&words("issue node1 --init")).expect_status(0);
    let entry = certctl.pki("certs/node1");
    for path in [entry.clone(), entry.join("key.pem"), entry.join("cert.pem")] {
        // Only root can give a file away.
        let _ = chown(path, Some(65534), None);
    }
    let swap = [
        "-o/dev/null",
        "-etrace=renameat2",
        "-einject=renameat2:signal=KILL:when=2",
    ];
    let mut killed = crate::strace::traced(&certctl.command(&words("renew node1 --force")), &swap);
    assert_eq!(Run::of(&mut killed).status, None);
    let next = certctl.run(&words("issue node2")).expect_status(0);
    assert!(next.stderr.contains("interrupted"), "{next:?}");
    crate::inspect::inspect(&certctl);
    // Another name for an exposed key, which its owner keeps.
    let key = certctl.pki("certs/node2/key.pem");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).expect("it is ours");
    fs::hard_link(&key, certctl.home().join("kept.pem")).expect("the name is free");
    let _ = certctl.run(&words("renew node2 --force")).expect_status(0);
}

/// As `mkdir` leaves a directory where users have groups of their own.
#[test]
fn an_empty_directory_is_made_ones_own() {
    for mode in [0o775, 0o755, 0o777] {
        let certctl = Certctl::in_memory();
        fs::create_dir(certctl.pki("")).expect("the name is free");
        fs::set_permissions(certctl.pki(""), Permissions::from_mode(mode)).expect("it is ours");
        let _ = certctl.run(&words("issue node1 --init")).expect_status(0);
        assert_eq!(self::mode(&certctl.pki("")), 0o700, "{mode:o}");
    }
}

/// Pipes where SQLite would open files keep nobody waiting.
#[test]
fn pipes_beside_the_ledger() {
    for suffix in ["-journal", "-wal", "-shm"] {
        let certctl = Certctl::in_memory();
        let _ = certctl.run(&words("init-ca")).expect_status(0);
        let pipe = certctl.pki(format!("ledger.db{suffix}"));
        let _ = Run::of(std::process::Command::new("mkfifo").arg(pipe)).expect_status(0);
        for line in ["list", "issue node1"] {
            let run = certctl.run(&words(line)).expect_status(1);
            assert!(
                run.stderr.contains("not a regular file"),
                "{suffix}, {line}: {run:?}"
            );
        }
    }
}
