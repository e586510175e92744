//! The menu of a pod that nobody has written one for.

use super::Faults;
use super::fault::Answer;
use super::menu::Menu;
use crate::runtime::Runtime;
use crate::spec::{Container, ContainerId, Handler, PodSpec, ProbeKind, PullPolicy};

impl<R: Runtime> Faults<R> {
    /// What usually goes wrong with a pod, read off its specification: one way for everything that
    /// the kubelet reacts to, and no more, for a search pays for each.
    ///
    /// - Containers and sidecars exit with 1 at any moment, and ignore TERM. Other codes differ
    ///   only where a restart policy or rule asks for them, and being slow to stop lies between
    ///   obeying and ignoring.
    /// - Init containers exit with 1 at any moment.
    /// - Each probe fails, and hangs until its timeout: the two ways to be counted as failed, at
    ///   once and late. An error is not counted (PROBE-31), so it does no more than one probe less.
    /// - Each hook that the kubelet runs as a command or over the network fails, and hangs: a hung
    ///   postStart holds up the pod's worker (HOOK-1), a hung preStop uses up the grace period
    ///   (HOOK-22).
    /// - Each pull fails.
    ///
    /// That somebody deletes the pod at any moment is
    /// [`OpenAction::DELETE`](../sim/struct.OpenAction.html#associatedconstant.DELETE).
    #[must_use]
    pub fn usual(base: R, pod: &PodSpec) -> Self {
        let ids = pod.ids();
        ids.fold(Self::new(base), |faults, id| {
            faults.container(id, |menu| usual(menu, pod, id))
        })
    }
}

fn usual(mut menu: Menu, pod: &PodSpec, id: ContainerId) -> Menu {
    let container = pod.container(id);
    if container.pull_policy != PullPolicy::Never {
        menu = menu.pull(Answer::Error);
    }
    menu = menu.exit(1);
    if pod.is_init(id) && !pod.is_sidecar(id) {
        return menu;
    }
    of_commands(menu, container).ignores_term()
}

fn of_commands(mut menu: Menu, container: &Container) -> Menu {
    let bad = [Answer::Failure, Answer::Hang];
    for kind in ProbeKind::ALL {
        if container.probe(kind).is_some() {
            menu = bad
                .into_iter()
                .fold(menu, |menu, bad| menu.probe(kind, bad));
        }
    }
    if container.post_start.as_ref().is_some_and(Handler::is_asked) {
        menu = bad.into_iter().fold(menu, Menu::post_start);
    }
    if container.pre_stop.as_ref().is_some_and(Handler::is_asked) {
        menu = bad.into_iter().fold(menu, Menu::pre_stop);
    }
    menu
}
