//! What remembers whole runs, and is carried beside the worlds.

use super::super::observer::Step;
use super::Builtin;
use crate::kubelet::{
    ApiEvent, ContainerEvent, ContainerFact, Event, ExitCause, KillMessage, KubeEvent, KubeReason,
    RunId, SandboxEvent,
};
use crate::time::Time;
use crate::timeline::{Entry, Watch};
use smallvec::SmallVec;

/// What is remembered of the first run that reached a world.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Beside {
    watch: Watch,
    /// Containers that have a reason to start again, as a bit mask.
    called_for: u64,
    /// Starts that the present process of the kubelet waits for.
    asked: SmallVec<[RunId; 2]>,
}

impl Beside {
    pub(super) fn see(&mut self, step: &Step<'_>, tell: &mut impl FnMut(Builtin, Time, String)) {
        let names = step.names();
        for entry in step.entries {
            for violation in self.watch.see(entry, &names) {
                let builtin = Builtin::Invariant(violation.invariant);
                tell(builtin, violation.at, violation.detail);
            }
            match &entry.event {
                Event::Container(event) if event.fact == ContainerFact::Start => {
                    self.asked.push(event.run);
                }
                Event::Api(ApiEvent::KubeletStopped) => self.asked.clear(),
                _ => {}
            }
            // A start that the kubelet's process did not live to see counts for nothing to the next.
            if let Event::Container(event) = &entry.event
                && event.fact == (ContainerFact::Started { error: None })
                && let Some(place) = self.asked.iter().position(|&run| run == event.run)
            {
                self.asked.remove(place);
                let (id, run) = (event.run.container, event.run.ordinal);
                if run > 0 && self.called_for >> id.0 & 1 == 0 {
                    let detail = format!("{}: run {run} starts", names.container(id));
                    tell(Builtin::RestartHasCause, entry.at, detail);
                }
                self.called_for &= !(1 << id.0);
            }
            self.called_for |= calls_for(entry);
        }
    }
}

/// The containers that this calls on to start again.
const fn calls_for(entry: &Entry) -> u64 {
    match &entry.event {
        Event::Container(ContainerEvent {
            run,
            fact:
                ContainerFact::Create { error: Some(_) }
                | ContainerFact::Started { error: Some(_) }
                | ContainerFact::Exited {
                    by: ExitCause::Itself | ExitCause::OutOfMemory,
                    ..
                },
            ..
        }) => 1 << run.container.0,
        Event::Kube(KubeEvent {
            container: Some(id),
            what: KubeReason::Killing(message),
        }) => match message {
            KillMessage::Stopping => 0,
            _ => 1 << id.0,
        },
        // The kubelet does not know any more, or everything begins anew.
        Event::Api(ApiEvent::KubeletStarted | ApiEvent::Updated { .. })
        | Event::Sandbox(SandboxEvent::Ready { .. }) => u64::MAX,
        _ => 0,
    }
}
