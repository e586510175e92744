//! Restart policies and rules of single containers.

use super::pod::{Group, Scope};
use crate::manifest::path::Path;
use crate::manifest::raw::Container;
use crate::manifest::report::Report;

/// Policy and rules of a regular or init container (VAL-36, VAL-37, VAL-40 … VAL-43).
pub(super) fn restart(
    container: &Container,
    group: Group,
    path: &Path<'_>,
    scope: &Scope<'_>,
    report: &mut Report<'_>,
) {
    let policy_path = path.field("restartPolicy");
    let Some(policy) = container.restart_policy.as_deref() else {
        if !container.restart_rules.is_empty() {
            let detail = "must specify restartPolicy when restart rules are used";
            report.required(&policy_path, detail);
            if group == Group::Regular {
                rules(container, path, scope, report);
            }
        }
        return;
    };
    if !scope.restart_rules {
        if group == Group::Regular {
            report.forbidden(&policy_path, "may not be set for non-init containers");
        } else if policy != "Always" {
            report.unsupported(&policy_path, policy, &["Always"]);
        }
        return;
    }
    if group == Group::Init && policy == "Always" && !scope.restart_all {
        if !container.restart_rules.is_empty() {
            let detail =
                "restartPolicyRules are not allowed for init containers with restart policy Always";
            report.forbidden(&path.field("restartPolicyRules"), detail);
        }
        return;
    }
    if !matches!(policy, "Always" | "Never" | "OnFailure") {
        report.unsupported(&policy_path, policy, &["Always", "Never", "OnFailure"]);
    }
    rules(container, path, scope, report);
}

fn rules(container: &Container, path: &Path<'_>, scope: &Scope<'_>, report: &mut Report<'_>) {
    let path = path.field("restartPolicyRules");
    let rules = &container.restart_rules;
    if rules.len() > 20 {
        report.too_many(&path, rules.len(), 20);
    }
    let actions: &[&str] = if scope.restart_all {
        &["Restart", "RestartAllContainers"]
    } else {
        &["Restart"]
    };
    for (index, rule) in rules.iter().enumerate() {
        let path = path.index(index);
        if !actions.contains(&rule.action.as_str()) {
            report.unsupported(&path.field("action"), &rule.action, actions);
        }
        let path = path.field("exitCodes");
        let Some(codes) = &rule.exit_codes else {
            report.required(&path, "must be specified");
            continue;
        };
        if !matches!(codes.operator.as_str(), "In" | "NotIn") {
            let path = path.field("operator");
            report.unsupported(&path, &codes.operator, &["In", "NotIn"]);
        }
        if codes.values.len() > 255 {
            report.too_many(&path.field("values"), codes.values.len(), 255);
        }
    }
}
