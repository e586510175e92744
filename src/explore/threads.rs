//! Work for several threads whose result does not depend on them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// As many as the machine has cores for.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Does a piece of work for each item, on so many threads, and gives the results in the order of the
/// items; those without one are left out. `tools` makes what a thread needs and uses for all of its
/// items.
pub(super) fn in_order<I: Sync, T, R: Send>(
    threads: usize,
    items: &[I],
    tools: impl Fn() -> T + Sync,
    work: impl Fn(&mut T, &I) -> Option<R> + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let hand = || {
        let mut tools = tools();
        while let Some((index, item)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            items.get(index).map(|item| (index, item))
        } {
            let result = work(&mut tools, item);
            if let (Some(result), Ok(mut done)) = (result, done.lock()) {
                done.push((index, result));
            }
        }
    };
    match threads.min(items.len()) {
        0 | 1 => hand(),
        threads => thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(hand);
            }
        }),
    }
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_unstable_by_key(|&(index, _)| index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Does a piece of work for each of several groups of parts, on so many threads. The work sees the
/// place of its group's first part.
pub(super) fn in_parts<T: Send>(
    threads: usize,
    parts: &mut [T],
    work: impl Fn(usize, &mut [T]) + Sync,
) {
    if threads <= 1 {
        work(0, parts);
        return;
    }
    let many = parts.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        for (group, parts) in parts.chunks_mut(many).enumerate() {
            let work = &work;
            scope.spawn(move || work(group * many, parts));
        }
    });
}
