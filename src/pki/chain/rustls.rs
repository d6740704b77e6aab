//! A second opinion: what rustls would say of the same certificates.

use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{
    ALL_VERIFICATION_ALGS, BorrowedCertRevocationList, CertRevocationList, EndEntityCert, Error,
    ExpirationPolicy, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage, RevocationCheckDepth,
    RevocationOptionsBuilder, UnknownStatusPolicy, anchor_from_trusted_cert,
};

use super::{Purpose, Request, host::Host};

/// Asks rustls-webpki, which is stricter than RFC 5280 here and laxer there.
///
/// It looks at neither a root's validity nor its constraints on path length, at no keyUsage but
/// cRLSign, and takes no leaf that is a CA.
///
/// # Errors
///
/// Its reason.
pub fn rustls_accepts(request: &Request<'_>) -> Result<(), Error> {
    let leaf = CertificateDer::from(request.leaf.der());
    let leaf = EndEntityCert::try_from(&leaf)?;
    let trust: Vec<_> = request
        .trust
        .iter()
        .map(|found| found.der().into())
        .collect();
    let anchors = trust
        .iter()
        .map(anchor_from_trusted_cert)
        .collect::<Result<Vec<_>, _>>()?;
    let untrusted: Vec<_> = request
        .untrusted
        .iter()
        .map(|found| found.der().into())
        .collect();
    let crls = request
        .crls
        .iter()
        .map(|crl| BorrowedCertRevocationList::from_der(crl.der()).map(CertRevocationList::from))
        .collect::<Result<Vec<_>, _>>()?;
    let crls: Vec<_> = crls.iter().collect();
    let revocation = RevocationOptionsBuilder::new(&crls).ok().map(|options| {
        options
            .with_depth(RevocationCheckDepth::EndEntity)
            .with_status_policy(UnknownStatusPolicy::Deny)
            .with_expiration_policy(ExpirationPolicy::Enforce)
            .build()
    });
    let seconds = u64::try_from(request.at.unix_timestamp()).unwrap_or_default();
    let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    leaf.verify_for_usage(
        ALL_VERIFICATION_ALGS,
        &anchors,
        &untrusted,
        at,
        Usage(request.purpose),
        revocation,
        None,
    )?;
    request.host.map_or(Ok(()), |host| {
        let name = match host {
            Host::Dns(name) => {
                ServerName::try_from(name.as_str()).map_err(|_| Error::MalformedDnsIdentifier)?
            }
            Host::Ip(ip) => ServerName::from(*ip),
        };
        leaf.verify_is_valid_for_subject_name(&name)
    })
}

struct Usage(Purpose);

impl ExtendedKeyUsageValidator for Usage {
    fn validate(&self, usages: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        match self.0 {
            Purpose::Any => Ok(()),
            Purpose::Client => KeyUsage::client_auth().validate(usages),
            Purpose::Server => KeyUsage::server_auth().validate(usages),
        }
    }
}
