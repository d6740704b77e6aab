//! A disk that is full, broken or read-only: the command fails, names the file, and nothing has changed;
//! or the change was on record already, and the command says that.

use crate::inspect::{inspect_unrepaired, names_in};
use crate::scene::Scene;
use crate::strace::{Call, calls, traced};
use crate::support::{Certctl, Run, wrapped};

/// What repairs, and changes nothing else, wherever there is or is no PKI yet.
const REPAIR: [&str; 3] = ["init-ca", "zz", "--dry-run"];

#[test]
fn init_ca() {
    holds(&[], "init-ca", |_| true);
}

#[test]
fn init_intermediate() {
    holds(&["init-ca"], "init-intermediate issuing", |_| true);
}

#[test]
fn issue_force() {
    holds(&["init-ca", "issue n1"], "issue n1 --force", |_| true);
}

#[test]
fn issue_init() {
    holds(&[], "issue a b c --init", |_| true);
}

#[test]
fn issue_ten() {
    let is_of_many = |call: &Call| {
        ["syncfs", "rename", "mkdir"]
            .iter()
            .any(|name| call.name.starts_with(name))
    };
    holds(
        &["init-ca", "issue n1"],
        "issue n{1..10} --force",
        is_of_many,
    );
}

#[test]
fn renew_ca() {
    holds(&["issue n1 --init"], "renew issuing --force", |_| true);
}

#[test]
fn revoke() {
    holds(&["issue n1 --init"], "revoke n1 --yes", |_| true);
}

/// A disk that does not give a file says nothing of what is in it: neither that an older ledger was put back, nor that an
/// entry is damaged or not there.
#[test]
fn unread_files_are_no_verdict() {
    let certctl = Certctl::new();
    for command in ["issue n1 --init", "crl --all"] {
        let words: Vec<_> = command.split(' ').collect();
        let _ = certctl.run(&words).expect_status(0);
    }
    let fleet = "[[ca]]\nname = \"root\"\n[[ca]]\nname = \"issuing\"\nparent = \"root\"\n[[entry]]\nname = \"n1\"\n";
    std::fs::write(certctl.home().join("fleet.toml"), fleet).expect("writable");
    for (command, unread) in [
        ("crl", "ca/issuing/crl.pem"),
        ("crl --all", "ca/root/crl-bundle.pem"),
        ("apply fleet.toml", "certs/n1/cert.pem"),
        ("apply fleet.toml", "certs/n1/key.pem"),
        ("export n1 --format pem", "certs/n1"),
        ("config redis n1", "certs/n1"),
        ("client redis python n1", "certs/n1"),
    ] {
        let words: Vec<_> = command.split(' ').collect();
        let whole = certctl.run(&words).expect_status(0).stdout;
        let mut failed = 0;
        for call in crate::strace::calls(&certctl, &words, &[]) {
            if !call.text.contains(&format!("\"{unread}\"")) {
                continue;
            }
            let inject = format!("-einject={}:error=EIO:when={}", call.name, call.position);
            let trace = format!("-etrace={}", call.name);
            let arguments = ["-o/dev/null", &trace, &inject];
            let run = Run::of(&mut traced(&certctl.command(&words), &arguments));
            // Not all that is looked at decides on what is printed.
            if run.status == Some(0) && run.stdout == whole {
                continue;
            }
            assert_eq!(run.status, Some(1), "{command}: {call}: {run:?}");
            assert!(run.stderr.contains(unread), "{command}: {call}: {run:?}");
            failed += 1;
        }
        assert!(failed > 0, "{command} does not read {unread}");
    }
}

/// All is renamed, and the sync after it fails: the next command repeats that.
#[test]
fn published_and_not_synced() {
    let scene = Scene::new(&["init-ca"], "issue n1");
    let sync = scene.sync_of_publication();
    let certctl = scene.copy();
    let inject = format!("-einject=fsync:error=EIO:when={}", sync.position);
    let arguments = ["-o/dev/null", "-etrace=fsync", &inject];
    let run = Run::of(&mut traced(&certctl.command(&scene.command), &arguments));
    assert!(
        run.stderr.contains("the change is on record"),
        "{}",
        run.stderr
    );
    let next = certctl.run(&["list"]).expect_status(0);
    assert!(next.stderr.contains("finished"), "{}", next.stderr);
    assert!(next.stdout.contains("n1"), "{}", next.stdout);
}

/// The errors that a system call may end with.
fn errors(call: &Call) -> &'static [&'static str] {
    match call.name.as_str() {
        "open" | "openat" | "openat2" if call.text.contains("O_CREAT") => {
            &["EACCES", "EROFS", "ENOSPC"]
        }
        "mkdir" | "mkdirat" => &["EROFS", "ENOSPC"],
        "write" | "pwrite64" => &["EIO", "ENOSPC"],
        "flock" => &["ENOLCK"],
        _ => &["EIO"],
    }
}

/// Lets each of the command's system calls in its PKI directory fail in turn: once, and, for a disk that
/// has become full, with all later ones that need room.
fn holds(before: &[&'static str], command: &'static str, wanted: impl Fn(&Call) -> bool) {
    let scene = Scene::new(before, command);
    let certctl = scene.copy();
    let home = certctl.home().display().to_string();
    let calls = calls(&certctl, &scene.command, &[]).into_iter();
    // strace also shows the directory that relative names start from.
    let is_inside = |call: &Call| {
        call.text
            .replace(&format!("AT_FDCWD<{home}>"), "")
            .contains(&home)
    };
    let calls: Vec<_> = calls.filter(is_inside).collect();
    for (index, call) in calls.iter().enumerate() {
        if !wanted(call) {
            continue;
        }
        for error in errors(call) {
            let inject = format!("{}:error={error}:when={}", call.name, call.position);
            fails_cleanly(&scene, &[inject], &format!("{command}, {error} for {call}"));
        }
        let full = full_from(&calls[index..]);
        if full.iter().any(|inject| inject.starts_with(&call.name)) {
            fails_cleanly(&scene, &full, &format!("{command}, full from {call}"));
        }
    }
}

/// No room for the first of these calls, nor for any later one.
fn full_from(calls: &[Call]) -> Vec<String> {
    let full = |name: &str| {
        let first = calls.iter().find(|call| call.name == name)?;
        Some(format!("{name}:error=ENOSPC:when={}+", first.position))
    };
    let later = ["mkdir", "mkdirat", "pwrite64"]
        .into_iter()
        .filter_map(full);
    // Whoever cannot write a file does not go on to the next, but writes a message, for which there is room.
    let write = calls.first().filter(|call| call.name == "write");
    let once = write.map(|call| format!("write:error=ENOSPC:when={}", call.position));
    later.chain(once).collect()
}

/// A file may not grow beyond a limit: unlike what strace injects, this is the kernel's own refusal.
#[test]
fn size_limit() {
    for command in ["issue n1 --force", "issue a b c --init"] {
        let before: &[_] = if command.contains("--init") {
            &[]
        } else {
            &["init-ca", "issue n1"]
        };
        let scene = Scene::new(before, command);
        // Blocks of 512 octets: the smallest file needs two of them, SQLite's log a hundred or more.
        for blocks in (0..4).chain((4..160).step_by(4)) {
            let certctl = scene.copy();
            let own = certctl.command(&scene.command);
            let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
            let mut limited = wrapped("sh", &["-c", &script], &own);
            let run = Run::of(&mut limited);
            judge(
                &scene,
                &certctl,
                &run,
                &format!("{command}, files of {blocks} blocks at most"),
            );
        }
    }
}

/// What a full disk keeps out of the ledger is in its log still: that is no damage.
#[test]
fn full_ledger() {
    let certctl = Certctl::new();
    let _ = certctl.run(&["init-ca"]).expect_status(0);
    let ledger = certctl.pki("ledger.db").display().to_string();
    let full = [
        "-o/dev/null",
        "-P",
        &ledger,
        "-einject=pwrite64:error=ENOSPC",
    ];
    let _ = Run::of(&mut traced(&certctl.command(&["issue", "n1"]), &full));
    assert!(certctl.pki("ledger.db-wal").exists());
    let run = Run::of(&mut traced(&certctl.command(&["check"]), &full)).expect_status(3);
    assert!(
        run.stdout.contains("only with ledger.db-wal"),
        "{}",
        run.stdout
    );
    let _ = certctl.run(&["check"]).expect_status(0);
}

fn fails_cleanly(scene: &Scene, injected: &[String], what: &str) {
    let certctl = scene.copy();
    let injected = injected.iter().map(|inject| format!("-einject={inject}"));
    let injected: Vec<_> = injected.collect();
    let mut arguments = vec!["-o/dev/null", "-etrace=all"];
    arguments.extend(injected.iter().map(String::as_str));
    let run = Run::of(&mut traced(&certctl.command(&scene.command), &arguments));
    judge(scene, &certctl, &run, what);
}

/// A command that failed changed nothing and left nothing, or says that the change is on record.
fn judge(scene: &Scene, certctl: &Certctl, run: &Run, what: &str) {
    inspect_unrepaired(certctl);
    let is_on_record = match run.status {
        Some(0) => true,
        Some(1) => {
            let (_, message) = run.stderr.split_once("error: ").unwrap_or_default();
            let home = certctl.home().display().to_string();
            let named = message.contains("ledger.db") || message.contains(&home);
            assert!(named, "{what}: no file is named: {}", run.stderr);
            message.contains("the change is on record")
        }
        other => panic!("{what}: ended with {other:?}: {}", run.stderr),
    };
    let left = || {
        names_in(certctl.pki(""))
            .into_iter()
            .any(|name| name.starts_with(".staging-"))
    };
    assert!(
        is_on_record || !left(),
        "{what}: something is left: {}",
        run.stderr
    );
    let _ = certctl.run(&REPAIR).expect_status(0);
    let done = scene.is_done(certctl, what);
    assert_eq!(done, is_on_record, "{what}: {}", run.stderr);
    scene.finish(certctl, done);
}
