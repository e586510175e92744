//! What a probe or a hook does.

use super::name;
use super::pod::Scope;
use crate::manifest::path::Path;
use crate::manifest::raw::{Handler, HttpGet, Port};
use crate::manifest::report::Report;

/// One action that a handler names.
#[derive(Clone, Copy, Debug)]
enum Action<'a> {
    Exec(&'a [String]),
    HttpGet(&'a HttpGet),
    TcpSocket(&'a Port),
    Grpc(i64),
    Sleep(i64),
}

/// The actions that a handler names, in the order in which a second one is refused (VAL-6).
fn actions(handler: &Handler) -> [(&'static str, Option<Action<'_>>); 5] {
    let tcp = handler.tcp_socket.as_ref();
    [
        ("exec", handler.exec.as_deref().map(Action::Exec)),
        ("httpGet", handler.http_get.as_ref().map(Action::HttpGet)),
        ("tcpSocket", tcp.map(|tcp| Action::TcpSocket(&tcp.port))),
        (
            "grpc",
            handler.grpc.as_ref().map(|grpc| Action::Grpc(grpc.port)),
        ),
        ("sleep", handler.sleep.map(Action::Sleep)),
    ]
}

/// Exactly one action, and a sound one (VAL-5 … VAL-12, VAL-20, VAL-22).
pub(super) fn handler(
    handler: &Handler,
    path: &Path<'_>,
    scope: &Scope<'_>,
    report: &mut Report<'_>,
) {
    let actions = actions(handler);
    let mut given = actions
        .iter()
        .filter_map(|&(name, action)| Some((name, action?)));
    let Some((name, first)) = given.next() else {
        // A misspelt action has been reported already.
        if !actions
            .iter()
            .any(|(name, _)| report.is_unread(&path.field(name)))
        {
            report.required(path, "must specify a handler type");
        }
        return;
    };
    action(first, &path.field(name), scope, report);
    for (name, _) in given {
        let path = path.field(name);
        report.forbidden(&path, "may not specify more than 1 handler type");
    }
}

fn action(action: Action<'_>, path: &Path<'_>, scope: &Scope<'_>, report: &mut Report<'_>) {
    match action {
        //= VAL-7
        Action::Exec([]) => {
            report.required(&path.field("command"), "");
        }
        Action::Exec(_) => {}
        Action::HttpGet(get) => http_get(get, path, report),
        Action::TcpSocket(number) => port(number, &path.field("port"), report),
        Action::Grpc(number) => name::port_number(number, &path.field("port"), report),
        Action::Sleep(seconds) => sleep(seconds, path, scope, report),
    }
}

fn http_get(get: &HttpGet, path: &Path<'_>, report: &mut Report<'_>) {
    port(&get.port, &path.field("port"), report);
    let scheme = get.scheme.as_deref().unwrap_or_default();
    //= VAL-11
    if !matches!(scheme, "HTTP" | "HTTPS") {
        report.unsupported(&path.field("scheme"), scheme, &["HTTP", "HTTPS"]);
    }
    for header in &get.header_names {
        name::header(header, &path.field("httpHeaders"), report);
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
