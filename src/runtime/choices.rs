//! What is left open, and who decides it.

use super::Window;
use crate::kubelet::{Token, Verb};
use crate::time::Time;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// In milliseconds.
const MINUTE: u64 = 60_000;

/// Names a choice: which request, and how many like it came before. Choices at different points
/// are independent of each other under [`Seeded`], so that a change in one place reshuffles
/// nothing elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChoicePoint {
    /// The request.
    pub token: Token,
    /// When it is made.
    pub at: Time,
    /// What is chosen about it: 0 for the runtime's own pick, 1 for the moment of the answer. No
    /// request is about 2, the worker's next turn, and 3 and 4, whether and when somebody acts.
    pub aspect: u8,
}

impl ChoicePoint {
    /// The delay until the pod worker's next turn (TIME-7).
    pub(crate) const fn of_worker(at: Time) -> Self {
        let token = Token {
            container: None,
            verb: Verb::RunSandbox,
            ordinal: 0,
        };
        Self {
            token,
            at,
            aspect: 2,
        }
    }

    /// Whether the open action with that index is done at all, and its moment.
    pub(crate) const fn of_action(index: u32, at: Time) -> [Self; 2] {
        let token = Token {
            container: None,
            verb: Verb::RunSandbox,
            ordinal: index,
        };
        let whether = Self {
            token,
            at,
            aspect: 3,
        };
        let when = Self {
            token,
            at,
            aspect: 4,
        };
        [whether, when]
    }
}

/// Something that may happen at any moment of a window that has been left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Not before this moment, which is not past.
    pub from: Time,
    /// Not after this one; it happens then if not before. `None`: it may never happen.
    pub until: Option<Time>,
}

/// The only source of alternatives.
pub trait Choices {
    /// Picks an index into `weights`. Index 0 is always the nominal alternative: with it alone the
    /// run has no fault in it.
    fn pick(&mut self, point: ChoicePoint, weights: &[u32]) -> usize;

    /// Narrows the window in which something happens. What is left of it stays open, for
    /// [`Choices::happens`] to decide. The default is the earliest moment.
    fn place(&mut self, point: ChoicePoint, window: Window) -> Window {
        let _ = point;
        window.at_earliest()
    }

    /// Narrows the window in which a delay of the kubelet's ends that it lengthens at random, where the
    /// model leaves that open. The default is what [`Choices::place`] says.
    fn lengthen(&mut self, point: ChoicePoint, window: Window) -> Window {
        self.place(point, window)
    }

    /// Decides whether something open happens before anything else does: which one, by its index,
    /// and when. `next` is the moment of what happens otherwise; `None` is nothing, ever. Not asked
    /// where no window has been left open. The default is to wait.
    fn happens(
        &mut self,
        now: Time,
        next: Option<Time>,
        open: &[Opening],
    ) -> Option<(usize, Time)> {
        let _ = (now, next, open);
        None
    }
}

/// Always the nominal alternative, always the earliest moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nominal;

impl Choices for Nominal {
    fn pick(&mut self, _: ChoicePoint, _: &[u32]) -> usize {
        0
    }
}

/// Random by a seed: each choice point has a ChaCha stream of its own. The moment in a window is
/// drawn uniformly; where the window has no end, half of all things happen in its first minute,
/// half of the rest in the next, and so on.
///
/// ```
/// use podclock::runtime::{Choices, Seeded};
/// # use podclock::kubelet::{Token, Verb};
/// # use podclock::runtime::ChoicePoint;
/// # let token = Token { container: None, verb: Verb::RunSandbox, ordinal: 0 };
/// # let point = ChoicePoint { token, at: podclock::Time::START, aspect: 0 };
/// let picked = Seeded(7).pick(point, &[1, 1, 1]);
/// assert_eq!(Seeded(7).pick(point, &[1, 1, 1]), picked);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeded(pub u64);

impl Seeded {
    fn stream(self, point: ChoicePoint) -> ChaCha8Rng {
        let Token {
            container,
            verb,
            ordinal,
        } = point.token;
        let container = container.map_or(u64::MAX, |id| u64::from(id.0));
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.0.to_le_bytes());
        seed[8..16].copy_from_slice(&container.to_le_bytes());
        seed[16..20].copy_from_slice(&ordinal.to_le_bytes());
        seed[20] = verb.code();
        seed[21] = point.aspect;
        seed[24..].copy_from_slice(&point.at.as_millis().to_le_bytes());
        ChaCha8Rng::from_seed(seed)
    }

    /// How long something is put off that may happen at any moment or never: in each minute half
    /// of what is left happens.
    fn put_off(self, point: ChoicePoint) -> u64 {
        let mut stream = self.stream(point);
        let minutes = stream.next_u64().leading_zeros();
        let within = (u128::from(stream.next_u64()) * u128::from(MINUTE)) >> 64;
        u64::from(minutes) * MINUTE + within as u64
    }

    /// Uniform below `bound`, which is not 0. The bias of the widening multiplication is below
    /// 2^-32 for every bound that occurs here.
    fn below(self, point: ChoicePoint, bound: u64) -> u64 {
        let wide = u128::from(self.stream(point).next_u64()) * u128::from(bound);
        (wide >> 64) as u64
    }
}

impl Choices for Seeded {
    fn pick(&mut self, point: ChoicePoint, weights: &[u32]) -> usize {
        let total: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
        if total == 0 {
            return 0;
        }
        let mut left = self.below(point, total);
        for (index, &weight) in weights.iter().enumerate() {
            if left < u64::from(weight) {
                return index;
            }
            left -= u64::from(weight);
        }
        0
    }

    fn place(&mut self, point: ChoicePoint, window: Window) -> Window {
        let width = window.latest.saturating_sub(window.earliest);
        let after = match width {
            0 => window.earliest,
            _ if window.latest == u64::MAX => window.earliest.saturating_add(self.put_off(point)),
            _ => window.earliest + self.below(point, width.saturating_add(1)),
        };
        Window {
            earliest: after,
            latest: after,
        }
    }
}
