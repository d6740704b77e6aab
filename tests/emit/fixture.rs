//! Entries and CAs as a PKI directory would hold them, and requests for everything.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use certctl::{
    emit::{
        Authority, Catalogue, Dial, Entry, Format, Outside, Rendered, Request, Revocations, Server,
        Version,
    },
    pki::subject,
};
use zeroize::Zeroizing;

#[derive(Debug)]
pub(crate) struct Fixture;

impl Outside for Fixture {
    fn secret(&self, label: &str) -> Result<Zeroizing<String>, String> {
        let label = label.replace(|it: char| !it.is_alphanumeric(), "");
        Ok(format!("SecretOf{label}").into())
    }

    fn secret_file(&self, path: &str) -> Result<Zeroizing<String>, String> {
        Ok(format!("ReadFrom{}", path.replace('/', "")).into())
    }

    fn contents(&self, area: &str, name: &str, file: &str) -> Result<Zeroizing<String>, String> {
        Ok(format!("-----BEGIN {area}/{name}/{file}-----\n").into())
    }
}

pub(crate) fn entry(name: &str) -> Entry {
    let sans = [
        "DNS:node1",
        "DNS:node1.db.internal",
        "DNS:localhost",
        "IP:10.0.0.1",
        "IP:127.0.0.1",
    ];
    let usages = ["serverAuth", "clientAuth"];
    Entry {
        name: name.to_owned(),
        root: "root".to_owned(),
        directory: format!("/srv/pki/certs/{name}"),
        sans: sans.map(str::to_owned).to_vec(),
        eku: Some(usages.map(str::to_owned).to_vec()),
        key_type: "p256".to_owned(),
        days: 365,
        roots: vec!["root".to_owned()],
        ..Entry::default()
    }
    .called(&subject::parse("CN={name}", name).expect("a subject"))
}

pub(crate) fn clients() -> Authority {
    Authority {
        name: "clients".to_owned(),
        root: "clients".to_owned(),
        bundle: "/srv/pki/ca/clients/bundle.pem".to_owned(),
        roots: vec!["clients".to_owned()],
    }
}

/// CRLs below a root, of all its CAs but these.
pub(crate) fn revocations(root: &str, missing: &[String]) -> Revocations {
    Revocations {
        root: root.to_owned(),
        bundle: format!("/srv/pki/ca/{root}/crl-bundle.pem"),
        missing: missing.to_vec(),
    }
}

pub(crate) fn dial(mutual: bool) -> Dial {
    Dial {
        host: "node1.db.internal".to_owned(),
        port: None,
        trust: "/srv/pki/ca/root/bundle.pem".to_owned(),
        entry: mutual.then(|| entry("app")),
    }
}

/// A request for all listeners of a format and everything that it requires.
pub(crate) fn request(server: &Server, format: &Format, version: &Version) -> Request {
    let listeners = server.listeners(format);
    Request {
        name: "node1".to_owned(),
        version: Some(version.clone()),
        listeners: listeners
            .map(|it| (it.name.clone(), entry("node1")))
            .collect(),
        set: examples(server, &format.requires),
        ..Request::default()
    }
}

pub(crate) fn examples(server: &Server, names: &[toml::Spanned<String>]) -> Vec<(String, String)> {
    let example = |name: &str| server.manifest.spec(name).expect("known").example.clone();
    let names = names.iter().map(toml::Spanned::get_ref);
    names.map(|name| (name.clone(), example(name))).collect()
}

pub(crate) fn servers() -> Vec<Server> {
    Catalogue::embedded()
        .servers()
        .unwrap_or_else(|errors| panic!("{errors:#?}"))
}

pub(crate) fn render(server: &Server, format: &Format, request: &Request) -> Rendered {
    let rendered = server.render(format, request, Arc::new(Fixture));
    rendered.unwrap_or_else(|errors| panic!("{} {}: {errors:#?}", server.name, format.name))
}

pub(crate) fn golden(server: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(server)
}
