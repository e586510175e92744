//! The API types by name: which fields there are and what each may hold.
//!
//! The tables are those of v1.36. What does not touch a pod's life is known one level down and
//! accepted as it is below that. Which version has which field is the business of
//! [`super::gate`].

mod container;
mod meta;
mod pod;
mod workload;

pub(super) use container::CONTAINER;
pub(super) use meta::LIST;
pub(super) use pod::POD;
pub(super) use workload::{
    CRON_JOB, DAEMON_SET, DEPLOYMENT, JOB, REPLICA_SET, REPLICATION_CONTROLLER, STATEFUL_SET,
};

/// What a field may hold.
#[derive(Clone, Copy, Debug)]
pub(super) enum Type {
    /// A text.
    Text,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// A boolean.
    Bool,
    /// `intstr.IntOrString`: a whole number of 32 bits, or a text.
    IntOrText,
    /// A `resource.Quantity`: a number, or a text such as `100m`.
    Quantity,
    /// Not looked into.
    Any,
    /// A map with free keys.
    Map(&'static Self),
    /// A list.
    List(&'static Self),
    /// An object with known fields.
    Object(&'static Object),
}

impl Type {
    /// The type as a Go error names it.
    pub(super) fn go_name(self) -> String {
        match self {
            Self::Text => "string".to_owned(),
            Self::Int32 => "int32".to_owned(),
            Self::Int64 => "int64".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::IntOrText => "intstr.IntOrString".to_owned(),
            Self::Quantity => "resource.Quantity".to_owned(),
            Self::Any => "interface {}".to_owned(),
            Self::Map(inner) => format!("map[string]{}", inner.go_name()),
            Self::List(inner) => format!("[]{}", inner.go_name()),
            Self::Object(object) => format!("v1.{}", object.name),
        }
    }
}

/// An API type.
#[derive(Debug)]
pub(super) struct Object {
    /// Its name in Go.
    pub(super) name: &'static str,
    /// Its fields.
    pub(super) fields: &'static [(&'static str, Type)],
}

impl Object {
    /// The type of a field.
    pub(super) fn field(&self, name: &str) -> Option<Type> {
        let mut fields = self.fields.iter();
        fields
            .find(|(field, _)| *field == name)
            .map(|(_, r#type)| *r#type)
    }
}

/// Declares API types: `NAME = "GoName" { field: type, … }`.
macro_rules! objects {
    ($($vis:vis $name:ident = $go:literal { $($field:literal: $type:expr),* $(,)? })+) => {
        $($vis static $name: $crate::manifest::schema::Object = $crate::manifest::schema::Object {
            name: $go,
            fields: &[$(($field, $type)),*],
        };)+
    };
}
use objects;

/// Lists and maps of plain values.
const TEXTS: Type = Type::List(&Type::Text);
const TEXT_MAP: Type = Type::Map(&Type::Text);
const QUANTITIES: Type = Type::Map(&Type::Quantity);
const ANY_LIST: Type = Type::List(&Type::Any);
