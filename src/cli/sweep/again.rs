//! The command that shows one run of a sweep again.

use std::ffi::OsString;

/// Options of `sweep` that `run` does not have, and whether a value follows.
const OWN: [(&str, bool); 7] = [
    ("--seeds", true),
    ("--threads", true),
    ("--shard", true),
    ("--out", true),
    ("--format", true),
    ("--progress", false),
    ("--no-faults", false),
];

/// The words of the command without its seed.
pub(super) struct Again(Vec<String>);

impl Again {
    /// From the words of the sweep.
    pub(super) fn new(words: &[OsString], faults: bool) -> Self {
        let mut left = vec!["podclock".to_owned(), "run".to_owned()];
        let mut words = words.iter().skip(2).map(|word| word.to_string_lossy());
        while let Some(word) = words.next() {
            let option = word.split_once('=').map_or(&*word, |(option, _)| option);
            match OWN.iter().find(|(own, _)| *own == option) {
                Some((_, true)) if !word.contains('=') => {
                    words.next();
                }
                Some(_) => {}
                None => left.push(quoted(&word)),
            }
        }
        if faults && !left.iter().any(|word| word == "--faults") {
            left.push("--faults".to_owned());
        }
        Self(left)
    }

    pub(super) fn command(&self) -> String {
        self.0.join(" ")
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,+@%".contains(&byte);
    match !word.is_empty() && word.bytes().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
