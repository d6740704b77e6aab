//! Completions, in the shells themselves: the same candidates everywhere, and nothing but a look at the PKI directory.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use support::{Certctl, Run, program};

mod support;

/// Command lines, and what their last word may become.
const LINES: [(&str, &str); 19] = [
    ("certctl need", "needs-renewal"),
    ("certctl config re", "redis redis-enterprise rethinkdb"),
    ("certctl config rethinkdb ap", "app"),
    ("certctl config redis --as ", "compose conf flags"),
    ("certctl config rethinkdb --listener d", "driver"),
    ("certctl config rethinkdb --set bind-h", "bind-http="),
    ("certctl config redis --server-version 7", "7.0.15"),
    ("certctl client rqlite p", "python"),
    ("certctl issue --key-type p", "p256 p384"),
    ("certctl issue --profile ", "client node server"),
    ("certctl show no", "node1 node2"),
    ("certctl show ca/", "ca/issuing ca/root"),
    ("certctl renew node1 ap", "app"),
    ("certctl --dir other show o", "other1"),
    ("certctl revoke --reason k", "keyCompromise"),
    ("certctl crl --ca i", "issuing"),
    ("certctl check other/le", "other/ledger.db"),
    ("certctl --dir ot", "other/"),
    ("certctl list --exp", "--expiring"),
];

/// A PKI directory of three entries, another one, and a file whose name a shell would run.
fn scene() -> Certctl {
    let certctl = Certctl::new();
    let issued = certctl.run(&["issue", "-q", "node1", "node2", "app", "--init"]);
    let _ = issued.expect_status(0);
    let other = certctl.run(&["issue", "-q", "other1", "--init", "--dir", "other"]);
    let _ = other.expect_status(0);
    fs::write(certctl.home().join("$(touch ran)"), "").expect("written");
    certctl
}

/// A shell in which certctl is found, at home where the PKI directory is.
fn shell(certctl: &Certctl, name: &str, arguments: &[&str]) -> Command {
    let mut shell = program(name);
    let own = Path::new(env!("CARGO_BIN_EXE_certctl")).parent();
    let path = shell.get_envs().find(|(name, _)| *name == "PATH");
    let path = path.and_then(|(_, value)| value).expect("it is set");
    let mut all = own.expect("a directory").as_os_str().to_owned();
    all.push(":");
    all.push(path);
    shell
        .args(arguments)
        .current_dir(certctl.home())
        .env("PATH", all)
        .env("HOME", certctl.home())
        .env("TERM", "xterm")
        .env_remove("CERTCTL_DIR")
        .env_remove("CERTCTL_TEMPLATES");
    shell
}

#[track_caller]
fn assert_candidates(line: &str, found: &str, expected: &str) {
    let mut found: Vec<_> = found.lines().map(str::trim_end).collect();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.join(" "), expected, "{line}");
}

/// What `certctl completions` itself answers.
fn answered(certctl: &Certctl, line: &str) -> Run {
    let words = ["completions", "fish", "--"].into_iter();
    certctl.run(&words.chain(line.split(' ')).collect::<Vec<_>>())
}

#[test]
fn bash() {
    let certctl = scene();
    for (line, expected) in LINES {
        let words = line.split(' ').map(|word| format!("'{word}'"));
        let words: Vec<_> = words.collect();
        let script = format!(
            "source <(certctl completions bash)
             complete -p certctl | grep -q -- '-F _certctl' || exit 9
             COMP_WORDS=({}) COMP_CWORD={}
             _certctl certctl {} 2>/dev/null
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words.len() - 1,
            words.last().expect("a word")
        );
        let run = Run::of(&mut shell(&certctl, "bash", &["--norc", "-c", &script]));
        assert_candidates(line, &run.expect_status(0).stdout, expected);
    }
}

/// bash in a terminal, where readline cuts the words, quotes them, and puts what was found in its place.
/// What is typed before the tabulator, and what then stands in the line.
const TYPED: [(&str, &str); 7] = [
    ("certctl show ap", "certctl show app "),
    ("certctl --dir=oth", "certctl --dir=other/"),
    (
        "certctl --dir=other show o",
        "certctl --dir=other show other1 ",
    ),
    (
        "certctl config redis --listener tls=ap",
        "certctl config redis --listener tls=app ",
    ),
    (
        "certctl config rethinkdb --set bind-h",
        "certctl config rethinkdb --set bind-http=",
    ),
    (
        "certctl inspect \\$",
        "certctl inspect \\$\\(touch\\ ran\\) ",
    ),
    (
        "certctl --dir 'other' show o",
        "certctl --dir 'other' show other1 ",
    ),
];

#[test]
fn bash_in_a_terminal() {
    let certctl = scene();
    for (typed, expected) in TYPED {
        let prepared = "save() { printf '%s' \"$READLINE_LINE\" >line; }
            bind -x '\"\\C-xs\": save'; source <(certctl completions bash)";
        assert_typed(
            &certctl,
            "bash --norc --noprofile -i",
            prepared,
            typed,
            expected,
        );
    }
    assert!(!certctl.home().join("ran").exists());
}

#[test]
fn zsh_in_a_terminal() {
    let certctl = scene();
    let prepared = "autoload -U compinit; compinit -u -D; source <(certctl completions zsh)
            save() { print -rn -- \"$BUFFER\" >line }; zle -N save; bindkey '\\C-xs' save";
    for (typed, expected) in TYPED {
        assert_typed(&certctl, "zsh -f -i", prepared, typed, expected);
    }
    let prepared = format!(
        "{prepared}
            compadd() {{ local -a hits; builtin compadd -O hits \"$@\"; print -rl -- $hits >>line }}"
    );
    for (typed, expected) in LINES {
        let found = typed_in(&certctl, "zsh -f -i", &prepared, typed, "\\t");
        assert_candidates(typed, &found, expected);
    }
    assert!(!certctl.home().join("ran").exists());
}

#[test]
fn fish() {
    let certctl = scene();
    for (line, expected) in LINES {
        let script = format!("certctl completions fish | source; complete -C '{line}'");
        let run = Run::of(&mut shell(
            &certctl,
            "fish",
            &["--no-config", "-c", &script],
        ));
        let found = run.expect_status(0).stdout;
        let values = found.lines().filter_map(|line| line.split('\t').next());
        let values = values.collect::<Vec<_>>().join("\n");
        assert_candidates(line, &values, expected);
    }
}

#[track_caller]
fn assert_typed(certctl: &Certctl, shell: &str, prepared: &str, typed: &str, expected: &str) {
    let found = typed_in(certctl, shell, prepared, typed, "\\t\\C-xs");
    assert_eq!(found, expected, "{shell}: {typed}");
}

/// What a shell writes to the file `line` after keys were typed in a terminal, which zsh's zpty is.
fn typed_in(certctl: &Certctl, inner: &str, prepared: &str, typed: &str, keys: &str) -> String {
    let line = certctl.home().join("line");
    let _ = fs::remove_file(&line);
    fs::write(certctl.home().join("prepared"), prepared).expect("written");
    fs::write(certctl.home().join("typed"), typed).expect("written");
    let script = format!(
        "zmodload zsh/zpty zsh/zselect
         zpty -b inner {inner}
         zpty -w inner 'PS1=; . ./prepared; : >ready'
         wait_for() {{ repeat 400; do [[ -e $1 ]] && return; zpty -rt inner ignored; zselect -t 2; done; exit 9 }}
         wait_for ready
         zpty -wn inner \"$(<typed)\"$'{keys}'
         wait_for line
         zselect -t 5
         zpty -d inner"
    );
    let _ = fs::remove_file(certctl.home().join("ready"));
    let run = Run::of(&mut shell(certctl, "zsh", &["-f", "-c", &script]));
    let _ = run.expect_status(0);
    fs::read_to_string(line).expect("a line")
}

#[test]
fn no_variable_makes_a_command_print_candidates() {
    let certctl = scene();
    let usual = certctl.run(&["list"]).expect_status(0).stdout;
    for variable in [
        "COMPLETE",
        "_CLAP_COMPLETE_INDEX",
        "CERTCTL_COMPLETE",
        "_CERTCTL_COMPLETE",
    ] {
        let run = Run::of(certctl.command(&["list"]).env(variable, "bash"));
        assert_eq!(run.expect_status(0).stdout, usual, "{variable}");
    }
}

/// Everything below a directory: names, modes, times and content.
fn state(directory: &Path) -> String {
    let mut command = Command::new("sh");
    let script =
        "find . -printf '%p %m %T@ %C@ %l\\n' | sort; find . -type f -exec sha256sum {} + | sort";
    let run = Run::of(command.args(["-c", script]).current_dir(directory));
    run.expect_status(0).stdout
}

#[test]
fn a_pki_directory_is_only_looked_at() {
    let certctl = scene();
    // What a kill has left, which every other command would mend, and what others may have put there.
    fs::create_dir(certctl.pki(".staging-7")).expect("made");
    symlink("/etc", certctl.pki("certs/link")).expect("made");
    for name in ["..", "a b", "-x", "\u{1b}[31m"] {
        let _ = fs::create_dir(certctl.pki("certs").join(name));
    }
    let anyone = fs::Permissions::from_mode(0o777);
    fs::set_permissions(certctl.pki(""), anyone).expect("changed");
    let before = state(&certctl.pki(""));
    let run = answered(&certctl, "certctl show ").expect_status(0);
    assert_eq!(run.stdout, "app\nca/issuing\nca/root\nlink\nnode1\nnode2\n");
    assert_eq!(run.stderr, "");
    assert_eq!(state(&certctl.pki("")), before);
}

#[test]
fn where_there_is_no_pki_nothing_is_said() {
    let certctl = Certctl::new();
    for line in [
        "certctl show ",
        "certctl --dir /etc/passwd show ",
        "certctl --dir",
        "certctl",
    ] {
        let run = answered(&certctl, line).expect_status(0);
        assert_eq!(run.stderr, "", "{line}");
    }
    assert!(!certctl.pki("").exists());
}

#[test]
fn of_20_000_entries_some_hundreds_are_told_at_once() {
    let certctl = Certctl::in_memory();
    fs::create_dir_all(certctl.pki("certs")).expect("made");
    for number in 0..20_000 {
        fs::create_dir(certctl.pki(format!("certs/node{number:05}"))).expect("made");
    }
    let begun = Instant::now();
    let run = answered(&certctl, "certctl show n").expect_status(0);
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    let found: Vec<_> = run.stdout.lines().collect();
    assert!((100..=500).contains(&found.len()), "{}", found.len());
    // All of them begin with what all entries begin with, and no shell adds more.
    assert_eq!(
        (found[0], found[found.len() - 1]),
        ("node00000", "node19999")
    );
    let run = answered(&certctl, "certctl show node19").expect_status(0);
    assert!(run.stdout.starts_with("node19000\n"), "{}", run.stdout);
}
