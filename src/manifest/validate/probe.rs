//! Probes.

use super::handler::handler;
use super::pod::Scope;
use crate::manifest::path::Path;
use crate::manifest::raw::Probe;
use crate::manifest::report::Report;
use crate::spec::ProbeKind;

/// A probe's numbers and its action (VAL-1 … VAL-4).
pub(super) fn probe(
    probe: &Probe,
    kind: ProbeKind,
    path: &Path<'_>,
    scope: &Scope<'_>,
    report: &mut Report<'_>,
) {
    handler(&probe.handler, path, scope, report);
    let numbers = [
        ("initialDelaySeconds", probe.initial_delay),
        ("timeoutSeconds", probe.timeout),
        ("periodSeconds", probe.period),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ];
    for (name, number) in numbers {
        if number < 0 {
            let path = path.field(name);
            report.invalid(&path, number, "must be greater than or equal to 0");
        }
    }
    let grace_path = path.field("terminationGracePeriodSeconds");
    if let Some(grace) = probe.termination_grace {
        if grace <= 0 {
            report.invalid(&grace_path, grace, "must be greater than 0");
        }
        if kind == ProbeKind::Readiness {
            report.invalid(&grace_path, grace, "must not be set for readinessProbes");
        }
    }
    if kind != ProbeKind::Readiness && probe.success_threshold != 1 {
        let path = path.field("successThreshold");
        report.invalid(&path, probe.success_threshold, "must be 1");
    }
}
