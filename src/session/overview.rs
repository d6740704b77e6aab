//! What is in use, and what is wrong with it, for the report.

use std::{ops::ControlFlow, path::Path};

use super::{Context, Report};
use crate::{
    inspection::{Inspection, inspect},
    overview::{CRL, Item, Overview, State, Trouble},
    pki::{renewal::Margin, validity::Validity},
    store::{
        Access, Pki,
        ledger::{Listed, Order, Selection, Status},
    },
    survey::{Purpose, Survey, Target},
};

/// Gathers what is in use, and what is wrong.
pub(crate) fn overview(context: &Context) -> Result<Overview, Report> {
    let mut overview = Overview {
        directory: context.dir.display().to_string(),
        version: env!("CARGO_PKG_VERSION"),
        now: context.now,
        authorities: Vec::new(),
        entries: Vec::new(),
        crls: Vec::new(),
        findings: Vec::new(),
    };
    {
        let pki = context.open(Access::Read)?;
        let selection = Selection {
            statuses: vec![Status::Current],
            order: Order::Name,
            ..Selection::default()
        };
        let _: ControlFlow<()> = pki.ledger().select(&selection, |record| {
            let is_authority = record.kind.profile().is_none();
            let item = item(record, context);
            match is_authority {
                true => overview.authorities.push(item),
                false => overview.entries.push(item),
            }
            ControlFlow::Continue(())
        })?;
        let generations = pki.generations()?;
        for authority in &mut overview.authorities {
            let name = authority.name.parse().ok();
            let succession = name.and_then(|name| generations.succession(&name));
            authority.succession = succession.map(|it| it.to_string());
        }
        let authorities = overview.authorities.iter();
        overview.crls = authorities
            .filter_map(|authority| newest_crl(&pki, &authority.name, context))
            .collect();
    }
    let findings = found(context)?.findings.into_iter().map(|it| Trouble {
        code: it.code.into_owned(),
        severity: it.severity,
        path: inside(&it.path, &context.dir),
        message: it.message,
        hint: it.hint,
    });
    overview.findings = findings.collect();
    Ok(overview)
}

/// The path from the PKI directory on, which stands above all of them.
fn inside(path: &Path, directory: &Path) -> String {
    match path.strip_prefix(directory) {
        Ok(inside) if !inside.as_os_str().is_empty() => inside.display().to_string(),
        _ => path.display().to_string(),
    }
}

fn state(validity: Validity, context: &Context) -> State {
    match context.now {
        now if validity.not_after < now => State::Over,
        now if Margin::Usual.due_from(validity) <= now => State::Due,
        _ => State::Good,
    }
}

fn item(record: Listed, context: &Context) -> Item {
    Item {
        name: record.name.to_string(),
        kind: record.kind.name(),
        issuer: record.issuer.as_ref().map(ToString::to_string),
        ends: record.validity.not_after,
        state: state(record.validity, context),
        names: record.names,
        succession: None,
    }
}

/// The newest CRL that a CA has published; what is wrong with a CA or its CRLs, `check` finds.
fn newest_crl(pki: &Pki, name: &str, context: &Context) -> Option<Item> {
    let authority = pki.authority(&name.parse().ok()?).ok()?;
    let lists = pki.standing_crls(&authority).into_iter();
    let newest = lists.max_by_key(|list| (list.number(), list.this_update()))?;
    let ends = newest.next_update()?;
    let validity = Validity {
        not_before: newest.this_update(),
        not_after: ends,
    };
    Some(Item {
        name: newest
            .number()
            .map_or_else(String::new, |it| it.to_string()),
        kind: CRL,
        issuer: Some(name.to_owned()),
        ends,
        state: state(validity, context),
        names: Vec::new(),
        succession: None,
    })
}

/// What `check` finds in the PKI directory.
fn found(context: &Context) -> Result<Inspection, Report> {
    let wait = context.wait;
    let target = Target::Pki(context.dir.clone());
    let survey = Survey::open(&target, Purpose::See, wait)?;
    let bar = context.ui.progress(survey.spots().len(), "checking");
    Ok(inspect(&survey, context.usual_terms(), &|count| {
        bar.advance(count);
    }))
}
