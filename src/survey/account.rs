//! Looks up as whom a server runs, and the way to each file that it is to read.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use crate::{
    check::access::{Account, Step, Way},
    emit::{Reading, Target},
    store::files,
};

/// The attribute that Linux keeps an access control list in.
const LIST: &str = "system.posix_acl_access";

const USERS: &str = "/etc/passwd";
const GROUPS: &str = "/etc/group";

/// The first number of a person's account (login.defs(5), `UID_MIN`).
const FIRST_PERSON: u32 = 1000;

/// The user of this machine that the server will be; `None` where that is not known, or nobody here.
#[must_use]
pub fn account(reading: &Reading<'_>) -> Option<Account> {
    let runs_as = reading.runs_as.as_ref()?;
    let by_root = || {
        let main = reading.files.first();
        main.is_some_and(|main| fs::metadata(main).is_ok_and(|it| it.uid() == 0))
    };
    if runs_as.if_root && !by_root() {
        return None;
    }
    let [users, groups] = [USERS, GROUPS].map(text);
    find(&runs_as.user, &runs_as.groups, &users, &groups)
}

/// A group of this machine in which servers are alone, with those servers; `None` where people are in it.
pub(super) fn of_servers(group: u32) -> Option<String> {
    let [users, groups] = [USERS, GROUPS].map(text);
    alone(group, &users, &groups)
}

fn text(path: &str) -> String {
    let octets = fs::canonicalize(path).and_then(|real| files::read(&real));
    let octets = octets.unwrap_or_default();
    String::from_utf8_lossy(&octets).into_owned()
}

/// The way to each file that is named, in their order; empty where nobody sees it.
#[must_use]
pub fn ways(reading: &Reading<'_>) -> Vec<Way> {
    let way = |(_, target): (_, &Target)| target.path().and_then(way).unwrap_or_default();
    reading.leads().map(way).collect()
}

fn way(path: &Path) -> Option<Way> {
    let real = fs::canonicalize(path).ok()?;
    let mut all: Vec<PathBuf> = real.ancestors().map(Path::to_owned).collect();
    all.reverse();
    let step = |path: PathBuf| {
        let found = fs::metadata(&path).ok()?;
        let list = rustix::fs::getxattr(&path, LIST, &mut [0_u8; 0]);
        Some(Step {
            is_directory: found.is_dir(),
            mode: found.mode() & 0o7777,
            owner: found.uid(),
            group: found.gid(),
            has_list: list.is_ok_and(|length| length > 0),
            path,
        })
    };
    all.into_iter().map(step).collect()
}

/// The columns of passwd(5) and group(5).
fn rows(text: &str) -> Vec<Vec<String>> {
    let rows = text.lines().map(|row| row.split(':').map(str::to_owned));
    rows.map(Iterator::collect).collect()
}

/// The name of a group and its members; `None` where one of them can log in as a person does, or nobody knows them.
fn alone(group: u32, users: &str, groups: &str) -> Option<String> {
    let number = group.to_string();
    let groups = rows(groups);
    // Who is in a group of another directory than this machine's nobody says here.
    let row = groups.iter().find(|row| row.get(2) == Some(&number))?;
    let listed = row.get(3).into_iter();
    let listed: Vec<_> = listed.flat_map(|it| it.split(',')).collect();
    let users = rows(users);
    let is_member =
        |row: &&Vec<String>| row.get(3) == Some(&number) || listed.contains(&row[0].as_str());
    let is_person = |row: &&Vec<String>| {
        let id = row.get(2).and_then(|it| it.parse().ok());
        let shell = row.get(6).map_or("", String::as_str);
        let logs_in = !shell.ends_with("/nologin") && !shell.ends_with("/false");
        id.is_some_and(|id: u32| id >= FIRST_PERSON) && logs_in
    };
    let members: Vec<_> = users.iter().filter(is_member).collect();
    if members.iter().any(is_person) {
        return None;
    }
    let name = &row[0];
    let members: Vec<_> = members.iter().map(|row| row[0].as_str()).collect();
    Some(match members.is_empty() {
        true => format!("`{name}`"),
        false => format!("`{name}` ({})", members.join(", ")),
    })
}

/// Finds a user by name or number, with all groups (passwd(5), group(5)). A number need be no account's.
fn find(user: &str, more: &[String], users: &str, groups: &str) -> Option<Account> {
    let is_named =
        |row: &Vec<String>, name: &str| row[0] == name || row.get(2).is_some_and(|it| it == name);
    let number = |row: &Vec<String>| row.get(2)?.parse::<u32>().ok();
    let users = rows(users);
    let row = users.iter().find(|row| is_named(row, user));
    let id = row.and_then(number).or_else(|| user.parse().ok())?;
    let name = row.map_or(user, |row| &row[0]);
    let first = row.and_then(|row| row.get(3)?.parse::<u32>().ok());
    let groups = rows(groups);
    let is_member = |row: &&Vec<String>| {
        let members = row.get(3).map(String::as_str).unwrap_or_default();
        members.split(',').any(|member| member == name)
            || more.iter().any(|group| is_named(row, group))
    };
    let members = groups.iter().filter(is_member).filter_map(number);
    let numbers = more.iter().filter_map(|group| group.parse().ok());
    Some(Account {
        name: name.to_owned(),
        user: id,
        groups: first.into_iter().chain(members).chain(numbers).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_of_servers_where_nobody_else_is_in_it() {
        let users = "db:x:107:110::/srv:/bin/false\nweb:x:33:33::/srv:/bin/sh\nmq:x:1001:200::/srv:/usr/sbin/nologin\n\
                     ann:x:1000:100::/home/ann:/bin/sh\nshort\n";
        let groups = "db:x:110:\nkeys:x:1115:db,web\nmq:x:200:gone\nusers:x:100:\nstaff:x:50:db,ann\nshort\n";
        for (group, expected) in [
            (110, Some("`db` (db)")),
            (1115, Some("`keys` (db, web)")),
            (200, Some("`mq` (mq)")),
            (999, None),
            (100, None),
            (50, None),
        ] {
            let found = alone(group, users, groups);
            assert_eq!(found.as_deref(), expected, "{group}");
        }
    }

    #[test]
    fn users_have_their_groups() {
        let users = "root:x:0:0::/:/bin/sh\nshort\ndb:x:107:110:,,,:/srv:/bin/false\n";
        let groups = "root:x:0:\ndb:x:110:\nkeys:x:115:other,db\nlog:x:4:other\nshort\n";
        let more = [String::from("log"), String::from("900")];
        for (user, more, expected) in [
            ("db", &more[..0], Some(("db", 107, vec![110, 115]))),
            ("107", &more[..0], Some(("db", 107, vec![110, 115]))),
            ("db", &more[..], Some(("db", 107, vec![110, 115, 4, 900]))),
            ("1883", &more[1..], Some(("1883", 1883, vec![900]))),
            ("nobody-here", &more[..0], None),
        ] {
            let found = find(user, more, users, groups);
            let expected = expected.map(|(name, user, groups)| Account {
                name: name.to_owned(),
                user,
                groups,
            });
            assert_eq!(found, expected, "{user}");
        }
    }
}
