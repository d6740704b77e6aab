//! Who runs this command, for the history.

use std::ffi::OsString;

use time::OffsetDateTime;

use crate::store::ledger::event::Author;

/// Longest command line that is kept, in characters.
const MAX_COMMAND: usize = 1000;

/// The user behind `sudo`, or else the user, or the user's number; the machine; and the command line, in which
/// no secret can stand: passphrases come from files and the environment.
pub(crate) fn author(args: &[OsString], at: OffsetDateTime) -> Author {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = variable("SUDO_USER").or_else(|| variable("USER"));
    let number = || rustix::process::getuid().as_raw().to_string();
    let words = args.iter().skip(1).map(|word| word.to_string_lossy());
    let command = words.collect::<Vec<_>>().join(" ");
    Author {
        at,
        user: user.unwrap_or_else(number),
        host: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
        command: shortened(&command),
    }
}

fn shortened(command: &str) -> String {
    match command.char_indices().nth(MAX_COMMAND) {
        Some((end, _)) => format!("{}…", &command[..end]),
        None => command.to_owned(),
    }
}
