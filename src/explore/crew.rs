//! Threads that stay together for one job after the other.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// As many as the machine has cores for.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// So often a helper looks for the next job before it goes to sleep: jobs are short, and waking
/// takes as long.
const LOOKS: u32 = 20_000;

/// What the helpers are called to.
#[derive(Debug)]
struct Crew<J> {
    /// How many jobs there have been.
    calls: AtomicU64,
    job: Mutex<Option<Arc<J>>>,
    over: AtomicBool,
    /// How many helpers sleep, or are about to.
    asleep: AtomicUsize,
    bed: Mutex<()>,
    called: Condvar,
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<J> Crew<J> {
    /// Calls every helper: one who is about to sleep either sees the call or is seen, and woken.
    fn call(&self) {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.asleep.load(Ordering::SeqCst) > 0 {
            drop(lock(&self.bed));
            self.called.notify_all();
        }
    }

    /// Waits for the next call after so many. Returns how many there have been, with its job if that
    /// still goes on; `None` when all is over.
    fn next(&self, known: u64) -> Option<(u64, Option<Arc<J>>)> {
        for _ in 0..LOOKS {
            if self.calls.load(Ordering::Acquire) != known {
                break;
            }
            spin_loop();
        }
        if self.calls.load(Ordering::Acquire) == known {
            self.asleep.fetch_add(1, Ordering::SeqCst);
            let mut bed = lock(&self.bed);
            while self.calls.load(Ordering::SeqCst) == known {
                let woken = self.called.wait(bed);
                bed = woken.unwrap_or_else(PoisonError::into_inner);
            }
            drop(bed);
            self.asleep.fetch_sub(1, Ordering::SeqCst);
        }
        let calls = self.calls.load(Ordering::Acquire);
        match self.over.load(Ordering::Acquire) {
            true => None,
            false => Some((calls, lock(&self.job).clone())),
        }
    }
}

/// Whoever gives the helpers their jobs, and does his share.
#[derive(Debug)]
pub(super) struct Lead<'c, J, T, W> {
    crew: &'c Crew<J>,
    helpers: usize,
    tools: T,
    work: &'c W,
}

impl<J, T, W: Fn(&J, &mut T)> Lead<'_, J, T, W> {
    /// Has a job done, by himself or together with the helpers, and gives it back.
    pub(super) fn have_done(&mut self, job: J, together: bool) -> J {
        if !together || self.helpers == 0 {
            (self.work)(&job, &mut self.tools);
            return job;
        }
        let job = Arc::new(job);
        *lock(&self.crew.job) = Some(Arc::clone(&job));
        self.crew.call();
        (self.work)(&job, &mut self.tools);
        *lock(&self.crew.job) = None;
        let (mut done, mut looks) = (job, 0);
        loop {
            // Somebody is still at his last piece, and had better not be disturbed.
            if Arc::strong_count(&done) == 1 {
                match Arc::try_unwrap(done) {
                    Ok(job) => return job,
                    Err(job) => done = job,
                }
            }
            match looks < LOOKS {
                true => spin_loop(),
                false => thread::yield_now(),
            }
            looks += 1;
        }
    }
}

impl<J, T, W> Drop for Lead<'_, J, T, W> {
    fn drop(&mut self) {
        self.crew.over.store(true, Ordering::Release);
        self.crew.call();
    }
}

/// Leads a crew of so many threads. Each does what it can of a job, with tools of its own, made for its
/// place in the crew; what comes of the job must not depend on who does what.
pub(super) fn lead<J: Send + Sync, T, W, R>(
    threads: usize,
    tools: impl Fn(usize) -> T + Sync,
    work: &W,
    leading: impl FnOnce(&mut Lead<'_, J, T, W>) -> R,
) -> R
where
    W: Fn(&J, &mut T) + Sync,
{
    let helpers = threads.saturating_sub(1);
    let crew = Crew {
        calls: AtomicU64::new(0),
        job: Mutex::new(None),
        over: AtomicBool::new(false),
        asleep: AtomicUsize::new(0),
        bed: Mutex::new(()),
        called: Condvar::new(),
    };
    thread::scope(|scope| {
        let tools = &tools;
        let help = |place: usize| {
            let (mut tools, mut known) = (tools(place), 0);
            while let Some((calls, job)) = crew.next(known) {
                known = calls;
                if let Some(job) = job {
                    work(&job, &mut tools);
                }
            }
        };
        let crew = &crew;
        for place in 1..=helpers {
            scope.spawn(move || help(place));
        }
        let mut lead = Lead {
            crew,
            helpers,
            tools: tools(0),
            work,
        };
        leading(&mut lead)
    })
}

#[cfg(test)]
mod tests {
    use super::lead;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Every piece of every job is done once, however many there are to do it.
    #[test]
    fn jobs_are_done() {
        type Job = (AtomicUsize, Vec<AtomicUsize>);
        let work = |(next, pieces): &Job, done: &mut usize| {
            while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
                piece.fetch_add(1, Ordering::Relaxed);
                *done += 1;
            }
        };
        for threads in [1, 2, 5] {
            lead(
                threads,
                |_| 0,
                &work,
                |lead| {
                    for pieces in 0..200 {
                        let job = (0..pieces).map(|_| AtomicUsize::new(0)).collect();
                        let job = (AtomicUsize::new(0), job);
                        let (_, done) = lead.have_done(job, pieces % 3 != 0);
                        assert!(done.iter().all(|it| it.load(Ordering::Relaxed) == 1));
                    }
                },
            );
        }
    }
}
