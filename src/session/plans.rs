//! A plan of what a fleet file asks for: what is refused, said and done.

use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    Context, Report, elsewhere, exposed, extfiles, passphrases::Passphrases,
    signers::signing_authority,
};
use crate::{
    fleet::plan::{Action, Change},
    pki::{secret::Passphrase, subject},
    reconcile::{Extfiles, OtherKey, Plan},
    store::{Pki, layout::Place},
};

/// Does what is planned; new CAs get `asked` for a passphrase where it is given, or else that of the options.
pub(crate) fn carry_out(
    plan: &Plan<'_>,
    context: &Context,
    pki: &mut Pki,
    passphrases: &Passphrases<'_>,
    asked: Option<&Rc<Passphrase>>,
) -> Result<(), Report> {
    let replaced = plan.replaced().cloned().map(Place::entry);
    exposed::warn(context, pki.layout(), replaced);
    elsewhere::warn_of_waiting(context, pki.layout(), plan.replaced())?;
    let mut signers = HashMap::new();
    for name in plan.signers() {
        if !signers.contains_key(name) {
            signers.insert(name.clone(), signing_authority(pki, name, passphrases)?);
        }
    }
    let mut made = HashMap::new();
    for name in plan.made() {
        let passphrase = match asked {
            Some(asked) => Some(Rc::clone(asked)),
            None => passphrases.of_new(name, false)?,
        };
        made.extend(passphrase.map(|passphrase| (name.clone(), passphrase)));
    }
    let bar = context.ui.progress(plan.due().len(), "issuing");
    let progress = |count| bar.advance(count);
    Ok(plan.carry_out(pki, signers, &made, context.now, &progress)?)
}

/// Only its owner can make a key of another type where it is elsewhere.
pub(crate) fn refuse_other_keys(plan: &Plan<'_>) -> Result<(), Report> {
    let refused = |other: OtherKey| {
        let OtherKey {
            name,
            key_type,
            wanted,
        } = other;
        let message = format!(
            "`{name}` (key type {key_type} → {wanted}): its key is elsewhere, and only its owner can make another"
        );
        let hint = format!(
            "there: `certctl request {name} --key-type {wanted}`, then here: \
             `certctl sign request.csr --name {name} --force`; or take `key_type` out of the file"
        );
        Report::refused("key-elsewhere", message).hint(hint)
    };
    Report::none(plan.other_keys().into_iter().map(refused))
}

/// Says of each extfile that it asks for another subject than its first entry got.
pub(crate) fn note_subjects(plan: &Plan<'_>, extfiles: &Extfiles, context: &Context) {
    let mut told = BTreeSet::new();
    for spec in plan.due() {
        let Some((file, read)) = spec
            .extfile
            .as_ref()
            .and_then(|it| extfiles.get_key_value(it))
        else {
            continue;
        };
        if told.insert(file) && spec.subject.is_none() {
            extfiles::note_subject(file, read, &subject::usual(&spec.name), context, |text| {
                let text = toml::Value::from(text);
                format!("`subject = {text}` in the fleet file takes it")
            });
        }
    }
}

/// The plan, a line for each change.
pub(crate) fn text(changes: &[Change], dry_run: bool) -> String {
    let mut lines: Vec<String> = changes
        .iter()
        .filter(|change| change.action != Action::None)
        .map(|change| {
            format!(
                "{:8} {}: {}",
                change.action.name(),
                change.name,
                change.reason
            )
        })
        .collect();
    let count = lines.len();
    let rest = changes.len() - count;
    lines.push(match (count, dry_run) {
        (0, _) => format!("nothing to do: {rest} up to date"),
        (_, true) => {
            format!("{count} to change, {rest} up to date; nothing was changed (--dry-run)")
        }
        (_, false) => format!("{count} to change, {rest} up to date"),
    });
    lines.join("\n")
}
