//! What a probe or a hook does.

use super::name;
use super::pod::Scope;
use crate::manifest::path::Path;
use crate::manifest::raw::{Handler, Port};
use crate::manifest::report::Report;

/// Every action that a handler may name, in the order in which a second one is refused (VAL-6).
const ACTIONS: [&str; 5] = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

/// Exactly one action, and a sound one (VAL-5 … VAL-12, VAL-20, VAL-22).
pub(super) fn handler(
    handler: &Handler,
    path: &Path<'_>,
    scope: &Scope<'_>,
    report: &mut Report<'_>,
) {
    let given = [
        handler.exec.is_some(),
        handler.http_get.is_some(),
        handler.tcp_socket.is_some(),
        handler.grpc.is_some(),
        handler.sleep.is_some(),
    ];
    let mut given = ACTIONS.into_iter().zip(given).filter(|&(_, given)| given);
    let Some((first, _)) = given.next() else {
        // A misspelt action has been reported already.
        let misread = |action: &&str| report.is_unread(&path.field(action));
        if !ACTIONS.iter().any(|action| misread(&action)) {
            report.required(path, "must specify a handler type");
        }
        return;
    };
    for (second, _) in given {
        let path = path.field(second);
        report.forbidden(&path, "may not specify more than 1 handler type");
    }
    action(handler, first, &path.field(first), scope, report);
}

fn action(
    handler: &Handler,
    name: &str,
    path: &Path<'_>,
    scope: &Scope<'_>,
    report: &mut Report<'_>,
) {
    if let ("exec", Some(command)) = (name, &handler.exec) {
        if command.is_empty() {
            report.required(&path.field("command"), "");
        }
    }
    if let ("httpGet", Some(get)) = (name, &handler.http_get) {
        port(&get.port, &path.field("port"), report);
        let scheme = get.scheme.as_deref().unwrap_or_default();
        //= VAL-11
        if !matches!(scheme, "HTTP" | "HTTPS") {
            let made = report.unsupported(&path.field("scheme"), scheme, &["HTTP", "HTTPS"]);
            let upper = scheme.to_ascii_uppercase();
            if matches!(upper.as_str(), "HTTP" | "HTTPS") {
                made.help(format!("write it in capitals: {upper}"));
            }
        }
        for header in &get.header_names {
            name::header(header, &path.field("httpHeaders"), report);
        }
    }
    if let ("tcpSocket", Some(tcp)) = (name, &handler.tcp_socket) {
        port(&tcp.port, &path.field("port"), report);
    }
    if let ("grpc", Some(grpc)) = (name, &handler.grpc) {
        name::port_number(grpc.port, &path.field("port"), report);
    }
    if let ("sleep", Some(seconds)) = (name, handler.sleep) {
        sleep(seconds, path, scope, report);
    }
}

fn port(port: &Port, path: &Path<'_>, report: &mut Report<'_>) {
    match port {
        Port::Number(number) => name::port_number(*number, path, report),
        Port::Name(text) => {
            let number = text.parse::<u16>().is_ok();
            let help = number.then(|| format!("a number goes without quotes: {text}"));
            name::port(text, path, report, help.as_deref());
        }
    }
}

/// A sleep fits into the pod's grace period; as long as it is allowed too (VAL-22).
fn sleep(seconds: i64, path: &Path<'_>, scope: &Scope<'_>, report: &mut Report<'_>) {
    let grace = scope.grace;
    if scope.zero_sleep {
        if seconds < 0 || seconds > grace {
            let detail = format!(
                "must be non-negative and less than terminationGracePeriodSeconds ({grace})"
            );
            report.invalid(path, seconds, &detail);
        }
    } else if seconds <= 0 || seconds > grace {
        let detail = format!(
            "must be greater than 0 and less than terminationGracePeriodSeconds ({grace}). Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep."
        );
        report.invalid(path, seconds, &detail);
    }
}
