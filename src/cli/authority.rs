//! What `init-ca` and `init-intermediate` share: their arguments, and what is told of the CA.

use std::{ffi::OsStr, path::PathBuf};

use clap::{Args, builder::TypedValueParser, error::ErrorKind};
use ipnet::IpNet;
use time::Duration;

use super::{
    args::{ChangeArgs, KeyArgs, LifetimeArgs},
    passphrases::PassphraseArgs,
};
pub(crate) use crate::session::authorities::{authority, refuse_existing, tell};
use crate::{
    issuance::authority::AuthorityRequest,
    pki::{
        entry_name::EntryName,
        extension::PermittedSubtrees,
        key::KeyType,
        key_uri::{KeyUri, KeyUriError},
        name::MAX_ATTRIBUTE_LENGTH,
        san::{self, host_name},
    },
    session::{
        adoption::Files,
        tokens::{self, Kept},
    },
};

/// Arguments of `init-ca` and `init-intermediate`.
#[derive(Args, Debug)]
pub(crate) struct AuthorityArgs {
    /// Common name [default: made of the CA's name and key]
    #[arg(long, value_name = "CN", value_parser = attribute)]
    pub(crate) cn: Option<String>,
    /// Organization
    #[arg(long, value_name = "O", value_parser = attribute)]
    pub(crate) org: Option<String>,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    #[command(flatten)]
    pub(crate) lifetime: LifetimeArgs,
    /// How many CAs may follow below it
    #[arg(long, value_name = "N", value_parser = path_length, allow_negative_numbers = true)]
    pub(crate) path_len: Option<u8>,
    /// Allow only names in this domain, in URIs and mail addresses too, and no addresses without --permit-ip
    /// (can be repeated)
    #[arg(long, value_name = "DOMAIN", value_parser = domain)]
    pub(crate) permit_dns: Vec<String>,
    /// Allow only addresses in this network, and no DNS names without --permit-dns (can be repeated)
    #[arg(long, value_name = "CIDR")]
    pub(crate) permit_ip: Vec<IpNet>,
    /// Where the CA's CRL will be served; its certificates say so
    #[arg(long, value_name = "URL", value_parser = http_url)]
    pub(crate) crl_url: Option<String>,
    /// Encrypt the key; asks for a passphrase where none is given
    #[arg(long)]
    pub(crate) encrypt: bool,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArgs,
    /// The key is in a token or an agent, and stays there: what names it (RFC 7512); its PIN is given as a passphrase is
    #[arg(long, value_name = "URI", value_parser = Unrepeated(str::parse::<KeyUri>), conflicts_with_all = ["encrypt", "key_file"])]
    pub(crate) key_uri: Option<KeyUri>,
    /// Make the key there, of the type that --key-type says
    #[arg(long, requires = "key_uri", conflicts_with = "cert_file")]
    pub(crate) generate: bool,
    /// Adopt a CA: its private key
    #[arg(long = "key", value_name = "FILE", requires = "cert_file")]
    pub(crate) key_file: Option<PathBuf>,
    /// Adopt a CA: its certificate, and what follows it; without --key its key stays elsewhere
    #[arg(
        long = "cert",
        value_name = "FILE",
        conflicts_with_all = ["cn", "org", "key_type", "days", "valid_for", "not_after", "backdate", "path_len", "permit_dns", "permit_ip", "crl_url"],
    )]
    pub(crate) cert_file: Option<PathBuf>,
    /// Adopt a CA: its last CRL, whose revocations and number the next one goes on from
    #[arg(long = "crl", value_name = "FILE", requires = "cert_file")]
    pub(crate) crl_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

impl AuthorityArgs {
    /// What the arguments ask for; `path_len` and `lifetime` stand in where they say nothing.
    pub(crate) fn request<'a>(
        &self,
        name: &EntryName,
        path_len: Option<u8>,
        lifetime: Duration,
        kept: &'a Kept,
    ) -> AuthorityRequest<'a> {
        AuthorityRequest {
            name: name.clone(),
            common_name: self.cn.clone(),
            organization: self.org.clone(),
            key_type: kept.key_type(self.key().of_new()),
            lifetime: self.lifetime.lifetime(lifetime),
            backdate: self.lifetime.backdate,
            path_len: self.path_len.or(path_len),
            permitted: PermittedSubtrees {
                dns: self.permit_dns.clone(),
                ip: self.permit_ip.clone(),
            },
            keeping: kept.keeping(),
            crl_url: self.crl_url.clone(),
        }
    }

    /// Where its key is, or will be.
    pub(crate) fn key(&self) -> tokens::Wish<'_> {
        tokens::Wish {
            uri: self.key_uri.as_ref(),
            generate: self.generate,
            key_type: self.key.key_type,
            usual_type: KeyType::default(),
            encrypt: self.encrypt,
        }
    }

    /// The files of the CA that is adopted.
    pub(crate) fn files(&self) -> Files<'_> {
        Files {
            cert: self.cert_file.as_deref(),
            key: self.key_file.as_deref(),
            uri: self.key_uri.as_ref(),
            crl: self.crl_file.as_deref(),
            encrypt: self.encrypt,
        }
    }

    /// What to do with the CA `name`, within what it may issue for; `is_only` where it need not be named.
    pub(crate) fn next(&self, name: &EntryName, is_only: bool) -> String {
        let (entry, profile) = match name.as_str().contains("client") {
            true => ("app", " --profile client"),
            false => ("node1", ""),
        };
        let names = match (self.permit_dns.first(), &self.permit_ip[..]) {
            (Some(domain), _) => format!(" --no-name-san --san {entry}.{domain}"),
            (None, []) if is_only && profile.is_empty() => String::from(" --san 10.0.0.1"),
            (None, [network, ..]) => match network.hosts().next() {
                Some(host) => format!(" --no-name-san --san {host}"),
                None => String::new(),
            },
            (None, []) => String::new(),
        };
        let ca = match is_only {
            true => String::new(),
            false => format!(" --ca {name}"),
        };
        format!("issue {entry}{profile}{names}{ca}")
    }
}

/// Reads a URI, and does not repeat one that is refused: a PIN may stand in it.
#[derive(Clone)]
pub(crate) struct Unrepeated<T>(pub(crate) fn(&str) -> Result<T, KeyUriError>);

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Unrepeated<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let read = value.to_str().ok_or(KeyUriError::Character);
        read.and_then(self.0).map_err(|error| {
            let message = format!("the URI that `--key-uri` gives will not do: {error}");
            command.clone().error(ErrorKind::ValueValidation, message)
        })
    }
}

fn attribute(text: &str) -> Result<String, String> {
    match text.chars().count() {
        0 => Err(String::from("it is empty")),
        1..=MAX_ATTRIBUTE_LENGTH if text.chars().any(char::is_control) => {
            Err(String::from("it holds a control character"))
        }
        1..=MAX_ATTRIBUTE_LENGTH => Ok(text.to_owned()),
        length => Err(format!(
            "it has {length} characters, {MAX_ATTRIBUTE_LENGTH} are allowed"
        )),
    }
}

fn path_length(text: &str) -> Result<u8, String> {
    text.parse()
        .map_err(|_| String::from("write a whole number, 0 to 255"))
}

fn domain(text: &str) -> Result<String, String> {
    match host_name(text) {
        Ok(name) if name.starts_with('*') => Err(String::from(
            "a domain covers all names below it without `*.`",
        )),
        Ok(name) => Ok(name),
        Err(error) => Err(error.to_string()),
    }
}

/// CRLs are fetched over plain HTTP: fetching over HTTPS would need another CRL first (RFC 5280 §8).
fn http_url(text: &str) -> Result<String, String> {
    match san::parse(&format!("URI:{text}")) {
        Ok(_) if text.starts_with("http://") => Ok(text.to_owned()),
        Ok(_) => Err(String::from("write a URL that begins with http://")),
        Err(error) => Err(error.to_string()),
    }
}
