//! Who runs this command, for the history.

use std::{ffi::OsString, path::Path};

use time::OffsetDateTime;

use super::bounded::{self, Kind};
use crate::store::ledger::event::Author;

/// Longest command line that is kept, in characters.
const MAX_COMMAND: usize = 1000;

/// The user behind `sudo`, or else the user, or the name or number of the user's account; the machine; and the command line, in which
/// no secret can stand: passphrases come from files and the environment.
pub(crate) fn author(args: &[OsString], at: OffsetDateTime) -> Author {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = ["SUDO_USER", "USER", "LOGNAME"]
        .into_iter()
        .find_map(variable);
    let number = || rustix::process::getuid().as_raw().to_string();
    let accounts = || {
        let read = bounded::read(Path::new("/etc/passwd"), Kind::Accounts);
        String::from_utf8_lossy(&read.unwrap_or_default()).into_owned()
    };
    let words = args.iter().skip(1).map(|word| word.to_string_lossy());
    let command = words.collect::<Vec<_>>().join(" ");
    Author {
        at,
        user: user
            .or_else(|| account(&accounts(), &number()))
            .unwrap_or_else(number),
        host: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
        command: shortened(&command),
    }
}

/// The name of the account with this number (passwd(5)); cron and containers set no USER.
fn account(accounts: &str, number: &str) -> Option<String> {
    let mut fields = accounts.lines().map(|line| line.split(':'));
    fields.find_map(|mut fields| {
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    })
}

fn shortened(command: &str) -> String {
    match command.char_indices().nth(MAX_COMMAND) {
        Some((end, _)) => format!("{}…", &command[..end]),
        None => command.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::account;

    #[test]
    fn accounts_have_names() {
        let accounts =
            "root:x:0:0:root:/root:/bin/sh\nshort\n::5:\npki:x:100:5:,,,:/srv:/bin/sh\n+::::::\n";
        for (number, expected) in [("0", Some("root")), ("100", Some("pki")), ("5", None)] {
            assert_eq!(account(accounts, number).as_deref(), expected, "{number}");
        }
    }
}
