//! The controllers whose templates make pods.

use super::Type::{Any, Bool, Int32, Int64, IntOrText, Object, Text};
use super::meta::{META, SELECTOR};
use super::pod::TEMPLATE;
use super::{ANY_LIST, TEXT_MAP, objects};

/// Declares the outer object of a controller.
macro_rules! controllers {
    ($($name:ident = $go:literal with $spec:ident)+) => {
        objects! {
            $(pub(in crate::manifest) $name = $go {
                "apiVersion": Text,
                "kind": Text,
                "metadata": Object(&META),
                "spec": Object(&$spec),
                "status": Any,
            })+
        }
    };
}

controllers! {
    DEPLOYMENT = "Deployment" with DEPLOYMENT_SPEC
    REPLICA_SET = "ReplicaSet" with REPLICA_SET_SPEC
    REPLICATION_CONTROLLER = "ReplicationController" with REPLICATION_CONTROLLER_SPEC
    STATEFUL_SET = "StatefulSet" with STATEFUL_SET_SPEC
    DAEMON_SET = "DaemonSet" with DAEMON_SET_SPEC
    JOB = "Job" with JOB_SPEC
    CRON_JOB = "CronJob" with CRON_JOB_SPEC
}

objects! {
    DEPLOYMENT_SPEC = "DeploymentSpec" {
        "replicas": Int32,
        "selector": Object(&SELECTOR),
        "template": Object(&TEMPLATE),
        "strategy": Object(&STRATEGY),
        "minReadySeconds": Int32,
        "revisionHistoryLimit": Int32,
        "paused": Bool,
        "progressDeadlineSeconds": Int32,
        "rollbackTo": Any,
    }
    STRATEGY = "DeploymentStrategy" {
        "type": Text,
        "rollingUpdate": Object(&ROLLING_UPDATE),
    }
    ROLLING_UPDATE = "RollingUpdateDeployment" {
        "maxUnavailable": IntOrText,
        "maxSurge": IntOrText,
    }
    REPLICA_SET_SPEC = "ReplicaSetSpec" {
        "replicas": Int32,
        "minReadySeconds": Int32,
        "selector": Object(&SELECTOR),
        "template": Object(&TEMPLATE),
    }
    REPLICATION_CONTROLLER_SPEC = "ReplicationControllerSpec" {
        "replicas": Int32,
        "minReadySeconds": Int32,
        "selector": TEXT_MAP,
        "template": Object(&TEMPLATE),
    }
    STATEFUL_SET_SPEC = "StatefulSetSpec" {
        "replicas": Int32,
        "selector": Object(&SELECTOR),
        "template": Object(&TEMPLATE),
        "volumeClaimTemplates": ANY_LIST,
        "serviceName": Text,
        "podManagementPolicy": Text,
        "updateStrategy": Object(&SET_STRATEGY),
        "revisionHistoryLimit": Int32,
        "minReadySeconds": Int32,
        "persistentVolumeClaimRetentionPolicy": Any,
        "ordinals": Any,
    }
    SET_STRATEGY = "StatefulSetUpdateStrategy" {
        "type": Text,
        "rollingUpdate": Any,
    }
    DAEMON_SET_SPEC = "DaemonSetSpec" {
        "selector": Object(&SELECTOR),
        "template": Object(&TEMPLATE),
        "updateStrategy": Object(&SET_STRATEGY),
        "minReadySeconds": Int32,
        "revisionHistoryLimit": Int32,
        "templateGeneration": Int64,
    }
    JOB_SPEC = "JobSpec" {
        "parallelism": Int32,
        "completions": Int32,
        "activeDeadlineSeconds": Int64,
        "podFailurePolicy": Any,
        "successPolicy": Any,
        "backoffLimit": Int32,
        "backoffLimitPerIndex": Int32,
        "maxFailedIndexes": Int32,
        "selector": Object(&SELECTOR),
        "manualSelector": Bool,
        "template": Object(&TEMPLATE),
        "ttlSecondsAfterFinished": Int32,
        "completionMode": Text,
        "suspend": Bool,
        "podReplacementPolicy": Text,
        "managedBy": Text,
    }
    CRON_JOB_SPEC = "CronJobSpec" {
        "schedule": Text,
        "timeZone": Text,
        "startingDeadlineSeconds": Int64,
        "concurrencyPolicy": Text,
        "suspend": Bool,
        "jobTemplate": Object(&JOB_TEMPLATE),
        "successfulJobsHistoryLimit": Int32,
        "failedJobsHistoryLimit": Int32,
    }
    JOB_TEMPLATE = "JobTemplateSpec" {
        "metadata": Object(&META),
        "spec": Object(&JOB_SPEC),
    }
}
