//! Names that a new certificate would have and another entry has already.

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
};

use super::{Context, Report};
use crate::{
    pki::{entry_name::EntryName, general_name::GeneralName, san},
    store::{
        Pki,
        layout::Area,
        ledger::{Selection, Status},
    },
};

/// So many entries are told of; of more there is only the number.
const TOLD: usize = 20;

/// Warns where a name belongs to one other entry in use: whoever holds the new key can answer for it.
///
/// What several entries have is shared, such as a cluster's name, and loopback names are everybody's.
pub(crate) fn warn(
    context: &Context,
    pki: &Pki,
    wanted: &[(&EntryName, Vec<GeneralName>)],
) -> Result<(), Report> {
    let everybody: HashSet<_> = san::parse_list(san::LOCAL, "")
        .unwrap_or_default()
        .into_iter()
        .collect();
    let mut holders: HashMap<String, Vec<String>> = HashMap::new();
    for name in wanted.iter().flat_map(|(_, names)| names) {
        if !everybody.contains(name) {
            holders.entry(name.to_string()).or_default();
        }
    }
    let selection = Selection {
        area: Some(Area::Entries),
        statuses: vec![Status::Current],
        ..Selection::default()
    };
    let _: ControlFlow<()> = pki.ledger().select(&selection, |record| {
        for name in &record.names {
            if let Some(holders) = holders.get_mut(name) {
                holders.push(record.name.clone());
            }
        }
        ControlFlow::Continue(())
    })?;
    let told = wanted
        .iter()
        .filter_map(|(own, names)| told(own, names, &holders));
    let told: Vec<_> = told.collect();
    for text in told.iter().take(TOLD) {
        context.ui.warning(text);
    }
    if let Some(more @ 1..) = told.len().checked_sub(TOLD) {
        context
            .ui
            .warning(format!("names-of-another: and so of {more} more"));
    }
    Ok(())
}

fn told(
    own: &EntryName,
    names: &[GeneralName],
    holders: &HashMap<String, Vec<String>>,
) -> Option<String> {
    let mut of_others = Vec::new();
    for name in names.iter().map(ToString::to_string) {
        if let Some([holder]) = holders.get(&name).map(Vec::as_slice)
            && holder != own.as_str()
        {
            of_others.push(format!("{name} (`{holder}`)"));
        }
    }
    (!of_others.is_empty()).then(|| {
        format!(
            "names-of-another: `{own}` gets names of other entries in use, and can answer for them: {}",
            of_others.join(", ")
        )
    })
}
