//! Which tool has made a folder, told by what lies in it.

use std::{fmt, str::FromStr};

use super::{
    Files, certctl, certstrap, cfssl, cockroach, easy_rsa, kubeadm,
    layout::{Layout, Paths},
    minica, mkcert, openssl_ca, step,
};

/// A tool that keeps a PKI in files.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tool {
    /// OpenVPN's easy-rsa 3
    EasyRsa,
    /// `openssl ca`
    OpensslCa,
    /// Cloudflare's cfssl
    Cfssl,
    /// Smallstep's step and step-ca
    Step,
    /// mkcert
    Mkcert,
    /// minica
    Minica,
    /// Square's certstrap
    Certstrap,
    /// `cockroach cert`
    Cockroach,
    /// `kubeadm init phase certs`
    Kubeadm,
    /// certctl itself
    Certctl,
}

impl Tool {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 10] = [
        Self::EasyRsa,
        Self::OpensslCa,
        Self::Cfssl,
        Self::Step,
        Self::Mkcert,
        Self::Minica,
        Self::Certstrap,
        Self::Cockroach,
        Self::Kubeadm,
        Self::Certctl,
    ];

    /// Its word on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EasyRsa => "easy-rsa",
            Self::OpensslCa => "openssl-ca",
            Self::Cfssl => "cfssl",
            Self::Step => "step",
            Self::Mkcert => "mkcert",
            Self::Minica => "minica",
            Self::Certstrap => "certstrap",
            Self::Cockroach => "cockroach",
            Self::Kubeadm => "kubeadm",
            Self::Certctl => "certctl",
        }
    }

    /// What makes its layout, in words.
    #[must_use]
    pub fn looks_for(self) -> &'static str {
        self.layout().looks_for
    }

    /// Whether it can revoke what it has issued.
    #[must_use]
    pub const fn revokes(self) -> bool {
        !matches!(
            self,
            Self::Mkcert | Self::Minica | Self::Cockroach | Self::Kubeadm
        )
    }

    pub(super) const fn layout(self) -> &'static Layout {
        match self {
            Self::EasyRsa => &easy_rsa::LAYOUT,
            Self::OpensslCa => &openssl_ca::LAYOUT,
            Self::Cfssl => &cfssl::LAYOUT,
            Self::Step => &step::LAYOUT,
            Self::Mkcert => &mkcert::LAYOUT,
            Self::Minica => &minica::LAYOUT,
            Self::Certstrap => &certstrap::LAYOUT,
            Self::Cockroach => &cockroach::LAYOUT,
            Self::Kubeadm => &kubeadm::LAYOUT,
            Self::Certctl => &certctl::LAYOUT,
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Tool {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let found = Self::ALL.into_iter().find(|tool| tool.name() == text);
        found.ok_or(())
    }
}

/// Why nobody knows what made a folder.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unrecognised {
    /// No layout fits.
    #[error("no tool that is known keeps its files so")]
    None,
    /// It is not that of the tool that was named.
    #[error("it is not laid out as {0} does: {look} is looked for", look = .0.looks_for())]
    Other(Tool),
    /// Several fit.
    #[error("it may be {}", among(.0))]
    Several(Vec<Tool>),
}

fn among(tools: &[Tool]) -> String {
    let names: Vec<_> = tools.iter().map(|tool| tool.name()).collect();
    names.join(" or ")
}

/// The tool that has made a folder, and where below it its files begin; `asked` is one that somebody names.
///
/// # Errors
///
/// Where no layout fits, or several do.
pub fn recognise(
    files: &dyn Files,
    asked: Option<Tool>,
) -> Result<(Tool, &'static str), Unrecognised> {
    let base = |tool: Tool| {
        let Layout { bases, fits, .. } = tool.layout();
        let fits = |base: &&&str| fits(&Paths::below(files, base));
        bases.iter().find(fits).map(|base| (tool, *base))
    };
    if let Some(tool) = asked {
        return base(tool).ok_or(Unrecognised::Other(tool));
    }
    let found: Vec<_> = Tool::ALL.into_iter().filter_map(base).collect();
    match found[..] {
        [] => Err(Unrecognised::None),
        [one] => Ok(one),
        _ => Err(Unrecognised::Several(
            found.into_iter().map(|(tool, _)| tool).collect(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::in_memory::InMemory, *};

    #[test]
    fn tools_are_told_by_their_files() {
        let tool = |tool, base| Ok((tool, base));
        for (paths, expected) in [
            (
                &["ca.crt", "index.txt", "issued/a.crt"][..],
                tool(Tool::EasyRsa, ""),
            ),
            (
                &["pki/ca.crt", "pki/index.txt", "pki/certs_by_serial/01.pem"],
                tool(Tool::EasyRsa, "pki/"),
            ),
            (
                &["ca.crt", "index.txt", "newcerts/01.pem"],
                tool(Tool::OpensslCa, ""),
            ),
            (
                &["demoCA/index.txt", "demoCA/cacert.pem"],
                tool(Tool::OpensslCa, "demoCA/"),
            ),
            (&["ca.csr", "ca.pem", "ca-key.pem"], tool(Tool::Cfssl, "")),
            (&["ca.pem", "ca-key.pem", "certs.db"], tool(Tool::Cfssl, "")),
            (
                &["certs/root_ca.crt", "secrets/root_ca_key"],
                tool(Tool::Step, ""),
            ),
            (&["rootCA-key.pem", "rootCA.pem"], tool(Tool::Mkcert, "")),
            (&["minica.pem", "a.test/cert.pem"], tool(Tool::Minica, "")),
            (
                &["out/Acme.crl", "out/Acme.crt", "out/Acme.key"],
                tool(Tool::Certstrap, "out/"),
            ),
            (
                &["ca.crt", "node.crt", "node.key"],
                tool(Tool::Cockroach, ""),
            ),
            (
                &["certs/ca.crt", "certs/client.root.crt"],
                tool(Tool::Cockroach, "certs/"),
            ),
            (
                &["ca.crt", "etcd/ca.crt", "front-proxy-ca.crt"],
                tool(Tool::Kubeadm, ""),
            ),
            (
                &["pki/ca.crt", "pki/apiserver.crt"],
                tool(Tool::Kubeadm, "pki/"),
            ),
            (&["ca/root/cert.pem", "ledger.db"], tool(Tool::Certctl, "")),
            (&["ca.crt", "a.crt"], Err(Unrecognised::None)),
            (&[], Err(Unrecognised::None)),
            (
                &["minica.pem", "rootCA.pem"],
                Err(Unrecognised::Several(vec![Tool::Mkcert, Tool::Minica])),
            ),
        ] {
            assert_eq!(
                recognise(&InMemory::named(&sorted(paths)), None),
                expected,
                "{paths:?}"
            );
            if let Ok((tool, base)) = expected {
                let asked = recognise(&InMemory::named(&sorted(paths)), Some(tool));
                assert_eq!(asked, Ok((tool, base)));
            }
        }
        let asked = recognise(&InMemory::named(&["ca.crt"]), Some(Tool::Step));
        assert_eq!(asked, Err(Unrecognised::Other(Tool::Step)));
    }

    fn sorted<'a>(paths: &[&'a str]) -> Vec<&'a str> {
        let mut paths = paths.to_vec();
        paths.sort_unstable();
        paths
    }

    #[test]
    fn words_are_read_back() {
        for tool in Tool::ALL {
            assert_eq!(tool.name().parse(), Ok(tool));
        }
        assert!("auto".parse::<Tool>().is_err());
    }

    use crate::import::layout::{Place, Standing};
    use Place::{Database, Index, Issued, Key, List, ListNumber, Own, Unfinished};
    use Standing::{InUse, Kept, PutAway, Revoked};

    const PLACES: &[(Tool, &str, Option<Place<'static>>)] = &[
        (Tool::EasyRsa, "ca.crt", Some(Own("ca"))),
        (Tool::EasyRsa, "private/ca.key", Some(Key("ca"))),
        (Tool::EasyRsa, "private/n.1.key", Some(Key("n.1"))),
        (
            Tool::EasyRsa,
            "issued/n.1.crt",
            Some(Issued(Some("n.1"), InUse)),
        ),
        (
            Tool::EasyRsa,
            "certs_by_serial/0A.pem",
            Some(Issued(None, Kept)),
        ),
        (
            Tool::EasyRsa,
            "revoked/certs_by_serial/0A.crt",
            Some(Issued(None, Revoked)),
        ),
        (
            Tool::EasyRsa,
            "revoked/private_by_serial/0A.key",
            Some(Key("0A")),
        ),
        (
            Tool::EasyRsa,
            "renewed/issued/n.crt",
            Some(Issued(Some("n"), PutAway)),
        ),
        (Tool::EasyRsa, "renewed/private/n.key", Some(Key("n"))),
        (
            Tool::EasyRsa,
            "expired/n.crt",
            Some(Issued(Some("n"), PutAway)),
        ),
        (Tool::EasyRsa, "index.txt", Some(Index)),
        (Tool::EasyRsa, "crl.pem", Some(List)),
        (Tool::EasyRsa, "reqs/n.req", None),
        (Tool::EasyRsa, "index.txt.old", None),
        (Tool::OpensslCa, "newcerts/01.pem", Some(Issued(None, Kept))),
        (Tool::OpensslCa, "certs/n.pem", Some(Own("n"))),
        (Tool::OpensslCa, "private/cakey.pem", Some(Key("cakey"))),
        (Tool::OpensslCa, "n.key", Some(Key("n"))),
        (Tool::OpensslCa, "crlnumber", Some(ListNumber)),
        (Tool::OpensslCa, "crl/ca.crl", Some(List)),
        (Tool::OpensslCa, "index.txt", Some(Index)),
        (Tool::OpensslCa, "index.txt.attr", None),
        (Tool::OpensslCa, "csr/n.csr", None),
        (Tool::Cfssl, "ca.pem", Some(Own("ca"))),
        (Tool::Cfssl, "ca-key.pem", Some(Key("ca"))),
        (Tool::Cfssl, "ca.csr", None),
        (Tool::Cfssl, "certdb.db", Some(Database)),
        (Tool::Cfssl, "certdb.db-wal", Some(Unfinished)),
        (Tool::Cfssl, "sub/certdb.db", None),
        (Tool::Step, "certs/root_ca.crt", Some(Own("root_ca"))),
        (
            Tool::Step,
            "secrets/intermediate_ca_key",
            Some(Key("intermediate_ca")),
        ),
        (Tool::Step, "certs/n.crt", Some(Own("n"))),
        (Tool::Mkcert, "rootCA.pem", Some(Own("root"))),
        (Tool::Mkcert, "rootCA-key.pem", Some(Key("root"))),
        (
            Tool::Mkcert,
            "a.test+2.pem",
            Some(Issued(Some("a.test+2"), InUse)),
        ),
        (Tool::Mkcert, "a.test+2-key.pem", Some(Key("a.test+2"))),
        (Tool::Minica, "minica.pem", Some(Own("minica"))),
        (Tool::Minica, "minica-key.pem", Some(Key("minica"))),
        (
            Tool::Minica,
            "a.test/cert.pem",
            Some(Issued(Some("a.test"), InUse)),
        ),
        (Tool::Minica, "a.test/key.pem", Some(Key("a.test"))),
        (Tool::Minica, "other.pem", None),
        (Tool::Certstrap, "Acme.crl", Some(List)),
        (Tool::Certstrap, "Acme.crt", Some(Own("Acme"))),
        (Tool::Certstrap, "n.key", Some(Key("n"))),
        (Tool::Certstrap, "n.csr", None),
        (Tool::Cockroach, "ca.crt", Some(Own("ca"))),
        (Tool::Cockroach, "client-ca.crt", Some(Own("client-ca"))),
        (Tool::Cockroach, "my-safe-directory/ca.key", Some(Key("ca"))),
        (
            Tool::Cockroach,
            "node.crt",
            Some(Issued(Some("node"), InUse)),
        ),
        (Tool::Cockroach, "client.root.key", Some(Key("client.root"))),
        (Tool::Cockroach, "client.root.key.pk8", None),
        (Tool::Kubeadm, "ca.crt", Some(Own("kubernetes"))),
        (Tool::Kubeadm, "ca.key", Some(Key("kubernetes"))),
        (Tool::Kubeadm, "etcd/ca.crt", Some(Own("etcd"))),
        (
            Tool::Kubeadm,
            "etcd/server.crt",
            Some(Issued(Some("etcd-server"), InUse)),
        ),
        (Tool::Kubeadm, "etcd/server.key", Some(Key("etcd-server"))),
        (
            Tool::Kubeadm,
            "front-proxy-ca.key",
            Some(Key("front-proxy")),
        ),
        (
            Tool::Kubeadm,
            "front-proxy-client.crt",
            Some(Issued(Some("front-proxy-client"), InUse)),
        ),
        (Tool::Kubeadm, "sa.key", None),
        (Tool::Kubeadm, "sa.pub", None),
        (Tool::Certctl, "ca/root/cert.pem", Some(Own("root"))),
        (Tool::Certctl, "ca/root/key.pem", Some(Key("root"))),
        (Tool::Certctl, "ca/root/crl.pem", Some(List)),
        (Tool::Certctl, "ca/root/bundle.pem", None),
        (
            Tool::Certctl,
            "certs/n-1/cert.pem",
            Some(Issued(Some("n-1"), InUse)),
        ),
        (Tool::Certctl, "certs/n-1/ca.pem", None),
        (
            Tool::Certctl,
            "archive/n-1-0A/cert.pem",
            Some(Issued(Some("n-1"), PutAway)),
        ),
        (Tool::Certctl, "archive/n/cert.pem", None),
    ];

    #[test]
    fn places() {
        for &(tool, path, expected) in PLACES {
            assert_eq!((tool.layout().place)(path), expected, "{tool} {path}");
        }
    }
}
