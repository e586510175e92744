//! The kubelet's sync loop: what it is told, and the updates that it makes of it.
//!
//! Source: `kubelet.go: syncLoopIteration`.

use super::api_status::ContainerStatus;
use super::conditions;
use super::ready::Task;
use super::runtime_status::RunId;
use super::state::{PodView, ProbeResult};
use super::step::Step;
use super::worker::{Update, UpdateKind};
use crate::spec::ProbeKind;

/// Something that the sync loop reads from one of its channels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// The pod configuration delivers the object; `None`: it is gone.
    Config(Option<PodView>),
    /// A relist saw something worth a sync (PLEG-2).
    Relisted,
    /// A relist saw the end of a run, or of a sandbox (PLEG-1).
    Died(Option<RunId>),
    /// A probe's result has changed (PROBE-60 … PROBE-63).
    Probed {
        /// Of which run.
        run: RunId,
        /// Which probe's.
        kind: ProbeKind,
        /// What it is now.
        result: ProbeResult,
    },
}

impl Step<'_, '_> {
    pub(super) fn notify(&mut self, notice: Notice) {
        if self.state.kubelet.up {
            self.state.kubelet.inbox.push(notice);
            self.state.ready.wake(Task::SyncLoop);
        }
    }

    pub(super) fn handle(&mut self, notice: Notice) {
        match notice {
            Notice::Config(Some(pod)) => self.handle_object(pod),
            Notice::Config(None) => self.handle_removal(),
            Notice::Relisted => self.sync_pod(),
            Notice::Died(run) => {
                self.sync_pod();
                self.clean_up_after(run);
            }
            Notice::Probed { run, kind, result } => match kind {
                ProbeKind::Liveness => {
                    if result == ProbeResult::Failure {
                        self.sync_pod();
                    }
                }
                ProbeKind::Readiness => {
                    self.set_container_readiness(run, result == ProbeResult::Success);
                    self.sync_pod();
                }
                ProbeKind::Startup => {
                    self.set_container_startup(run, result == ProbeResult::Success);
                    self.sync_pod();
                }
            },
        }
    }

    /// ADD, UPDATE, RECONCILE or DELETE, by what has changed.
    ///
    /// Source: `config/config.go: checkAndUpdatePod`.
    fn handle_object(&mut self, pod: PodView) {
        let known = self.state.kubelet.pod.as_ref();
        let kind = match known {
            None => Some(UpdateKind::Create),
            Some(known)
                if known.revision != pod.revision || known.deletion_grace != pod.deletion_grace =>
            {
                Some(UpdateKind::Update)
            }
            Some(_) if pod.reconcile_readiness => Some(UpdateKind::Sync),
            Some(_) => None,
        };
        self.state.kubelet.pod = Some(pod.clone());
        if let Some(kind) = kind {
            self.update_pod(Update {
                kind,
                pod,
                grace: None,
            });
        }
    }

    /// Source: `kubelet.go: HandlePodRemoves`.
    fn handle_removal(&mut self) {
        if let Some(pod) = self.state.kubelet.pod.take() {
            self.update_pod(Update {
                kind: UpdateKind::Kill,
                pod,
                grace: None,
            });
        }
    }

    /// Source: `kubelet.go: HandlePodSyncs`.
    pub(super) fn sync_pod(&mut self) {
        if let Some(pod) = self.state.kubelet.pod.clone() {
            self.update_pod(Update {
                kind: UpdateKind::Sync,
                pod,
                grace: None,
            });
        }
    }

    /// Source: `status/status_manager.go: SetContainerReadiness` (PROBE-65).
    fn set_container_readiness(&mut self, run: RunId, ready: bool) {
        let Some(pod) = &self.state.kubelet.pod else {
            return;
        };
        let spec = self.machine.spec(pod.revision);
        let Some(mut status) = self.cached_with(run, |container| {
            (container.ready != ready).then(|| container.ready = ready)
        }) else {
            return;
        };
        let containers_ready = conditions::containers_ready(spec, &status.containers, status.phase);
        let pod_ready = conditions::ready(spec, &status);
        if let Some(conditions) = &mut status.conditions {
            conditions.containers_ready = containers_ready;
            conditions.ready = pod_ready;
        }
        self.cache_status(status, false, false);
    }

    /// Source: `status/status_manager.go: SetContainerStartup`.
    fn set_container_startup(&mut self, run: RunId, started: bool) {
        if self.state.kubelet.pod.is_none() {
            return;
        }
        if let Some(status) = self.cached_with(run, |container| {
            (container.started != started).then(|| container.started = started)
        }) {
            self.cache_status(status, false, false);
        }
    }

    /// The cached status with one run's container changed; `None` if it does not have that run or
    /// nothing changes.
    fn cached_with(
        &self,
        run: RunId,
        change: impl FnOnce(&mut ContainerStatus) -> Option<()>,
    ) -> Option<super::api_status::PodStatus> {
        let cached = self.state.kubelet.cached.as_ref()?;
        let container = cached.status.containers.get(run.container.index())?;
        if container.run != Some(run.ordinal) {
            return None;
        }
        let mut status = cached.status.clone();
        change(&mut status.containers[run.container.index()])?;
        Some(status)
    }
}
