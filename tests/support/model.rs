//! Models of random scenarios.

use podclock::sim::Model;
use podclock::strategies::ScenarioFile;
use proptest::test_runner::TestCaseError;

/// The scenario's model, with loops that do not wait and with lengthened retries, if wanted.
pub(crate) fn model(
    file: &ScenarioFile,
    ideal: bool,
    jitter: bool,
) -> Result<Model, TestCaseError> {
    let scenario = file.read();
    let scenario = scenario.map_err(|error| TestCaseError::fail(error.to_string()))?;
    let model = match ideal {
        true => scenario.model.ideal(),
        false => scenario.model,
    };
    Ok(match jitter {
        true => model.open_jitter(),
        false => model,
    })
}
