//! What rustls asks while it shakes hands: everything is taken, and written down.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
    client::{
        ResolvesClientCert,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    sign::CertifiedKey,
    time_provider::TimeProvider,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::pki::octets::Name;

/// What was seen while rustls worked.
#[derive(Debug, Default)]
pub(super) struct Record {
    seen: Mutex<Seen>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    chain: Vec<Vec<u8>>,
    asked: Option<Vec<Name>>,
}

impl Record {
    fn change(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn seen(&self) -> Seen {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }

    pub(super) fn asked(&self) -> Option<Vec<Name>> {
        self.seen().asked
    }

    pub(super) fn chain(&self) -> Vec<Vec<u8>> {
        self.seen().chain
    }
}

/// Takes every certificate; that is judged afterwards.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) record: Arc<Record>,
    pub(super) provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let all = std::iter::once(leaf).chain(intermediates);
        let chain = all.map(|it| it.as_ref().to_vec()).collect();
        self.record.change(|seen| seen.chain = chain);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        lenient(verify_tls12_signature(message, leaf, signature, algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        lenient(verify_tls13_signature(message, leaf, signature, algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let mut schemes = algorithms.supported_schemes();
        // ring does not have it: the certificate is looked at all the same.
        schemes.push(SignatureScheme::ECDSA_NISTP521_SHA512);
        schemes
    }
}

/// A signature that does not hold is the server's fault; one that webpki cannot check, for what the certificate
/// looks like, says nothing.
fn lenient(
    result: Result<HandshakeSignatureValid, Error>,
) -> Result<HandshakeSignatureValid, Error> {
    let bad = Error::InvalidCertificate(CertificateError::BadSignature);
    result.or_else(|error| match error == bad {
        true => Err(error),
        false => Ok(HandshakeSignatureValid::assertion()),
    })
}

/// Shows what there is to show, and notes that it was asked for.
#[derive(Debug)]
pub(super) struct Resolver {
    pub(super) record: Arc<Record>,
    pub(super) identity: Option<Arc<CertifiedKey>>,
}

impl ResolvesClientCert for Resolver {
    fn resolve(&self, hints: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let hints = hints.iter().map(|it| Name::from(*it)).collect();
        self.record.change(|seen| seen.asked = Some(hints));
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Only tickets and verification would ask for the time: there are none, and it is done elsewhere.
#[derive(Debug)]
pub(super) struct NoClock;

impl TimeProvider for NoClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::ZERO))
    }
}
