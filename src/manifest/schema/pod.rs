//! Pods and pod templates.

use super::Type::{Any, Bool, Int32, Int64, List, Object, Text};
use super::container::{CONTAINER, EPHEMERAL, RESOURCES};
use super::meta::{META, SELECTOR};
use super::{ANY_LIST, QUANTITIES, TEXT_MAP, TEXTS, objects};

objects! {
    pub(in crate::manifest) POD = "Pod" {
        "apiVersion": Text,
        "kind": Text,
        "metadata": Object(&META),
        "spec": Object(&POD_SPEC),
        "status": Any,
    }
    pub(super) TEMPLATE = "PodTemplateSpec" {
        "metadata": Object(&META),
        "spec": Object(&POD_SPEC),
    }
    POD_SPEC = "PodSpec" {
        "volumes": List(&Object(&VOLUME)),
        "initContainers": List(&Object(&CONTAINER)),
        "containers": List(&Object(&CONTAINER)),
        "ephemeralContainers": List(&Object(&EPHEMERAL)),
        "restartPolicy": Text,
        "terminationGracePeriodSeconds": Int64,
        "activeDeadlineSeconds": Int64,
        "dnsPolicy": Text,
        "nodeSelector": TEXT_MAP,
        "serviceAccountName": Text,
        "serviceAccount": Text,
        "automountServiceAccountToken": Bool,
        "nodeName": Text,
        "hostNetwork": Bool,
        "hostPID": Bool,
        "hostIPC": Bool,
        "shareProcessNamespace": Bool,
        "securityContext": Object(&POD_SECURITY),
        "imagePullSecrets": List(&Object(&REFERENCE)),
        "hostname": Text,
        "subdomain": Text,
        "affinity": Object(&AFFINITY),
        "schedulerName": Text,
        "tolerations": List(&Object(&TOLERATION)),
        "hostAliases": List(&Object(&HOST_ALIAS)),
        "priorityClassName": Text,
        "priority": Int32,
        "dnsConfig": Object(&DNS_CONFIG),
        "readinessGates": List(&Object(&READINESS_GATE)),
        "runtimeClassName": Text,
        "enableServiceLinks": Bool,
        "preemptionPolicy": Text,
        "overhead": QUANTITIES,
        "topologySpreadConstraints": List(&Object(&SPREAD)),
        "setHostnameAsFQDN": Bool,
        "os": Object(&OS),
        "hostUsers": Bool,
        "schedulingGates": List(&Object(&SCHEDULING_GATE)),
        "resourceClaims": List(&Object(&RESOURCE_CLAIM)),
        "resources": Object(&RESOURCES),
        "hostnameOverride": Text,
        "workloadRef": Any,
        "schedulingGroup": Any,
    }
    VOLUME = "Volume" {
        "name": Text,
        "hostPath": Any,
        "emptyDir": Any,
        "gcePersistentDisk": Any,
        "awsElasticBlockStore": Any,
        "gitRepo": Any,
        "secret": Any,
        "nfs": Any,
        "iscsi": Any,
        "glusterfs": Any,
        "persistentVolumeClaim": Any,
        "rbd": Any,
        "flexVolume": Any,
        "cinder": Any,
        "cephfs": Any,
        "flocker": Any,
        "downwardAPI": Any,
        "fc": Any,
        "azureFile": Any,
        "configMap": Any,
        "vsphereVolume": Any,
        "quobyte": Any,
        "azureDisk": Any,
        "photonPersistentDisk": Any,
        "projected": Any,
        "portworxVolume": Any,
        "scaleIO": Any,
        "storageos": Any,
        "csi": Any,
        "ephemeral": Any,
        "image": Any,
    }
    POD_SECURITY = "PodSecurityContext" {
        "seLinuxOptions": Any,
        "windowsOptions": Any,
        "runAsUser": Int64,
        "runAsGroup": Int64,
        "runAsNonRoot": Bool,
        "supplementalGroups": List(&Int64),
        "supplementalGroupsPolicy": Text,
        "fsGroup": Int64,
        "sysctls": ANY_LIST,
        "fsGroupChangePolicy": Text,
        "seccompProfile": Any,
        "appArmorProfile": Any,
        "seLinuxChangePolicy": Text,
    }
    REFERENCE = "LocalObjectReference" {
        "name": Text,
    }
    AFFINITY = "Affinity" {
        "nodeAffinity": Any,
        "podAffinity": Any,
        "podAntiAffinity": Any,
    }
    TOLERATION = "Toleration" {
        "key": Text,
        "operator": Text,
        "value": Text,
        "effect": Text,
        "tolerationSeconds": Int64,
    }
    HOST_ALIAS = "HostAlias" {
        "ip": Text,
        "hostnames": TEXTS,
    }
    DNS_CONFIG = "PodDNSConfig" {
        "nameservers": TEXTS,
        "searches": TEXTS,
        "options": ANY_LIST,
    }
    READINESS_GATE = "PodReadinessGate" {
        "conditionType": Text,
    }
    SPREAD = "TopologySpreadConstraint" {
        "maxSkew": Int32,
        "topologyKey": Text,
        "whenUnsatisfiable": Text,
        "labelSelector": Object(&SELECTOR),
        "minDomains": Int32,
        "nodeAffinityPolicy": Text,
        "nodeTaintsPolicy": Text,
        "matchLabelKeys": TEXTS,
    }
    OS = "PodOS" {
        "name": Text,
    }
    SCHEDULING_GATE = "PodSchedulingGate" {
        "name": Text,
    }
    RESOURCE_CLAIM = "PodResourceClaim" {
        "name": Text,
        "source": Any,
        "resourceClaimName": Text,
        "resourceClaimTemplateName": Text,
    }
}
