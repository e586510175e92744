//! YAML or JSON text to a checked [`crate::spec::Workload`], with every diagnostic.
