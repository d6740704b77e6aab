//! What is said where an entry loses something by its new certificate.

use super::Context;
use crate::{
    emit::shell_word,
    issuance::losses::{Losses, life, subject},
    pki::subject,
    store::ledger::Record,
};

/// So many entries are told of; of more there is only the number.
const TOLD: usize = 20;

/// Warns of all that is lost.
pub(crate) fn warn(losses: &Losses, context: &Context) {
    for (old, lost) in losses.all().take(TOLD) {
        context.ui.warning(format!(
            "the new certificate of `{}` is not as the one that it replaces: {lost}",
            old.name
        ));
    }
    if let Some(more @ 1..) = losses.all().len().checked_sub(TOLD) {
        context.ui.warning(format!("and so of {more} more"));
    }
    if let Some((old, _)) = losses.all().next() {
        let renew = context.command(&format!("renew {} --force", old.name));
        context.ui.hint(match (context.dry_run, again(old)) {
            (false, Some(words)) => format!(
                "`{}` makes one as it was; `{renew}` would have kept all",
                context.command(&words)
            ),
            _ => format!("`{renew}` keeps all that it has"),
        });
    }
}

/// The command that issues what an entry had; none where its key is not here, or it had no names.
fn again(old: &Record) -> Option<String> {
    let sans: Option<Vec<_>> = (old.names.iter())
        .map(|name| (!name.contains([',', '`', '{'])).then(|| shell_word(name)))
        .collect();
    let sans = sans?.join(",");
    let issuer = old.issuer.as_ref()?;
    let days = life(old.validity).whole_days();
    let subject = match subject(old)? {
        usual if usual == subject::usual(&old.name) => String::new(),
        other => format!(" --subject {}", shell_word(&subject::to_text(&other)?)),
    };
    (old.origin.has_key() && !sans.is_empty() && days > 0 && !subject.contains('`')).then(|| {
        format!(
            "issue {} --profile {} --no-name-san --san {sans}{subject} --ca {issuer} --key-type {} --days {days} --force",
            old.name,
            old.kind.name(),
            old.key_type
        )
    })
}
