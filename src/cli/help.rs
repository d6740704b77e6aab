//! How the help is laid out: of certctl, its commands below headings; of a command, its own options, then
//! its examples, then what every command takes.

use std::fmt::Write as _;

use clap::{
    Arg, ArgAction, Command,
    builder::{Resettable, StyledStr},
};

use super::Command as Subcommands;

/// The narrowest terminal that lines are made for.
const WIDTH: usize = 80;

/// The whole command line, with its help laid out. To build all of it takes longer than most commands run.
pub(super) fn laid_out(mut definition: Command) -> Command {
    definition.build();
    let globals = globals(&definition);
    let top = top(&definition, &globals);
    top.mut_subcommands(|command| subcommand(command, &globals))
}

fn globals(definition: &Command) -> Vec<Arg> {
    let arguments = definition.get_arguments();
    let globals = arguments.filter(|argument| argument.is_global_set());
    globals.cloned().collect()
}

/// The help of certctl itself: short, how each option is called; long, what it does.
fn top(definition: &Command, globals: &[Arg]) -> Command {
    let mut commands = String::new();
    for (heading, names) in Subcommands::GROUPS {
        let found = names.iter().filter_map(|name| {
            let command = definition.find_subcommand(name)?;
            Some((*name, command.get_about()?.to_string()))
        });
        let _ = write!(commands, "{}", title(definition, heading));
        commands += &rows(definition, found);
        commands += "\n";
    }
    let arguments = definition.get_arguments().cloned();
    let options = options(
        definition,
        arguments.map(|argument| match argument.get_action() {
            ArgAction::Help => argument.help("Print help (see a summary with '-h')"),
            ArgAction::Version => argument
                .help("Print version; with --verbose also commit, target, features and libraries"),
            _ => argument,
        }),
    );
    let long = format!(
        "{commands}{}{}\n{}{options}",
        title(definition, "Examples"),
        examples(definition),
        title(definition, "Global options"),
    );
    let names = filled(globals.iter().map(spelled));
    let short = format!(
        "{commands}{}{names}\n\n{}",
        title(definition, "Global options"),
        "`certctl --help` explains these, `certctl help COMMAND` a command."
    );
    definition
        .clone()
        .help_template("{about-with-newline}\n{usage-heading} {usage}{after-help}")
        .after_help(StyledStr::from(short))
        .after_long_help(StyledStr::from(long))
}

/// The help of a command, and of those below it.
fn subcommand(command: Command, globals: &[Arg]) -> Command {
    if command.get_name() == "help" {
        return command;
    }
    // clap leaves `[OPTIONS]` out of it where all options are hidden.
    let usage = command.clone().render_usage().to_string();
    let examples = format!("{}{}", title(&command, "Examples"), examples(&command));
    let short =
        format!("{examples}\n`certctl --help` explains the options that all commands take.");
    let heading = title(&command, "Global options");
    let long = format!(
        "{examples}\n{heading}{}",
        options(&command, globals.iter().cloned())
    );
    let (about, description) = described(&command);
    command
        .override_usage(usage.trim_start_matches("Usage: ").to_owned())
        .mut_args(|argument| match argument.is_global_set() {
            true => argument.hide(true),
            false => argument,
        })
        .about(about)
        .long_about(Resettable::Reset)
        .before_long_help(description)
        .help_template("{about}\n\n{usage-heading} {usage}\n\n{before-help}{all-args}{after-help}")
        .after_help(StyledStr::from(short))
        .after_long_help(StyledStr::from(long))
        .mut_subcommands(|below| subcommand(below, globals))
}

/// What a command is in one line, and what there is to say besides.
fn described(command: &Command) -> (String, String) {
    let about = command.get_about().map(ToString::to_string);
    let about = about.unwrap_or_default();
    let long = command.get_long_about().map(ToString::to_string);
    let long = long.unwrap_or_default();
    let rest = long.strip_prefix(&about).unwrap_or(&long);
    (about.clone(), rest.trim_start().to_owned())
}

/// A heading as clap writes its own.
fn title(command: &Command, heading: &str) -> String {
    let style = command.get_styles().get_header();
    format!("{style}{heading}:{style:#}\n")
}

/// Words with what they mean.
fn rows<'a>(command: &Command, rows: impl Iterator<Item = (&'a str, String)>) -> String {
    let style = command.get_styles().get_literal();
    let longest = Subcommands::ALL.iter().map(|(name, _)| name.len()).max();
    let width = longest.unwrap_or_default();
    rows.map(|(word, meaning)| {
        let gap = " ".repeat(width.saturating_sub(word.len()));
        format!("  {style}{word}{style:#}{gap}  {meaning}\n")
    })
    .collect()
}

/// Options as clap lists them in the short help.
fn options(command: &Command, options: impl Iterator<Item = Arg>) -> String {
    let shown = Command::new("certctl")
        .disable_help_flag(true)
        .version(env!("CARGO_PKG_VERSION"))
        .disable_version_flag(true)
        .styles(command.get_styles().clone())
        .max_term_width(super::MAX_WIDTH)
        .args(options.map(|option| option.hide(false)))
        .help_template("{options}")
        .render_help();
    shown.ansi().to_string()
}

/// An option by its shortest name: what it takes the long help says.
fn spelled(option: &Arg) -> String {
    match (option.get_short(), option.get_long()) {
        (Some(short), _) => format!("-{short}"),
        (None, long) => format!("--{}", long.unwrap_or_default()),
    }
}

/// Words in lines, with commas between them.
fn filled(words: impl Iterator<Item = String>) -> String {
    let mut text = String::from(" ");
    let mut column = text.len();
    for (index, word) in words.enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let is_full = column + comma.len() + 1 + word.len() + 1 > WIDTH;
        let gap = if is_full { "\n  " } else { " " };
        column = if is_full { 2 } else { column + comma.len() + 1 };
        column += word.len();
        let _ = write!(text, "{comma}{gap}{word}");
    }
    text
}

/// The examples of a command, each in lines that a shell takes for one.
fn examples(command: &Command) -> String {
    let examples = crate::manual::examples(command).into_iter();
    examples.map(|line| broken(&line) + "\n").collect()
}

/// A command line, broken before options where it is too long.
fn broken(command: &str) -> String {
    let mut text = String::from("  ");
    let mut column = text.len();
    let mut is_quoted = false;
    for (index, piece) in command.split(" -").enumerate() {
        let dash = if index == 0 { "" } else { " -" };
        let length = dash.len() + piece.len();
        // Within quotes, what ends the line would be a part of the word.
        let is_full = index > 0 && !is_quoted && column + length + 2 > WIDTH;
        let end = if is_full { " \\\n     " } else { "" };
        column = length + if is_full { 5 } else { column };
        let _ = write!(text, "{end}{dash}{piece}");
        is_quoted ^= piece.matches('\'').count() % 2 == 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_command_lines_are_broken_before_options() {
        let long = format!(
            "certctl a --b {} --c 'd {} --e' f -g",
            "b".repeat(60),
            "d".repeat(60)
        );
        let expected = format!(
            "  certctl a --b {} \\\n      --c 'd {} --e' f \\\n      -g",
            "b".repeat(60),
            "d".repeat(60)
        );
        assert_eq!(broken(&long), expected);
        assert_eq!(broken("certctl a -b"), "  certctl a -b");
    }

    #[test]
    fn words_fill_lines() {
        let words = || ["a".repeat(30), "b".repeat(40), "c".repeat(10)];
        let [a, b, c] = words();
        let expected = format!("  {a}, {b},\n  {c}");
        assert_eq!(filled(words().into_iter()), expected);
    }
}
