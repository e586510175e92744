//! What some kubelets do, and one would not think so.

use super::super::observer::Step;
use super::{Builtin, Inside};
use crate::kubelet::{ContainerFact, Event, PodPhase, PodStatus, Run};
use crate::spec::{ContainerId, PodSpec, ProbeKind};
use crate::time::Time;
use crate::timeline::Moment;
use std::time::Duration;

/// A new sandbox comes long before that.
const EMPTY: Duration = Duration::from_secs(60);

impl Inside {
    pub(super) fn see(&mut self, step: &Step<'_>, tell: &mut impl FnMut(Builtin, Time, String)) {
        self.see_empty(step, tell);
        let deleted = step.before.pod.object.deletion.is_some();
        for moment in step.moments() {
            let (at, names) = (moment.entry.at, moment.names);
            match &moment.entry.event {
                Event::Container(event)
                    if event.fact == (ContainerFact::Started { error: None }) =>
                {
                    let id = event.run.container;
                    self.passed &= !bit(id);
                    if deleted {
                        let name = names.container(id);
                        tell(Builtin::NoStartAfterDelete, at, format!("{name} starts"));
                    }
                }
                Event::Probe(event)
                    if event.kind == ProbeKind::Startup
                        && event.end == Some(crate::kubelet::CallEnd::Exit(0)) =>
                {
                    self.passed |= bit(event.run.container);
                }
                Event::Status(status) => {
                    if let Some(id) = self.too_early(step, status, names.pod) {
                        let name = names.container(id);
                        tell(
                            Builtin::ReadyAfterStartup,
                            at,
                            format!("{name} is shown ready"),
                        );
                    }
                    if went_back(&moment, status) {
                        tell(Builtin::RunningStays, at, String::new());
                    }
                }
                _ => {}
            }
        }
    }

    fn see_empty(&mut self, step: &Step<'_>, tell: &mut impl FnMut(Builtin, Time, String)) {
        let now = step.world.now;
        let late = self.empty.overdue(EMPTY, now);
        let pod = &step.world.pod;
        let nothing = !pod.runtime.runs.iter().any(Run::is_running)
            && !pod.runtime.sandboxes.iter().any(|sandbox| sandbox.ready);
        let object = &pod.object;
        let running = object.exists && object.status.phase == PodPhase::Running;
        let empty = running && nothing && object.deletion.is_none() && pod.kubelet.up;
        match empty {
            true => self.empty.start(now),
            false => self.empty = super::Clock::Stopped,
        }
        let for_ever = (empty && step.end.is_some()).then_some(now);
        if let Some(at) = late.or(for_ever) {
            let detail = match for_ever {
                Some(_) => "for ever: nothing will happen any more",
                None => "for a minute",
            };
            tell(Builtin::RunningIsSomething, at, detail.to_owned());
        }
    }

    /// A container that is shown ready in a run whose startup probe has not passed.
    fn too_early(&self, step: &Step<'_>, status: &PodStatus, pod: &PodSpec) -> Option<ContainerId> {
        pod.ids().find(|&id| {
            let newest = step.world.pod.runtime.newest(id);
            let newest = newest.filter(|run| run.is_running());
            let shown = status.containers.get(id.index());
            pod.container(id).startup.is_some()
                && self.passed & bit(id) == 0
                && shown.zip(newest).is_some_and(|(shown, newest)| {
                    shown.ready && shown.state.is_running() && shown.run == Some(newest.id.ordinal)
                })
        })
    }
}

const fn bit(id: ContainerId) -> u64 {
    1 << id.0
}

fn went_back(moment: &Moment<'_>, status: &PodStatus) -> bool {
    let before = moment.before.map(|status| status.phase);
    before == Some(PodPhase::Running) && status.phase == PodPhase::Pending
}
