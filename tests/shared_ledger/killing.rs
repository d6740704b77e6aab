//! Machines that issue at the same time, and are killed meanwhile.

use std::{
    collections::BTreeSet,
    process::{Child, Stdio},
    sync::{
        Mutex,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use crate::database::{Database, Machine};

/// What machines do, each for names of its own, and how often somebody is killed.
pub(crate) struct Work {
    /// Of each machine
    pub(crate) names: usize,
    /// So many are issued by one command
    pub(crate) together: usize,
    /// Between two kills
    pub(crate) pause: Duration,
    pub(crate) most_kills: usize,
}

impl Work {
    fn names(&self, index: usize) -> impl Iterator<Item = String> {
        let first = index * self.names;
        (first..first + self.names).map(|number| format!("n{number}"))
    }

    /// Until each command came to its end; says how many were killed.
    pub(crate) fn carry_out(&self, machines: &[Machine]) -> usize {
        let running: Vec<Mutex<Option<Child>>> =
            machines.iter().map(|_| Mutex::default()).collect();
        // It is closed with the last of those who work, so that nobody waits longer than they do.
        let (at_work, done) = mpsc::channel::<()>();
        thread::scope(|scope| {
            for (index, machine) in machines.iter().enumerate() {
                let (running, at_work) = (&running[index], at_work.clone());
                scope.spawn(move || {
                    self.issue_all(index, machine, running);
                    drop(at_work);
                });
            }
            drop(at_work);
            self.kill_some(&running, &done)
        })
    }

    fn issue_all(&self, index: usize, machine: &Machine, running: &Mutex<Option<Child>>) {
        let names: Vec<_> = self.names(index).collect();
        for some in names.chunks(self.together) {
            let line = format!("issue {} --ca issuing", some.join(" "));
            let mut command = machine.certctl.command(&machine.words(&line));
            command.stdout(Stdio::null()).stderr(Stdio::null());
            loop {
                let child = command.spawn().expect("it starts");
                *running.lock().expect("no thread panics") = Some(child);
                match ended(running) {
                    // Killed before, it had come far enough.
                    Some(0 | 4) => break,
                    None => {}
                    Some(other) => panic!("{line}: {other}"),
                }
            }
        }
    }

    /// Kills one after the other while they are at work, in an order that is always the same.
    fn kill_some(&self, running: &[Mutex<Option<Child>>], done: &Receiver<()>) -> usize {
        let (mut seed, mut killed) = (1_u32, 0);
        while done.recv_timeout(self.pause) == Err(RecvTimeoutError::Timeout) {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let chosen = (seed >> 16) as usize % running.len();
            let mut held = running[chosen].lock().expect("no thread panics");
            if let Some(child) = held.as_mut().filter(|_| killed < self.most_kills) {
                child.kill().expect("it is ours");
                killed += 1;
            }
        }
        killed
    }

    /// Nothing was lost, given twice or left claimed: all machines, the ledger and the disks have the same.
    #[track_caller]
    pub(crate) fn is_whole(&self, machines: &[Machine], database: &Database) {
        let mut expected: BTreeSet<String> = (0..machines.len())
            .flat_map(|index| self.names(index))
            .collect();
        expected.extend(["root", "issuing"].map(String::from));
        for machine in machines {
            machine.done("list");
        }
        let in_use = machines[0].in_use();
        let names: BTreeSet<_> = in_use.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names, expected);
        assert_eq!(in_use.len(), expected.len(), "a name was given twice");
        let mut found = BTreeSet::new();
        for machine in machines {
            machine.is_well();
            assert_eq!(machine.in_use(), in_use);
            found.extend(machine.on_disk());
        }
        let entries: BTreeSet<_> = in_use
            .into_iter()
            .filter(|(name, _)| name.starts_with('n'))
            .collect();
        assert_eq!(found, entries, "disks and ledger disagree");
        nothing_blocks(database);
        let twice = "SELECT count(*) - count(DISTINCT (issuer, serial)) FROM certctl.certificate";
        assert_eq!(database.sql(twice), "0");
    }
}

/// Waits for a command; none where it was killed.
fn ended(running: &Mutex<Option<Child>>) -> Option<i32> {
    loop {
        let mut held = running.lock().expect("no thread panics");
        let ended = held
            .as_mut()
            .and_then(|it| it.try_wait().expect("it is ours"));
        if let Some(status) = ended {
            *held = None;
            return status.code();
        }
        drop(held);
        thread::sleep(Duration::from_millis(5));
    }
}

/// Whoever claims something has not come to an end.
pub(crate) fn nothing_blocks(database: &Database) {
    let blocked = "SELECT object FROM certctl.claim WHERE holder IS NOT NULL
                   AND holder NOT IN (SELECT txn FROM certctl.outcome)";
    assert_eq!(database.sql(blocked), "");
}
