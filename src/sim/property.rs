//! What is claimed of all runs of a model.

use super::holds::Holds;
use crate::timeline::{Condition, When};
use std::sync::Arc;
use std::time::Duration;

/// Something that is claimed of every run of a model, or of some run.
///
/// ```
/// use podclock::sim::{Property, holds};
/// use podclock::when;
/// use std::time::Duration;
///
/// let kept = Property::never("nobody is killed", when::kill_sent("app"));
/// let gone = Property::within(
///     "a delete takes a minute at most",
///     when::delete_requested(),
///     when::removed(),
///     Duration::from_secs(60),
/// );
/// let ready = Property::sometimes("it can become ready", holds::ready());
/// # let _ = [kept, gone, ready];
/// ```
#[derive(Clone, Debug)]
pub struct Property {
    /// What it is called.
    pub name: String,
    /// What it claims.
    pub claim: Claim,
}

/// What a [`Property`] claims.
#[derive(Clone, Debug)]
pub enum Claim {
    /// This holds in every world, from the pod's creation on: also long after the pod is gone.
    Always(Holds),
    /// There is a run with a world in which this holds.
    Sometimes(Holds),
    /// In no run is there such an entry.
    Never(Arc<When>),
    /// Wherever a run ends, this holds; and, with a limit, it is never untrue for longer than that
    /// at a stretch.
    Settles {
        /// What.
        holds: Holds,
        /// The longest stretch without it, the pod's first moments included.
        at_most: Option<Duration>,
    },
    /// After each `from` comes a `to`, and not too late. While one `from` waits, others count for
    /// nothing.
    Within {
        /// What it is counted from.
        from: Arc<When>,
        /// What must come.
        to: Arc<When>,
        /// How much later at most.
        at_most: Duration,
    },
}

impl Property {
    /// This holds in every world of every run.
    #[must_use]
    pub fn always(name: &str, holds: Holds) -> Self {
        Self::new(name, Claim::Always(holds))
    }

    /// There is a run with a world in which this holds. That it is not so is known only of a search
    /// that has left nothing out.
    #[must_use]
    pub fn sometimes(name: &str, holds: Holds) -> Self {
        Self::new(name, Claim::Sometimes(holds))
    }

    /// In no run is there such an entry.
    #[must_use]
    pub fn never(name: &str, entry: impl Condition + Send + Sync + 'static) -> Self {
        Self::new(name, Claim::Never(shared(entry)))
    }

    /// Wherever a run ends, this holds. A run ends where nothing will ever happen again, or where
    /// one instant does not end. A pod that lives on, whose probes tick for ever, has runs without
    /// an end, and nothing is said about those: for them there is [`Property::settles_within`].
    #[must_use]
    pub fn settles(name: &str, holds: Holds) -> Self {
        let at_most = None;
        Self::new(name, Claim::Settles { holds, at_most })
    }

    /// The same, and in every run this is never untrue for longer than that at a stretch. What it
    /// does not say is that it stays true: it may come and go.
    #[must_use]
    pub fn settles_within(name: &str, holds: Holds, at_most: Duration) -> Self {
        let at_most = Some(at_most);
        Self::new(name, Claim::Settles { holds, at_most })
    }

    /// After each `from` comes a `to`, so much later at most. Also at the same moment, but not
    /// before it. While one `from` waits, others count for nothing.
    #[must_use]
    pub fn within(
        name: &str,
        from: impl Condition + Send + Sync + 'static,
        to: impl Condition + Send + Sync + 'static,
        at_most: Duration,
    ) -> Self {
        let (from, to) = (shared(from), shared(to));
        Self::new(name, Claim::Within { from, to, at_most })
    }

    fn new(name: &str, claim: Claim) -> Self {
        let name = name.to_owned();
        Self { name, claim }
    }
}

fn shared(condition: impl Condition + Send + Sync + 'static) -> Arc<When> {
    Arc::new(When::new(move |moment| condition.holds(moment)))
}
