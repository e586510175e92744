//! The pod object at the API server: creation, update, graceful deletion.
//!
//! Sources: `pkg/registry/core/pod/strategy.go: CheckGracefulDelete`;
//! `apiserver/pkg/registry/rest/delete.go: BeforeDelete` (DEL-1 … DEL-13).

use super::api_status::{ContainerState, ContainerStatus, PodPhase, PodStatus};
use super::conditions;
use super::event::{ApiEvent, Event};
use super::input::ConditionStatus;
use super::state::{Deletion, PodView};
use super::step::Step;
use super::sync_loop::Notice;
use crate::profile::ShortenedDeletion;
use crate::spec::PodSpec;

impl Step<'_, '_> {
    pub(super) fn report_api(&mut self, event: ApiEvent) {
        self.out.events.push(Event::Api(event));
    }

    pub(super) fn create_object(&mut self) {
        if self.state.object.exists {
            return;
        }
        self.state.object.exists = true;
        self.report_api(ApiEvent::Created);
        self.deliver_object();
    }

    pub(super) fn update_object(&mut self, revision: u8) {
        let found = self.state.object.exists;
        self.report_api(ApiEvent::Updated { found });
        if found && usize::from(revision) < self.machine.revisions.len() {
            self.state.object.revision = revision;
            self.deliver_object();
        }
    }

    pub(super) fn set_condition(&mut self, condition: u8, status: ConditionStatus) {
        self.report_api(ApiEvent::ConditionSet { condition, status });
        if !self.state.object.exists {
            return;
        }
        let foreign = &mut self.state.object.status.foreign;
        let index = usize::from(condition);
        if foreign.len() <= index {
            foreign.resize(index + 1, None);
        }
        if foreign[index].replace(status) != Some(status) {
            let status = Box::new(self.state.object.status.clone());
            self.out.events.push(Event::Status(status));
        }
        // Whoever says again what the condition was writes the object anew all the same, if only for
        // a new `lastProbeTime`.
        self.deliver_object();
    }

    pub(super) fn delete_object(&mut self, grace: Option<i64>, by_kubelet: bool) {
        let found = self.state.object.exists;
        self.report_api(ApiEvent::DeleteRequested {
            grace,
            by_kubelet,
            found,
        });
        if !found {
            return;
        }
        let Some(deletion) = self.first_or_shorter_deletion(grace) else {
            return;
        };
        let removed = deletion.grace == 0;
        self.state.object.deletion = Some(deletion);
        if !removed {
            let Deletion { at, grace } = deletion;
            self.report_api(ApiEvent::DeletionTimestamp { at, grace });
        }
        self.deliver_object();
        if removed {
            self.state.object.exists = false;
            self.report_api(ApiEvent::Removed);
            self.notify(Notice::Config(None));
        }
    }

    /// What a delete request makes of the object's deletion; `None`: nothing changes.
    fn first_or_shorter_deletion(&self, grace: Option<i64>) -> Option<Deletion> {
        let object = &self.state.object;
        let Some(known) = object.deletion else {
            let spec = self.machine.spec(object.revision);
            let wanted = match grace.unwrap_or(spec.termination_grace) {
                _ if object.status.phase.is_terminal() => 0,
                negative if negative < 0 => 1,
                grace => grace,
            };
            return Some(Deletion {
                at: self.now.plus_seconds(wanted).whole_second(),
                grace: wanted,
            });
        };
        if known.grace == 0 {
            return Some(known);
        }
        let wanted = grace?;
        let wanted = if wanted < 0 { 1 } else { wanted };
        if wanted >= known.grace {
            return None;
        }
        // The deadline moves to the first request plus the new period (DEL-11).
        let sooner = known.at.as_millis() + wanted.unsigned_abs() * 1000;
        let at = sooner.saturating_sub(known.grace.unsigned_abs() * 1000);
        let at = crate::time::Time::from_millis(at);
        let clamp = self.machine.rules.shortened_deletion == ShortenedDeletion::NotBeforeNow;
        Some(if clamp && at < self.now && wanted > 0 {
            Deletion {
                at: self.now.whole_second(),
                grace: 1,
            }
        } else {
            Deletion { at, grace: wanted }
        })
    }

    /// The pod configuration sees the object: the watch takes no time.
    pub(super) fn deliver_object(&mut self) {
        let view = self.view_of_object();
        self.notify(Notice::Config(Some(view)));
    }

    pub(super) fn view_of_object(&self) -> PodView {
        let object = &self.state.object;
        PodView {
            revision: object.revision,
            deletion_grace: object.deletion.map(|deletion| deletion.grace),
            ..PodView::of(self.machine.spec(object.revision), &object.status)
        }
    }
}

impl PodView {
    /// An object with that status, of the first revision, that nobody has deleted.
    #[must_use]
    pub fn of(spec: &PodSpec, status: &PodStatus) -> Self {
        Self {
            revision: 0,
            deletion_grace: None,
            phase: status.phase,
            ready: status.is_ready(),
            initialized: initialized(spec, status),
            reconcile_readiness: reconcile_readiness(spec, status),
            foreign: status.foreign.clone(),
        }
    }
}

/// Whether a status counts as initialized at the pod's end (TERM-34).
///
/// Source: `status/status_manager.go: hasPodInitialized`.
fn initialized(spec: &PodSpec, status: &PodStatus) -> bool {
    if spec.init_count == 0 {
        return true;
    }
    if status.containers.len() != spec.containers.len() {
        return false;
    }
    let (inits, regular) = status.containers.split_at(spec.init_count);
    let began = |status: &ContainerStatus| {
        status.last.is_some() || !matches!(status.state, ContainerState::Waiting(_))
    };
    if regular.iter().any(began) {
        return true;
    }
    let Some(last) = inits.last() else {
        return false;
    };
    let id = crate::spec::ContainerId((spec.init_count - 1) as u8);
    if spec.is_sidecar(id) {
        last.state.is_running() && last.started
    } else {
        let completed = |code: Option<i32>| code == Some(0);
        completed(last.last.map(|ended| ended.code))
            || completed(last.state.terminated().map(|ended| ended.code))
    }
}

/// Whether the Ready condition must be made anew because of a readiness gate (COND-10).
///
/// Source: `status/status_manager.go: NeedToReconcilePodReadiness`.
fn reconcile_readiness(spec: &PodSpec, status: &PodStatus) -> bool {
    let Some(conditions) = &status.conditions else {
        return false;
    };
    if spec.readiness_gates.is_empty() {
        return false;
    }
    // Init statuses are left out there, so a sidecar counts as unknown and the message differs.
    if spec.has_sidecars() && status.phase != PodPhase::Failed {
        return true;
    }
    conditions::ready(spec, status) != conditions.ready
}
