//! Many things at once, by threads.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// What `work` makes of each item, in their order, by `jobs` threads at most; `done` is told after each.
pub fn each<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T) -> R + Sync,
    done: impl Fn() + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let worker = || {
        while let Some((index, item)) = take(&next, items) {
            let result = work(item);
            let mut all = results.lock().unwrap_or_else(PoisonError::into_inner);
            all.push((index, result));
            done();
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, items.len().max(1)) {
            scope.spawn(worker);
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn take<'t, T>(next: &AtomicUsize, items: &'t [T]) -> Option<(usize, &'t T)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    Some((index, items.get(index)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        for jobs in [0, 1, 7, 5000] {
            let count = AtomicUsize::new(0);
            let done = || {
                count.fetch_add(1, Ordering::Relaxed);
            };
            let found = each(&items, jobs, |item| item * 2, done);
            assert!(found.iter().enumerate().all(|(index, it)| *it == index * 2));
            assert_eq!(count.into_inner(), items.len());
        }
        assert!(each(&[], 3, |item: &usize| *item, || ()).is_empty());
    }
}
