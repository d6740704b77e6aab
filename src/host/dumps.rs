//! Keeps the memory of the process, in which there are keys and passphrases, out of core dumps and away from
//! other processes of the same user.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// To be called before anything secret is read. Where the system refuses, the work goes on: what is kept from
/// a dump here is written to disk in the next moment, with the user's own modes.
pub(crate) fn forbid() {
    // Ends with execve, so that what certctl starts is as it would be without it.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    // For other systems. The hard limit stays: what is started may raise its own again.
    let limit = getrlimit(Resource::Core);
    let none = Rlimit {
        current: Some(0),
        ..limit
    };
    let _ = setrlimit(Resource::Core, none);
}
