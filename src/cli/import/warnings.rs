//! What a source contradicts itself in, what is left out, and what peers may refuse.

use std::collections::{BTreeMap, HashSet};

use super::{Context, text::certificates};
use crate::{
    import::{
        Tool,
        gather::Found,
        plan::{Authority, Fate, New, Plan},
    },
    pki::{
        name::visible,
        rules::{Moment, Role, View, breaches},
    },
    session::imported::Import,
    severity::Severity,
};

/// Says all of it; `has_keys` where keys were asked for.
pub(super) fn warn(context: &Context, import: &Import, has_keys: bool) {
    let plan = &import.plan;
    for warning in &plan.warnings {
        context.ui.warning(warning);
    }
    if import.is_in_place {
        unknown(context, plan);
        return;
    }
    for (name, origin) in &plan.later {
        context.ui.warning(format!(
            "{origin}: a later certificate of the CA `{name}`, which keeps its own here"
        ));
        let command = context.command(&format!("install ca/{name} {origin}"));
        context.ui.hint(format!("`{command}` puts it in its place"));
    }
    for authority in &plan.authorities {
        warn_of(context, &import.found, authority, has_keys);
    }
    if import.found.tool == Tool::Certctl && !import.found.has_ledger {
        taken_for_replaced(context, plan);
    }
    trusted_together(context, plan);
    if plan.keys_left > 0 {
        context.ui.note(format!(
            "the keys of {} in the archive stay where they are: nothing in use needs them",
            certificates(plan.keys_left)
        ));
    }
    let renamed = plan
        .new
        .iter()
        .filter_map(|new| Some((new.called.as_ref()?, &new.name)));
    let renamed: Vec<_> = renamed
        .map(|(called, name)| format!("`{}` is `{name}` here", visible(called)))
        .collect();
    each_once(renamed, |line| context.ui.note(line));
}

/// Roots that stand in one file, as where one is about to take the other's place: who has the file trusts them all.
fn trusted_together(context: &Context, plan: &Plan) {
    let mut roots: BTreeMap<&str, Vec<&Authority>> = BTreeMap::new();
    for root in plan.authorities.iter().filter(|it| it.parent.is_none()) {
        roots.entry(&root.origin).or_default().push(root);
    }
    for (origin, roots) in roots {
        let is_new = roots.iter().any(|root| !root.is_here);
        let [first, _, ..] = roots[..] else { continue };
        if !is_new {
            continue;
        }
        let names: Vec<_> = roots.iter().map(|it| format!("`{}`", it.name)).collect();
        context.ui.warning(format!(
            "{origin}: whoever has this file trusts {}; here a bundle holds the CA alone that has signed the entry",
            names.join(" and ")
        ));
        let command = context.command(&format!("issue NAME --ca {} --force", first.name));
        context.ui.hint(format!(
            "have all signed by one before you copy bundles: `{command}`"
        ));
    }
}

fn warn_of(context: &Context, found: &Found, authority: &Authority, has_keys: bool) {
    let name = &authority.name;
    if let Some(key) = &authority.key
        && key.is_encrypted
    {
        context.ui.note(format!(
            "the key of the CA `{name}` is encrypted and stays so: whether it belongs to the certificate shows \
             when it first signs"
        ));
    }
    if authority.is_here {
        return;
    }
    if authority.key.is_none() && authority.revocation.is_none() {
        let bring = if has_keys { "" } else { "; `--keys` brings it" };
        context.ui.note(format!(
            "the key of the CA `{name}` stays elsewhere: here it signs neither certificates nor CRLs{bring}"
        ));
    }
    let has_index = found.has_ledger || !found.indexes.is_empty();
    let is_told = authority.last_number > 0 || authority.list.is_some() || has_index;
    if !is_told && found.tool.revokes() {
        context.ui.warning(format!(
            "what the CA `{name}` has revoked is not known here: there is neither an index nor a CRL of it"
        ));
        context
            .ui
            .hint("where it has made a CRL, do it again with `--crl FILE`");
    }
    let view = View::new(authority.certificate.parsed(), Role::Authority);
    for breach in breaches(&view, &Moment::at(context.now)) {
        if breach.rule.severity >= Severity::Warning {
            context.ui.warning(format!("the CA `{name}`: {breach}"));
            context.ui.hint(breach.rule.hint);
        }
    }
}

/// What no file of a PKI directory tells.
fn unknown(context: &Context, plan: &Plan) {
    strangers(context, plan);
    if !plan.has_changes() {
        return;
    }
    context.ui.note(
        "no file tells who did what before, where CRLs are served, and what other CAs have signed: `certctl check` \
         shows what is not on record",
    );
    taken_for_replaced(context, plan);
}

/// How what others have signed comes on record: its operator says which roots its peers trust.
fn strangers(context: &Context, plan: &Plan) {
    for name in &plan.strangers {
        let entry = context.dir.join("certs").join(name.as_str());
        let command = format!(
            "install {name} {} --trust {}",
            entry.join("cert.pem").display(),
            entry.join("ca.pem").display()
        );
        context.ui.hint(format!(
            "`{}` puts `{name}` on record",
            context.command(&command)
        ));
    }
}

/// What lies in an archive, and no ledger says why.
fn taken_for_replaced(context: &Context, plan: &Plan) {
    let is_kept = |new: &&New| new.fate == Fate::Kept;
    let kept = plan.new.iter().filter(is_kept).map(|new| &new.serial);
    let kept: Vec<_> = kept
        .chain(plan.replaced.iter().map(|(_, serial)| serial))
        .collect();
    if let Some(first) = kept.first() {
        context.ui.warning(format!(
            "{} in the archive, which no CRL lists: taken for replaced, though one may have been revoked since the \
             last CRL was made",
            certificates(kept.len())
        ));
        context.ui.hint(format!(
            "`{}` shows them; `{}` revokes the first",
            context.command("list --replaced"),
            context.command(&format!("revoke --serial {first}"))
        ));
    }
}

/// Says lines that differ, up to so many.
fn each_once(lines: Vec<String>, say: impl Fn(&str)) {
    const MOST: usize = 10;
    let mut seen = HashSet::new();
    let lines: Vec<_> = lines
        .into_iter()
        .filter(|line| seen.insert(line.clone()))
        .collect();
    lines.iter().take(MOST).for_each(|line| say(line));
    if lines.len() > MOST {
        say(&format!(
            "{} more have another name here",
            lines.len() - MOST
        ));
    }
}
