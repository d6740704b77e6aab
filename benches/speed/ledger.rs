//! Sixteen that issue by one shared ledger, of whom one is killed every second, beside what the same database takes
//! from as many that write nothing but rows of a certificate's size.
//!
//! Here all share the cores: who makes keys and signatures takes them from the database. What the database could take
//! from machines that have their own, its CPU time says. The directories are in memory, as if each had its own disk.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::{
    database::{Database, ISSUERS, SETTINGS},
    killing::Work,
    measure::{Sandbox, rounds},
    rows::Verdict,
    support::{Run, postgresql::of_postgresql},
};

const MACHINES: usize = 16;
const CERTIFICATES: f64 = 16_000.0;
const WORK: Work = Work {
    names: 1_000,
    together: 1_000,
    pause: Duration::from_secs(1),
    most_kills: usize::MAX,
};
/// Everything is verified on all machines after each.
const ROUNDS: usize = 3;
/// Seconds that rows are written for
const SECONDS: &str = "10";

pub(crate) fn shared(sandbox: &Sandbox) -> Vec<Verdict> {
    let [wall, cpu] = rounds(ROUNDS, || {
        let home = tempfile::tempdir_in(sandbox.open()).unwrap();
        // What it says is on the disk is there.
        let database = Database::within(home, format!("{SETTINGS}fsync = on\n"));
        database.init();
        let machines = database.machines(MACHINES);
        let (begun, before) = (Instant::now(), spent(&database));
        WORK.carry_out(&machines);
        let certificate = Cost {
            wall: begun.elapsed().as_secs_f64() / CERTIFICATES,
            cpu: (spent(&database) - before) / CERTIFICATES,
        };
        let row = row(&database);
        WORK.is_whole(&machines, &database);
        [certificate.wall / row.wall, certificate.cpu / row.cpu]
    });
    // Eight tenths of its rate
    vec![
        (
            "rows of that size by pgbench, 16 at a time; all on the same cores",
            1.25,
            wall,
        ),
        (
            "rows of that size by pgbench; the database's CPU",
            1.25,
            cpu,
        ),
    ]
}

/// Of a certificate, or of a row.
#[derive(Debug)]
struct Cost {
    /// Seconds from one to the next
    wall: f64,
    /// Of the database's processes
    cpu: f64,
}

/// Has as many clients of PostgreSQL's own write rows as large as that of a certificate, each alone.
fn row(database: &Database) -> Cost {
    let size = database.sql(
        "CREATE TABLE public.row (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), octets bytea);
         GRANT INSERT ON public.row TO PUBLIC;
         SELECT avg(pg_column_size(c.*))::integer FROM certctl.certificate AS c WHERE kind = 'node'",
    );
    let size: usize = size.parse().unwrap();
    let script = database.home.path().join("insert.sql");
    // Its key takes the rest.
    let octets = "ab".repeat(size - 16);
    let text = format!("INSERT INTO public.row (octets) VALUES ('\\x{octets}');\n");
    fs::write(&script, text).unwrap();
    let mut pgbench = of_postgresql("pgbench");
    pgbench.args(["-n", "-M", "prepared", "-j", "2", "-T", SECONDS]);
    pgbench
        .args(["-c", &MACHINES.to_string(), "-f"])
        .arg(&script);
    let before = spent(database);
    let run = Run::of(pgbench.arg(database.url(ISSUERS[0]))).expect_status(0);
    let told = |label: &str| -> f64 {
        let rest = run.stdout.split(label).nth(1).unwrap();
        rest.split_whitespace().next().unwrap().parse().unwrap()
    };
    Cost {
        wall: 1.0 / told("tps = "),
        cpu: (spent(database) - before) / told("transactions actually processed: "),
    }
}

/// Seconds of CPU time that the database's processes have taken so far, those that have ended among them.
fn spent(database: &Database) -> f64 {
    let first = fs::read_to_string(database.data.join("postmaster.pid")).unwrap();
    let first = first.lines().next().unwrap();
    let mut ticks = 0;
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(stat) = fs::read_to_string(process.path().join("stat")) else {
            continue;
        };
        // Names of programs may have spaces.
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        let of = |range: std::ops::Range<usize>| -> u64 {
            fields[range]
                .iter()
                .map(|it| it.parse::<u64>().unwrap())
                .sum()
        };
        match process.file_name() == first {
            // With those of its children that have ended
            true => ticks += of(11..15),
            false if fields[1] == first => ticks += of(11..13),
            false => {}
        }
    }
    // Linux counts so many a second for who asks.
    f64::from(u32::try_from(ticks).unwrap()) / 100.0
}
