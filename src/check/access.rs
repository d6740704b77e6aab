//! Whether a user may read a file: by its mode and by those of the directories above (path_resolution(7)).

use std::path::PathBuf;

/// A user of this machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// What it is called, or its number
    pub name: String,
    /// Its number
    pub user: u32,
    /// The numbers of its groups
    pub groups: Vec<u32>,
}

/// A file, or a directory on the way to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// Where it is
    pub path: PathBuf,
    /// Whether it is a directory, which is only passed through
    pub is_directory: bool,
    /// Permission bits
    pub mode: u32,
    /// Whose it is
    pub owner: u32,
    /// Which group's it is
    pub group: u32,
    /// An access control list says more than the mode (acl(5))
    pub has_list: bool,
}

/// From the root of the file system to a file.
pub type Way = Vec<Step>;

const READ: u32 = 4;
const SEARCH: u32 = 1;

impl Account {
    /// The first step of a way that the user may not take.
    #[must_use]
    pub fn barred<'w>(&self, way: &'w [Step]) -> Option<&'w Step> {
        way.iter().find(|step| !self.may_pass(step))
    }

    fn may_pass(&self, step: &Step) -> bool {
        let right = if step.is_directory { SEARCH } else { READ };
        let class = match step {
            _ if self.user == 0 || step.has_list => return true,
            step if step.owner == self.user => 6,
            step if self.groups.contains(&step.group) => 3,
            _ => 0,
        };
        step.mode >> class & right != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_class_that_fits_decides() {
        let account = |user| Account {
            name: String::from("db"),
            user,
            groups: vec![7, 8],
        };
        for (user, mode, owner, group, may) in [
            (0, 0o000, 5, 5, true),
            (5, 0o400, 5, 5, true),
            (5, 0o044, 5, 7, false),
            (5, 0o040, 0, 8, true),
            (5, 0o604, 0, 8, false),
            (5, 0o004, 0, 0, true),
            (5, 0o640, 0, 0, false),
        ] {
            let mut step = Step {
                path: PathBuf::from("/a"),
                is_directory: false,
                mode,
                owner,
                group,
                has_list: false,
            };
            let barred = |step: &Step| account(user).barred(std::slice::from_ref(step)).is_some();
            assert_eq!(barred(&step), !may, "{user} {mode:o} {owner} {group}");
            step.has_list = true;
            assert!(!barred(&step));
        }
    }

    #[test]
    fn directories_are_searched_and_files_are_read() {
        let step = |path: &str, mode| Step {
            path: PathBuf::from(path),
            is_directory: path != "/a/b",
            mode,
            owner: 0,
            group: 0,
            has_list: false,
        };
        let account = Account {
            name: String::from("db"),
            user: 5,
            groups: Vec::new(),
        };
        for (directory, file, barred) in [
            (0o711, 0o644, None),
            (0o744, 0o644, Some("/a")),
            (0o711, 0o611, Some("/a/b")),
        ] {
            let way = [step("/", 0o755), step("/a", directory), step("/a/b", file)];
            let found = account.barred(&way).map(|step| step.path.to_str());
            assert_eq!(found, barred.map(Some), "{directory:o} {file:o}");
        }
    }
}
