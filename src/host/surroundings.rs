//! What others see of the environment: programs that certctl starts, and extfiles. The only place that
//! starts programs.

use std::{cell::RefCell, collections::BTreeSet, env, ffi::OsStr};

pub(crate) use std::process::Command;

/// What the names of certctl's own variables begin with.
const OWN: &str = "CERTCTL_";

/// The environment without the variables in which secrets stand.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    hidden: Vec<String>,
    /// What extfiles have taken
    used: RefCell<BTreeSet<String>>,
}

impl Surroundings {
    /// Hides variables, in which secrets stand, from everybody.
    #[must_use]
    pub fn without(hidden: Vec<String>) -> Self {
        Self {
            hidden,
            used: RefCell::default(),
        }
    }

    /// A variable, as an extfile may see it.
    ///
    /// Certctl's own are none of its business: where the ledger lies, for one, may hold a password.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let is_hidden = name.starts_with(OWN) || self.hidden.iter().any(|hidden| hidden == name);
        let value = env::var(name).ok().filter(|_| !is_hidden)?;
        self.used.borrow_mut().insert(name.to_owned());
        Some(value)
    }

    /// The variables whose values went into extfiles so far.
    pub(crate) fn used(&self) -> Vec<String> {
        self.used.borrow().iter().cloned().collect()
    }

    /// Another program, ready to run without the variables that are hidden.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for variable in &self.hidden {
            command.env_remove(variable);
        }
        command
    }
}
