//! What two versions say about one file.

use super::Side;
use crate::manifest::Diagnostic;

/// Findings at reading, by who has them.
#[derive(Debug)]
pub(super) struct Findings {
    /// Only before.
    pub(super) from: Vec<Diagnostic>,
    /// Only after.
    pub(super) to: Vec<Diagnostic>,
    /// Both times.
    pub(super) common: Vec<Diagnostic>,
}

impl Findings {
    pub(super) fn new(
        from: &Side,
        to: &Side,
        before: Vec<Diagnostic>,
        after: Vec<Diagnostic>,
    ) -> Self {
        // The same finding may name the version that it is about.
        let key = |side: &Side, diagnostic: &Diagnostic| {
            let version = format!("Kubernetes {}", side.version);
            let bare = |text: &str| text.replace(&version, "Kubernetes");
            Diagnostic {
                message: bare(&diagnostic.message),
                help: diagnostic.help.as_deref().map(bare),
                ..diagnostic.clone()
            }
        };
        let before_keys: Vec<_> = before.iter().map(|found| key(from, found)).collect();
        let after_keys: Vec<_> = after.iter().map(|found| key(to, found)).collect();
        let shared = |found: &Diagnostic| before_keys.contains(&key(to, found));
        let (common, to_only) = after.iter().cloned().partition(|found| shared(found));
        let gone = |found: &Diagnostic| !after_keys.contains(&key(from, found));
        Self {
            from: before.into_iter().filter(gone).collect(),
            to: to_only,
            common,
        }
    }

    pub(super) const fn is_same(&self) -> bool {
        self.from.is_empty() && self.to.is_empty()
    }
}
