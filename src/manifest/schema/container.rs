//! Containers, their probes and hooks.

use super::Type::{Any, Bool, Int32, Int64, IntOrText, List, Object, Text};
use super::{QUANTITIES, TEXTS, objects};

objects! {
    pub(in crate::manifest) CONTAINER = "Container" {
        "name": Text,
        "image": Text,
        "command": TEXTS,
        "args": TEXTS,
        "workingDir": Text,
        "ports": List(&Object(&PORT)),
        "envFrom": List(&Object(&ENV_FROM)),
        "env": List(&Object(&ENV)),
        "resources": Object(&RESOURCES),
        "resizePolicy": List(&Object(&RESIZE)),
        "restartPolicy": Text,
        "restartPolicyRules": List(&Object(&RESTART_RULE)),
        "volumeMounts": List(&Object(&MOUNT)),
        "volumeDevices": List(&Object(&DEVICE)),
        "livenessProbe": Object(&PROBE),
        "readinessProbe": Object(&PROBE),
        "startupProbe": Object(&PROBE),
        "lifecycle": Object(&LIFECYCLE),
        "terminationMessagePath": Text,
        "terminationMessagePolicy": Text,
        "imagePullPolicy": Text,
        "securityContext": Object(&SECURITY),
        "stdin": Bool,
        "stdinOnce": Bool,
        "tty": Bool,
    }
    pub(super) EPHEMERAL = "EphemeralContainer" {
        "name": Text,
        "image": Text,
        "command": TEXTS,
        "args": TEXTS,
        "workingDir": Text,
        "ports": List(&Object(&PORT)),
        "envFrom": List(&Object(&ENV_FROM)),
        "env": List(&Object(&ENV)),
        "resources": Object(&RESOURCES),
        "resizePolicy": List(&Object(&RESIZE)),
        "restartPolicy": Text,
        "restartPolicyRules": List(&Object(&RESTART_RULE)),
        "volumeMounts": List(&Object(&MOUNT)),
        "volumeDevices": List(&Object(&DEVICE)),
        "livenessProbe": Object(&PROBE),
        "readinessProbe": Object(&PROBE),
        "startupProbe": Object(&PROBE),
        "lifecycle": Object(&LIFECYCLE),
        "terminationMessagePath": Text,
        "terminationMessagePolicy": Text,
        "imagePullPolicy": Text,
        "securityContext": Object(&SECURITY),
        "stdin": Bool,
        "stdinOnce": Bool,
        "tty": Bool,
        "targetContainerName": Text,
    }
    PORT = "ContainerPort" {
        "name": Text,
        "hostPort": Int32,
        "containerPort": Int32,
        "protocol": Text,
        "hostIP": Text,
    }
    ENV_FROM = "EnvFromSource" {
        "prefix": Text,
        "configMapRef": Any,
        "secretRef": Any,
    }
    ENV = "EnvVar" {
        "name": Text,
        "value": Text,
        "valueFrom": Object(&ENV_SOURCE),
    }
    ENV_SOURCE = "EnvVarSource" {
        "fieldRef": Any,
        "resourceFieldRef": Any,
        "configMapKeyRef": Any,
        "secretKeyRef": Any,
        "fileKeyRef": Any,
    }
    pub(super) RESOURCES = "ResourceRequirements" {
        "limits": QUANTITIES,
        "requests": QUANTITIES,
        "claims": List(&Any),
    }
    RESIZE = "ContainerResizePolicy" {
        "resourceName": Text,
        "restartPolicy": Text,
    }
    RESTART_RULE = "ContainerRestartRule" {
        "action": Text,
        "exitCodes": Object(&EXIT_CODES),
    }
    EXIT_CODES = "ContainerRestartRuleOnExitCodes" {
        "operator": Text,
        "values": List(&Int32),
    }
    MOUNT = "VolumeMount" {
        "name": Text,
        "readOnly": Bool,
        "recursiveReadOnly": Text,
        "mountPath": Text,
        "subPath": Text,
        "mountPropagation": Text,
        "subPathExpr": Text,
    }
    DEVICE = "VolumeDevice" {
        "name": Text,
        "devicePath": Text,
    }
    SECURITY = "SecurityContext" {
        "capabilities": Any,
        "privileged": Bool,
        "seLinuxOptions": Any,
        "windowsOptions": Any,
        "runAsUser": Int64,
        "runAsGroup": Int64,
        "runAsNonRoot": Bool,
        "readOnlyRootFilesystem": Bool,
        "allowPrivilegeEscalation": Bool,
        "procMount": Text,
        "seccompProfile": Any,
        "appArmorProfile": Any,
    }
    LIFECYCLE = "Lifecycle" {
        "postStart": Object(&HOOK),
        "preStop": Object(&HOOK),
        "stopSignal": Text,
    }
    HOOK = "LifecycleHandler" {
        "exec": Object(&EXEC),
        "httpGet": Object(&HTTP_GET),
        "tcpSocket": Object(&TCP_SOCKET),
        "sleep": Object(&SLEEP),
    }
    PROBE = "Probe" {
        "exec": Object(&EXEC),
        "httpGet": Object(&HTTP_GET),
        "tcpSocket": Object(&TCP_SOCKET),
        "grpc": Object(&GRPC),
        "initialDelaySeconds": Int32,
        "timeoutSeconds": Int32,
        "periodSeconds": Int32,
        "successThreshold": Int32,
        "failureThreshold": Int32,
        "terminationGracePeriodSeconds": Int64,
    }
    EXEC = "ExecAction" {
        "command": TEXTS,
    }
    HTTP_GET = "HTTPGetAction" {
        "path": Text,
        "port": IntOrText,
        "host": Text,
        "scheme": Text,
        "httpHeaders": List(&Object(&HEADER)),
    }
    HEADER = "HTTPHeader" {
        "name": Text,
        "value": Text,
    }
    TCP_SOCKET = "TCPSocketAction" {
        "port": IntOrText,
        "host": Text,
    }
    GRPC = "GRPCAction" {
        "port": Int32,
        "service": Text,
    }
    SLEEP = "SleepAction" {
        "seconds": Int64,
    }
}
