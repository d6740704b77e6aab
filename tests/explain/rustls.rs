//! One TLS connection of rustls, in this process.

use std::{
    error::Error,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::Arc,
    time::Duration,
};

use ::rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, Stream,
    SupportedProtocolVersion,
    crypto::{CryptoProvider, ring},
    server::WebPkiClientVerifier,
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _};

use crate::{
    cases::Refuser::{self, Server},
    material::Options,
};

/// Makes the connection and says what goes wrong.
pub(crate) fn peer(
    side: Refuser,
    listener: Option<&TcpListener>,
    port: u16,
    options: &Options,
) -> String {
    let made = match (side, listener) {
        (Server, Some(listener)) => serve(listener, options),
        _ => dial(port, options),
    };
    made.map_or_else(|error| format!("{error}\n{error:?}\n"), |()| String::new())
}

fn serve(listener: &TcpListener, options: &Options) -> Result<(), Box<dyn Error>> {
    let config = ServerConfig::builder_with_provider(provider(options))
        .with_protocol_versions(&versions(options))?;
    let config = match options.contains_key("clients") {
        true => {
            let roots = Arc::new(roots(options)?);
            config.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(roots, provider(options)).build()?,
            )
        }
        false => config.with_no_client_auth(),
    };
    let (chain, key) = identity(options)?;
    let config = config.with_single_cert(chain, key)?;
    let (stream, _) = listener.accept()?;
    talk(&mut ServerConnection::new(Arc::new(config))?, stream)
}

fn dial(port: u16, options: &Options) -> Result<(), Box<dyn Error>> {
    let config = ClientConfig::builder_with_provider(provider(options))
        .with_protocol_versions(&versions(options))?;
    let config = config.with_root_certificates(roots(options)?);
    let config = match options.contains_key("cert") {
        true => {
            let (chain, key) = identity(options)?;
            config.with_client_auth_cert(chain, key)?
        }
        false => config.with_no_client_auth(),
    };
    let name = options.get("name").map_or("localhost", String::as_str);
    let name = ServerName::try_from(name.to_owned())?;
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    talk(&mut ClientConnection::new(Arc::new(config), name)?, stream)
}

fn talk<C, S>(connection: &mut C, mut stream: TcpStream) -> Result<(), Box<dyn Error>>
where
    C: std::ops::DerefMut<Target = ::rustls::ConnectionCommon<S>>,
    S: ::rustls::SideData,
{
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut tls = Stream::new(connection, &mut stream);
    tls.write_all(b"hello\n")?;
    let _ = tls.read(&mut [0; 100])?;
    Ok(())
}

fn provider(options: &Options) -> Arc<CryptoProvider> {
    let mut provider = ring::default_provider();
    if let Some(cipher) = options.get("cipher") {
        let wanted = if cipher.contains("CHACHA") {
            "CHACHA20"
        } else {
            "AES_256"
        };
        provider.cipher_suites.retain(|suite| {
            let name = format!("{:?}", suite.suite());
            name.contains("ECDSA") && name.contains(wanted)
        });
    }
    Arc::new(provider)
}

fn versions(options: &Options) -> Vec<&'static SupportedProtocolVersion> {
    match options.get("version").map(String::as_str) {
        Some("1.2") => vec![&TLS12],
        Some(_) => vec![&TLS13],
        None if options.contains_key("cipher") => vec![&TLS12],
        None => vec![&TLS12, &TLS13],
    }
}

fn roots(options: &Options) -> Result<RootCertStore, Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&options["ca"])? {
        roots.add(certificate?)?;
    }
    Ok(roots)
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity(options: &Options) -> Result<Identity, Box<dyn Error>> {
    let chain = CertificateDer::pem_file_iter(&options["cert"])?.collect::<Result<_, _>>()?;
    Ok((chain, PrivateKeyDer::from_pem_file(&options["key"])?))
}
