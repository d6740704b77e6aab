//! Reaching the database: by TLS that verifies who answers, or by a Unix socket.

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr as _,
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio_postgres::{
    Config, Error, NoTls,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Failure, client::Client, unasked};
use crate::store::shared::SharedError;

/// How long it may take to connect, unless the URL's `connect_timeout` says so.
const PATIENCE: Duration = Duration::from_secs(10);

/// An answer may be so many times longer on its way than a connection.
const ON_ITS_WAY: u32 = 3;

/// When a database gives up a statement, in milliseconds, unless the URL's `options` or the role's settings say so.
const STATEMENT: i64 = 300_000;

/// How long a network may take what was sent and say nothing: it was cut.
const SILENCE: Duration = Duration::from_secs(20);

/// Where a database is, and as whom it is asked.
#[derive(Clone)]
pub(super) struct Address {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    /// How long it may take to connect
    patience: Duration,
}

impl Address {
    /// What a URL says, whose `sslrootcert`, `sslcert` and `sslkey` are paths in the PKI directory, or absolute.
    pub(super) fn new(url: &str, root: &Path) -> Result<Self, SharedError> {
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut rest, mut files) = (Vec::new(), Files::default());
        for parameter in query.split('&').filter(|it| !it.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let path = || Some(root.join(decoded(value)));
            match name {
                "sslmode" => {}
                "sslrootcert" => files.roots = path(),
                "sslcert" => files.certificate = path(),
                "sslkey" => files.key = path(),
                _ => rest.push(parameter),
            }
        }
        let url = match rest.is_empty() {
            true => place.to_owned(),
            false => format!("{place}?{}", rest.join("&")),
        };
        let refused = |error: Error| SharedError::Refused(words(&error));
        let mut config = Config::from_str(&url).map_err(refused)?;
        if config.get_password().is_some() {
            let reason = String::from("the URL has a password, which would lie in ledger.toml");
            return Err(SharedError::Refused(reason));
        }
        let patience = config.get_connect_timeout().copied();
        let patience = patience.filter(|it| !it.is_zero()).unwrap_or(PATIENCE);
        config
            .application_name("certctl")
            .connect_timeout(patience)
            .keepalives_idle(SILENCE)
            .keepalives_interval(SILENCE / 4)
            .keepalives_retries(4)
            .tcp_user_timeout(SILENCE);
        if let Some(password) = std::env::var_os("PGPASSWORD") {
            config.password(password.as_encoded_bytes());
        }
        let is_local = |host: &Host| matches!(host, Host::Unix(_));
        let is_local = config.get_hosts().iter().all(is_local)
            && !config.get_hosts().is_empty()
            && config.get_hostaddrs().is_empty();
        let tls = match is_local {
            true => None,
            false => Some(MakeRustlsConnect::new(files.client()?)),
        };
        config.ssl_mode(match is_local {
            true => SslMode::Disable,
            false => SslMode::Require,
        });
        Ok(Self {
            config,
            tls,
            patience,
        })
    }

    pub(super) fn connect(&self) -> Result<Client, SharedError> {
        // One host after the other is tried.
        let hosts = self.config.get_hosts().len().max(1);
        let hosts = u32::try_from(hosts).unwrap_or(u32::MAX);
        let patience = self.patience.saturating_mul(hosts);
        let connected = match &self.tls {
            Some(tls) => Client::connect(&self.config, tls.clone(), patience),
            None => Client::connect(&self.config, NoTls, patience),
        };
        let unreachable = |failure| match unasked(failure) {
            SharedError::Refused(reason) => SharedError::Unreachable(reason),
            other => other,
        };
        let mut client = connected.map_err(unreachable)?;
        let given_up = limit(&mut client).map_err(unreachable)?;
        client.be_patient(given_up + self.patience * ON_ITS_WAY);
        Ok(client)
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({:?})", self.config.get_hosts())
    }
}

/// Has the database give up in words what it waits for too long; says when it gives up a statement.
fn limit(client: &mut Client) -> Result<Duration, Failure> {
    // Whatever the role's search path says, functions and operators are the database's own.
    client.batch_execute("SET search_path = pg_catalog; SET lock_timeout = '20s'")?;
    let query =
        "SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'statement_timeout'";
    let given_up: i64 = client.query_one(query, &[])?.try_get(0)?;
    let given_up = match given_up {
        0 => {
            client.batch_execute(&format!("SET statement_timeout = {STATEMENT}"))?;
            STATEMENT
        }
        set => set,
    };
    Ok(Duration::from_millis(given_up.unsigned_abs()))
}

/// What TLS needs, by libpq's names for them.
#[derive(Default)]
struct Files {
    roots: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Files {
    fn client(&self) -> Result<ClientConfig, SharedError> {
        let unreachable = |error: rustls::Error| SharedError::Unreachable(error.to_string());
        let mut roots = RootCertStore::empty();
        let Some(path) = &self.roots else {
            let reason = "the URL names no `sslrootcert` to verify by who answers";
            return Err(SharedError::Unreachable(String::from(reason)));
        };
        for certificate in certificates(path)? {
            roots.add(certificate).map_err(unreachable)?;
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unreachable)?
            .with_root_certificates(roots);
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => {
                let key = read(key, PrivateKeyDer::from_pem_slice)?;
                let chain = certificates(certificate)?;
                builder
                    .with_client_auth_cert(chain, key)
                    .map_err(unreachable)
            }
            (None, None) => Ok(builder.with_no_client_auth()),
            _ => Err(SharedError::Unreachable(String::from(
                "`sslcert` and `sslkey` belong together",
            ))),
        }
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, SharedError> {
    read(path, |octets| {
        CertificateDer::pem_slice_iter(octets).collect()
    })
}

fn read<T>(
    path: &Path,
    decode: impl FnOnce(&[u8]) -> Result<T, rustls::pki_types::pem::Error>,
) -> Result<T, SharedError> {
    let failed = |reason: String| SharedError::Unreachable(format!("{}: {reason}", path.display()));
    let octets = fs::read(path).map(zeroize::Zeroizing::new);
    let octets = octets.map_err(|error| failed(error.to_string()))?;
    decode(&octets).map_err(|error| failed(error.to_string()))
}

/// A value of a URL without its escapes (RFC 3986 §2.1).
fn decoded(value: &str) -> String {
    let octets = value.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(octets.len()), 0);
    while let Some(octet) = octets.get(at) {
        let digits = value.get(at + 1..at + 3);
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped.filter(|_| *octet == b'%') {
            Some(escaped) => {
                decoded.push(escaped);
                at += 3;
            }
            None => {
                decoded.push(*octet);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// What PostgreSQL says, or what lies below what the library says.
pub(super) fn words(error: &Error) -> String {
    if let Some(database) = error.as_db_error() {
        return database.message().to_owned();
    }
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        source = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_taken_out() {
        for (value, expected) in [
            ("/a/b.pem", "/a/b.pem"),
            ("/a%20b", "/a b"),
            ("100%", "100%"),
            ("%zz", "%zz"),
            ("%C3%A4", "ä"),
        ] {
            assert_eq!(decoded(value), expected);
        }
    }
}
