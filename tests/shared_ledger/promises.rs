//! What the ledger promises. Each promise is one test, which is run over SQLite and over PostgreSQL.
//!
//! Moments of death are in `deaths`, and the same commands with the same answers in `same`.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    database::Machine,
    place::{Place, everywhere, killed_at_each_publication},
    support::{Run, openssl},
};

/// What is about to be signed, while a command waits for the signature.
const RECORDED: [&str; 2] = [
    "SELECT lower(hex(tbs)) FROM certificate",
    "SELECT encode(tbs, 'hex') FROM certificate",
];

fn recorded(place: &Place) -> Vec<String> {
    place.rows(RECORDED[usize::from(place.database.is_some())])
}

/// Without its signature it is on record, octet by octet, and not true; who dies then leaves nothing.
#[test]
fn what_is_signed_is_recorded_before() {
    everywhere(|place| {
        let (machine, signer) = (&place.machine, place.signer());
        machine.done("issue n1 --ca held");
        for line in [
            "issue n2 --ca held",
            "issue m{1..3} --ca held",
            "renew n1 --force",
            "issue n1 --ca held --force",
            "init-intermediate below --ca held",
            "renew ca/held --force",
        ] {
            let (in_use, on_disk) = (machine.in_use(), machine.on_disk());
            let events = place.rows("SELECT txn FROM event");
            let (mut child, asked) = signer.hold(line);
            assert!(recorded(place).contains(&asked), "{line}: {asked}");
            assert_eq!(place.rows("SELECT txn FROM event"), events, "{line}");
            child.kill().expect("it is ours");
            child.wait().expect("it is ours");
            signer.release();
            assert_eq!(machine.in_use(), in_use, "{line}");
            assert_eq!(machine.on_disk(), on_disk, "{line}");
            machine.done(line);
        }
        place.is_well();
    });
}

/// Two folders of one CA that gave a number twice.
const FOLDERS: &str = "
    mkdir one && cd one && : > index.txt && echo 10 > serial
    printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\nserial=serial\\nnew_certs_dir=.\\ncertificate=ca.pem\\n\
private_key=ca.key\\ndefault_md=sha256\\ndefault_days=30\\npolicy=p\\n[p]\\ncommonName=supplied\\n' > ca.cnf
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=Old \
        -days 3650 -addext keyUsage=critical,keyCertSign,cRLSign
    cd .. && cp -r one two
    for folder in one two; do
        cd $folder
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout l.key -out l.csr -subj /CN=l
        openssl ca -config ca.cnf -batch -notext -in l.csr -out l.pem
        cd ..
    done";

#[test]
fn no_serial_number_is_given_twice() {
    everywhere(|place| {
        let machine = &place.machine;
        let mut shell = std::process::Command::new("sh");
        let script = shell.args(["-ec", FOLDERS]);
        let _ = Run::of(script.current_dir(machine.certctl.home())).expect_status(0);
        for (line, status) in [
            ("import one --ca old", 0),
            ("import one --ca old", 0),
            ("import two --ca old", 1),
            ("issue n{1..20} --ca root", 0),
            ("renew n{1..20} --force", 0),
        ] {
            let run = machine.run(line).expect_status(status);
            let is_told = run.stderr.contains("with the serial 10");
            assert_eq!(is_told, status == 1, "{line}: {run:#?}");
        }
        let all = "SELECT count(*) FROM certificate";
        assert_eq!(place.rows(all), ["43"]);
        let distinct =
            "SELECT count(*) FROM (SELECT DISTINCT issuer, serial FROM certificate) AS d";
        assert_eq!(place.rows(distinct), ["43"]);
        machine.done("ledger verify");
    });
}

/// The number of a CRL, as OpenSSL reads it.
fn number(list: &Path) -> u64 {
    let list = list.display().to_string();
    let run = openssl(&["crl", "-in", &list, "-noout", "-crlnumber"]).expect_status(0);
    let digits = run.stdout.trim().trim_start_matches("crlNumber=0x");
    u64::from_str_radix(digits, 16).expect("a number")
}

#[test]
fn numbers_of_lists_only_grow() {
    everywhere(|place| {
        let machine = &place.machine;
        let newest = machine.certctl.pki("ca/root/crl.pem");
        let mut last = 0;
        let mut make = |line: &str| {
            machine.done(line);
            let made = number(&newest);
            assert!(made > last, "{line}: {made} after {last}");
            last = made;
        };
        make("crl --all");
        killed_at_each_publication(machine, "crl --all", || make("crl --all"));
        // Those that follow it have their numbers, too.
        make("crl --ca root --ahead 3");
        let first = number(&newest);
        make("crl --all");
        assert_eq!(number(&newest), first + 3);
        machine.done("issue n1");
        machine.done("revoke n1 --yes");
        make("crl --all");
        // Without the file it is not begun anew.
        fs::remove_file(&newest).expect("it is there");
        make("crl --all --force");
        let twice =
            "SELECT number FROM crl WHERE number > 0 GROUP BY issuer, number HAVING count(*) > 1";
        assert_eq!(place.rows(twice), [""; 0]);
        place.is_well();
    });
}

/// What is done to what is recorded, and what takes it back.
const CHANGES: [(&str, &str); 6] = [
    (
        "UPDATE certificate SET names = names || 'x' WHERE name = 'n1'",
        "UPDATE certificate SET names = substr(names, 1, length(names) - 1) WHERE name = 'n1'",
    ),
    (
        "UPDATE event SET command = command || 'x' WHERE command LIKE 'issue%'",
        "UPDATE event SET command = substr(command, 1, length(command) - 1) WHERE command LIKE 'issue%'",
    ),
    (
        "UPDATE status_change SET reason = 'superseded' WHERE reason = 'keyCompromise'",
        "UPDATE status_change SET reason = 'keyCompromise' WHERE reason = 'superseded'",
    ),
    (
        "UPDATE status_change SET txn = -txn WHERE status = 'revoked'",
        "UPDATE status_change SET txn = -txn WHERE status = 'revoked'",
    ),
    (
        "UPDATE crl SET number = 0 WHERE number = 1",
        "UPDATE crl SET number = 1 WHERE number = 0",
    ),
    (
        "UPDATE rotation SET phase = 'switched'",
        "UPDATE rotation SET phase = 'announced'",
    ),
];

#[test]
fn what_is_recorded_stays_what_it_is() {
    everywhere(|place| {
        let machine = &place.machine;
        for line in [
            "issue n1 n2",
            "revoke n2 --reason keyCompromise --yes",
            "crl --all",
            "rotate-ca start root",
        ] {
            machine.done(line);
        }
        for (change, back) in CHANGES {
            place.write(change);
            let run = machine.run("ledger verify").expect_status(3);
            assert!(
                run.stdout.contains("transaction") || run.stdout.contains("event"),
                "{change}: {run:#?}"
            );
            place.write(back);
            place.is_well();
        }
    });
}

/// The step that is recorded counts, however far its files have come, and everything else waits for its end.
#[test]
fn a_rotation_is_where_its_last_step_was() {
    everywhere(|place| {
        let machine = &place.machine;
        machine.done("issue n1 n2");
        let old = issuer(machine);
        for (line, phase, is_old) in [
            ("rotate-ca start root", "announced", true),
            ("rotate-ca switch", "switched", false),
            ("rotate-ca abort", "announced", true),
            ("rotate-ca switch", "switched", false),
            ("rotate-ca finish", "finished", false),
        ] {
            killed_at_each_publication(machine, line, || {
                assert_eq!(reached(machine), phase, "{line}");
                assert_eq!(issuer(machine) == old, is_old, "{line}");
            });
            let is_refused = machine.run("init-ca root --force -n").status == Some(4);
            assert_eq!(is_refused, phase != "finished", "{line}");
            let _ = machine.run("rotate-ca ack --all");
        }
        place.is_well();
    });
}

fn seen(machine: &Machine, look: &str) -> Value {
    serde_json::from_str(&machine.done(look)).expect("it is JSON")
}

/// The step of the rotation that goes on; empty where none does.
fn reached(machine: &Machine) -> String {
    let status = seen(machine, "rotate-ca status --json");
    String::from(status["rotation"]["phase"].as_str().unwrap_or_default())
}

fn issuer(machine: &Machine) -> String {
    seen(machine, "show n1 --json")["issuer"].to_string()
}

/// What others are to be told is noted with the change, and told until it is heard.
#[test]
fn what_was_not_told_is_told_later() {
    everywhere(|place| {
        let machine = &place.machine;
        machine.done("issue n1 n2");
        let renew = |what: &str, shell: &str| {
            let words = ["renew", what, "--force", "--exec", shell];
            Run::of(machine.command("").args(words))
        };
        assert_ne!(renew("n1", "exit 7").status, Some(0));
        // Who dies before anybody is told has told nobody.
        let _ = renew("n2", "kill -9 $PPID");
        let words = ["renew", "--all", "--exec", "echo \"$CERTCTL_NAMES\" >told"];
        for (round, told) in [(1, true), (2, false)] {
            let _ = Run::of(machine.command("").args(words)).expect_status(0);
            let file = machine.certctl.home().join("told");
            assert_eq!(file.exists(), told, "{round}");
            if told {
                assert_eq!(fs::read_to_string(&file).expect("it is there"), "n1\nn2\n");
                fs::remove_file(file).expect("it is ours");
            }
        }
        place.is_well();
    });
}

/// Who is at work on something holds it; who died while he was, does not for ever.
#[test]
fn nobody_waits_for_the_dead() {
    everywhere(|place| {
        let (machine, signer) = (&place.machine, place.signer());
        let second = place.second();
        let other = second.as_ref().unwrap_or(machine);
        let line = "issue n1 --ca held";
        let (mut child, _) = signer.hold(line);
        let before = recorded(place);
        let run = other.run("issue n1 --ca root --wait 0s");
        assert!(matches!(run.status, Some(4 | 5)), "{run:#?}");
        assert_eq!(recorded(place), before, "{run:#?}");
        child.kill().expect("it is ours");
        child.wait().expect("it is ours");
        signer.release();
        if place.database.is_some() {
            // Nobody else knows that it died; its time is over some day.
            let run = other.run("issue n1 --ca root").expect_status(4);
            assert!(run.stderr.contains("is being changed by"), "{run:#?}");
            place.write("UPDATE claim SET until = now() - interval '1 s' WHERE holder IS NOT NULL");
        }
        other.done("issue n1 --ca root");
        // It sees what is so, and takes its own back.
        let _ = machine.run(line).expect_status(4);
        assert_eq!(machine.in_use(), other.in_use());
        machine.done("renew n1 --force");
        place.is_well();
    });
}
