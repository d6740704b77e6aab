//! `certctl-servers(7)`: what is known about each server, from its manifest.

use std::collections::BTreeMap;

use super::{
    manifest::{Manifest, option::OptionSpec},
    server::Server,
};

/// Writes the page in roff; `version` is that of certctl.
#[must_use]
pub fn page(servers: &[Server], version: &str) -> String {
    let mut page = format!(
        ".TH certctl-servers 7 \"\" \"certctl {version}\" \"certctl manual\"\n\
         .SH NAME\ncertctl\\-servers \\- servers that certctl writes configuration and clients for\n\
         .SH DESCRIPTION\nEach section is a SERVER of certctl\\-config(1) and certctl\\-client(1). \
         What a server says when TLS fails stands in messages.toml beside its manifest; certctl\\-explain(1) \
         tells what it means, and certctl\\-contributing(7) how a message is added.\n"
    );
    for server in servers {
        page.push_str(&section(&server.name, &server.manifest));
    }
    page.push_str(".SH SEE ALSO\ncertctl\\-config(1), certctl\\-client(1), certctl\\-contributing(7), certctl\\-explain(1)\n");
    page
}

fn section(name: &str, manifest: &Manifest) -> String {
    let Manifest {
        title,
        reload,
        proof,
        ..
    } = manifest;
    let versions: Vec<_> = manifest
        .versions
        .get_ref()
        .iter()
        .map(ToString::to_string)
        .collect();
    let listeners = manifest
        .listeners
        .iter()
        .map(|it| (it.name.as_str(), it.title.clone()));
    let formats = manifest
        .formats
        .iter()
        .map(|it| (it.name.as_str(), it.title.clone()));
    let clients = manifest
        .clients
        .iter()
        .map(|it| (it.name.as_str(), it.title.clone()));
    let options = |specs: &BTreeMap<String, OptionSpec>| {
        let lines = specs.iter().map(|(name, spec)| {
            let takes = spec.expected(manifest.newest());
            (
                name.clone(),
                format!("{}; takes {takes}; {}", spec.help, spec.exists()),
            )
        });
        lines.collect::<Vec<_>>()
    };
    let mut text = format!(
        ".SH {}\n{}, versions {}.\n",
        escape(name).to_uppercase(),
        escape(title),
        versions.join(", ")
    );
    text.push_str(&list("Listeners", listeners));
    text.push_str(&list("Formats", formats));
    text.push_str(&list("Clients", clients));
    text.push_str(&list("Options", options(&manifest.options)));
    text.push_str(&list("Parameters", options(&manifest.parameters)));
    text + &format!(
        ".SS \"New certificates\"\n{}\n.SS \"A new CA\"\n{}\n.SS Proof\n{}\n",
        escape(reload),
        escape(&rotated(manifest)),
        escape(proof)
    )
}

/// What it makes of a CA that is rotated.
fn rotated(manifest: &Manifest) -> String {
    let word = |known: Option<bool>| match known {
        Some(true) => "yes",
        Some(false) => "no",
        None => "nobody has tried",
    };
    let sends = match &manifest.chain_since {
        Some(since) => format!("since {since}"),
        None => String::from("yes"),
    };
    format!(
        "Trusts several roots: {}. Sends what stands behind its certificate: {sends}; looks at what its peers send \
         there: {}. With both of these a cross certificate serves it.",
        word(manifest.many_roots),
        word(manifest.reads_chain)
    )
}

fn list<N: AsRef<str>>(head: &str, items: impl IntoIterator<Item = (N, String)>) -> String {
    let lines = items.into_iter().map(|(name, text)| {
        format!(
            ".TP\n\\fB{}\\fR\n{}\n",
            escape(name.as_ref()),
            escape(&text)
        )
    });
    let lines: String = lines.collect();
    if lines.is_empty() {
        lines
    } else {
        format!(".SS {head}\n{lines}")
    }
}

/// Text that roff takes as it is.
fn escape(text: &str) -> String {
    let text = text
        .replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('\'', "\\(aq");
    if text.starts_with('.') {
        format!("\\&{text}")
    } else {
        text
    }
}
