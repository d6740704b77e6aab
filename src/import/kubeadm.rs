//! kubeadm: three CAs and their leaves. The key pair of service accounts, `sa.key`, belongs to no certificate.

use super::layout::{
    Layout,
    Place::{self, Issued, Key, Own},
    Standing::InUse,
    stem,
};

pub(super) const LAYOUT: Layout = Layout {
    looks_for: "`ca.crt` beside `apiserver.crt`, `front-proxy-ca.crt` or `etcd/ca.crt`",
    bases: &["", "pki/"],
    fits: |paths| {
        let others = ["apiserver.crt", "front-proxy-ca.crt", "etcd/ca.crt"];
        paths.has("ca.crt") && others.iter().any(|other| paths.has(other))
    },
    place,
};

/// The name of what is kept at a path without its ending.
const NAMES: &[(&str, &str)] = &[
    ("ca", "kubernetes"),
    ("etcd/ca", "etcd"),
    ("front-proxy-ca", "front-proxy"),
    ("etcd/server", "etcd-server"),
    ("etcd/peer", "etcd-peer"),
    ("etcd/healthcheck-client", "etcd-healthcheck-client"),
];

fn place(path: &str) -> Option<Place<'_>> {
    let key = stem(path, &[".key"]);
    let stem = key.or_else(|| stem(path, &[".crt"]))?;
    let known = NAMES.iter().find(|(at, _)| *at == stem);
    let name = match known {
        Some((_, name)) => *name,
        None if stem.contains('/') || stem == "sa" => return None,
        None => stem,
    };
    Some(match stem {
        _ if key.is_some() => Key(name),
        "ca" | "etcd/ca" | "front-proxy-ca" => Own(name),
        _ => Issued(Some(name), InUse),
    })
}
