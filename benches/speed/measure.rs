//! Runs a command in a child of its own and tells wall time, CPU time and peak memory.

use std::{
    cell::Cell,
    ffi::{OsStr, OsString},
    fs,
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike as _,
};

/// First argument of this program when it runs one command and reports on it.
pub(crate) const CHILD: &str = "--run-and-report";

/// What a command took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Wall time in seconds
    pub(crate) wall: f64,
    /// User and system time in seconds, of all its processes
    pub(crate) cpu: f64,
    /// Peak memory in MiB of its largest process
    pub(crate) memory: f64,
}

/// A directory for everything that one run of the benchmark writes; removed at the end.
pub(crate) struct Sandbox {
    root: tempfile::TempDir,
    next: Cell<u32>,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        // Beside the build, so that it is on a disk and not in memory.
        let root = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Self {
            root,
            next: Cell::new(0),
        }
    }

    /// Where another user may have a directory, as PostgreSQL does.
    #[cfg(feature = "ledger-postgres")]
    pub(crate) fn open(&self) -> &std::path::Path {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(self.root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        self.root.path()
    }

    /// A path that never existed.
    pub(crate) fn fresh(&self) -> PathBuf {
        self.next.set(self.next.get() + 1);
        self.root.path().join(self.next.get().to_string())
    }

    /// A new directory.
    pub(crate) fn directory(&self) -> PathBuf {
        let path = self.fresh();
        fs::create_dir(&path).unwrap();
        path
    }
}

/// Runs `program` and measures it; it must succeed.
pub(crate) fn run<S: AsRef<OsStr>>(program: &str, args: &[S]) -> Cost {
    run_times(1, program, args)
}

/// Runs `program` so often, and tells what it took each time on average: the first time that a process
/// starts another one it is slow itself.
pub(crate) fn run_times<S: AsRef<OsStr>>(times: u32, program: &str, args: &[S]) -> Cost {
    let output = Command::new(std::env::current_exe().unwrap())
        .arg(CHILD)
        .arg(times.to_string())
        .arg(program)
        .args(args)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map(|number| number.parse().unwrap())
        .collect();
    Cost {
        wall: numbers[0],
        cpu: numbers[1],
        memory: numbers[2],
    }
}

/// What `work` takes in this process.
pub(crate) fn timed(work: impl FnOnce()) -> Cost {
    let (started, before) = (Instant::now(), spent(UsageWho::RUSAGE_SELF));
    work();
    let (cpu, memory) = spent(UsageWho::RUSAGE_SELF);
    Cost {
        wall: started.elapsed().as_secs_f64(),
        cpu: cpu - before.0,
        memory,
    }
}

/// CPU time in seconds and peak memory in MiB so far.
fn spent(who: UsageWho) -> (f64, f64) {
    let usage = getrusage(who).unwrap();
    let cpu = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    (seconds(cpu), kib_to_mib(usage.max_rss()))
}

/// A shell line, for peers that need several processes.
pub(crate) fn shell(line: &str) -> Cost {
    run("sh", &["-ec", line])
}

/// `certctl` on a PKI directory.
pub(crate) fn certctl(directory: &std::path::Path, args: &[&str]) -> Cost {
    let mut all: Vec<&OsStr> = vec!["--dir".as_ref(), directory.as_os_str(), "-q".as_ref()];
    all.extend(args.iter().map(OsStr::new));
    run(env!("CARGO_BIN_EXE_certctl"), &all)
}

/// The child's side of [`run_times`].
pub(crate) fn child(command: &[OsString]) -> ExitCode {
    let times: u32 = command[0].to_str().unwrap().parse().unwrap();
    let started = Instant::now();
    for _ in 0..times {
        let status = Command::new(&command[1])
            .args(&command[2..])
            // Cargo sets it, and the loader searches every directory of it.
            .env_remove("LD_LIBRARY_PATH")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        if !status.success() {
            return ExitCode::FAILURE;
        }
    }
    let wall = started.elapsed().as_secs_f64() / f64::from(times);
    let (cpu, memory) = spent(UsageWho::RUSAGE_CHILDREN);
    println!("{wall} {} {memory}", cpu / f64::from(times));
    ExitCode::SUCCESS
}

#[allow(clippy::cast_precision_loss)] // far below 2^52
fn seconds(microseconds: i64) -> f64 {
    microseconds as f64 / 1e6
}

#[allow(clippy::cast_precision_loss)]
fn kib_to_mib(kib: i64) -> f64 {
    kib as f64 / 1024.0
}

/// The middle value.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Median over `rounds` of what one interleaved round measures.
pub(crate) fn rounds<const N: usize>(rounds: usize, mut one: impl FnMut() -> [f64; N]) -> [f64; N] {
    let all: Vec<[f64; N]> = (0..rounds).map(|_| one()).collect();
    std::array::from_fn(|column| median(all.iter().map(|round| round[column]).collect()))
}
