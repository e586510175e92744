//! Entries as they come, and what they end.

use super::{ALL, Measure, Sample};
use crate::kubelet::{
    ApiEvent, ContainerEvent, ContainerFact, Event, KubeEvent, PodStatus, ProbeEvent,
    restarts_after_exit,
};
use crate::spec::{ContainerId, ProbeKind};
use crate::time::Time;
use crate::timeline::{Entry, Names, is};
use smallvec::SmallVec;

/// What one entry ends.
pub type Samples = SmallVec<[Sample; 2]>;

/// Measures over entries as they come: for those who drive a model by themselves.
///
/// A watch is a value: a search can keep one beside each world, and go on from it twice. It holds
/// only what the measures that it is for need of the past.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watch {
    wanted: Set,
    created: Option<Time>,
    deleted: Option<Time>,
    /// Whether the API shows the pod as Ready.
    ready: bool,
    /// Whether it ever has.
    been_ready: bool,
    containers: SmallVec<[Track; 2]>,
}

/// What is under way about one container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Track {
    /// The last good answer to its liveness probe.
    healthy: Option<Time>,
    /// The beginning of the liveness probe under way.
    probing: Option<Time>,
    /// The beginning of the first liveness probe of a row of failures.
    hung: Option<Time>,
    /// Whether it is killed for that row.
    killed_for_liveness: bool,
    /// The first bad answer to its readiness probe.
    bad: Option<Time>,
    /// The first good answer to its readiness probe.
    good: Option<Time>,
    /// Whether the API shows it as ready.
    ready: bool,
    /// Whether it was stopped, and ended by KILL, since the delete.
    termed: bool,
    killed: bool,
    /// When it ended by itself.
    crashed: Option<Time>,
    /// How often it has started.
    starts: u8,
    /// When it started; its startup probe has not succeeded yet.
    starting: Option<Time>,
}

/// A set of measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Set(u16);

impl Set {
    const fn of(measure: Measure) -> Self {
        Self(1 << measure as u16)
    }

    const fn has(self, measure: Measure) -> bool {
        self.0 & Self::of(measure).0 != 0
    }

    /// The moment, if one of the measures has use for it.
    fn keep(self, measure: Measure, at: Time) -> Option<Time> {
        self.has(measure).then_some(at)
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self::new()
    }
}

impl Watch {
    /// Restarts are told apart up to this one; it stands for all later ones too.
    pub const RESTARTS: u8 = 8;

    /// A watch for every measure, before the first entry.
    #[must_use]
    pub fn new() -> Self {
        Self::of(ALL)
    }

    /// A watch for some measures: what only the others need does not tell two of them apart.
    #[must_use]
    pub fn of(measures: &[Measure]) -> Self {
        let wanted = measures.iter().fold(0, |set, &one| set | Set::of(one).0);
        Self {
            wanted: Set(wanted),
            created: None,
            deleted: None,
            ready: false,
            been_ready: false,
            containers: SmallVec::new(),
        }
    }

    /// Every moment that it holds: whoever shifts a world's moments shifts these too.
    pub fn moments(&mut self) -> impl Iterator<Item = &mut Time> {
        let containers = self.containers.iter_mut().flat_map(|track| {
            let Track {
                healthy,
                probing,
                hung,
                bad,
                good,
                crashed,
                starting,
                ..
            } = track;
            [healthy, probing, hung, bad, good, crashed, starting]
        });
        let own = [&mut self.created, &mut self.deleted];
        own.into_iter().chain(containers).flatten()
    }

    /// Sees the next entry, and gives what it ends.
    pub fn see(&mut self, entry: &Entry, names: &Names<'_>) -> Samples {
        let mut seen = Seen {
            at: entry.at,
            samples: Samples::new(),
        };
        match &entry.event {
            Event::Api(event) => self.api(event, &mut seen),
            Event::Container(event) => self.container(event, names, &mut seen),
            Event::Probe(event) => self.probe(event, entry.at),
            Event::Status(status) => self.status(status, &mut seen),
            Event::Kube(event) => self.kube(event, &mut seen),
            Event::Sandbox(_) | Event::Image(_) | Event::Hook(_) => {}
        }
        seen.samples
    }

    fn track(&mut self, id: ContainerId) -> &mut Track {
        if self.containers.len() <= id.index() {
            self.containers.resize(id.index() + 1, Track::default());
        }
        &mut self.containers[id.index()]
    }

    fn api(&mut self, event: &ApiEvent, seen: &mut Seen) {
        use Measure::{CreatedToReady, DeleteToGone, DeleteToKill, DeleteToTerm};
        match event {
            ApiEvent::Created => self.created = self.wanted.keep(CreatedToReady, seen.at),
            ApiEvent::Removed => {
                if self.wanted.has(DeleteToGone) {
                    seen.since(self.deleted.take(), DeleteToGone, None);
                }
                self.end();
            }
            event if is::delete(event) && self.deleted.is_none() => {
                let wanted = [DeleteToTerm, DeleteToKill, DeleteToGone];
                let mut kept = wanted.iter().map(|&one| self.wanted.keep(one, seen.at));
                self.deleted = kept.find_map(|kept| kept);
            }
            _ => {}
        }
    }

    fn container(&mut self, event: &ContainerEvent, names: &Names<'_>, seen: &mut Seen) {
        use Measure::{
            CrashToStart, DeleteToKill, DeleteToTerm, HangToRestarted, HealthyToRestarted,
            StartupBudget,
        };
        let (wanted, deleted) = (self.wanted, self.deleted);
        let id = event.run.container;
        let track = self.track(id);
        if is::start(&event.fact) {
            if track.killed_for_liveness {
                seen.since(track.healthy, HealthyToRestarted, Some(id));
                seen.since(track.hung, HangToRestarted, Some(id));
            }
            if let Some(from) = track.crashed {
                seen.sample(from, CrashToStart, Some(id), Some(track.starts));
            }
            *track = Track {
                ready: track.ready,
                bad: track.bad,
                termed: track.termed,
                killed: track.killed,
                starts: match wanted.has(CrashToStart) {
                    true => (track.starts + 1).min(Self::RESTARTS),
                    false => 0,
                },
                starting: match names.pod.container(id).startup {
                    Some(_) => wanted.keep(StartupBudget, seen.at),
                    None => None,
                },
                ..Track::default()
            };
        } else if is::term(&event.fact) {
            if wanted.has(DeleteToTerm) && deleted.is_some() && !track.termed {
                track.termed = true;
                seen.since(deleted, DeleteToTerm, Some(id));
            }
        } else if let ContainerFact::Exited { .. } = event.fact {
            if wanted.has(DeleteToKill)
                && deleted.is_some()
                && !track.killed
                && is::kill(&event.fact)
            {
                track.killed = true;
                seen.since(deleted, DeleteToKill, Some(id));
            }
            track.probing = None;
            track.good = None;
            track.starting = None;
            if !track.killed_for_liveness {
                track.healthy = None;
                track.hung = None;
            }
            if let Some(code) = is::own_exit(&event.fact) {
                let (pod, rules) = (names.pod, names.rules);
                let done = pod.is_init(id) && !pod.is_sidecar(id) && code == 0;
                let again = !done && restarts_after_exit(pod, rules, id, code);
                track.crashed = match again {
                    true => wanted.keep(CrashToStart, seen.at),
                    false => None,
                };
            }
        }
    }

    fn probe(&mut self, event: &ProbeEvent, at: Time) {
        let (wanted, ready, been_ready) = (self.wanted, self.ready, self.been_ready);
        let track = self.track(event.run.container);
        let answer = match event.end {
            Some(end) => is::answer(end),
            None => {
                if event.kind == ProbeKind::Liveness {
                    track.probing = wanted.keep(Measure::HangToRestarted, at);
                }
                return;
            }
        };
        match (event.kind, answer) {
            (ProbeKind::Startup, Some(true)) => track.starting = None,
            (ProbeKind::Readiness, Some(true)) => {
                track.bad = None;
                if been_ready && !ready && !track.ready && track.good.is_none() {
                    track.good = wanted.keep(Measure::RecoveredToReady, at);
                }
            }
            (ProbeKind::Readiness, Some(false)) => {
                track.good = None;
                if ready && track.bad.is_none() {
                    track.bad = wanted.keep(Measure::BadAnswerToUnready, at);
                }
            }
            (ProbeKind::Liveness, Some(_)) if track.killed_for_liveness => {}
            (ProbeKind::Liveness, Some(true)) => {
                track.healthy = wanted.keep(Measure::HealthyToRestarted, at);
                track.hung = None;
            }
            (ProbeKind::Liveness, Some(false)) => track.hung = track.hung.or(track.probing),
            (ProbeKind::Startup, _) | (_, None) => {}
        }
        if event.kind == ProbeKind::Liveness {
            track.probing = None;
        }
    }

    fn status(&mut self, status: &PodStatus, seen: &mut Seen) {
        use Measure::{BadAnswerToUnready, CreatedToReady, RecoveredToReady};
        let was = self.ready;
        let asks = [CreatedToReady, BadAnswerToUnready, RecoveredToReady];
        let is = status.is_ready();
        self.ready = is && asks.iter().any(|&one| self.wanted.has(one));
        self.been_ready |= is && self.wanted.has(RecoveredToReady);
        if is && !was {
            seen.since(self.created.take(), CreatedToReady, None);
        }
        for (index, track) in (0..).zip(&mut self.containers) {
            let id = Some(ContainerId(index));
            if is && !was {
                seen.since(track.good.take(), RecoveredToReady, id);
            }
            if was && !is {
                seen.since(track.bad.take(), BadAnswerToUnready, id);
            }
        }
        if self.wanted.has(RecoveredToReady) {
            for (index, shown) in (0..).zip(&status.containers) {
                self.track(ContainerId(index)).ready = shown.ready;
            }
        }
        if status.phase.is_terminal() {
            self.end();
        }
    }

    fn kube(&mut self, event: &KubeEvent, seen: &mut Seen) {
        let (Some(kind), Some(id)) = (is::killed_for(event), event.container) else {
            return;
        };
        let track = self.track(id);
        match kind {
            ProbeKind::Startup => {
                seen.since(track.starting.take(), Measure::StartupBudget, Some(id));
            }
            ProbeKind::Liveness => {
                track.killed_for_liveness = track.healthy.is_some() || track.hung.is_some();
            }
            ProbeKind::Readiness => {}
        }
    }

    /// Nothing starts any more.
    fn end(&mut self) {
        self.created = None;
        for track in &mut self.containers {
            *track = Track {
                termed: track.termed,
                killed: track.killed,
                bad: track.bad,
                ..Track::default()
            };
        }
    }
}

/// An entry, and what it ends.
struct Seen {
    at: Time,
    samples: Samples,
}

impl Seen {
    fn since(&mut self, from: Option<Time>, measure: Measure, container: Option<ContainerId>) {
        if let Some(from) = from {
            self.sample(from, measure, container, None);
        }
    }

    fn sample(
        &mut self,
        from: Time,
        measure: Measure,
        container: Option<ContainerId>,
        restart: Option<u8>,
    ) {
        self.samples.push(Sample {
            measure,
            container,
            restart,
            from,
            to: self.at,
        });
    }
}
