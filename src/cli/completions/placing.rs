//! `certctl completions --install`: the script where the user's shell looks for it.

use std::path::PathBuf;

use clap::ValueEnum as _;
use clap_complete::Shell;

use super::Completions;
use crate::{
    cli::{
        Context, Report,
        placed::{Placed, place},
        report::Outcome,
    },
    completion::script,
    documents::completions::Document,
    emit::shell_word,
    host::places::Places,
};

/// Writes the script, and says where.
pub(super) fn install(completions: &Completions, context: &Context) -> Result<Outcome, Report> {
    let places = Places::of_the_user();
    let shell = match completions.shell {
        Some(shell) => shell,
        None => login_shell(&places)?,
    };
    let text = script(shell)?;
    let path = path(shell, &places)?;
    let file = Placed { path, text };
    let (force, dry_run) = (completions.force, completions.dry_run);
    let written = place(std::slice::from_ref(&file), force, dry_run)?;
    let shown = file.path.display().to_string();
    if context.ui.is_json() {
        let document = Document {
            schema: "certctl/completions/v1",
            shell: shell.to_string(),
            script: text,
            path: Some(shown),
        };
        context.ui.result(String::new, &document)?;
        return Ok(Outcome::changed(written > 0));
    }
    context.ui.note(match (written, dry_run) {
        (0, _) => format!("{shown} is there already"),
        (_, true) => format!("would write {shown}"),
        (_, false) => format!("wrote {shown}"),
    });
    if shell == Shell::Zsh
        && let Some(folder) = file.path.parent()
    {
        context.ui.hint(format!(
            "zsh looks there where ~/.zshrc says `fpath=({} $fpath)` before `compinit`",
            shell_word(&folder.display().to_string())
        ));
    }
    Ok(Outcome::changed(written > 0))
}

/// The shell that the user logs in with.
fn login_shell(places: &Places) -> Result<Shell, Report> {
    let name = places.shell().unwrap_or_default();
    Shell::from_str(&name, false).map_err(|_| {
        let names = Shell::value_variants().iter();
        let names =
            names.filter_map(|shell| Some(shell.to_possible_value()?.get_name().to_owned()));
        let message = match name.as_str() {
            "" => String::from("the variable SHELL names no shell"),
            name => format!("there is no script for `{name}`, which SHELL names"),
        };
        Report::usage(message).hint(format!(
            "name one of {}",
            names.collect::<Vec<_>>().join(", ")
        ))
    })
}

/// Where a shell finds it without being told.
fn path(shell: Shell, places: &Places) -> Result<PathBuf, Report> {
    let (folder, name) = match shell {
        Shell::Bash => (places.bash(), "certctl"),
        Shell::Fish => (places.fish(), "certctl.fish"),
        Shell::Zsh => (places.zsh(), "_certctl"),
        other => {
            let message = format!("{other} looks for completions nowhere by itself");
            return Err(Report::usage(message).hint(format!(
                "have it read what `certctl completions {other}` prints when it starts"
            )));
        }
    };
    let folder = folder.ok_or_else(|| {
        Report::failed(
            "io",
            "there is no home directory: the variable HOME is not set",
        )
        .hint("set HOME, or XDG_DATA_HOME to the folder of the user's data")
    })?;
    Ok(folder.join(name))
}
