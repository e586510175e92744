//! Corners of single rules, where no recording goes: scenarios under `fixtures/rules/`, each of
//! which begins with the rule and what follows from it. Its expectations must hold.
//!
//! A comment `# shows …` is a line that the run must print, for what expectations have no word for; the comments
//! `# removed …` are all the removals of containers from the runtime, which are not printed.

use podclock::kubelet::{ApiEvent, ContainerFact, Event, SandboxEvent};
use podclock::runtime::Nominal;
use podclock::sim::{Run, Scenario};
use podclock::timeline::Timeline;
use std::fs;
use std::path::Path;

const FOLDER: &str = "fixtures/rules";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every fixture by its name, with its text and its run.
fn runs() -> Vec<(String, String, Scenario, Run)> {
    let entries = fs::read_dir(root().join(FOLDER)).expect("the fixtures");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let run = |path: &Path| {
        let name = path.file_stem().and_then(|name| name.to_str());
        let name = name.expect("a name").to_owned();
        let text = fs::read_to_string(path).expect("a fixture");
        let scenario = Scenario::parse(&text);
        let scenario = scenario.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let run = scenario.run(&mut Nominal);
        (name, text, scenario, run)
    };
    paths.iter().map(|path| run(path)).collect()
}

#[test]
fn what_follows_from_rules() {
    let list = fs::read_to_string(root().join("fixtures/rules.txt")).expect("the list");
    for (name, text, scenario, run) in runs() {
        let rule = text
            .strip_prefix("# ")
            .and_then(|text| text.split(':').next());
        let rule = rule.unwrap_or_else(|| panic!("{name}: it begins with no rule"));
        assert!(list.lines().any(|line| line == rule), "{name}: {rule}");
        assert!(name.starts_with(&rule.to_lowercase()), "{name}: {rule}");
        assert!(!scenario.expectations.is_empty(), "{name} expects nothing");
        let failures = scenario.failures(&run.timeline);
        assert!(
            failures.is_empty(),
            "{name}: {failures:?}\n{}",
            run.timeline
        );
        let violations = run.violations();
        assert!(violations.is_empty(), "{name}: {violations:?}");
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let printed = run.timeline.to_string();
        let mut printed = printed.lines().map(words);
        for line in text
            .lines()
            .filter_map(|line| line.strip_prefix("# shows "))
        {
            let found = printed.any(|printed| printed == line);
            assert!(found, "{name}: `{line}` is not shown\n{}", run.timeline);
        }
        let listed = text.lines();
        let listed: Vec<_> = listed
            .filter_map(|line| line.strip_prefix("# removed "))
            .collect();
        if !listed.is_empty() {
            assert_eq!(removals(&scenario, &run), listed, "{name}");
        }
    }
}

/// When which container's runs are removed from the runtime.
fn removals(scenario: &Scenario, run: &Run) -> Vec<String> {
    let names = scenario.model.names();
    let entries = run.timeline.entries().iter();
    let removal = entries.filter_map(|entry| match &entry.event {
        Event::Container(event) if event.fact == ContainerFact::Removed => Some(format!(
            "{} {}",
            entry.at,
            names.container(event.run.container)
        )),
        _ => None,
    });
    removal.collect()
}

/// What only a kubelet does.
const fn is_done_by_kubelet(event: &Event) -> bool {
    match event {
        Event::Container(event) => matches!(
            event.fact,
            ContainerFact::Create { .. }
                | ContainerFact::Start
                | ContainerFact::Stop { .. }
                | ContainerFact::Removed
        ),
        Event::Sandbox(event) => !matches!(
            event,
            SandboxEvent::Ready { .. } | SandboxEvent::Failed { .. }
        ),
        Event::Kube(_) => true,
        _ => false,
    }
}

/// How often the kubelet goes down, and what it does while it is.
fn done_while_down(timeline: &Timeline) -> (usize, Vec<String>) {
    let (mut downs, mut down, mut done) = (0, false, Vec::new());
    for entry in timeline.entries() {
        match &entry.event {
            Event::Api(ApiEvent::KubeletStopped) => (downs, down) = (downs + 1, true),
            Event::Api(ApiEvent::KubeletStarted) => down = false,
            event if down && is_done_by_kubelet(event) => {
                done.push(format!("{}: {event:?}", entry.at));
            }
            _ => {}
        }
    }
    (downs, done)
}

#[test]
fn a_kubelet_that_is_down_does_nothing() {
    let mut all = 0;
    for (name, _, _, run) in runs() {
        let (downs, done) = done_while_down(&run.timeline);
        assert!(done.is_empty(), "{name}: {done:?}\n{}", run.timeline);
        all += downs;
    }
    assert!(all >= 3, "some go down");
}
