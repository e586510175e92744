//! What a search has found happens again when its choices are made again, at the same moment: in
//! the search's own steps, in a run, and from a saved file.
//!
//! `PROPTEST_CASES=2000 cargo test --release --all-features --test replays` tries more.

#[path = "support/cases.rs"]
mod cases;

use podclock::explore::{Bounds, Breach, Builtin, Found, Instants, Kind, Properties, Search};
use podclock::runtime::{Apps, Faults, Replayed};
use podclock::sim::{Model, OpenAction, Property, Saved, Scenario, holds};
use podclock::timeline::{When, when};
use podclock::{Time, strategies};
use proptest::prelude::*;
use std::sync::Arc;

/// Things that happen in many runs.
const HAPPENS: [fn() -> When; 8] = [
    || when::kill_sent(None),
    || when::restarted(None),
    || when::unready(),
    || when::removed(),
    || when::delete_requested(),
    || when::event("Unhealthy"),
    || when::event("BackOff"),
    || when::terminated(None),
];

fn properties() -> Properties {
    let never = HAPPENS.iter().enumerate();
    let properties = never.fold(Properties::new(), |properties, (nth, happens)| {
        properties.with(Property::never(&nth.to_string(), happens()))
    });
    properties.with(Property::settles("gone", holds::gone()))
}

/// Searches a little, and makes the choices of everything that is found again. Gives what is found
/// in runs without latencies.
fn search(
    model: &Model,
    latencies: bool,
    seconds: bool,
) -> Result<Vec<Found<Breach>>, TestCaseError> {
    let properties = properties();
    let bounds = Bounds {
        faults: Some(2),
        states: Some(400),
        ..Bounds::default()
    };
    let instants = match seconds {
        true => Instants::EverySecond,
        false => Instants::Corners,
    };
    let search = Search::new(model, properties.clone()).bounds(bounds);
    let search = search.instants(instants).latencies(latencies).threads(1);
    let found: Vec<_> = search.run().findings.into_values().collect();
    for found in &found {
        let number = found.finding.number;
        let again = Replayed::new(found.trace.clone());
        let choices = || match latencies {
            true => again.clone(),
            false => again.clone().without_latencies(),
        };
        let replayed = properties.replay(model, found.loops, &mut choices(), found.at);
        let same = replayed.iter().find(|(breach, _)| breach.number == number);
        prop_assert_eq!(same, Some(&(found.finding.clone(), found.depth)));
        let Some(happens) = HAPPENS.get(number) else {
            continue;
        };
        let horizon = found.at.since(Time::START);
        let run = model.run(&mut choices(), horizon);
        let first = run.timeline.first(happens());
        prop_assert_eq!(first.map(|entry| entry.at), Some(found.finding.at));
        if latencies {
            continue;
        }
        // Made smaller it is the same property still, no later and with no more faults.
        let small = properties.shrink(model, found);
        let small = small.expect("it breaks again");
        prop_assert_eq!(small.breach.number, number);
        prop_assert!(small.faults <= found.faults && small.depth <= found.depth);
        let run = model.run(&mut Replayed::new(small.trace).without_latencies(), horizon);
        let first = run.timeline.first(happens());
        prop_assert_eq!(first.map(|entry| entry.at), Some(small.breach.at));
    }
    match latencies {
        true => Ok(Vec::new()),
        false => Ok(found),
    }
}

proptest! {
    #![proptest_config(cases::config(150))]

    #[test]
    fn what_is_found_happens_again(
        file in strategies::faulty_scenario(),
        latencies in any::<bool>(),
        seconds in any::<bool>(),
        jitter in any::<bool>(),
    ) {
        let text = file.text();
        let mut scenario = match file.read() {
            Ok(scenario) => scenario,
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        if jitter {
            scenario.model = scenario.model.open_jitter();
        }
        for found in search(&scenario.model, latencies, seconds)? {
            let (name, note) = ("found", "");
            let until = found.at.since(Time::START);
            let saved = Saved { name, note, until, loops: found.loops, choices: &found.trace };
            let saved = scenario.saved(text, &saved).expect("a scenario can be written");
            let saved = match Scenario::parse(&saved) {
                Ok(saved) => saved,
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            };
            prop_assert_eq!(saved.choices.as_ref(), Some(&found.trace));
            let choices = || Replayed::new(found.trace.clone()).without_latencies();
            let run = scenario.model.run(&mut choices(), until);
            let from_file = saved.run(&mut choices());
            prop_assert_eq!(from_file.timeline.to_string(), run.timeline.to_string());
        }
    }

    /// The answers of everyday applications have windows, also where nothing goes wrong.
    #[test]
    fn and_so_it_does_where_nominal_answers_have_windows(
        file in strategies::scenario(),
        latencies in any::<bool>(),
        seconds in any::<bool>(),
    ) {
        let scenario = match file.read() {
            Ok(scenario) => scenario,
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let pod = Arc::new(scenario.model.names().pod.clone());
        let faults = Faults::usual(Apps::new(&pod), &pod);
        let model = Model::new(pod, scenario.profile.rules(), faults).open(OpenAction::DELETE);
        search(&model, latencies, seconds)?;
    }

    #[test]
    fn what_every_kubelet_keeps_is_kept(file in strategies::faulty_scenario(), seconds in any::<bool>()) {
        let scenario = match file.read() {
            Ok(scenario) => scenario,
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let kept = Builtin::all().filter(|builtin| builtin.kind() == Kind::Invariant);
        let properties = Properties::new().with_builtins(kept);
        let bounds = Bounds { faults: Some(2), states: Some(400), ..Bounds::default() };
        let instants = if seconds { Instants::EverySecond } else { Instants::Corners };
        let search = Search::new(&scenario.model, properties.clone()).bounds(bounds);
        let explored = search.instants(instants).threads(1).run();
        for (number, found) in explored.findings {
            let (name, detail) = (properties.name(number), &found.finding.detail);
            let (at, trace) = (found.finding.at, found.trace);
            prop_assert!(false, "{name} at {at}: {detail}; choices: {trace}");
        }
    }
}
