//! Properties held over every run of a search.

use super::builtin::{self, Beside, Builtin, Inside};
use super::fingerprint::Fingerprint;
use super::observer::{Observer, Step};
use crate::sim::{Claim, Property, View};
use crate::time::Time;
use crate::timeline::Condition;
use smallvec::SmallVec;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// An observer that holds properties over all runs.
///
/// What a property must remember of a run, such as the moment from which a `within` counts, is part
/// of the world that is visited, as a distance from now. The [invariants](crate::timeline::invariant)
/// remember whole runs, and that would make every run a world of its own: they are held along the
/// first run that reaches each world, and not along the others.
///
/// ```
/// use podclock::explore::{Outcome, Properties, Search};
/// use podclock::runtime::{Faults, Script};
/// use podclock::sim::{Model, OpenAction, Property, holds};
/// use podclock::{Profile, manifest, when};
///
/// let text = include_str!("../../fixtures/manifests/pod-minimal.yaml");
/// let profile = Profile::default();
/// let pod = manifest::parse(text, &profile).into_result()?.pods[0].spec.clone();
/// let app = pod.regular_ids().next().expect("a container");
/// let faults = Faults::new(Script::new()).container(app, |menu| menu.ignores_term());
/// let model = Model::new(pod, profile.rules(), faults).open(OpenAction::DELETE);
/// let properties = Properties::new()
///     .with(Property::sometimes("it can be ready", holds::ready()))
///     .with(Property::never("nobody is killed", when::kill_sent(None)));
/// let explored = Search::new(&model, properties.clone()).run();
/// let outcomes = properties.outcomes(&explored);
/// assert!(matches!(outcomes[0], Outcome::Shown(_)));
/// // With two faults: somebody deletes the pod, and TERM is ignored.
/// assert!(matches!(outcomes[1], Outcome::Violated(found) if found.faults == 2));
/// # Ok::<(), manifest::ManifestError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Properties {
    shared: Arc<Shared>,
    /// By property.
    clocks: SmallVec<[Clock; 4]>,
    inside: Inside,
    beside: Option<Arc<Beside>>,
}

#[derive(Clone, Debug, Default)]
struct Shared {
    properties: Vec<Property>,
    builtins: Vec<Builtin>,
    until: Option<Time>,
}

/// That a property does not hold; or, of one that asks for some run, that here is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which property: those that were added first, in order; then the built-in ones.
    pub number: usize,
    /// When.
    pub at: Time,
    /// How; empty where the property says it all.
    pub detail: String,
}

impl Default for Properties {
    fn default() -> Self {
        Self::new()
    }
}

impl Properties {
    /// Nothing is claimed.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shared: Arc::default(),
            clocks: SmallVec::new(),
            inside: Inside::default(),
            beside: None,
        }
    }

    /// The same, and this one.
    #[must_use]
    pub fn with(mut self, property: Property) -> Self {
        // Everything is untrue before the pod's creation.
        let runs = matches!(
            property.claim,
            Claim::Settles {
                at_most: Some(_),
                ..
            }
        );
        self.clocks.push(match runs {
            true => Clock::Since(Time::START),
            false => Clock::Stopped,
        });
        Arc::make_mut(&mut self.shared).properties.push(property);
        self
    }

    /// The same, and these built-in ones: [`Builtin::all`] is every one there is.
    #[must_use]
    pub fn with_builtins(mut self, builtins: impl IntoIterator<Item = Builtin>) -> Self {
        let shared = Arc::make_mut(&mut self.shared);
        shared.builtins.extend(builtins);
        if shared.builtins.iter().any(|builtin| builtin.is_beside()) {
            self.beside = Some(Arc::default());
        }
        self
    }

    /// The same, where nothing counts that happens after that moment of a run.
    #[must_use]
    pub fn until(mut self, until: Duration) -> Self {
        Arc::make_mut(&mut self.shared).until = Some(Time::START + until);
        self
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.properties.len() + self.shared.builtins.len()
    }

    /// Whether nothing is claimed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of the property with that number.
    #[must_use]
    pub fn name(&self, number: usize) -> &str {
        match self.shared.properties.get(number) {
            Some(property) => &property.name,
            None => self.builtin(number).map_or("", Builtin::name),
        }
    }

    /// The built-in property with that number, if it is one.
    #[must_use]
    pub fn builtin(&self, number: usize) -> Option<Builtin> {
        let place = number.checked_sub(self.shared.properties.len())?;
        self.shared.builtins.get(place).copied()
    }

    /// Whether the property with that number asks for some run, and not about all.
    #[must_use]
    pub fn asks_for_one(&self, number: usize) -> bool {
        let property = self.shared.properties.get(number);
        property.is_some_and(|property| matches!(property.claim, Claim::Sometimes(_)))
    }
}

/// The clock of a property that gives a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// Nothing is waited for.
    Stopped,
    /// It runs since then.
    Since(Time),
    /// It has run out. How long ago tells worlds apart no longer.
    Late,
}

impl Clock {
    /// Starts it where it is stopped.
    pub(super) fn start(&mut self, now: Time) {
        if *self == Self::Stopped {
            *self = Self::Since(now);
        }
    }

    /// The first moment past its limit, where that is over now and was not before.
    pub(super) fn overdue(&mut self, at_most: Duration, now: Time) -> Option<Time> {
        let Self::Since(since) = *self else {
            return None;
        };
        let due = since + at_most;
        (now > due).then(|| {
            *self = Self::Late;
            due.plus_millis(1)
        })
    }

    pub(super) const fn rebase(&mut self, from: Time, to: Time) {
        if let Self::Since(since) = self {
            *since = since.moved(from, to);
        }
    }

    pub(super) fn fingerprint(self, now: Time, into: &mut Fingerprint) {
        match self {
            Self::Stopped => 0_u64,
            Self::Late => 1,
            Self::Since(since) => 2 + now.millis_since(since),
        }
        .hash(into);
    }
}

/// What one property sees in a step: the moment at which it breaks, if it does, and how.
fn see_claim(claim: &Claim, clock: &mut Clock, step: &Step<'_>) -> Option<(Time, &'static str)> {
    let now = step.world.now;
    let view = View {
        model: step.model,
        world: step.world,
    };
    match claim {
        Claim::Always(holds) => (!holds.in_view(&view)).then_some((now, "")),
        Claim::Sometimes(holds) => holds.in_view(&view).then_some((now, "")),
        Claim::Never(entry) => {
            let mut moments = step.moments();
            let broken = moments.find(|moment| entry.holds(moment));
            broken.map(|moment| (moment.entry.at, ""))
        }
        Claim::Settles { holds, at_most } => {
            let late = at_most.and_then(|at_most| clock.overdue(at_most, now));
            let holds = holds.in_view(&view);
            match (holds, at_most) {
                (true, _) => *clock = Clock::Stopped,
                (false, Some(_)) => clock.start(now),
                (false, None) => {}
            }
            let over = (step.end.is_some() && !holds).then_some((now, "the run ends without it"));
            over.or_else(|| late.map(|at| (at, "it has been untrue for too long")))
        }
        Claim::Within { from, to, at_most } => {
            let late = clock.overdue(*at_most, now);
            for moment in step.moments() {
                if to.holds(&moment) {
                    *clock = Clock::Stopped;
                } else if from.holds(&moment) {
                    clock.start(moment.entry.at);
                }
            }
            let never = step.end.is_some() && matches!(clock, Clock::Since(_));
            let late = late.map(|at| (at, "it has not come by then"));
            late.or_else(|| never.then_some((now, "it will never come")))
        }
    }
}

impl Observer for Properties {
    type Finding = Breach;

    fn see(&mut self, step: &Step<'_>, found: &mut Vec<Breach>) {
        let Self {
            shared,
            clocks,
            inside,
            beside,
        } = self;
        let mut tell = |number: usize, at: Time, detail: String| {
            found.push(Breach { number, at, detail });
        };
        let properties = shared.properties.iter().zip(clocks);
        for (number, (property, clock)) in properties.enumerate() {
            if let Some((at, detail)) = see_claim(&property.claim, clock, step) {
                tell(number, at, detail.to_owned());
            }
        }
        if shared.builtins.is_empty() {
            return;
        }
        let first = shared.properties.len();
        builtin::see(step, inside, beside.as_mut(), |builtin, at, detail| {
            let place = shared.builtins.iter().position(|&known| known == builtin);
            if let Some(place) = place {
                tell(first + place, at, detail);
            }
        });
    }

    fn fingerprint(&self, now: Time, into: &mut Fingerprint) {
        for clock in &self.clocks {
            clock.fingerprint(now, into);
        }
        if !self.shared.builtins.is_empty() {
            self.inside.fingerprint(now, into);
        }
    }

    fn counts(&self, finding: &Breach) -> bool {
        let until = self.shared.until;
        until.is_none_or(|until| finding.at <= until)
    }

    /// Those beside the world remember the run.
    fn recalls(&self) -> bool {
        self.beside.is_none()
    }

    fn rebase(&mut self, from: Time, to: Time) {
        for clock in &mut self.clocks {
            clock.rebase(from, to);
        }
        self.inside.rebase(from, to);
    }

    fn rebase_finding(finding: &mut Breach, from: Time, to: Time) {
        finding.at = finding.at.moved(from, to);
    }

    fn number(finding: &Breach) -> usize {
        finding.number
    }
}
