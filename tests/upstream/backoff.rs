//! The arithmetic of back-offs.

use crate::state::{entries, list, only, same, text};
use podclock::Time;
use podclock::kubelet::{Backoff, BackoffLimits};
use serde_yaml::Value;

/// `initial` and `max` in seconds; an entry is forgotten after twice `max`. Each step has the
/// second `at` which it is, and what is done or asked then, in this order: `held`, `delay`
/// (seconds; 0 without an entry), `next: true`.
pub(crate) fn check(case: &Value) -> Result<(), String> {
    only(case, &["id", "kubernetes", "initial", "max", "steps"])?;
    let seconds = |value: &Value| {
        let seconds = value.as_u64().and_then(|n| u32::try_from(n).ok());
        seconds.ok_or_else(|| format!("no seconds: {value:?}"))
    };
    let max = seconds(&case["max"])? * 1000;
    let limits = BackoffLimits {
        initial: seconds(&case["initial"])? * 1000,
        max,
        forgotten_after: 2 * max,
    };
    let mut entry: Option<Backoff> = None;
    for step in list(&case["steps"]) {
        let at = seconds(&step["at"])?;
        let now = Time::from_millis(u64::from(at) * 1000);
        for (what, wanted) in entries(step) {
            match text(what)? {
                "at" => {}
                "held" => {
                    let held = entry.is_some_and(|entry| entry.holds_since_update(now, limits));
                    same(&format!("held at {at}"), &Value::from(held), wanted)?;
                }
                "delay" => {
                    let live = entry.filter(|entry| !entry.expired(now, limits));
                    let delay = live.map_or(0, |entry| entry.delay / 1000);
                    same(&format!("delay at {at}"), &delay, &seconds(wanted)?)?;
                }
                "next" => entry = Some(Backoff::next(entry, now, now, limits)),
                other => return Err(format!("nothing reads `{other}`")),
            }
        }
    }
    Ok(())
}
