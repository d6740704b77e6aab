//! Requests that go to a CA elsewhere.

use std::path::Path;

use super::{Context, Report, names::refuse_existing, report::Outcome};
use crate::{
    documents::request::{Made, Requests},
    issuance::asking::Asked,
    pki::{entry_name::EntryName, key::KeyType, profile::Profile},
    store::{
        Pki,
        layout::{Layout, Place, file},
        waiting::waiting,
    },
};

/// What is in use stays so, and is no obstacle; what waits already is.
pub(crate) fn refuse_waiting(
    pki: &Pki,
    names: &[EntryName],
    context: &Context,
) -> Result<(), Report> {
    let (mut asked, mut others) = (Vec::new(), Vec::new());
    for name in names {
        let place = pki.layout().place(&Place::entry(name.clone()));
        if waiting(pki.layout(), &Place::entry(name.clone()))?.is_some() {
            let path = context.shown(pki.layout(), &place.join(file::REQUEST));
            let message = format!("`{name}` waits for its certificate already: {path}");
            asked.push(Report::refused("exists", message));
        } else if !pki.layout().holds(&place.join(file::CERTIFICATE))? {
            others.push(name.clone());
        }
    }
    Report::none(asked).map_err(|report| {
        report
            .hint("sign the request where the CA is, and `certctl install NAME CERT` here")
            .hint("or make another key and request with `--force`")
    })?;
    refuse_existing(pki, &others, false)
}

/// Prints the request of a CA, and where it goes.
pub(crate) fn tell_authority(
    context: &Context,
    layout: &Layout,
    (name, key_type): (&EntryName, KeyType),
    path: &Path,
    (in_use, makes_key): (bool, bool),
    dry_run: bool,
) -> Result<Outcome, Report> {
    let document = Requests {
        schema: "certctl/request/v1",
        requests: vec![Made {
            name: name.to_string(),
            sans: Vec::new(),
            key_type: key_type.name(),
            path: path.display().to_string(),
            in_use,
        }],
    };
    let verb = if dry_run { "would make" } else { "made" };
    let key = if makes_key { "a key and " } else { "" };
    let shown = context.shown(layout, path);
    let text = || format!("{verb} {key}the request {shown} of the CA `{name}`");
    context.ui.result(text, &document)?;
    if !dry_run && !context.ui.is_json() {
        let force = if in_use { " --force" } else { "" };
        context.ui.hint(format!(
            "next, where its issuer's key is: `certctl sign request.csr --profile intermediate --name {name}{force}`"
        ));
        context
            .ui
            .hint(format!("then here: `certctl install ca/{name} CERT`"));
    }
    Ok(Outcome::Changed)
}

/// The way of a request to the CA, and of its answer back.
pub(crate) fn tell_next(context: &Context, asked: &Asked) {
    let name = &asked.name;
    let profile = match asked.profile {
        Profile::Node => String::new(),
        other => format!(" --profile {other}"),
    };
    let force = if asked.is_in_use { " --force" } else { "" };
    context.ui.hint(format!(
        "next, where the CA is: `certctl sign request.csr --name {name}{profile}{force}`"
    ));
    if asked.is_in_use {
        context.ui.hint(format!(
            "key and certificate in use stay until `certctl install {name} CERT` changes both"
        ));
    }
}
