//! Work on many names, shared among threads: each of them waits for the file system now and then.

use std::{num::NonZero, panic::resume_unwind, thread};

/// Fewer names than this are not worth a thread.
const WORTH_A_THREAD: usize = 64;
/// File systems take one rename after the other; what else is done for each gains from so many.
const MOST_THREADS: usize = 4;

/// Does `work` for each of these names, in whatever order.
///
/// # Errors
///
/// The first that occurs; some of the others are done then.
pub fn share<'n, N: Sync, E: Send>(
    names: &'n [N],
    work: impl Fn(&'n N) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let threads = match names.len() {
        0..=WORTH_A_THREAD => 1,
        _ => thread::available_parallelism().map_or(1, NonZero::get),
    };
    let part = names.len().div_ceil(threads.min(MOST_THREADS)).max(1);
    let mut parts = names.chunks(part);
    let own = parts.next().unwrap_or_default();
    let work = &work;
    thread::scope(|scope| {
        let others = parts.map(|part| scope.spawn(move || part.iter().try_for_each(work)));
        let others: Vec<_> = others.collect();
        let own = own.iter().try_for_each(work);
        let others = others.into_iter();
        let others = others.map(|it| it.join().unwrap_or_else(|panic| resume_unwind(panic)));
        others.chain([own]).collect()
    })
}
