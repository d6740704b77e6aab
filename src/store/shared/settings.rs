//! `ledger.toml`: which shared ledger a PKI directory belongs to. It holds no secret.

use std::io;

use serde::{Deserialize, Serialize};

use super::SharedError;
use crate::store::{
    StoreError, files,
    layout::{Layout, STAGING_PREFIX},
};

/// The file's name.
pub(crate) const NAME: &str = "ledger.toml";

/// How a database is called that is spoken to as PostgreSQL is: by the first, or by both.
const SCHEME: [&str; 2] = ["postgres", "ql"];

/// What cannot be said of a shared ledger.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// No URL of a database
    #[error("a shared ledger is named by a URL such as postgres://HOST/DB?sslmode=verify-full")]
    Scheme,
    /// It would be stored
    #[error(
        "a URL with a password would lie in {NAME}: let the role come by its client certificate (sslcert, sslkey), or \
         put the password into PGPASSWORD"
    )]
    Password,
    /// Anybody could answer
    #[error(
        "sslmode={0} does not verify who answers: a ledger is reached with sslmode=verify-full, or by a Unix socket"
    )]
    Mode(String),
    /// A word that means nothing, or not here
    #[error("the URL's parameter {0:?} is not known")]
    Parameter(String),
}

/// What `ledger.toml` says.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the database is, as libpq's URLs are (without a password)
    pub url: String,
    /// Which ledger it is: one that lies there in its place is another
    pub id: String,
    /// This directory's number among those that share it
    pub writer: i64,
    /// What tells it from another that got the same number where a backup was put back
    pub token: String,
}

impl Settings {
    /// Those of a directory; `None` where it has a ledger of its own.
    pub(in crate::store) fn read(layout: &Layout) -> Result<Option<Self>, StoreError> {
        let path = layout.root().join(NAME);
        let octets = match layout.directory().read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            octets => octets.map_err(|error| StoreError::io("read", &path, error))?,
        };
        let content = |reason: String| StoreError::Content {
            path: path.clone(),
            reason,
        };
        let text = String::from_utf8(octets).map_err(|error| content(error.to_string()))?;
        let settings: Self =
            toml::from_str(&text).map_err(|error| content(error.message().to_owned()))?;
        let is_number = (1..=super::number::MAX_WRITERS).contains(&settings.writer);
        if !is_number {
            return Err(content(format!(
                "{} is no directory's number",
                settings.writer
            )));
        }
        checked(&settings.url).map_err(|error| content(error.to_string()))?;
        Ok(Some(settings))
    }

    /// Writes them in the place of others.
    pub(in crate::store) fn write(&self, layout: &Layout) -> Result<(), StoreError> {
        let path = layout.root().join(NAME);
        let failed = |error| StoreError::io("write", &path, error);
        let text = toml::to_string(self).map_err(|error| failed(io::Error::other(error)))?;
        let text = format!(
            "# The ledger of this PKI is shared, and lies there. ledger.db is this directory's copy of it.\n{text}"
        );
        let directory = layout.directory();
        let staged = format!("{STAGING_PREFIX}{NAME}");
        let _ = directory.remove_file(&staged);
        let file = directory.create(&staged, text.as_bytes(), files::PUBLIC);
        file.and_then(|file| file.sync_all()).map_err(failed)?;
        directory.rename(&staged, directory, NAME).map_err(failed)?;
        directory.sync().map_err(failed)
    }

    /// Takes them away.
    pub(in crate::store) fn remove(layout: &Layout) -> Result<(), StoreError> {
        let path = layout.root().join(NAME);
        match layout.directory().remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::io("remove", &path, error))
            }
            _ => Ok(()),
        }
    }
}

/// A URL that may be stored and believed.
pub(super) fn checked(url: &str) -> Result<String, SettingsError> {
    let [short, end] = SCHEME;
    let rest = url.strip_prefix(short);
    let rest = rest.map(|rest| rest.strip_prefix(end).unwrap_or(rest));
    let rest = rest.and_then(|rest| rest.strip_prefix("://"));
    let rest = rest.ok_or(SettingsError::Scheme)?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = place.split('/').next().unwrap_or_default();
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    let mut parameters = query.split('&').filter_map(|it| it.split_once('='));
    let has_password = user.contains(':') || parameters.clone().any(|(name, _)| name == "password");
    if has_password {
        return Err(SettingsError::Password);
    }
    match parameters.find(|(name, _)| *name == "sslmode") {
        Some((_, mode)) if mode != "verify-full" => Err(SettingsError::Mode(mode.to_owned())),
        _ => Ok(url.to_owned()),
    }
}

impl From<SettingsError> for StoreError {
    fn from(error: SettingsError) -> Self {
        Self::LedgerUrl(error)
    }
}

impl From<SharedError> for StoreError {
    fn from(error: SharedError) -> Self {
        Self::Shared(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_hold_no_secret_and_name_who_answers() {
        use SettingsError::{Mode, Password, Scheme};
        for (url, expected) in [
            ("postgres://db.example/certctl", Ok(())),
            ("postgresql://ops@db/certctl?sslmode=verify-full", Ok(())),
            ("postgres:///certctl?host=/run/postgresql", Ok(())),
            ("mysql://db/certctl", Err(Scheme)),
            ("db.example/certctl", Err(Scheme)),
            ("postgres://ops:secret@db/certctl", Err(Password)),
            ("postgres://db/certctl?password=secret", Err(Password)),
            (
                "postgres://db/c?sslmode=require",
                Err(Mode("require".into())),
            ),
            (
                "postgres://db/c?a=b&sslmode=disable",
                Err(Mode("disable".into())),
            ),
        ] {
            assert_eq!(checked(url).map(drop), expected, "{url}");
        }
    }
}
