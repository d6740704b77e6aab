//! An option that is set has a place in some text, and is refused by those that have none for it.

use std::sync::Arc;

use certctl::emit::{Kind, OptionSpec, Request, Server, Version};

use crate::fixture::{Fixture, clients, dial, examples, request, servers};

/// A value that an option takes.
fn value(spec: &OptionSpec, version: &Version) -> String {
    let word = spec.words(version).next().map(|word| match spec.kind {
        Kind::Grant => format!("bob:{word}"),
        _ => word.to_owned(),
    });
    let usual = match spec.kind {
        _ if spec.secret => "@/secret",
        Kind::Flag => "true",
        Kind::Endpoint => "db1:1",
        Kind::Grant => "bob:",
        Kind::Ip => "10.0.0.1",
        Kind::Login => "bob:$6$salt$hash",
        Kind::Path => "/file",
        Kind::Number | Kind::Port => "1",
        Kind::Address | Kind::Choice | Kind::Host | Kind::Name | Kind::Text => "word",
    };
    word.unwrap_or_else(|| usual.to_owned())
}

/// Lists that are made of `--set subject` and `--client-ca`; as options they are read alone.
const MADE: [&str; 2] = ["authentication_ssl_client_certs", "authorized_subjects"];

/// What makes places for options.
const BESIDE: [&str; 2] = ["join", "subject"];

/// The option, and what it cannot do without.
fn set(
    server: &Server,
    name: &str,
    version: &Version,
    requires: &[toml::Spanned<String>],
) -> Vec<(String, String)> {
    let spec = server.manifest.spec(name).expect("known");
    let mut set = examples(server, requires);
    set.retain(|(it, _)| it != name);
    set.push((name.to_owned(), value(spec, version)));
    let beside = BESIDE.iter().filter(|it| **it != name);
    set.extend(beside.filter_map(|it| {
        let spec = server.manifest.parameters.get(*it)?;
        Some(((*it).to_owned(), value(spec, version)))
    }));
    for need in &spec.needs {
        let other = need.options().next().expect("one at least");
        if !set.iter().any(|(it, _)| it == other) {
            let needed = server.manifest.spec(other).expect("known");
            set.push((other.to_owned(), value(needed, version)));
        }
    }
    set
}

/// Whether a format or a client of the server has a place for an option.
fn has_place(server: &Server, name: &str) -> bool {
    let spec = server.manifest.spec(name).expect("known");
    let versions = server.manifest.versions.get_ref().iter().rev();
    let version = { versions }.find(|version| spec.exists_in(version));
    let version = version.or(spec.since.as_ref());
    let version = version.unwrap_or(server.manifest.newest());
    let is_in_format = server.manifest.formats.iter().any(|format| {
        let request = Request {
            set: set(server, name, version, &format.requires),
            client_ca: Some(clients()),
            ..request(server, format, version)
        };
        let rendered = server.render_one_of(format, &request, Arc::new(Fixture));
        rendered.is_ok_and(|it| !it.unused.iter().any(|unused| unused == name))
    });
    let mut clients = server.manifest.clients.iter();
    is_in_format
        || clients.any(|client| {
            let request = Request {
                version: Some(version.clone()),
                dial: Some(dial(true)),
                set: set(server, name, version, &client.requires),
                ..Request::default()
            };
            let rendered = server.render_client(client, &request, Arc::new(Fixture));
            rendered.is_ok()
        })
}

#[test]
fn every_option_has_a_place() {
    let servers = servers();
    let lost = servers.iter().flat_map(|server| {
        let manifest = &server.manifest;
        let names = manifest.options.keys().chain(manifest.parameters.keys());
        let names = names.filter(|name| !MADE.contains(&name.as_str()));
        let lost = names.filter(|name| !has_place(server, name));
        lost.map(|name| format!("{} {name}", server.name))
    });
    assert_eq!(lost.collect::<Vec<_>>(), [""; 0]);
}
