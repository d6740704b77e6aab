//! What the domain's errors mean to a user: which exit code, and what to type next.

use std::io::ErrorKind::PermissionDenied;

use super::{Report, report::Kind};
use crate::{
    diagnostic::Diagnostics,
    emit::{EmitError, shell_word},
    issuance::{IssueError, revocation::RevokeError},
    kit::KitError,
    pki::{
        authorities::{Fallen, State},
        duration,
        issuer::IssuerError,
        key::KeyError,
        key_file::KeyFileError,
        san,
        validity::{ValidityError, rfc3339},
    },
    reconcile::ReconcileError,
    store::{Distrust, StoreError, shared::SharedError},
    supply::SupplyError,
};

/// What helps where the operating system allows no access.
const OWNER: &str =
    "allow it with `chmod`, or run this as a user who may do that, such as its owner";

impl From<ReconcileError> for Report {
    fn from(error: ReconcileError) -> Self {
        let message = error.to_string();
        match error {
            ReconcileError::Extfile(diagnostics) => diagnostics.into(),
            ReconcileError::ExtfileAbsent(_) => Self::failed("extfile", message),
            ReconcileError::Issue(error) => error.into(),
            ReconcileError::Store(error) => error.into(),
        }
    }
}

/// Mistakes in templates are no wrong usage.
impl From<EmitError> for Report {
    fn from(error: EmitError) -> Self {
        let report = match &error {
            EmitError::Source(source) => Self::failed("template", source),
            error => Self::usage(error),
        };
        match error.hint() {
            hint if hint.is_empty() => report,
            hint => report.hint(hint),
        }
    }
}

/// All mistakes of a request as one report.
impl From<Vec<EmitError>> for Report {
    fn from(errors: Vec<EmitError>) -> Self {
        let all = Self::all(errors.into_iter().map(Self::from).collect());
        all.unwrap_or_else(|| Self::failed("internal", "no mistake"))
    }
}

impl From<SupplyError> for Report {
    fn from(error: SupplyError) -> Self {
        let message = error.to_string();
        match error {
            SupplyError::NoEntry(name) => Self::failed("no-entry", message)
                .hint(format!("make it with `certctl issue {name}`")),
            SupplyError::Fallen(fallen) => fallen.into(),
            SupplyError::Name(_) => Self::usage(message),
            SupplyError::SeveralRoots => {
                Self::usage(message).hint("name the one to trust with `--server-ca CA`")
            }
            SupplyError::NoneToPresent => {
                Self::failed("no-entry", message).hint("make one with `certctl issue node1`")
            }
            SupplyError::SeveralToPresent(first) => {
                Self::usage(message).hint(format!("for example `{first}`"))
            }
            SupplyError::Unprintable { .. } => Self::usage(message)
                .hint("what is written names it: use a directory with another name"),
            SupplyError::Store(error) => error.into(),
        }
    }
}

impl From<Fallen> for Report {
    fn from(fallen: Fallen) -> Self {
        Self::refused("ca-fallen", &fallen).hint(mended(&fallen))
    }
}

impl From<KitError> for Report {
    fn from(error: KitError) -> Self {
        match error {
            KitError::Emit(errors) => errors.into(),
            KitError::Supply(error) => error.into(),
        }
    }
}

/// What is to be done where a shared ledger did not decide, or decided against it.
fn shared(error: &SharedError, message: String) -> Report {
    match error {
        SharedError::Taken { .. } => Report::refused("ledger-taken", message)
            .hint("try again when that is done"),
        SharedError::Stale(_) => Report::refused("ledger-taken", message)
            .hint("nothing was changed; the same command now sees what is so, and may be run again"),
        SharedError::Older => Report::refused("ledger-older", message)
            .hint("`certctl ledger copy URL` puts back what this directory knows; or restore a newer backup"),
        SharedError::Forgotten => Report::refused("ledger-older", message)
            .hint("`certctl ledger copy URL` puts back what this directory knows; where that does not help, move it away and `certctl join URL`"),
        SharedError::GivenUp(number) => Report::refused("ledger-older", message)
            .hint(format!("move the directory away and `certctl join URL`; what `certctl log` there says of {number} is to be done again")),
        SharedError::Absent => Report::failed("ledger-shared", message)
            .hint("`certctl ledger init URL` makes its tables"),
        SharedError::NotBuilt => Report::failed("ledger-shared", message)
            .hint("packages have it; `cargo build --release --features ledger-postgres` builds it"),
        SharedError::Unknown(_) => Report::failed("ledger-shared", message)
            .hint("the next command asks, and finishes it or takes it back"),
        SharedError::Broken(_) => Report::failed("ledger-changed", message)
            .hint("`certctl ledger verify`, on a machine that shares it, compares that one's copy with what is there; \
                   `certctl log --verify` says whether the copy itself holds")
            .hint("its tables' owner takes away what was added, or puts back what was changed: see certctl-ledger(7)"),
        _ => Report::failed("ledger-shared", message),
    }
}

/// The command that gives a fallen CA a successor.
pub(crate) fn mended(fallen: &Fallen) -> String {
    let Fallen {
        with, above, state, ..
    } = fallen;
    match (state, above) {
        (State::Orphaned, _) => {
            format!("`certctl renew ca/{with} --force` has the one in use sign it; its key stays")
        }
        (_, Some(above)) => {
            format!("`certctl init-intermediate {with} --ca {above}` makes another")
        }
        (_, None) => format!("`certctl init-ca {with}` makes another"),
    }
}

impl From<RevokeError> for Report {
    fn from(error: RevokeError) -> Self {
        let message = error.to_string();
        match error {
            RevokeError::NotOnHold(_) => Self::refused("not-on-hold", message)
                .hint("a revocation for another reason is for good; issue a new certificate: `certctl issue NAME`"),
            RevokeError::Revoked { .. } => Self::refused("revoked", message),
            RevokeError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Report {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::KeyExposed { path, .. } => {
                Self::refused("key-exposed", message).hint(format!(
                    "`chmod 600 {}`, or `certctl check --fix` for the whole directory",
                    path.display()
                ))
            }
            StoreError::KeyForeign { path, .. } => Self::refused("key-exposed", message)
                .hint(format!("make it your own: `chown $(id -u) {}`", path.display())),
            StoreError::Distrusted(distrust) => distrusted(&distrust, message),
            StoreError::LedgerOlder { serial, .. } => Self::refused("ledger-older", message)
                .hint("put the newest ledger.db back")
                .hint(format!("or revoke it again: `certctl revoke --serial {serial}`")),
            StoreError::LedgerContradicts(_) => Self::failed("ledger-changed", message)
                .hint("`certctl log --verify` tells more; put ledger.db back from a backup"),
            StoreError::LedgerChanged(_) => Self::failed("ledger-changed", message).hint(
                "put ledger.db back from a backup: what else is in it could undo revocations",
            ),
            StoreError::Locked { .. } => {
                Self::new(Kind::Locked, "locked", message).hint("wait longer with `--wait 5m`")
            }
            StoreError::LedgerAnother(_) | StoreError::LedgerOwn(_) => {
                Self::failed("ledger-shared", message)
                    .hint("`certctl ledger copy URL` gives a directory's own ledger to a shared one")
                    .hint("`--dir` names another directory")
            }
            StoreError::LedgerParted(_) => Self::failed("ledger-shared", message)
                .hint("`certctl join URL` fetches a new copy of the shared ledger where ledger.db is gone or moved away"),
            StoreError::LedgerUrl(_) => Self::usage(message),
            StoreError::Shared(error) => shared(&error, message),
            StoreError::Rotating(_) => Self::refused("rotating", message).hint(
                "`certctl rotate-ca status` says how far it is; `certctl rotate-ca abort` goes back",
            ),
            StoreError::NoPki(_) => Self::failed("no-pki", message)
                .hint("`certctl init-ca` makes a root, `certctl issue NAME --init` everything at once")
                .hint("`--dir DIR` names another directory"),
            StoreError::NotRecognised(_) => Self::failed("not-recognised", message)
                .hint("name a PKI directory, an entry's directory, or files one by one"),
            StoreError::NoAuthority(_) => Self::failed("no-ca", message)
                .hint("`certctl list` shows the CAs; `certctl init-ca NAME` makes a root"),
            StoreError::LedgerForeign => Self::failed("ledger-missing", message)
                .hint("put it back from a backup: without it nobody knows which serials were used"),
            StoreError::LedgerMissing(directory) => Self::failed("ledger-missing", message)
                .hint("put it back from a backup: without it nobody knows which serials were used")
                .hint(format!(
                    "where there is no backup, `certctl import {} --from certctl` makes one of what is there, and \
                     says what it cannot know",
                    shell_word(&directory.to_string_lossy())
                )),
            StoreError::LedgerVersion(_) => {
                Self::failed("ledger-version", message).hint("use a newer certctl")
            }
            StoreError::Content { .. } => {
                Self::failed("content", message).hint("`certctl check` shows what is wrong")
            }
            StoreError::Committed(_) => Self::failed("unfinished", message).hint(
                "the change is on record: the next certctl command finishes it, once this is mended",
            ),
            StoreError::Io { ref source, .. } if source.kind() == PermissionDenied => {
                Self::failed("io", message).hint(OWNER)
            }
            ref error @ StoreError::Ledger(_) if error.is_busy() => {
                Self::new(Kind::Locked, "locked", message)
                    .hint("another program, such as `sqlite3`, has locked it: end what it does there first")
            }
            ref error @ StoreError::Ledger(_) if error.is_read_only() => {
                let message = "ledger.db cannot be written: it or the PKI directory is read-only";
                Self::failed("io", message).hint(OWNER)
            }
            StoreError::Io { .. } | StoreError::Ledger(_) => Self::failed("io", message),
        }
    }
}

impl From<IssueError> for Report {
    fn from(error: IssueError) -> Self {
        let message = error.to_string();
        if let Some(error) = error.of_key() {
            return unsigned(error);
        }
        match error {
            IssueError::Store(error) => error.into(),
            IssueError::KeyFile(error) => error.into(),
            IssueError::Validity { source, .. } => validity(&source, message),
            IssueError::Breaches { breaches, .. } => {
                let hints = breaches.iter().map(|breach| breach.rule.hint);
                hints.fold(Self::failed("plan", message), Self::hint)
            }
            IssueError::SameSubject(_) => Self::usage(message)
                .hint("give another name with `--cn`, or none: the key's identifier is put into it then"),
            IssueError::NamesForbidden { .. } => Self::refused("name-constraint", message).hint(
                "give names that the CA allows with `--san` (`--no-name-san` leaves the entry's name out), \
                 or take another CA with `--ca NAME`",
            ),
            IssueError::NoNames(name) => {
                let why = match san::parse(&name) {
                    Ok(_) => "`--no-name-san` leaves its own name out".to_owned(),
                    Err(_) => format!("`{name}` is no host name"),
                };
                Self::failed("no-san", message).hint(format!("{why}; give one with `--san NAME`"))
            }
            IssueError::PathLength(_) => Self::refused("path-length", message)
                .hint("make the parent with `certctl init-intermediate NAME --path-len 1`"),
            IssueError::Issuer(IssuerError::NotACa) => Self::failed("not-a-ca", message),
            IssueError::Issuer(_) | IssueError::NoIssuer(_) => Self::failed("ca", message),
            IssueError::Foreign(name) => Self::failed("foreign", message).hint(format!(
                "`certctl request {name}` makes its next key and a request, which its CA signs; `certctl install {name} CERT` then changes both"
            )),
            IssueError::KeyMissing(name) => Self::failed("no-key", message)
                .hint(format!("make another key with `certctl renew {name} --force`")),
            IssueError::PublicKey(_) => Self::failed("key", message),
            IssueError::Request(_) | IssueError::Layout(_) | IssueError::Key(_) | IssueError::Sign(_) | IssueError::Signature(_) => {
                Self::failed("sign", message)
            }
        }
    }
}

/// What a key that did not sign means to the user.
pub(crate) fn unsigned(error: &KeyError) -> Report {
    let report = Report::failed("sign", error);
    match error.hint() {
        Some(hint) => report.hint(hint),
        None => report,
    }
}

/// How a PKI directory becomes the user's own.
fn distrusted(distrust: &Distrust, message: String) -> Report {
    match distrust {
        Distrust::Foreign { path, owner } => {
            let path = shell_word(&path.display().to_string());
            Report::refused("owner", message)
                .hint(format!(
                    "run this as its owner: `sudo -u '#{owner}' certctl …`"
                ))
                .hint(format!(
                    "or, where what its owner may have put there is trusted, make it your own: \
                     `chown -R \"$(id -u)\" {path}`"
                ))
        }
        Distrust::Writable { path, .. } => {
            let path = shell_word(&path.display().to_string());
            Report::refused("directory-writable", message).hint(format!(
                "where what others may have put there is trusted: `chmod go-w {path}`"
            ))
        }
    }
}

fn validity(error: &ValidityError, message: String) -> Report {
    match *error {
        ValidityError::OutlivesIssuer {
            longest,
            issuer_not_after,
            ..
        } => Report::refused("outlives-issuer", message).hint(format!(
            "the longest that fits: `--not-after {}` ({})",
            rfc3339(issuer_not_after),
            duration::display(longest)
        )),
        ValidityError::EndsEarlier { .. } => Report::refused("ends-earlier", message)
            .hint("what a CA has signed must not outlive it: ask for more, or leave out `--days`; where the CA above it ends \
                   first, renew that first"),
        ValidityError::IssuerEnded { .. } => Report::refused("issuer-expired", message)
            .hint(
            "`certctl renew --all` renews that CA, and all else that is due; or make a new one with `certctl init-ca NAME` \
             and name it with `--ca NAME`",
        ),
        ValidityError::Ended { .. } | ValidityError::TooLate | ValidityError::TooLong { .. } => {
            Report::new(Kind::Usage, "lifetime", message)
        }
    }
}

impl From<Diagnostics> for Report {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::of_file("extfile", diagnostics)
    }
}

impl Report {
    /// Every mistake with its own position and hint; exit 1, because a file's content is bad.
    pub(crate) fn of_file(code: &'static str, diagnostics: Diagnostics) -> Self {
        let reports = diagnostics.0.into_iter().map(|mut mistake| {
            let hint = mistake.hint.take();
            let place = format!("{}:{}", mistake.file, mistake.line);
            let report = Self::failed(code, mistake);
            match hint {
                Some(hint) => report.hint(format!("{place}: {hint}")),
                None => report,
            }
        });
        Self::all(reports.collect()).unwrap_or_else(|| Self::failed(code, "the file is wrong"))
    }
}

impl From<KeyFileError> for Report {
    fn from(error: KeyFileError) -> Self {
        let report = Self::failed("key", &error);
        if let Some(command) = error.conversion("KEY") {
            return report.hint(format!("convert it: `{command}`"));
        }
        match error {
            KeyFileError::Encrypted => report.hint(
                "give the passphrase with `--passphrase-file FILE` or `--passphrase-env VARIABLE`",
            ),
            _ => report,
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn sqlite_errors() {
        for (code, kind, hint) in [
            (ffi::SQLITE_BUSY, Kind::Locked, "another program"),
            (ffi::SQLITE_READONLY, Kind::Failed, "chmod"),
        ] {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            let report = Report::from(StoreError::from(error));
            assert_eq!(report.kind(), kind, "{code}");
            assert!(report.hints()[0].contains(hint), "{:?}", report.hints());
        }
    }
}
