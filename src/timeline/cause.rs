//! Which entry led to an event: the walk behind "why?".
//!
//! The machine's state holds no history, so that equal futures stay equal values; what led to what
//! is read off the timeline instead. Each kind of event names the kinds that can lead to it, and
//! the latest such entry about the same subject is its cause.

use super::Entry;
use crate::kubelet::{
    ApiEvent, ContainerEvent, ContainerFact, Event, ExitCause, HookEvent, HookKind, ImageEvent,
    KubeEvent, KubeReason, ProbeEvent, RunId, SandboxEvent,
};
use crate::spec::{ContainerId, ProbeKind};

/// The latest entry that leads to such an event.
pub(super) fn of(before: &[Entry], event: &Event) -> Option<u32> {
    let latest = |leads: &dyn Fn(&Event) -> bool| {
        let mut entries = before.iter().rev();
        entries
            .find(|entry| leads(&entry.event))
            .map(|entry| entry.seq)
    };
    match event {
        Event::Api(event) => api(*event, &latest),
        Event::Sandbox(event) => sandbox(*event, &latest),
        Event::Image(ImageEvent::Pull { image }) => {
            let image = *image;
            latest(
                &move |event| matches!(event, Event::Kube(KubeEvent { what: KubeReason::Pulling { image: pulled }, .. }) if *pulled == image),
            )
        }
        Event::Image(ImageEvent::Pulled { image, .. } | ImageEvent::GivenUp { image }) => {
            let pull = Event::Image(ImageEvent::Pull { image: *image });
            latest(&move |event| *event == pull)
        }
        Event::Container(event) => container(*event, &latest),
        Event::Probe(ProbeEvent { run, kind, end, .. }) => {
            let (run, kind, begins) = (*run, *kind, end.is_none());
            let ended = move |event: &Event| matches!(event, Event::Probe(probe) if probe.run == run && probe.kind == kind && probe.end.is_some());
            if begins {
                // The probe before it, or for the first one the start.
                latest(&move |event| {
                    ended(event)
                        || is(event, run, &|fact| {
                            matches!(fact, ContainerFact::Started { .. })
                        })
                })
            } else {
                latest(
                    &move |event| matches!(event, Event::Probe(probe) if probe.run == run && probe.kind == kind && probe.end.is_none()),
                )
            }
        }
        Event::Hook(HookEvent { run, hook, end, .. }) => {
            let (run, hook, begins) = (*run, *hook, end.is_none());
            match (begins, hook) {
                (false, _) => latest(
                    &move |event| matches!(event, Event::Hook(known) if known.run == run && known.hook == hook && known.end.is_none()),
                ),
                (true, HookKind::PostStart) => latest(&move |event| {
                    is(event, run, &|fact| {
                        matches!(fact, ContainerFact::Started { .. })
                    })
                }),
                (true, HookKind::PreStop) => latest(&move |event| is_killing(event, run.container)),
            }
        }
        // A status is the mirror of what happened last.
        Event::Status(_) => latest(&|event| !matches!(event, Event::Status(_) | Event::Kube(_))),
        Event::Kube(event) => kube(*event, &latest),
    }
}

type Latest<'a> = dyn Fn(&dyn Fn(&Event) -> bool) -> Option<u32> + 'a;

fn is(event: &Event, run: RunId, fact: &dyn Fn(&ContainerFact) -> bool) -> bool {
    matches!(event, Event::Container(known) if known.run == run && fact(&known.fact))
}

fn is_killing(event: &Event, id: ContainerId) -> bool {
    matches!(event, Event::Kube(KubeEvent { container: Some(killed), what: KubeReason::Killing(_) }) if *killed == id)
}

fn is_probe_end(event: &Event, id: ContainerId, kind: ProbeKind) -> bool {
    matches!(event, Event::Probe(probe) if probe.run.container == id && probe.kind == kind && probe.end.is_some())
}

fn is_exit(event: &Event, id: ContainerId) -> bool {
    matches!(event, Event::Container(known) if known.run.container == id && matches!(known.fact, ContainerFact::Exited { .. } | ContainerFact::Started { error: Some(_) }))
}

fn is_delete(event: &Event) -> bool {
    matches!(event, Event::Api(ApiEvent::DeleteRequested { .. }))
}

fn api(event: ApiEvent, latest: &Latest<'_>) -> Option<u32> {
    match event {
        ApiEvent::DeletionTimestamp { .. } | ApiEvent::Removed => latest(&is_delete),
        ApiEvent::DeleteRequested {
            by_kubelet: true, ..
        } => latest(&|event| matches!(event, Event::Status(_))),
        ApiEvent::KubeletStarted => {
            latest(&|event| matches!(event, Event::Api(ApiEvent::KubeletStopped)))
        }
        // Somebody outside the pod acts for reasons of their own.
        _ => None,
    }
}

fn sandbox(event: SandboxEvent, latest: &Latest<'_>) -> Option<u32> {
    match event {
        SandboxEvent::Run { .. } => latest(&|event| {
            matches!(
                event,
                Event::Api(ApiEvent::Created)
                    | Event::Sandbox(SandboxEvent::Failed { .. } | SandboxEvent::Stopped { .. })
            )
        }),
        SandboxEvent::Ready { attempt } | SandboxEvent::Failed { attempt, .. } => {
            let run = Event::Sandbox(SandboxEvent::Run { attempt });
            latest(&move |event| *event == run)
        }
        SandboxEvent::Stopped { .. } => latest(
            &|event| matches!(event, Event::Container(known) if matches!(known.fact, ContainerFact::Exited { .. })),
        ),
        SandboxEvent::Removed { attempt } => {
            let stopped = Event::Sandbox(SandboxEvent::Stopped { attempt });
            latest(&move |event| *event == stopped)
        }
    }
}

fn container(event: ContainerEvent, latest: &Latest<'_>) -> Option<u32> {
    let ContainerEvent { run, fact, .. } = event;
    let id = run.container;
    match fact {
        ContainerFact::Create { .. } => latest(&move |event| {
            is_image_of(event, id)
                || matches!(event, Event::Image(ImageEvent::Pulled { error: None, .. }))
        }),
        ContainerFact::Start => latest(&move |event| {
            is(event, run, &|fact| {
                matches!(fact, ContainerFact::Create { .. })
            })
        }),
        ContainerFact::Started { .. } => {
            latest(&move |event| is(event, run, &|fact| matches!(fact, ContainerFact::Start)))
        }
        ContainerFact::Stop { .. } => latest(&move |event| {
            is_killing(event, id)
                || matches!(event, Event::Hook(hook) if hook.run == run && hook.hook == HookKind::PreStop && hook.end.is_some())
        }),
        ContainerFact::Exited { by, .. } => latest(&move |event| {
            is(event, run, &|fact| match by {
                ExitCause::Itself | ExitCause::OutOfMemory => {
                    matches!(fact, ContainerFact::Started { .. })
                }
                ExitCause::Term | ExitCause::Kill => matches!(fact, ContainerFact::Stop { .. }),
            })
        }),
        ContainerFact::Removed => latest(&move |event| is_exit(event, id)),
    }
}

fn is_image_of(event: &Event, id: ContainerId) -> bool {
    matches!(event, Event::Kube(KubeEvent { container: Some(known), what: KubeReason::AlreadyPresent { .. } | KubeReason::Pulled { .. } }) if *known == id)
}

fn kube(event: KubeEvent, latest: &Latest<'_>) -> Option<u32> {
    let Some(id) = event.container else {
        return latest(&|event| matches!(event, Event::Sandbox(_) | Event::Api(ApiEvent::Created)));
    };
    match event.what {
        KubeReason::Unhealthy { kind, .. } => latest(&move |event| is_probe_end(event, id, kind)),
        KubeReason::Killing(message) => {
            use crate::kubelet::KillMessage;
            match message {
                KillMessage::FailedProbe { kind, .. } => {
                    latest(&move |event| is_probe_end(event, id, kind))
                }
                KillMessage::DefinitionChanged { .. } => {
                    latest(&|event| matches!(event, Event::Api(ApiEvent::Updated { .. })))
                }
                KillMessage::FailedPostStartHook => latest(
                    &move |event| matches!(event, Event::Hook(hook) if hook.run.container == id && hook.end.is_some()),
                ),
                KillMessage::Stopping
                | KillMessage::RestartingAll
                | KillMessage::UnknownState { .. } => latest(&|event| {
                    is_delete(event)
                        || matches!(
                            event,
                            Event::Kube(KubeEvent {
                                what: KubeReason::DeadlineExceeded,
                                ..
                            })
                        )
                        || matches!(event, Event::Container(known) if matches!(known.fact, ContainerFact::Exited { .. }))
                }),
            }
        }
        KubeReason::BackOff => latest(&move |event| is_exit(event, id)),
        KubeReason::FailedPostStartHook | KubeReason::FailedPreStopHook => latest(
            &move |event| matches!(event, Event::Hook(hook) if hook.run.container == id && hook.end.is_some()),
        ),
        KubeReason::Created | KubeReason::Started | KubeReason::Failed { .. } => latest(
            &move |event| matches!(event, Event::Container(known) if known.run.container == id),
        ),
        KubeReason::Pulled { image, .. } | KubeReason::PullFailed { image, .. } => latest(
            &move |event| matches!(event, Event::Image(ImageEvent::Pulled { image: pulled, .. }) if *pulled == image),
        ),
        KubeReason::FailedImage(_) => latest(
            &move |event| matches!(event, Event::Kube(KubeEvent { container: Some(known), .. }) if *known == id),
        ),
        // The first step of a start: the container's last end, or the sandbox that it starts in.
        _ => latest(&move |event| {
            is_exit(event, id) || matches!(event, Event::Sandbox(SandboxEvent::Ready { .. }))
        }),
    }
}
