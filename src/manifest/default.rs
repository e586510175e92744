//! Defaults, as the API server fills them in before it validates (SIM-8).

use super::raw;

/// Fills in the defaults of a pod spec (DEF-1 … DEF-12).
pub(super) fn spec(spec: &mut raw::Spec) {
    //= DEF-1, DEF-2
    fill(&mut spec.restart_policy, "Always");
    spec.termination_grace.get_or_insert(30);
    let groups = [
        &mut spec.init_containers,
        &mut spec.containers,
        &mut spec.ephemeral_containers,
    ];
    for container in groups.into_iter().flatten() {
        self::container(container);
    }
}

/// Go's empty text is no text.
fn fill(field: &mut Option<String>, default: &str) {
    if field.as_ref().is_none_or(String::is_empty) {
        *field = Some(default.to_owned());
    }
}

fn container(container: &mut raw::Container) {
    //= DEF-11, DEF-12
    fill(&mut container.pull_policy, pull_policy(&container.image));
    fill(&mut container.message_policy, "File");
    for port in &mut container.ports {
        fill(&mut port.protocol, "TCP");
    }
    let probes = [
        &mut container.startup,
        &mut container.readiness,
        &mut container.liveness,
    ];
    for probe in probes.into_iter().flatten() {
        self::probe(probe);
    }
    if let Some(lifecycle) = &mut container.lifecycle {
        let hooks = [&mut lifecycle.post_start, &mut lifecycle.pre_stop];
        hooks.into_iter().flatten().for_each(handler);
    }
}

/// A zero is replaced too, written or not (DEF-15).
fn probe(probe: &mut raw::Probe) {
    handler(&mut probe.handler);
    let numbers = [
        //= DEF-4, DEF-5, DEF-6, DEF-7
        (&mut probe.timeout, 1),
        (&mut probe.period, 10),
        (&mut probe.success_threshold, 1),
        (&mut probe.failure_threshold, 3),
    ];
    for (number, default) in numbers {
        if *number == 0 {
            *number = default;
        }
    }
}

fn handler(handler: &mut raw::Handler) {
    if let Some(get) = &mut handler.http_get {
        //= DEF-9
        fill(&mut get.path, "/");
        fill(&mut get.scheme, "HTTP");
    }
}

/// `Always` for the tag `latest`, also where neither tag nor digest is given (DEF-11).
fn pull_policy(image: &str) -> &'static str {
    let (name, digest) = image
        .split_once('@')
        .map_or((image, None), |(n, d)| (n, Some(d)));
    let file = name.rsplit('/').next().unwrap_or(name);
    match (file.split_once(':'), digest) {
        (Some((_, "latest")), _) | (None, None) => "Always",
        _ => "IfNotPresent",
    }
}
