//! A plan of what a fleet file asks for: what is refused, said and done.

use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    Context, Report, elsewhere, exposed, extfiles,
    passphrases::Passphrases,
    signers::able,
    tokens::{Kept, Wish},
};
use crate::{
    fleet::{
        AuthoritySpec,
        plan::{Action, Change},
    },
    issuance::SigningAuthority,
    pki::{entry_name::EntryName, key::KeyType, secret::Passphrase, subject},
    reconcile::{Extfiles, Means, OtherKey, Plan},
    store::{Pki, layout::Place, ledger::rotation::Sighting},
};

/// Does what is planned, and notes what was seen besides; new CAs get `asked` for a passphrase where it is given, or
/// else that of the options.
pub(crate) fn carry_out(
    plan: &Plan<'_>,
    context: &Context,
    pki: &mut Pki,
    passphrases: &Passphrases<'_>,
    asked: Option<&Rc<Passphrase>>,
    sightings: Vec<Sighting>,
) -> Result<(), Report> {
    let replaced = plan.replaced().cloned().map(Place::entry);
    exposed::warn(context, pki.layout(), replaced);
    elsewhere::warn_of_waiting(context, pki.layout(), plan.replaced())?;
    let signers = signers(plan, pki, passphrases)?;
    let mut made = HashMap::new();
    for spec in in_files_first(plan) {
        made.insert(spec.name.clone(), keep(spec, passphrases, asked)?);
    }
    let keeping = made.iter();
    let keeping = keeping.map(|(name, kept)| (name.clone(), kept.keeping()));
    let means = Means {
        signers,
        keeping: keeping.collect(),
        sightings,
    };
    let bar = context.ui.progress(plan.due().len(), "issuing");
    let progress = |count| bar.advance(count);
    Ok(plan.carry_out(pki, means, context.now, &progress)?)
}

/// The CAs that sign, each once; all that cannot are told together, for a plan is carried out as a whole.
fn signers(
    plan: &Plan<'_>,
    pki: &Pki,
    passphrases: &Passphrases<'_>,
) -> Result<HashMap<EntryName, SigningAuthority>, Report> {
    let (mut signers, mut unable) = (HashMap::new(), Vec::new());
    let names: BTreeSet<_> = plan.signers().collect();
    for name in names {
        match able(pki, name, passphrases)? {
            Ok(signer) => drop(signers.insert(name.clone(), signer)),
            Err(report) => unable.push(report),
        }
    }
    Report::none(unable).map(|()| signers)
}

/// The CAs that are made: what is asked of a person is asked before a token makes anything.
fn in_files_first<'f>(plan: &Plan<'f>) -> Vec<&'f AuthoritySpec> {
    let mut made: Vec<_> = plan.made().collect();
    made.sort_by_key(|spec| spec.key_uri.is_some());
    made
}

/// Finds or makes the key of a new CA that is in a token or an agent, and what encrypts one that lies in a file.
fn keep(
    spec: &AuthoritySpec,
    passphrases: &Passphrases<'_>,
    asked: Option<&Rc<Passphrase>>,
) -> Result<Kept, Report> {
    if let (None, Some(asked)) = (&spec.key_uri, asked) {
        return Ok(Kept::File(Some(Rc::clone(asked))));
    }
    let wish = Wish {
        uri: spec.key_uri.as_ref(),
        generate: spec.generate,
        key_type: spec.key_type,
        usual_type: KeyType::default(),
        encrypt: false,
    };
    wish.keep(&spec.name, passphrases)
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
