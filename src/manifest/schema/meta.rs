//! Metadata, selectors and lists.

use super::Type::{Any, Bool, Int64, List, Object, Text};
use super::{TEXT_MAP, TEXTS, objects};

objects! {
    pub(super) META = "ObjectMeta" {
        "name": Text,
        "generateName": Text,
        "namespace": Text,
        "selfLink": Text,
        "uid": Text,
        "resourceVersion": Text,
        "generation": Int64,
        "creationTimestamp": Text,
        "deletionTimestamp": Text,
        "deletionGracePeriodSeconds": Int64,
        "labels": TEXT_MAP,
        "annotations": TEXT_MAP,
        "ownerReferences": List(&Object(&OWNER)),
        "finalizers": TEXTS,
        "managedFields": super::ANY_LIST,
        "clusterName": Text,
    }
    OWNER = "OwnerReference" {
        "apiVersion": Text,
        "kind": Text,
        "name": Text,
        "uid": Text,
        "controller": Bool,
        "blockOwnerDeletion": Bool,
    }
    LIST_META = "ListMeta" {
        "selfLink": Text,
        "resourceVersion": Text,
        "continue": Text,
        "remainingItemCount": Int64,
    }
    pub(in crate::manifest) LIST = "List" {
        "apiVersion": Text,
        "kind": Text,
        "metadata": Object(&LIST_META),
        "items": List(&Any),
    }
    pub(super) SELECTOR = "LabelSelector" {
        "matchLabels": TEXT_MAP,
        "matchExpressions": List(&Object(&REQUIREMENT)),
    }
    REQUIREMENT = "LabelSelectorRequirement" {
        "key": Text,
        "operator": Text,
        "values": TEXTS,
    }
}
