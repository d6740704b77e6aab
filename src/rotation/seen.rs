//! What `check` saw on nodes.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{
    host::bounded::Kind,
    issuance::rotation::evidence::anchors,
    pki::{certificate::Certificate, serial::Serial},
    session::{Context, input::Input},
    store::{
        Pki,
        layout::Area,
        ledger::rotation::{Rotation, SeenBy, Sighting},
    },
    terminal::Report,
};

/// What is read of `certctl/check/v1`.
#[derive(Deserialize)]
struct Document {
    schema: String,
    #[serde(default)]
    installed: Vec<Installed>,
}

#[derive(Deserialize)]
struct Installed {
    serial: String,
    bundle_sha256: String,
    roots_sha256: Vec<String>,
    /// An older certctl does not tell it
    chain_sha256: Option<String>,
}

/// What these documents say of those who take part.
pub(crate) fn of_documents(
    pki: &Pki,
    rotation: &Rotation,
    files: &[PathBuf],
    context: &Context,
) -> Result<Vec<Sighting>, Report> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let anchors = anchors(pki, rotation)?;
    let mut all = Vec::new();
    for file in files {
        let (name, installed) = read(file)?;
        let mut found = Vec::new();
        for installed in &installed {
            match sighting(pki, rotation, installed, &anchors, context)? {
                Some(sighting) => found.push(sighting),
                None => context.ui.warning(format!(
                    "{name}: no CA here has signed the certificate {}",
                    installed.serial
                )),
            }
        }
        if found.is_empty() {
            let message = format!("{name} tells of no node whose certificate a CA here has signed");
            return Err(Report::failed("content", message).hint(
                "on the node: `certctl check DIR --json`, where DIR holds its key, its certificate and ca.pem",
            ));
        }
        all.extend(found);
    }
    Ok(all)
}

fn read(file: &Path) -> Result<(String, Vec<Installed>), Report> {
    let input = Input::read(file, Kind::Any)?;
    let wrong = |reason: String| {
        let message = format!("{} is not what check printed: {reason}", input.name);
        Report::failed("content", message).hint("`certctl check DIR --json` on the node prints it")
    };
    let document: Document =
        serde_json::from_slice(&input.octets).map_err(|error| wrong(error.to_string()))?;
    if document.schema != "certctl/check/v1" {
        return Err(wrong(format!("its schema is {:?}", document.schema)));
    }
    Ok((input.name, document.installed))
}

/// What was seen of the entry with this certificate; `None` where there is none.
fn sighting(
    pki: &Pki,
    rotation: &Rotation,
    installed: &Installed,
    anchors: &[Certificate],
    context: &Context,
) -> Result<Option<Sighting>, Report> {
    let Ok(serial) = installed.serial.parse::<Serial>() else {
        return Ok(None);
    };
    let records = pki.ledger().with_serial(&serial)?;
    let is_entry = |area| area == Area::Entries;
    let Some(record) = records.into_iter().find(|it| is_entry(it.kind.area())) else {
        return Ok(None);
    };
    let hex =
        |certificate: &Certificate| base16ct::lower::encode_string(&certificate.fingerprint());
    let roots = &installed.roots_sha256;
    Ok(Some(Sighting {
        began: rotation.began,
        name: record.name,
        format: None,
        trusts: anchors.iter().any(|anchor| roots.contains(&hex(anchor))),
        bundle: base16ct::lower::decode_vec(&installed.bundle_sha256).ok(),
        serial: Some(serial),
        chain: installed
            .chain_sha256
            .as_ref()
            .and_then(|chain| base16ct::lower::decode_vec(chain).ok()),
        seen_by: SeenBy::Check,
        at: context.now,
    }))
}
