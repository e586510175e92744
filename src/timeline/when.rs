//! Ready-made conditions: what one usually waits for in a timeline.
//!
//! Where a container is asked for, its name narrows the condition to it and `None` means any.
//!
//! ```
//! use podclock::runtime::{Nominal, Script};
//! use podclock::sim::{Action, Model};
//! use podclock::timeline::when;
//! use podclock::{Profile, manifest};
//! use std::time::Duration;
//!
//! let text = "
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec: {containers: [{name: app, image: app:1}]}
//! ";
//! let profile = Profile::default();
//! let pod = manifest::parse(text, &profile).into_result()?.pods[0].spec.clone();
//! let script = Script::new().container("app", |app| app.ignores_term());
//! let model = Model::new(pod, profile.rules(), script)
//!     .at(Duration::from_secs(60), Action::DELETE);
//! let run = model.run(&mut Nominal, Duration::from_secs(120));
//! let grace = run.timeline.between(when::term_sent("app"), when::kill_sent("app"));
//! assert_eq!(grace, Some(Duration::from_secs(30)));
//! # Ok::<(), manifest::ManifestError>(())
//! ```

use super::{Condition, Moment, ShownCondition, ShownState, is, messages};
use crate::kubelet::{
    ApiEvent, CallEnd, ConditionStatus, ContainerEvent, ContainerFact, ContainerState,
    ContainerStatus, Event, ExitCause, HookKind, PodPhase, PodStatus,
};
use crate::spec::{ContainerId, ProbeKind};
use std::fmt;

/// A ready-made condition.
pub struct When(Box<dyn Fn(&Moment<'_>) -> bool + Send + Sync>);

impl When {
    /// The condition that this function makes.
    pub fn new(holds: impl Fn(&Moment<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Box::new(holds))
    }
}

impl fmt::Debug for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("When")
    }
}

impl Condition for When {
    fn holds(&self, moment: &Moment<'_>) -> bool {
        (self.0)(moment)
    }
}

/// The pod is created.
pub fn created() -> When {
    api(|event| *event == ApiEvent::Created)
}

/// Somebody other than the kubelet asks for the pod's deletion.
pub fn delete_requested() -> When {
    api(is::delete)
}

/// The pod has left the API server.
pub fn removed() -> When {
    api(|event| *event == ApiEvent::Removed)
}

/// An update of the pod is refused.
pub fn update_refused() -> When {
    api(|event| matches!(event, ApiEvent::UpdateRefused { .. }))
}

/// The API's condition Ready turns True.
pub fn ready() -> When {
    turns(PodStatus::is_ready)
}

/// The API's condition Ready turns False after it was True.
pub fn unready() -> When {
    When::new(|moment: &Moment<'_>| {
        let was = moment.before.is_some_and(PodStatus::is_ready);
        was && status(moment).is_some_and(|status| !status.is_ready())
    })
}

/// The API shows a container as ready which was not before.
pub fn container_ready<'a>(container: impl Into<Option<&'a str>>) -> When {
    container_turns(container.into(), |_, status, _| status.ready)
}

/// The API shows a container as waiting for that reason, such as `CrashLoopBackOff`, which did not
/// before.
pub fn waiting<'a>(container: impl Into<Option<&'a str>>, reason: &str) -> When {
    let reason = reason.to_owned();
    container_turns(container.into(), move |id, status, moment| {
        let ContainerState::Waiting(waiting) = status.state else {
            return false;
        };
        messages::waiting(waiting, id, &moment.names).0 == reason
    })
}

/// The API's phase turns to that.
pub fn phase(phase: PodPhase) -> When {
    turns(move |status| status.phase == phase)
}

/// The API shows a container's status as one that is so, and the last one was not.
pub fn container_shows<'a>(
    container: impl Into<Option<&'a str>>,
    is: impl Fn(&ContainerStatus, &ShownState) -> bool + Send + Sync + 'static,
) -> When {
    container_turns(container.into(), move |id, status, moment| {
        is(status, &ShownState::of(status, id, &moment.names))
    })
}

/// The API shows a condition of that type that is so, and the last one was not.
pub fn condition_shows(
    kind: &str,
    is: impl Fn(&ShownCondition) -> bool + Send + Sync + 'static,
) -> When {
    let kind = kind.to_owned();
    When::new(move |moment: &Moment<'_>| {
        let is =
            |status| ShownCondition::of(status, &kind, &moment.names).is_some_and(|it| is(&it));
        status(moment).is_some_and(is) && !moment.before.is_some_and(is)
    })
}

/// A condition that the kubelet does not own is set to that.
pub fn condition_set(kind: &str, wanted: ConditionStatus) -> When {
    let kind = kind.to_owned();
    When::new(move |moment: &Moment<'_>| match moment.entry.event {
        Event::Api(ApiEvent::ConditionSet { condition, status }) => {
            let set = moment.names.conditions.get(usize::from(condition));
            status == wanted && set.is_some_and(|set| *set == kind)
        }
        _ => false,
    })
}

/// A container's process starts.
pub fn started<'a>(container: impl Into<Option<&'a str>>) -> When {
    fact(container, is::start)
}

/// A container's process starts again, also where every container of the pod does and the runtime
/// counts from 0 again (VER-1).
pub fn restarted<'a>(container: impl Into<Option<&'a str>>) -> When {
    of(container, |event| match event {
        Event::Container(ContainerEvent { run, fact, .. })
            if run.ordinal > 0 && is::start(fact) =>
        {
            Some(run.container)
        }
        _ => None,
    })
}

/// A container's process ends, however.
pub fn terminated<'a>(container: impl Into<Option<&'a str>>) -> When {
    fact(container, |fact| {
        matches!(fact, ContainerFact::Exited { .. })
    })
}

/// A container's process ends without the kubelet's doing: by itself, or by the kernel for its
/// memory.
pub fn crashed<'a>(container: impl Into<Option<&'a str>>) -> When {
    fact(container, |fact| is::own_exit(fact).is_some())
}

/// A container's process ends with that exit code.
pub fn exited<'a>(container: impl Into<Option<&'a str>>, code: i32) -> When {
    fact(
        container,
        move |fact| matches!(*fact, ContainerFact::Exited { code: ended, .. } if ended == code),
    )
}

/// A running container is sent its stop signal.
pub fn term_sent<'a>(container: impl Into<Option<&'a str>>) -> When {
    fact(container, is::term)
}

/// A container is ended by SIGKILL, because it did not obey its stop signal in time.
pub fn kill_sent<'a>(container: impl Into<Option<&'a str>>) -> When {
    fact(container, is::kill)
}

/// The kernel ends a container for its memory.
pub fn oom_killed<'a>(container: impl Into<Option<&'a str>>) -> When {
    fact(container, |fact| {
        matches!(
            fact,
            ContainerFact::Exited {
                by: ExitCause::OutOfMemory,
                ..
            }
        )
    })
}

/// The kubelet begins to kill a container because of that probe.
pub fn killed_by_probe<'a>(container: impl Into<Option<&'a str>>, kind: ProbeKind) -> When {
    of(container, move |event| match event {
        Event::Kube(event) if is::killed_for(event) == Some(kind) => event.container,
        _ => None,
    })
}

/// A hook begins.
pub fn hook_began<'a>(container: impl Into<Option<&'a str>>, hook: HookKind) -> When {
    self::hook(container, hook, |end| end.is_none())
}

/// A hook ends, however.
pub fn hook_ended<'a>(container: impl Into<Option<&'a str>>, hook: HookKind) -> When {
    self::hook(container, hook, |end| end.is_some())
}

/// A probe succeeds.
pub fn probe_succeeded<'a>(container: impl Into<Option<&'a str>>, kind: ProbeKind) -> When {
    probe(container, kind, |end| is::answer(end) == Some(true))
}

/// A probe fails or times out; an error is neither (PROBE-31).
pub fn probe_failed<'a>(container: impl Into<Option<&'a str>>, kind: ProbeKind) -> When {
    probe(container, kind, |end| is::answer(end) == Some(false))
}

/// A probe times out.
pub fn probe_timed_out<'a>(container: impl Into<Option<&'a str>>, kind: ProbeKind) -> When {
    probe(container, kind, |end| end == CallEnd::Timeout)
}

/// A probe cannot be run, which does not count (PROBE-31).
pub fn probe_errored<'a>(container: impl Into<Option<&'a str>>, kind: ProbeKind) -> When {
    probe(container, kind, |end| {
        matches!(end, CallEnd::CannotRun | CallEnd::NotRunning)
    })
}

/// A probe begins.
pub fn probe_began<'a>(container: impl Into<Option<&'a str>>, kind: ProbeKind) -> When {
    of(container, move |event| match event {
        Event::Probe(event) if event.kind == kind && event.end.is_none() => {
            Some(event.run.container)
        }
        _ => None,
    })
}

/// A Kubernetes Event with that reason is sent.
pub fn event(reason: &str) -> When {
    let reason = reason.to_owned();
    When::new(move |moment: &Moment<'_>| match &moment.entry.event {
        Event::Kube(event) => messages::event(event, &moment.names).reason == reason,
        _ => false,
    })
}

/// A Kubernetes Event is sent whose message holds that text.
pub fn event_message(part: &str) -> When {
    let part = part.to_owned();
    When::new(move |moment: &Moment<'_>| match &moment.entry.event {
        Event::Kube(event) => messages::event(event, &moment.names)
            .message
            .contains(&part),
        _ => false,
    })
}

/// A Kubernetes Event about that container is sent.
pub fn event_about(container: &str) -> When {
    let container = container.to_owned();
    When::new(move |moment: &Moment<'_>| match &moment.entry.event {
        Event::Kube(event) => {
            let about = event.container.map(|id| moment.names.container(id));
            about == Some(&container)
        }
        _ => false,
    })
}

const fn status<'a>(moment: &Moment<'a>) -> Option<&'a PodStatus> {
    match &moment.entry.event {
        Event::Status(status) => Some(status),
        _ => None,
    }
}

fn turns(is: impl Fn(&PodStatus) -> bool + Send + Sync + 'static) -> When {
    When::new(move |moment: &Moment<'_>| {
        status(moment).is_some_and(&is) && !moment.before.is_some_and(&is)
    })
}

fn container_turns(
    container: Option<&str>,
    is: impl Fn(ContainerId, &ContainerStatus, &Moment<'_>) -> bool + Send + Sync + 'static,
) -> When {
    let container = container.map(ToOwned::to_owned);
    When::new(move |moment: &Moment<'_>| {
        let Some(status) = status(moment) else {
            return false;
        };
        moment.names.pod.ids().any(|id| {
            let named = container
                .as_deref()
                .is_none_or(|name| name == moment.names.container(id));
            let now = status.containers.get(id.index());
            let before = moment
                .before
                .and_then(|before| before.containers.get(id.index()));
            named
                && now.is_some_and(|now| is(id, now, moment))
                && !before.is_some_and(|before| is(id, before, moment))
        })
    })
}

fn api(is: impl Fn(&ApiEvent) -> bool + Send + Sync + 'static) -> When {
    When::new(
        move |moment: &Moment<'_>| matches!(&moment.entry.event, Event::Api(event) if is(event)),
    )
}

fn of<'a>(
    container: impl Into<Option<&'a str>>,
    is: impl Fn(&Event) -> Option<ContainerId> + Send + Sync + 'static,
) -> When {
    let container = container.into().map(ToOwned::to_owned);
    When::new(move |moment: &Moment<'_>| {
        let Some(id) = is(&moment.entry.event) else {
            return false;
        };
        let name = container.as_deref();
        name.is_none_or(|name| name == moment.names.container(id))
    })
}

fn fact<'a>(
    container: impl Into<Option<&'a str>>,
    is: impl Fn(&ContainerFact) -> bool + Send + Sync + 'static,
) -> When {
    of(container, move |event| match event {
        Event::Container(event) if is(&event.fact) => Some(event.run.container),
        _ => None,
    })
}

fn hook<'a>(
    container: impl Into<Option<&'a str>>,
    hook: HookKind,
    is: impl Fn(Option<CallEnd>) -> bool + Send + Sync + 'static,
) -> When {
    of(container, move |event| match event {
        Event::Hook(event) if event.hook == hook && is(event.end) => Some(event.run.container),
        _ => None,
    })
}

fn probe<'a>(
    container: impl Into<Option<&'a str>>,
    kind: ProbeKind,
    is: impl Fn(CallEnd) -> bool + Send + Sync + 'static,
) -> When {
    of(container, move |event| match event {
        Event::Probe(event) if event.kind == kind && event.end.is_some_and(&is) => {
            Some(event.run.container)
        }
        _ => None,
    })
}
