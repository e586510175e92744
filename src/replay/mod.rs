//! Recordings of the real kubelet, and whether a run is the same as one of them.
//!
//! A [`Case`] is one recorded scenario on disk. [`Case::replay`] runs it and compares what
//! happened, entry by entry and to the millisecond, with what was recorded; there is no tolerance.
//! The files and the comparison are defined in `fixtures/recorded/README.md`.
//!
//! ```no_run
//! use podclock::replay::{Case, Verdict};
//! use std::path::Path;
//!
//! let case = Case::read(Path::new("fixtures/recorded/kubelet-1.32/corpus/live-never"))?;
//! match case.replay() {
//!     Verdict::Same { alternative } => println!("same as recording {alternative}"),
//!     Verdict::Reordered { alternative } => {
//!         println!("same as recording {alternative}, in another order of one instant");
//!     }
//!     Verdict::Differs(difference) => print!("{difference}"),
//! }
//! # Ok::<(), podclock::replay::ReplayError>(())
//! ```

mod batch;
mod case;
mod compare;
mod difference;
mod entry;
mod error;
mod line;
mod orders;
mod parts;
mod recording;
mod summary;

pub use batch::{Replayed, find, group, name, replay_all};
pub use case::{Case, Verdict};
pub use difference::{Difference, Moment};
pub use entry::Entry;
pub use error::{ReplayError, TraceError};
pub use line::{Line, Mark};
pub use recording::Recording;
