//! How many random cases a property is tried with, and which.

use proptest::test_runner::{Config, RngSeed};

/// So many cases, the same each time, unless `PROPTEST_CASES` or `PROPTEST_RNG_SEED` asks for others.
pub(crate) fn config(cases: u32) -> Config {
    let asked = |name| std::env::var_os(name).is_some();
    let mut config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    if !asked("PROPTEST_CASES") {
        config.cases = cases;
    }
    if !asked("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(0);
    }
    config
}
