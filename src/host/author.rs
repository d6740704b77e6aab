//! Who runs this command, for the history.

use std::{ffi::OsString, path::Path};

use time::OffsetDateTime;

use super::bounded::{self, Kind};
use crate::store::ledger::event::Author;

/// Longest command line that is kept, in characters.
const MAX_COMMAND: usize = 1000;

/// Longest name of a user or a machine that is kept (HOST_NAME_MAX of Linux).
const MAX_NAME: usize = 64;

/// The user, by what the environment or the accounts call them and by the number of their account, which nobody can choose; the machine;
/// and the command line, in which no secret can stand: passphrases come from files and the environment.
pub(crate) fn author(args: &[OsString], at: OffsetDateTime) -> Author {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    // Only `sudo` makes somebody root; whoever is not has written the variable themselves.
    let sudo = rustix::process::geteuid().is_root().then_some("SUDO_USER");
    let mut names = sudo.into_iter().chain(["USER", "LOGNAME"]);
    let number = rustix::process::getuid().as_raw().to_string();
    let accounts = || {
        let read = bounded::read(Path::new("/etc/passwd"), Kind::Accounts);
        String::from_utf8_lossy(&read.unwrap_or_default()).into_owned()
    };
    let words = args.iter().skip(1).map(|word| word.to_string_lossy());
    let command = words.collect::<Vec<_>>().join(" ");
    Author {
        at,
        user: user(names.find_map(variable), accounts, &number),
        host: shortened(
            &rustix::system::uname().nodename().to_string_lossy(),
            MAX_NAME,
        ),
        command: shortened(&command, MAX_COMMAND),
    }
}

/// `alice (uid 1000)`.
fn user(name: Option<String>, accounts: impl Fn() -> String, number: &str) -> String {
    let name = name.or_else(|| account(&accounts(), number));
    let name = name.map_or_else(|| number.to_owned(), |name| shortened(&name, MAX_NAME));
    format!("{name} (uid {number})")
}

/// The name of the account with this number (passwd(5)); cron and containers set no USER.
fn account(accounts: &str, number: &str) -> Option<String> {
    let mut fields = accounts.lines().map(|line| line.split(':'));
    fields.find_map(|mut fields| {
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    })
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_names_and_numbers() {
        let accounts = || String::from("pki:x:5:5::/:/bin/sh");
        let long = "x".repeat(65);
        for (name, number, expected) in [
            (Some("alice"), "5", "alice (uid 5)"),
            (Some("root (uid 0)"), "5", "root (uid 0) (uid 5)"),
            (None, "5", "pki (uid 5)"),
            (None, "6", "6 (uid 6)"),
            (
                Some(long.as_str()),
                "5",
                &format!("{}… (uid 5)", &long[..64]),
            ),
        ] {
            assert_eq!(user(name.map(str::to_owned), accounts, number), expected);
        }
    }

    #[test]
    fn accounts_have_names() {
        let accounts =
            "root:x:0:0:root:/root:/bin/sh\nshort\n::5:\npki:x:100:5:,,,:/srv:/bin/sh\n+::::::\n";
        for (number, expected) in [("0", Some("root")), ("100", Some("pki")), ("5", None)] {
            assert_eq!(account(accounts, number).as_deref(), expected, "{number}");
        }
    }
}
