//! `faults:` to a runtime with alternatives and to open actions.

use super::build::{TOO_MANY_CONDITIONS, condition_action, update_action};
use super::check::container;
use super::file;
use super::menu::{CommandFault, ContainerMenu, Exit, ExitFault, MenuFile, StepFault, TermFault};
use super::source::Source;
use super::update::Revisions;
use crate::kubelet::Verb;
use crate::manifest::{Path, did_you_mean, nearest};
use crate::profile::Profile;
use crate::runtime::{
    self, Alternative, Answer, Fault, Faults, Menu, NOMINAL_WEIGHT, Reply, Script,
};
use crate::sim::{Action, OpenAction};
use crate::spec::{Container, Handler, ImageId, PodSpec, ProbeKind, PullPolicy};
use std::time::Duration;

/// How many open actions there may be; a restart of the kubelet counts twice.
const MOST: usize = 256;

/// The script with its alternatives.
pub(super) fn runtime(file: &MenuFile, script: Script, pod: &PodSpec) -> Faults<Script> {
    let mut faults = Faults::new(script);
    for fault in &file.sandbox {
        faults = faults.sandbox(*fault);
    }
    for (image, pulls) in &file.pulls {
        let Some(id) = image_id(pod, image) else {
            continue;
        };
        faults = faults.image(id, |menu| pulls.iter().copied().fold(menu, Menu::pull));
    }
    for (name, told) in &file.containers {
        let Some(id) = pod.find(name) else {
            continue;
        };
        faults = faults.container(id, |menu| of_container(menu, told));
    }
    faults.nominal_weight(file.nominal.unwrap_or(NOMINAL_WEIGHT))
}

fn of_container(menu: Menu, told: &ContainerMenu) -> Menu {
    let menu = told.pull.iter().copied().fold(menu, Menu::pull);
    let menu = told.create.iter().copied().fold(menu, Menu::create);
    let menu = told.start.iter().copied().fold(menu, Menu::start);
    let menu = told.exit.iter().copied().fold(menu, Menu::exit);
    let menu = told.on_term.iter().fold(menu, |menu, fault| match *fault {
        TermFault::Ignore(told) => {
            let weight = told.weight;
            let reply = Reply::never();
            menu.offers(Verb::StopContainer, Alternative { weight, reply })
        }
        TermFault::Exit(told) => {
            let exit = runtime::Exit::from(told.code).after(told.after);
            menu.stops(exit.weighing(told.weight))
        }
    });
    let probes = told.probes.iter();
    let menu = probes.fold(menu, |menu, (&probed, faults)| {
        let faults = faults.iter().copied();
        faults.fold(menu, |menu, fault| menu.probe(probed.into(), fault))
    });
    let hooks = told.post_start.iter().copied();
    let menu = hooks.fold(menu, Menu::post_start);
    told.pre_stop.iter().copied().fold(menu, Menu::pre_stop)
}

impl From<StepFault> for Fault {
    fn from(fault: StepFault) -> Self {
        match fault {
            StepFault::Success(told) => Answer::Success.after(told.takes).weighing(told.weight),
            StepFault::Error(told) => Answer::Error.after(told.takes).weighing(told.weight),
            StepFault::Hang(told) => Answer::Hang.weighing(told.weight),
        }
    }
}

impl From<CommandFault> for Fault {
    fn from(fault: CommandFault) -> Self {
        match fault {
            CommandFault::Success(told) => Answer::Success.after(told.takes).weighing(told.weight),
            CommandFault::Failure(told) => Answer::Failure.after(told.takes).weighing(told.weight),
            CommandFault::Error(told) => Answer::Error.after(told.takes).weighing(told.weight),
            CommandFault::Hang(told) => Answer::Hang.weighing(told.weight),
        }
    }
}

impl From<ExitFault> for runtime::Exit {
    fn from(fault: ExitFault) -> Self {
        match fault {
            ExitFault::Code(code) => code.into(),
            ExitFault::Told(told) => {
                let Exit {
                    code,
                    oom,
                    after,
                    weight,
                } = told;
                Self {
                    code,
                    oom,
                    after,
                    weight,
                }
            }
        }
    }
}

fn image_id(pod: &PodSpec, image: &str) -> Option<ImageId> {
    let index = pod.images.iter().position(|known| **known == *image)?;
    u8::try_from(index).ok().map(ImageId)
}

/// An open action, and what follows it.
type Open = (OpenAction, Option<(Duration, Action)>);

/// What may be done to the pod.
pub(super) fn open(
    menu: &MenuFile,
    timed: &[file::Action],
    conditions: &mut Vec<String>,
    revisions: &mut Revisions,
    profile: &Profile,
    script: &mut Script,
    source: &mut Source,
) -> Vec<Open> {
    let faults = Path::ROOT.field("faults");
    let list = faults.field("actions");
    let mut updates = timed.iter().filter(|a| a.update.is_some()).count();
    let mut open = Vec::new();
    for (index, told) in menu.actions.iter().enumerate() {
        let path = list.index(index);
        let mut may = |action, then| {
            let (window, weight) = (told.at, told.weight);
            let action = OpenAction {
                action,
                window,
                weight,
            };
            open.push((action, then));
        };
        if let Some(delete) = &told.delete {
            let grace = delete.grace;
            may(Action::Delete { grace }, None);
        }
        if let Some(set) = &told.condition {
            match condition_action(conditions, set) {
                Some(action) => may(action, None),
                None => source.error(&path, TOO_MANY_CONDITIONS),
            }
        }
        if let Some(patch) = &told.update {
            updates += 1;
            if updates > 1 {
                let help = "what a patch makes of the pod depends on those before it: give all \
                            of them a time, under `actions` of the scenario";
                let message = "an update at an open moment must be the only one";
                source.key_error(&path.field("update"), message, Some(help.to_owned()));
                continue;
            }
            may(
                update_action(revisions.update(patch, profile), script),
                None,
            );
        }
        if let Some(restart) = &told.restart_kubelet {
            let down = restart.down.duration();
            may(Action::StopKubelet, Some((down, Action::StartKubelet)));
        }
    }
    let counted = open.iter().map(|(_, then)| 1 + usize::from(then.is_some()));
    if counted.sum::<usize>() > MOST {
        let message = format!("more than the {MOST} actions that podclock keeps open");
        source.key_error(&list, message, None);
    }
    open
}

/// Checks that names are those of the pod's containers, and that there is what may go otherwise.
pub(super) fn check(file: &MenuFile, pod: &PodSpec, source: &mut Source) {
    let faults = Path::ROOT.field("faults");
    let containers = faults.field("containers");
    for (name, menu) in &file.containers {
        let path = containers.field(name);
        match pod.find(name) {
            None => container(name, pod, &path, true, source),
            Some(id) => has_all(menu, pod.container(id), &path, source),
        }
    }
}

/// Checks that images are those of the pod, or of an update.
pub(super) fn check_pulls(file: &MenuFile, pod: &PodSpec, source: &mut Source) {
    let faults = Path::ROOT.field("faults");
    let pulls = faults.field("pulls");
    for image in file.pulls.keys() {
        if image_id(pod, image).is_some() {
            continue;
        }
        let images = || pod.images.iter().map(|image| &**image);
        let help = match nearest(image, images()) {
            Some(meant) => did_you_mean(meant),
            None => format!("its images are {}", images().collect::<Vec<_>>().join(", ")),
        };
        let message = format!("the pod has no image {image:?}");
        source.key_error(&pulls.field(image), message, Some(help));
    }
}

fn has_all(menu: &ContainerMenu, container: &Container, path: &Path<'_>, source: &mut Source) {
    let name = &container.name;
    if !menu.pull.is_empty() && container.pull_policy == PullPolicy::Never {
        let message = format!("the image of {name:?} is never pulled");
        source.key_error(&path.field("pull"), message, None);
    }
    let probes = path.field("probes");
    for &probed in menu.probes.keys() {
        let kind = probed.into();
        if container.probe(kind).is_none() {
            let has = ProbeKind::ALL.into_iter();
            let has = has.filter(|&kind| container.probe(kind).is_some());
            let has: Vec<_> = has.map(|kind| runtime::Probed::from(kind).name()).collect();
            let help = match has.as_slice() {
                [] => "it has no probes".to_owned(),
                has => format!("its probes are {}", has.join(", ")),
            };
            let word = probed.name();
            let message = format!("{name:?} has no {word} probe");
            source.key_error(&probes.field(word), message, Some(help));
        }
    }
    let hooks = [
        ("post_start", &menu.post_start, &container.post_start),
        ("pre_stop", &menu.pre_stop, &container.pre_stop),
    ];
    for (word, faults, hook) in hooks {
        let message = match hook {
            _ if faults.is_empty() => continue,
            Some(hook) if hook.is_asked() => continue,
            Some(Handler::Sleep { .. }) => "a hook that sleeps always does so",
            Some(_) => "the kubelet cannot run this hook, so it always fails",
            None => "there is no such hook",
        };
        let message = format!("{name:?}: {message}");
        source.key_error(&path.field(word), message, None);
    }
}
