//! The same commands over a ledger of one's own and over one that is shared: nobody can tell them apart.

use std::fs;

use serde_json::Value;

use crate::{
    database::{Database, ISSUERS, Machine},
    support::Certctl,
};

const NOW: &str = "2027-03-01T12:00:00Z";

/// With the exit codes of both.
const COMMANDS: [(&str, i32); 48] = [
    ("init-ca", 4),
    ("init-intermediate issuing", 0),
    ("issue n1", 0),
    ("issue n1", 4),
    ("issue n1 --dry-run --force", 0),
    ("issue n1 --force", 0),
    ("issue n{2..6}", 0),
    ("issue c1 --profile client", 0),
    ("renew n1", 0),
    ("renew n1 --force", 0),
    ("renew issuing --force", 0),
    ("revoke n2 --reason keyCompromise --yes", 0),
    ("revoke n2 --yes", 1),
    ("revoke n3 --reason certificateHold --yes", 0),
    ("crl --all", 0),
    ("revoke n3 --reason removeFromCRL --yes", 0),
    ("crl --all", 0),
    ("crl --ca issuing --ahead 2", 0),
    ("issue n2", 0),
    ("passphrase root --new-passphrase-file secret", 0),
    ("crl --ca root --passphrase-file secret", 0),
    ("passphrase root --remove --passphrase-file secret", 0),
    ("--dir theirs init-ca acme", 0),
    ("--dir theirs issue x1 x2 --ca acme", 0),
    ("--dir theirs revoke x2 --yes", 0),
    ("--dir theirs crl --all", 0),
    ("import theirs --keys --dry-run", 0),
    ("import theirs --keys", 0),
    ("import theirs --keys", 0),
    ("issue x3 --ca acme", 0),
    ("--dir node request r1", 0),
    ("sign node/certs/r1/request.csr --name r1 --ca issuing", 0),
    ("apply fleet.toml --dry-run", 0),
    ("apply fleet.toml", 0),
    ("apply fleet.toml", 0),
    ("rotate-ca start root", 0),
    ("issue n7 --ca issuing", 0),
    ("rotate-ca ack --all", 0),
    ("rotate-ca switch", 0),
    ("rotate-ca ack --all", 0),
    ("rotate-ca finish", 0),
    ("crl --all", 0),
    ("revoke --serial 00 --yes", 1),
    ("issue no/name", 2),
    ("show nobody", 1),
    ("log --verify", 0),
    ("check", 0),
    ("needs-renewal n1", 3),
];

const FLEET: &str = "
[defaults]
ca = 'issuing'
days = 90

[[entry]]
name = 'f{1..3}'

[[entry]]
name = 'app'
profile = 'client'
";

const LOOKS: [&str; 4] = [
    "list --json",
    "list --revoked --json",
    "log --json",
    "rotate-ca status --json",
];

#[test]
fn a_shared_ledger_is_one_of_ones_own() {
    let database = Database::new();
    let own = machine("");
    let shared = machine(&database.url(ISSUERS[0]));
    own.done("init-ca");
    shared.done("init-ca --ledger URL");
    for (line, status) in COMMANDS {
        for machine in [&own, &shared] {
            let _ = machine.run(line).expect_status(status);
        }
    }
    for look in LOOKS {
        assert_eq!(seen(&own, look), seen(&shared, look), "{look}");
    }
    let joined = machine(&database.url(ISSUERS[1]));
    joined.done("join URL");
    joined.done("pull --all");
    // What is elsewhere is not missing.
    joined.done("apply fleet.toml --detailed-exitcode");
    for look in LOOKS {
        let of = |machine: &Machine| without_places(&text(machine, &machine.done(look)));
        assert_eq!(of(&shared), of(&joined), "{look}");
    }
    for (name, _) in shared.in_use() {
        let look = format!("show {name} --json");
        assert_eq!(seen(&own, &look), seen(&shared, &look), "{look}");
        assert_eq!(
            public(seen(&shared, &look)),
            public(seen(&joined, &look)),
            "{look}"
        );
    }
    shared.is_well();
    joined.is_well();
}

fn machine(url: &str) -> Machine {
    let machine = Machine::new(Certctl::at(NOW), url.to_owned());
    for (name, content) in [("secret", "only for a test\n"), ("fleet.toml", FLEET)] {
        fs::write(machine.certctl.home().join(name), content).expect("it can be written");
    }
    machine
}

/// What a command prints, wherever its PKI directory lies.
fn text(machine: &Machine, printed: &str) -> String {
    printed.replace(&machine.certctl.home().display().to_string(), "~")
}

/// The same but for where the files are: what was revoked or replaced lies in the archive of one machine.
fn without_places(printed: &str) -> Value {
    let mut value: Value = serde_json::from_str(printed).expect("it is JSON");
    let entries = value["entries"].as_array_mut().into_iter().flatten();
    for entry in entries.filter_map(Value::as_object_mut) {
        entry.retain(|name, _| !["path", "machine"].contains(&name.as_str()));
    }
    value
}

/// The same without what is made at random: serials, hashes, and the numbers of transactions.
fn seen(machine: &Machine, look: &str) -> Value {
    let printed = text(machine, &machine.run(look).stdout);
    let mut value = serde_json::from_str(&printed).expect("it is JSON");
    mask(&mut value);
    if look.starts_with("log") {
        // The command that began it names the ledger.
        value["events"][0]["command"] = Value::Null;
    }
    value
}

fn mask(value: &mut Value) {
    match value {
        Value::String(text) => *text = masked(text),
        Value::Array(values) => values.iter_mut().for_each(mask),
        Value::Object(members) => {
            members.remove("number");
            members.values_mut().for_each(mask);
        }
        _ => {}
    }
}

/// A text with a sign for each run of digits that is too long for a date.
fn masked(text: &str) -> String {
    let is_digit = |digit: char| digit.is_ascii_digit() || ('A'..='F').contains(&digit);
    let mut masked = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find(is_digit) {
        let length = rest[begin..].find(|it| !is_digit(it));
        let end = begin + length.unwrap_or(rest.len() - begin);
        masked.push_str(&rest[..begin]);
        masked.push_str(if end - begin < 8 {
            &rest[begin..end]
        } else {
            "#"
        });
        rest = &rest[end..];
    }
    masked + rest
}

/// What is the same where the keys are not.
fn public(mut shown: Value) -> Value {
    for key in ["files", "key", "history"] {
        shown[key] = Value::Null;
    }
    shown
}
