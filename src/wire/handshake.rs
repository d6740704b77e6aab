//! One handshake by rustls, with everything taken and everything written down.
//!
//! No certificate is refused here: that is judged afterwards. What is verified is that the server has the key
//! of the certificate that it shows.

use std::{
    io::{self, Read as _, Write as _},
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, Error,
    crypto::ring,
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use rustls_pki_types::{PrivatePkcs8KeyDer, ServerName};

use super::{
    Session, Version, alert,
    dial::{Link, in_words},
    recorder::{NoClock, Record, Resolver, Verifier},
};
use crate::pki::{certificate::Certificate, key::PrivateKey};

/// How long a server may take to refuse a client certificate after a handshake of TLS 1.3 (RFC 8446 §4.4.2.4).
const REFUSAL: Duration = Duration::from_millis(300);

/// How long it may take at least once it has sent a ticket, by which most have decided.
const SHORTLY: Duration = Duration::from_millis(20);

/// The application protocol that is offered: of all servers, those of HTTP alone may refuse a client only in its words.
const HTTP: &[u8] = b"http/1.1";

/// What is shown to servers that ask for it: a certificate with its chain, and its key.
#[derive(Clone, Debug)]
pub struct Identity {
    certified: Arc<CertifiedKey>,
    /// What is shown, the leaf first
    pub chain: Vec<Certificate>,
}

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("TLS has no use for a key of this kind")]
pub struct IdentityError;

impl Identity {
    /// Takes a chain and the key of its first certificate.
    ///
    /// # Errors
    ///
    /// Where rustls cannot sign with the key.
    pub fn new(chain: Vec<Certificate>, key: &PrivateKey) -> Result<Self, IdentityError> {
        let octets = PrivatePkcs8KeyDer::from(key.pkcs8().expose()).into();
        let key = ring::sign::any_supported_type(&octets).map_err(|_| IdentityError)?;
        let octets = chain.iter().map(|it| it.der().to_vec().into()).collect();
        let certified = Arc::new(CertifiedKey::new(octets, key));
        Ok(Self { certified, chain })
    }
}

/// How a handshake is tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    /// The name that is asked for (RFC 6066 §3)
    pub(super) name: Option<&'a str>,
    /// What is shown where it is asked for
    pub(super) identity: Option<&'a Identity>,
    /// Whether HTTP is offered (RFC 7301)
    pub(super) alpn: bool,
    /// Whether nothing newer than TLS 1.2 is offered
    pub(super) old: bool,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) session: Session,
    pub(super) end: End,
}

/// How a handshake ended.
#[derive(Debug)]
pub(super) enum End {
    /// The server is content
    Done,
    /// It ended so after the server had asked for a certificate, and got ours or the answer that there is none
    Dismissed(String),
    /// The server closed the connection after that without a word: it may refuse what it got, or have nothing behind it
    Closed(String),
    /// It ended before
    Failed(Failure),
}

/// Why a handshake failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server said this
    Alert(u8),
    /// It closed the connection, took too long or sent too much
    Broken(io::Error),
    /// What it sent is TLS that rustls does not speak, or no TLS
    Unusable(String),
}

/// Shakes hands.
pub(super) fn shake(link: &mut Link, attempt: &Attempt<'_>) -> Outcome {
    let record = Arc::new(Record::default());
    let mut session = Session::default();
    let connection = client(attempt, &record);
    let end = match connection {
        Err(error) => End::Failed(Failure::Unusable(error.to_string())),
        Ok(mut connection) => {
            let end = drive(link, &mut connection, &record);
            note(&connection, &mut session);
            match end {
                Ok(()) if record.asked().is_some() => decided(link, &mut connection, attempt),
                Ok(()) => End::Done,
                Err(failure) if record.asked().is_some() && !failure.is_slow() => {
                    End::Dismissed(failure.to_string())
                }
                Err(failure) => End::Failed(failure),
            }
        }
    };
    session.clients.asked = record.asked();
    for octets in record.chain() {
        match Certificate::from_der(octets) {
            Ok(certificate) => session.chain.push(certificate),
            Err(error) => session.malformed.push(error.to_string()),
        }
    }
    Outcome { session, end }
}

impl Failure {
    /// Nothing was decided: the time was over.
    pub(super) fn is_slow(&self) -> bool {
        matches!(self, Self::Broken(error) if error.kind() == io::ErrorKind::TimedOut)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Alert(number) => f.write_str(&alert::words(*number)),
            Self::Broken(error) => f.write_str(&in_words(error)),
            Self::Unusable(reason) => f.write_str(reason),
        }
    }
}

/// A connection that takes all and writes it down.
fn client(attempt: &Attempt<'_>, record: &Arc<Record>) -> Result<ClientConnection, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(Verifier {
        record: Arc::clone(record),
        provider: Arc::clone(&provider),
    });
    let resolver = Arc::new(Resolver {
        record: Arc::clone(record),
        identity: attempt.identity.map(|it| Arc::clone(&it.certified)),
    });
    let versions: &[_] = match attempt.old {
        true => &[&TLS12],
        false => &[&TLS13, &TLS12],
    };
    let mut config = ClientConfig::builder_with_details(provider, Arc::new(NoClock))
        .with_protocol_versions(versions)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(resolver);
    config.resumption = rustls::client::Resumption::disabled();
    if attempt.alpn {
        config.alpn_protocols = vec![HTTP.to_vec()];
    }
    let name = attempt
        .name
        .and_then(|name| ServerName::try_from(name.to_owned()).ok());
    // For an address no name is sent, whichever it is.
    let nobody = || ServerName::from(std::net::IpAddr::from([127, 0, 0, 1]));
    ClientConnection::new(Arc::new(config), name.unwrap_or_else(nobody))
}

/// Until the handshake is over.
fn drive(
    link: &mut Link,
    connection: &mut ClientConnection,
    record: &Record,
) -> Result<(), Failure> {
    while connection.is_handshaking() {
        step(link, connection)?;
    }
    let flushed = flush(link, connection);
    // Whoever was refused before may find the door closed; what was said is still to be read.
    flushed.or_else(|error| match record.asked() {
        Some(_) => Ok(()),
        None => Err(Failure::Broken(error)),
    })
}

fn step(link: &mut Link, connection: &mut ClientConnection) -> Result<(), Failure> {
    let written = flush(link, connection);
    if !connection.is_handshaking() {
        return Ok(());
    }
    if let (Err(error), false) = (written, connection.wants_read()) {
        return Err(Failure::Broken(error));
    }
    if connection.read_tls(link).map_err(Failure::Broken)? == 0 {
        return Err(Failure::Broken(io::ErrorKind::ConnectionReset.into()));
    }
    process(link, connection)
}

fn process(link: &mut Link, connection: &mut ClientConnection) -> Result<(), Failure> {
    connection.process_new_packets().map(drop).map_err(|error| {
        // The peer hears what was wrong.
        let _ = flush(link, connection);
        match error {
            Error::AlertReceived(description) => Failure::Alert(description.into()),
            other => Failure::Unusable(in_plain_words(&other)),
        }
    })
}

/// What rustls calls an error, where it has a name rather than words for it.
fn in_plain_words(error: &Error) -> String {
    match error {
        Error::InvalidMessage(_) => String::from("what it sends is not TLS"),
        Error::InvalidCertificate(_) => {
            String::from("it does not have the key of the certificate that it shows")
        }
        Error::PeerIncompatible(_) => {
            String::from("it speaks TLS, and nothing of it that certctl speaks too")
        }
        Error::NoCertificatesPresented => String::from("it shows no certificate"),
        other => other.to_string(),
    }
}

fn flush(link: &mut Link, connection: &mut ClientConnection) -> io::Result<()> {
    while connection.wants_write() {
        connection.write_tls(link)?;
    }
    Ok(())
}

fn note(connection: &ClientConnection, session: &mut Session) {
    let version = connection.protocol_version();
    session.version = version.and_then(|it| Version::of_number(it.into()));
    let suite = connection.negotiated_cipher_suite();
    session.cipher = suite.and_then(|it| it.suite().as_str().map(iana));
    let group = connection.negotiated_key_exchange_group();
    session.group = group.and_then(|it| it.name().as_str().map(str::to_owned));
    let alpn = connection.alpn_protocol();
    session.alpn = alpn.map(|it| String::from_utf8_lossy(it).into_owned());
}

/// rustls puts the version before the names of the cipher suites of TLS 1.3.
fn iana(name: &str) -> String {
    name.replacen("TLS13_", "TLS_", 1)
}

/// Waits for what the server makes of the certificate, or of there being none.
fn decided(link: &mut Link, connection: &mut ClientConnection, attempt: &Attempt<'_>) -> End {
    let shortly = (2 * link.age()).clamp(SHORTLY, REFUSAL);
    let is_http = attempt.alpn && connection.alpn_protocol() == Some(HTTP);
    if is_http {
        let host = attempt.name.unwrap_or("localhost");
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let _ = connection.writer().write_all(request.as_bytes());
        let _ = flush(link, connection);
    }
    let patience = match connection.protocol_version() {
        _ if is_http => 4 * REFUSAL,
        Some(rustls::ProtocolVersion::TLSv1_3) => REFUSAL,
        _ => shortly,
    };
    link.no_longer_than(patience);
    let mut is_settled = false;
    loop {
        match connection.read_tls(link) {
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return End::Done,
            Err(error) => return End::Closed(in_words(&error)),
            Ok(count) => {
                if let Err(failure) = process(link, connection) {
                    return End::Dismissed(failure.to_string());
                }
                let answer = heard(connection);
                match (is_http, answer.is_empty()) {
                    (true, false) => return http_end(&answer),
                    (false, false) => return End::Done,
                    (_, true) if count == 0 || is_closed(connection) => {
                        return End::Closed(String::from("it closed the connection"));
                    }
                    (_, true) => {}
                }
            }
        }
        if !is_settled && !is_http && connection.tls13_tickets_received() > 0 {
            is_settled = true;
            link.no_longer_than(shortly);
        }
    }
}

/// The beginning of what the server has said.
fn heard(connection: &mut ClientConnection) -> Vec<u8> {
    let mut octets = vec![0; 4096];
    let count = connection.reader().read(&mut octets).unwrap_or_default();
    octets.truncate(count);
    octets
}

fn is_closed(connection: &mut ClientConnection) -> bool {
    connection
        .process_new_packets()
        .is_ok_and(|state| state.peer_has_closed())
}

/// nginx lets everybody shake hands, and refuses in the words of HTTP.
fn http_end(answer: &[u8]) -> End {
    let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
    let status = text.split(' ').nth(1).unwrap_or_default();
    if status == "400" && text.contains("ssl certificate") {
        return End::Dismissed(String::from(
            "it answers `400 Bad Request` for the certificate's sake",
        ));
    }
    End::Done
}
