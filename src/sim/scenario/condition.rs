//! Statements of `expect:` as conditions over the entries of a timeline.

use super::statement::{
    ConditionStatusName, HasCondition, HasState, PhaseName, ProbeResultName, Probes, Statement,
};
use crate::kubelet::{ConditionStatus, ContainerStatus, HookKind};
use crate::runtime::Probed;
use crate::spec::ProbeKind;
use crate::timeline::{Condition, ShownCondition, ShownState, When, when};

impl Statement {
    /// What it is about, as a condition over entries.
    pub(super) fn condition(&self) -> When {
        let container = self.container();
        match self {
            Self::Ready(_) if container.is_some() => when::container_ready(container),
            Self::Ready(_) => when::ready(),
            Self::Unready(_) => when::unready(),
            Self::Started(_) => when::started(container),
            Self::Restarted(_) => when::restarted(container),
            Self::Terminated(ended) => {
                let mut all = match ended.code {
                    Some(code) => when::exited(container, code),
                    None => when::terminated(container),
                };
                if let Some(oom) = ended.oom {
                    let is_oom = when::oom_killed(container);
                    all = When::new(move |moment| all.holds(moment) && is_oom.holds(moment) == oom);
                }
                all
            }
            Self::Term(_) => when::term_sent(container),
            Self::Killed(_) => when::kill_sent(container),
            Self::Waiting(waits) => {
                when::waiting(container, waits.reason.as_deref().unwrap_or_default())
            }
            Self::PreStop(_) => when::hook_began(container, HookKind::PreStop),
            Self::PreStopEnded(_) => when::hook_ended(container, HookKind::PreStop),
            Self::PostStart(_) => when::hook_began(container, HookKind::PostStart),
            Self::PostStartEnded(_) => when::hook_ended(container, HookKind::PostStart),
            Self::Probe(probe) => probe.condition(),
            Self::State(state) => state.condition(),
            Self::Condition(condition) => condition.condition(),
            Self::Event(sent) => {
                let reason = sent.reason.as_deref().map(when::event);
                let message = when::event_message(sent.message.as_deref().unwrap_or_default());
                let about = container.map(when::event_about);
                When::new(move |moment| {
                    message.holds(moment)
                        && reason.as_ref().is_none_or(|reason| reason.holds(moment))
                        && about.as_ref().is_none_or(|about| about.holds(moment))
                })
            }
            Self::Phase(phase) => when::phase(phase.is.unwrap_or(PhaseName::Pending).into()),
            Self::Deleted(_) => when::delete_requested(),
            Self::Gone(_) => when::removed(),
            Self::Between(_) => When::new(|_| false),
        }
    }
}

impl Probes {
    fn condition(&self) -> When {
        let container = self.container.as_deref();
        let kind = match self.kind {
            Some(Probed::Startup) => ProbeKind::Startup,
            Some(Probed::Readiness) => ProbeKind::Readiness,
            _ => ProbeKind::Liveness,
        };
        match self.result {
            None => when::probe_began(container, kind),
            Some(ProbeResultName::Success) => when::probe_succeeded(container, kind),
            Some(ProbeResultName::Failure) => {
                let (failed, late) = (
                    when::probe_failed(container, kind),
                    when::probe_timed_out(container, kind),
                );
                When::new(move |moment| failed.holds(moment) && !late.holds(moment))
            }
            Some(ProbeResultName::Timeout) => when::probe_timed_out(container, kind),
            Some(ProbeResultName::Error) => when::probe_errored(container, kind),
        }
    }
}

impl HasState {
    pub(super) const fn says_nothing(&self) -> bool {
        self.is.is_none()
            && self.reason.is_none()
            && self.message.is_none()
            && self.code.is_none()
            && self.last_code.is_none()
            && self.ready.is_none()
            && self.started.is_none()
            && self.restart_count.is_none()
    }

    fn condition(&self) -> When {
        let wanted = self.clone();
        when::container_shows(self.container.as_deref(), move |status, shown| {
            wanted.is_shown(status, shown)
        })
    }

    pub(super) fn is_shown(&self, status: &ContainerStatus, shown: &ShownState) -> bool {
        let last_code = status.last.map(|last| last.code);
        self.is.is_none_or(|is| is.name() == shown.state)
            && self
                .reason
                .as_ref()
                .is_none_or(|reason| reason == shown.reason)
            && self
                .message
                .as_ref()
                .is_none_or(|part| shown.message.contains(part))
            && self.code.is_none_or(|code| shown.code == Some(code))
            && self.last_code.is_none_or(|code| last_code == Some(code))
            && self.ready.is_none_or(|ready| status.ready == ready)
            && self.started.is_none_or(|started| status.started == started)
            && self
                .restart_count
                .is_none_or(|count| status.restart_count == count)
    }
}

impl HasCondition {
    fn condition(&self) -> When {
        let wanted = self.clone();
        when::condition_shows(self.r#type.as_deref().unwrap_or_default(), move |shown| {
            wanted.is_shown(shown)
        })
    }

    pub(super) fn is_shown(&self, shown: &ShownCondition) -> bool {
        let status = match self.wanted() {
            ConditionStatusName::True => ConditionStatus::True,
            ConditionStatusName::False => ConditionStatus::False,
            ConditionStatusName::Unknown => ConditionStatus::Unknown,
        };
        let (reason, message) = (&self.reason, &self.message);
        shown.status == status
            && reason.as_ref().is_none_or(|reason| reason == shown.reason)
            && message
                .as_ref()
                .is_none_or(|part| shown.message.contains(part))
    }
}
