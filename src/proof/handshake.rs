//! A handshake in memory: rustls at both ends, each asking the other for a certificate.

use std::{sync::Arc, time::Duration};

use rustls::{
    ClientConfig, ClientConnection, Connection, Error, RootCertStore, ServerConfig,
    ServerConnection,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::ring,
    server::WebPkiClientVerifier,
    time_provider::TimeProvider,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use time::OffsetDateTime;

use crate::pki::{certificate::Certificate, chain::Host, key::PrivateKey};

/// One end: what it shows, and whom it trusts.
#[derive(Debug)]
pub(super) struct End<'a> {
    pub(super) chain: &'a [Certificate],
    pub(super) key: &'a PrivateKey,
    pub(super) trust: &'a [Certificate],
}

/// Shakes hands at the time `at`; `host` is whom the client dials, where it looks at names at all.
///
/// # Errors
///
/// What the end says that refuses.
pub(super) fn shake(
    client: &End<'_>,
    server: &End<'_>,
    host: Option<&Host>,
    at: OffsetDateTime,
) -> Result<(), String> {
    let in_words = |error: Error| error.to_string();
    let mut client = connect(client, host, at)?.into();
    let mut server = accept(server, at)?.into();
    // Each turn brings the handshake on: four will do.
    for _ in 0..8 {
        pass(&mut client, &mut server).map_err(in_words)?;
        pass(&mut server, &mut client).map_err(in_words)?;
    }
    match client.is_handshaking() || server.is_handshaking() {
        true => Err(String::from("the handshake came to no end")),
        false => Ok(()),
    }
}

/// Carries over what one end says to the other.
fn pass(from: &mut Connection, to: &mut Connection) -> Result<(), Error> {
    let mut octets = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut octets)
            .map_err(|error| Error::General(error.to_string()))?;
    }
    let mut rest = &octets[..];
    while !rest.is_empty() {
        to.read_tls(&mut rest)
            .map_err(|error| Error::General(error.to_string()))?;
        to.process_new_packets()?;
    }
    Ok(())
}

fn connect(
    end: &End<'_>,
    host: Option<&Host>,
    at: OffsetDateTime,
) -> Result<ClientConnection, String> {
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(roots(end)?, Arc::clone(&provider));
    let verifier = verifier.build().map_err(|error| error.to_string())?;
    let is_named = host.is_some();
    let config = ClientConfig::builder_with_details(provider, Arc::new(At(at)))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier { verifier, is_named }))
        .with_client_auth_cert(octets(end.chain), key(end))
        .map_err(|error| error.to_string())?;
    let name = match host {
        Some(Host::Dns(name)) => {
            ServerName::try_from(name.clone()).map_err(|error| error.to_string())?
        }
        Some(Host::Ip(ip)) => ServerName::from(*ip),
        None => ServerName::from(std::net::IpAddr::from([127, 0, 0, 1])),
    };
    ClientConnection::new(Arc::new(config), name).map_err(|error| error.to_string())
}

fn accept(end: &End<'_>, at: OffsetDateTime) -> Result<ServerConnection, String> {
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(end)?, Arc::clone(&provider));
    let verifier = verifier.build().map_err(|error| error.to_string())?;
    let config = ServerConfig::builder_with_details(provider, Arc::new(At(at)))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_client_cert_verifier(verifier)
        .with_single_cert(octets(end.chain), key(end))
        .map_err(|error| error.to_string())?;
    ServerConnection::new(Arc::new(config)).map_err(|error| error.to_string())
}

fn roots(end: &End<'_>) -> Result<Arc<RootCertStore>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in octets(end.trust) {
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    Ok(Arc::new(roots))
}

fn octets(chain: &[Certificate]) -> Vec<CertificateDer<'static>> {
    chain.iter().map(|it| it.der().to_vec().into()).collect()
}

fn key(end: &End<'_>) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(end.key.pkcs8().expose().to_vec()).into()
}

/// rustls' own, which does not look at names where the client does not.
#[derive(Debug)]
struct Verifier {
    verifier: Arc<WebPkiServerVerifier>,
    is_named: bool,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        use rustls::CertificateError::{NotValidForName, NotValidForNameContext};
        let found = self
            .verifier
            .verify_server_cert(leaf, intermediates, name, ocsp, now);
        match found {
            Err(Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }))
                if !self.is_named =>
            {
                Ok(ServerCertVerified::assertion())
            }
            found => found,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier
            .verify_tls12_signature(message, leaf, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier
            .verify_tls13_signature(message, leaf, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// The time that everything is judged at.
#[derive(Debug)]
struct At(OffsetDateTime);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.unix_timestamp()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
