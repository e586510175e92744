//! What a probe or a hook does.

/// The action of a probe or of a lifecycle hook.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Handler {
    /// Runs a command in the container.
    Exec {
        /// Command and arguments.
        command: Vec<Box<str>>,
    },
    /// Sends an HTTP GET request.
    HttpGet {
        /// Path, `/` by default.
        path: Box<str>,
        /// Port by number or name.
        port: Port,
        /// `HTTP` by default.
        scheme: Scheme,
        /// Host; the pod's IP when absent.
        host: Option<Box<str>>,
    },
    /// Opens a TCP connection. As a hook the kubelet cannot run it (HOOK-12).
    TcpSocket {
        /// Port by number or name.
        port: Port,
        /// Host; the pod's IP when absent.
        host: Option<Box<str>>,
    },
    /// Asks the gRPC health service. Probes only.
    Grpc {
        /// Port number.
        port: u16,
        /// Service name; empty by default.
        service: Box<str>,
    },
    /// Waits. Hooks only.
    Sleep {
        /// Seconds to wait.
        seconds: i64,
    },
}

impl Handler {
    /// Whether the kubelet asks somebody else to run this as a hook: it sleeps by itself, and the
    /// rest it cannot run (HOOK-12).
    #[must_use]
    pub const fn is_asked(&self) -> bool {
        matches!(self, Self::Exec { .. } | Self::HttpGet { .. })
    }
}

/// A port, by number or by the name that a container gives it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Port {
    /// 1 to 65535.
    Number(u16),
    /// An IANA service name; looked up in the container's ports only when the probe runs (VAL-13).
    Name(Box<str>),
}

/// Scheme of an HTTP handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTPS, certificate not checked.
    Https,
}
