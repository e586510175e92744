//! What may go otherwise about one container.

use super::fault::{Exit, Fault};
use crate::kubelet::Verb;
use crate::runtime::Reply;
use crate::spec::ProbeKind;

/// The weight of the nominal alternative under a seed, where nobody says another; that of a fault
/// is 1. So one call in ten goes wrong where one thing can.
pub const NOMINAL_WEIGHT: u32 = 9;

/// One other answer to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// How likely it is under a seed, against the others. One without weight is never drawn; a
    /// search tries it nevertheless.
    pub weight: u32,
    /// The answer.
    pub reply: Reply,
}

/// Alternatives by what is asked. Those to one thing keep the order in which they were added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Menu(Vec<Offer>);

/// The alternatives to one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Offer {
    verb: Verb,
    /// That of the nominal alternative, and one for each reply.
    weights: Vec<u32>,
    replies: Vec<Reply>,
}

impl Menu {
    /// Nothing goes otherwise.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// A probe may come to that.
    #[must_use]
    pub fn probe(self, kind: ProbeKind, fault: impl Into<Fault>) -> Self {
        self.answers(Verb::Probe(kind), fault.into())
    }

    /// The postStart hook may come to that. One that sleeps asks nobody.
    #[must_use]
    pub fn post_start(self, fault: impl Into<Fault>) -> Self {
        self.answers(Verb::PostStart, fault.into())
    }

    /// The preStop hook may come to that. One that sleeps asks nobody.
    #[must_use]
    pub fn pre_stop(self, fault: impl Into<Fault>) -> Self {
        self.answers(Verb::PreStop, fault.into())
    }

    /// A pull of the image may come to that.
    #[must_use]
    pub fn pull(self, fault: impl Into<Fault>) -> Self {
        self.answers(Verb::PullImage, fault.into())
    }

    /// Creating the container may come to that.
    #[must_use]
    pub fn create(self, fault: impl Into<Fault>) -> Self {
        self.answers(Verb::CreateContainer, fault.into())
    }

    /// Starting its process may come to that.
    #[must_use]
    pub fn start(self, fault: impl Into<Fault>) -> Self {
        self.answers(Verb::StartContainer, fault.into())
    }

    /// The process may end by itself like that.
    #[must_use]
    pub fn exit(self, exit: impl Into<Exit>) -> Self {
        self.offers(Verb::Run, exit.into().alternative())
    }

    /// The stop signal may end the process like that.
    #[must_use]
    pub fn stops(self, exit: impl Into<Exit>) -> Self {
        self.offers(Verb::StopContainer, exit.into().alternative())
    }

    /// The stop signal may do nothing.
    #[must_use]
    pub fn ignores_term(self) -> Self {
        let weight = 1;
        let reply = Reply::never();
        self.offers(Verb::StopContainer, Alternative { weight, reply })
    }

    /// A request may be answered like that.
    #[must_use]
    pub fn offers(mut self, verb: Verb, alternative: Alternative) -> Self {
        let Alternative { weight, reply } = alternative;
        match self.0.iter_mut().find(|offer| offer.verb == verb) {
            Some(offer) => {
                offer.weights.push(weight);
                offer.replies.push(reply);
            }
            None => self.0.push(Offer {
                verb,
                weights: vec![NOMINAL_WEIGHT, weight],
                replies: vec![reply],
            }),
        }
        self
    }

    /// Gives that weight to the nominal alternative of everything that is on the menu so far.
    #[must_use]
    pub fn nominal_weight(mut self, weight: u32) -> Self {
        for offer in &mut self.0 {
            offer.weights[0] = weight;
        }
        self
    }

    pub(super) fn answers(self, verb: Verb, fault: Fault) -> Self {
        self.offers(verb, fault.to(verb))
    }

    /// The weights of all alternatives to a request, and those that are not nominal.
    pub(super) fn offer(&self, verb: Verb) -> Option<(&[u32], &[Reply])> {
        let offer = self.0.iter().find(|offer| offer.verb == verb)?;
        Some((&offer.weights, &offer.replies))
    }
}
