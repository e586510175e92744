//! The words behind a timeline's indices, owned.

use super::Names;
use crate::profile::Rules;
use crate::runtime::Runtime;
use crate::spec::PodSpec;
use std::sync::Arc;

/// What [`Names`] borrows from, so that a timeline can be read long after its model is gone.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) pod: Arc<PodSpec>,
    pub(crate) rules: Rules,
    pub(crate) runtime: Arc<dyn Runtime>,
    pub(crate) conditions: Vec<String>,
}

impl Words {
    pub(crate) fn names(&self) -> Names<'_> {
        Names {
            pod: &self.pod,
            rules: &self.rules,
            runtime: &*self.runtime,
            conditions: &self.conditions,
        }
    }
}
