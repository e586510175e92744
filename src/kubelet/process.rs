//! The kubelet's own process: what its end forgets and its start finds.

use super::event::ApiEvent;
use super::step::Step;

impl Step<'_, '_> {
    pub(super) fn stop_kubelet(&mut self) {
        self.report_api(ApiEvent::KubeletStopped);
    }

    pub(super) fn start_kubelet(&mut self) {
        self.report_api(ApiEvent::KubeletStarted);
    }
}
