//! What is left of a rotation, step by step, for people and programs.

use std::fmt::Write as _;

use serde::Serialize;

/// `certctl/rotation-plan/v1`: what is left of a rotation, and how it is written.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Document {
    pub(crate) schema: &'static str,
    /// Name of the CA that makes way
    pub(crate) ca: String,
    /// In their order
    pub(crate) steps: Vec<Step>,
}

/// One step of the procedure.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Step {
    /// What it is
    pub(crate) title: &'static str,
    /// What it is for, and what to do besides the commands
    pub(crate) about: String,
    /// What to type
    pub(crate) commands: Vec<String>,
}

impl Document {
    /// For people to read
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("# What is left to do to replace the CA {}\n", self.ca);
        for (number, step) in (1..).zip(&self.steps) {
            let Step {
                title,
                about,
                commands,
            } = step;
            let commands = commands.join("\n");
            let _ = write!(
                text,
                "\n## {number}. {title}\n\n{about}\n\n```sh\n{commands}\n```\n"
            );
        }
        text
    }

    /// A script that takes the number of a step
    pub(crate) fn script(&self) -> String {
        let mut text = format!(
            "#!/bin/sh\n# What is left to do to replace the CA {}: one step at a time, as servers have to reload in between.\n\
             set -eu\ncase ${{1-}} in\n",
            self.ca
        );
        for (number, step) in (1..).zip(&self.steps) {
            let _ = writeln!(text, "{number}) # {}. {}", step.title, step.about);
            for command in &step.commands {
                let _ = writeln!(text, "    {command}");
            }
            text.push_str("    ;;\n");
        }
        let _ = write!(
            text,
            "*) echo \"usage: sh $0 1|...|{}\" >&2; exit 2 ;;\nesac\n",
            self.steps.len()
        );
        text
    }
}
