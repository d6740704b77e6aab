//! One row of the table: certificates, what we must say of them, and who disagrees.

use certctl::pki::{
    certificate::Certificate,
    chain::{Host, Policy, Purpose, Request},
    revocation_list::RevocationList,
};
use time::OffsetDateTime;

use crate::builder::NOW;

pub struct Case {
    pub name: &'static str,
    pub leaf: Certificate,
    pub untrusted: Vec<Certificate>,
    pub trust: Vec<Certificate>,
    pub crls: Vec<RevocationList>,
    pub purpose: Purpose,
    pub host: Option<Host>,
    pub at: OffsetDateTime,
    pub policy: Policy,
    /// Length of the chain, or the code of the gravest fault
    pub expected: Result<usize, &'static str>,
    /// Why OpenSSL says otherwise than we with its policy
    pub not_openssl: Option<&'static str>,
    /// Why rustls-webpki says otherwise
    pub not_rustls: Option<&'static str>,
}

/// A case for a server at `NOW`, whose chain is all that is given.
pub fn case(
    name: &'static str,
    leaf: Certificate,
    untrusted: &[&Certificate],
    trust: &[&Certificate],
) -> Case {
    let owned = |list: &[&Certificate]| list.iter().map(|&found| found.clone()).collect::<Vec<_>>();
    Case {
        name,
        leaf,
        untrusted: owned(untrusted),
        trust: owned(trust),
        crls: Vec::new(),
        purpose: Purpose::Server,
        host: None,
        at: NOW,
        policy: Policy::Strict,
        expected: Ok(1 + untrusted.len() + trust.len()),
        not_openssl: None,
        not_rustls: None,
    }
}

impl Case {
    /// The chain has another length than the certificates given.
    pub fn holds(self, length: usize) -> Self {
        let expected = Ok(length);
        Self { expected, ..self }
    }

    pub fn fails(self, code: &'static str) -> Self {
        let expected = Err(code);
        Self { expected, ..self }
    }

    pub fn at(self, at: OffsetDateTime) -> Self {
        Self { at, ..self }
    }

    pub fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    pub fn purpose(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    pub fn host(self, host: &str) -> Self {
        let host = Some(Host::parse(host).expect("a host"));
        Self { host, ..self }
    }

    pub fn crls(self, crls: &[RevocationList]) -> Self {
        let crls = crls.to_vec();
        Self { crls, ..self }
    }

    pub fn not_openssl(self, why: &'static str) -> Self {
        let not_openssl = Some(why);
        Self {
            not_openssl,
            ..self
        }
    }

    pub fn not_rustls(self, why: &'static str) -> Self {
        let not_rustls = Some(why);
        Self { not_rustls, ..self }
    }

    pub fn request(&self) -> Request<'_> {
        Request {
            leaf: &self.leaf,
            untrusted: &self.untrusted,
            trust: &self.trust,
            crls: &self.crls,
            purpose: self.purpose,
            host: self.host.as_ref(),
            at: self.at,
            policy: self.policy,
        }
    }
}
