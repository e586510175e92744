//! A look at the machine's state: what can be told from it without changing it.

use super::Pod;
use super::state::PodState;
use crate::time::Time;

/// Machine and state, to be read.
#[derive(Clone, Copy)]
pub(super) struct Look<'a, 'm> {
    pub(super) machine: &'a Pod<'m>,
    pub(super) state: &'a PodState,
}

impl Look<'_, '_> {
    /// When the pod has been active for as long as it may (DLN-1).
    ///
    /// Source: `active_deadline.go: pastActiveDeadline`.
    pub(super) fn active_deadline(self, revision: u8) -> Option<Time> {
        let deadline = self.machine.spec(revision).active_deadline?;
        let start = match &self.state.kubelet.cached {
            Some(cached) => cached.status.start_time,
            None => self.state.object.status.start_time,
        };
        start.map(|start| start.plus_seconds(deadline))
    }
}
