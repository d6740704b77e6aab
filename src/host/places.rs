//! Where the user's programs look for what others write for them.

use std::{env, ffi::OsString, path::PathBuf};

/// The user's folders, by what the environment says.
pub(crate) struct Places {
    variable: fn(&str) -> Option<OsString>,
}

impl Places {
    pub(crate) fn of_the_user() -> Self {
        Self {
            variable: |name| env::var_os(name),
        }
    }

    /// Data of programs (`XDG_DATA_HOME`, Base Directory Specification); `None` where there is no home either.
    pub(crate) fn data(&self) -> Option<PathBuf> {
        self.folder("XDG_DATA_HOME")
            .or_else(|| Some(self.home()?.join(".local/share")))
    }

    /// Scripts that bash-completion loads for a user (its README).
    pub(crate) fn bash(&self) -> Option<PathBuf> {
        let own = self.folder("BASH_COMPLETION_USER_DIR");
        let own = own.or_else(|| Some(self.data()?.join("bash-completion")));
        Some(own?.join("completions"))
    }

    /// Completions of fish that are the user's (`fish_complete_path`).
    pub(crate) fn fish(&self) -> Option<PathBuf> {
        let configuration = self.folder("XDG_CONFIG_HOME");
        let configuration = configuration.or_else(|| Some(self.home()?.join(".config")));
        Some(configuration?.join("fish/completions"))
    }

    /// A folder for functions of zsh: it has none of its own for a user, and this is what most call theirs.
    pub(crate) fn zsh(&self) -> Option<PathBuf> {
        let own = self.folder("ZDOTDIR").or_else(|| self.home());
        Some(own?.join(".zfunc"))
    }

    /// Whether man looks for pages there: it does beside each folder of `PATH` (manpath(5)), or where
    /// `MANPATH` says.
    pub(crate) fn is_for_man(&self, manual: &std::path::Path) -> bool {
        let listed = |name: &str| (self.variable)(name).unwrap_or_default();
        let programs = manual.parent().and_then(|share| share.parent());
        let programs = programs.map(|prefix| prefix.join("bin"));
        env::split_paths(&listed("MANPATH")).any(|it| it == manual)
            || env::split_paths(&listed("PATH")).any(|it| Some(it) == programs)
    }

    /// Name of the shell that the user logs in with.
    pub(crate) fn shell(&self) -> Option<String> {
        let shell = PathBuf::from((self.variable)("SHELL")?);
        Some(shell.file_name()?.to_str()?.to_owned())
    }

    fn home(&self) -> Option<PathBuf> {
        self.folder("HOME")
    }

    /// A variable that names a folder; one that is not absolute is to be ignored.
    fn folder(&self, name: &str) -> Option<PathBuf> {
        let folder = PathBuf::from((self.variable)(name)?);
        folder.is_absolute().then_some(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Places = Places {
        variable: |name| match name {
            "HOME" => Some("/home/a".into()),
            "PATH" => Some("/usr/bin:/home/a/.local/bin".into()),
            "SHELL" => Some("/usr/bin/zsh".into()),
            // The specification has it ignored.
            "XDG_DATA_HOME" => Some("relative".into()),
            _ => None,
        },
    };
    const OWN: Places = Places {
        variable: |name| match name {
            "HOME" => None,
            "MANPATH" => Some("/m:".into()),
            other => Some(format!("/{}", other.to_lowercase()).into()),
        },
    };
    const NONE: Places = Places { variable: |_| None };

    #[test]
    fn folders_are_those_of_the_environment() {
        for (places, expected) in [
            (
                USUAL,
                [
                    "/home/a/.local/share",
                    "/home/a/.local/share/bash-completion/completions",
                    "/home/a/.config/fish/completions",
                    "/home/a/.zfunc",
                ],
            ),
            (
                OWN,
                [
                    "/xdg_data_home",
                    "/bash_completion_user_dir/completions",
                    "/xdg_config_home/fish/completions",
                    "/zdotdir/.zfunc",
                ],
            ),
        ] {
            let found = [places.data(), places.bash(), places.fish(), places.zsh()];
            assert_eq!(found, expected.map(|it| Some(PathBuf::from(it))));
        }
        let found = [NONE.data(), NONE.bash(), NONE.fish(), NONE.zsh()];
        assert_eq!(found, [None, None, None, None]);
    }

    #[test]
    fn man_looks_beside_path_and_in_manpath() {
        for (places, manual, expected) in [
            (USUAL, "/home/a/.local/share/man", true),
            (USUAL, "/usr/share/man", true),
            (USUAL, "/elsewhere/share/man", false),
            (OWN, "/m", true),
            (OWN, "/", false),
            (NONE, "/home/a/.local/share/man", false),
        ] {
            assert_eq!(places.is_for_man(manual.as_ref()), expected, "{manual}");
        }
    }

    #[test]
    fn shells_have_names() {
        assert_eq!(USUAL.shell().as_deref(), Some("zsh"));
        assert_eq!(NONE.shell(), None);
    }
}
