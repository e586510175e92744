//! Many recorded scenarios at once.

use super::case::{self, Case, SCENARIO, Verdict};
use super::error::ReplayError;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// One scenario's outcome.
#[derive(Debug)]
pub struct Replayed {
    /// Its folder.
    pub folder: PathBuf,
    /// What came of it.
    pub verdict: Result<Verdict, ReplayError>,
}

impl Replayed {
    /// The scenario's name: that of its folder.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.folder)
    }

    /// The scenario's group: the first word of its name, or, where scenarios are only numbered,
    /// the name of the folder that they stand in.
    #[must_use]
    pub fn group(&self) -> String {
        group(&self.folder)
    }
}

/// The group of the scenario in that folder.
#[must_use]
pub fn group(folder: &Path) -> String {
    let own = name(folder);
    if !own.is_empty() && own.bytes().all(|byte| byte.is_ascii_digit()) {
        return folder.parent().map_or(own, name);
    }
    match own.split_once('-') {
        Some((word, _)) => word.to_owned(),
        None => own,
    }
}

/// The name of the scenario in that folder: the folder's own.
#[must_use]
pub fn name(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The folders of all recorded scenarios at or below a folder, sorted.
///
/// # Errors
///
/// A folder cannot be read.
pub fn find(folder: &Path) -> Result<Vec<PathBuf>, ReplayError> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        if folder.join(SCENARIO).is_file() {
            found.push(folder);
            continue;
        }
        let below = case::entries(&folder)?;
        open.extend(below.into_iter().filter(|path| path.is_dir()));
    }
    found.sort_unstable();
    Ok(found)
}

/// Replays the scenarios in these folders, on all processors that there are. The outcomes come in
/// the order of the folders.
#[must_use]
pub fn replay_all(folders: &[PathBuf]) -> Vec<Replayed> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(folder) = folders.get(index) else {
                return done;
            };
            let verdict = Case::read(folder).map(|case| case.replay());
            let folder = folder.clone();
            done.push((index, Replayed { folder, verdict }));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, Replayed)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(folders.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let mut done = work();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|&(index, _)| index);
    done.into_iter().map(|(_, replayed)| replayed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_first_words_and_folders_of_numbers() {
        let of = |path: &str| group(Path::new(path));
        assert_eq!(of("corpus/live-f1-p4"), "live");
        assert_eq!(of("corpus/probes"), "probes");
        assert_eq!(of("kubelet-1.32/random/0042"), "random");
        assert_eq!(of("0042"), "", "no folder is named");
    }
}
