//! Judge: rustls and webpki, both ends in memory.

use std::sync::Arc;

use ::rustls::client::WebPkiServerVerifier;
use ::rustls::client::danger::ServerCertVerifier as _;
use ::rustls::crypto::{CryptoProvider, ring};
use ::rustls::server::WebPkiClientVerifier;
use ::rustls::server::danger::ClientCertVerifier;
use ::rustls::{
    ClientConfig, ClientConnection, ConnectionCommon, Error, RootCertStore, ServerConfig,
    ServerConnection,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

/// Answers one question.
pub(crate) fn answer(question: &str) -> String {
    let words: Vec<_> = question.split('\t').collect();
    let answer = match words[..] {
        ["verify", "server", name, entry, trust] => verify_server(name, entry, trust),
        ["verify", "client", _, entry, trust] => verify_client(entry, trust),
        ["tls", server, client, trust, name] => handshake(server, client, trust, name),
        _ => panic!("not a question: {question}"),
    };
    answer.map_or_else(|error| format!("no: {error}"), |()| "ok".to_owned())
}

fn verify_server(name: &str, entry: &str, trust: &str) -> Result<(), Error> {
    let chain = chain(entry);
    WebPkiServerVerifier::builder_with_provider(roots(trust), provider())
        .build()
        .expect("a root suffices")
        .verify_server_cert(
            &chain[0],
            &chain[1..],
            &server_name(name),
            &[],
            UnixTime::now(),
        )
        .map(drop)
}

fn verify_client(entry: &str, trust: &str) -> Result<(), Error> {
    let chain = chain(entry);
    client_verifier(trust)
        .verify_client_cert(&chain[0], &chain[1..], UnixTime::now())
        .map(drop)
}

fn handshake(server: &str, client: &str, trust: &str, name: &str) -> Result<(), Error> {
    let server = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(client_verifier(&format!("{server}/ca.pem")))
        .with_single_cert(chain(server), key(server))?;
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots(trust));
    let client = match client {
        "-" => config.with_no_client_auth(),
        entry => config.with_client_auth_cert(chain(entry), key(entry))?,
    };
    let mut server = ServerConnection::new(Arc::new(server))?;
    let mut client = ClientConnection::new(Arc::new(client), server_name(name))?;
    while client.is_handshaking() || server.is_handshaking() {
        pass(&mut client, &mut server)?;
        pass(&mut server, &mut client)?;
    }
    Ok(())
}

/// Hands one end what the other has to say.
fn pass<A, B>(from: &mut ConnectionCommon<A>, to: &mut ConnectionCommon<B>) -> Result<(), Error> {
    let mut octets = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut octets).expect("memory takes all");
    }
    let mut unread = octets.as_slice();
    while !unread.is_empty() {
        to.read_tls(&mut unread).expect("memory can be read");
        to.process_new_packets()?;
    }
    Ok(())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn client_verifier(trust: &str) -> Arc<dyn ClientCertVerifier> {
    WebPkiClientVerifier::builder_with_provider(roots(trust), provider())
        .build()
        .expect("a root suffices")
}

fn server_name(name: &str) -> ServerName<'static> {
    ServerName::try_from(name.to_owned()).expect("a name or an address")
}

fn roots(file: &str) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for root in certificates(file) {
        roots.add(root).expect("a root is a certificate");
    }
    Arc::new(roots)
}

fn chain(entry: &str) -> Vec<CertificateDer<'static>> {
    certificates(&format!("{entry}/cert.pem"))
}

fn certificates(file: &str) -> Vec<CertificateDer<'static>> {
    let read = CertificateDer::pem_file_iter(file).expect("the file can be read");
    read.map(|certificate| certificate.expect("the file is PEM"))
        .collect()
}

fn key(entry: &str) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_file(format!("{entry}/key.pem")).expect("the entry has a key")
}
