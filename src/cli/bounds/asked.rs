//! One question about a pod, and its search.

use crate::cli::args::BoundsArgs;
use crate::cli::explore::job::Job;
use crate::explore::{
    Bounds, CriticalPhases, Explored, Extreme, Found, Instants, Length, Lengths, Search,
    critical_phases,
};
use crate::measure::{self, Measure, Subject};
use crate::sim::{Question, Scenario, ScenarioError};
use crate::spec::{ContainerId, PodSpec};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// How long the nominal run is that phases are read off.
const NOMINAL: Duration = Duration::from_secs(60);

/// One question about a pod.
pub(super) struct Asked {
    /// What may go wrong; `None`: what the scenario says.
    pub(super) question: Option<Question>,
    pub(super) scenario: Scenario,
    /// The scenario's text.
    pub(super) text: Arc<str>,
    lengths: Lengths,
    faults: u32,
    pub(super) phases: Option<CriticalPhases>,
    pub(super) explored: Option<Explored<Length>>,
}

/// The questions that a pod gives rise to.
pub(super) fn ask(args: &BoundsArgs, job: &Job) -> Result<Vec<Asked>, ScenarioError> {
    let pod = Arc::clone(&job.scenario.model.pod().revisions[0]);
    if !job.of_manifest {
        let subjects = measure::ALL.iter();
        let subjects = subjects.flat_map(|one| subjects_of(*one, &pod, args.restarts));
        return Ok(vec![Asked {
            question: None,
            scenario: open(job.scenario.clone()),
            text: Arc::clone(&job.text),
            lengths: Lengths::of(subjects.collect()),
            faults: args.faults,
            phases: None,
            explored: None,
        }]);
    }
    let mut all = Vec::new();
    for question in Question::ALL {
        let Some(text) = Scenario::asked(&job.text, &pod, question) else {
            continue;
        };
        let mut scenario = Scenario::parse_from(Path::new(&job.file), &text)?;
        if args.ideal {
            scenario.model = scenario.model.ideal();
        }
        let scenario = open(scenario);
        let measures = measures(question).iter();
        let subjects = measures.flat_map(|one| subjects_of(*one, &pod, args.restarts));
        let lengths = Lengths::of(subjects.collect());
        all.push(Asked {
            question: Some(question),
            scenario,
            text: text.into(),
            lengths: match last(question) {
                Some(last) => lengths.until(last, args.restarts),
                None => lengths,
            },
            faults: question.faults(&pod, args.restarts.into()),
            phases: None,
            explored: None,
        });
    }
    Ok(all)
}

/// The same, where the kubelet lengthens the delay before a retry by whatever it may.
fn open(mut scenario: Scenario) -> Scenario {
    scenario.model = scenario.model.open_jitter();
    scenario
}

/// What is measured.
const fn measures(question: Question) -> &'static [Measure] {
    match question {
        Question::Start => &[Measure::CreatedToReady],
        Question::Hang => &[Measure::HealthyToRestarted, Measure::HangToRestarted],
        Question::Readiness => &[Measure::BadAnswerToUnready, Measure::RecoveredToReady],
        Question::Delete => &[
            Measure::DeleteToTerm,
            Measure::DeleteToKill,
            Measure::DeleteToGone,
        ],
        Question::Crash => &[Measure::CrashToStart],
        Question::Startup => &[Measure::StartupBudget],
    }
}

/// What ends the part of a run that is of interest.
const fn last(question: Question) -> Option<Measure> {
    match question {
        Question::Start => Some(Measure::CreatedToReady),
        Question::Hang => Some(Measure::HangToRestarted),
        Question::Readiness => Some(Measure::RecoveredToReady),
        Question::Delete => None,
        Question::Crash => Some(Measure::CrashToStart),
        Question::Startup => Some(Measure::StartupBudget),
    }
}

/// What is told apart of a measure.
fn subjects_of(measure: Measure, pod: &PodSpec, restarts: u8) -> Vec<Subject> {
    let numbered = |subject: Subject| {
        let numbers: Vec<Option<u8>> = match subject.restart {
            Some(_) => (1..=restarts.max(1)).map(Some).collect(),
            None => vec![None],
        };
        let numbers = numbers.into_iter();
        numbers.map(move |restart| Subject { restart, ..subject })
    };
    measure.subjects(pod).flat_map(numbered).collect()
}

impl Asked {
    pub(super) fn subjects(&self) -> &[Subject] {
        self.lengths.subjects()
    }

    pub(super) fn container(&self, id: ContainerId) -> &str {
        self.scenario.model.names().container(id)
    }

    pub(super) fn found(&self, place: usize, extreme: Extreme) -> Option<&Found<Length>> {
        let explored = self.explored.as_ref()?;
        explored.findings.get(&(place * 2 + extreme as usize))
    }

    pub(super) fn search(
        &mut self,
        args: &BoundsArgs,
        stop: &AtomicBool,
        mut tell: impl FnMut(String),
    ) {
        let model = &self.scenario.model;
        let mut search = Search::new(model, self.lengths.clone())
            .bounds(Bounds {
                faults: Some(self.faults),
                depth: None,
                states: Some(args.states),
                until: None,
            })
            .instants(Instants::Corners)
            .stop(stop);
        if let Some(threads) = args.threads {
            search = search.threads(threads);
        }
        if !args.ideal && self.question.is_some() {
            let phases = critical_phases(model, NOMINAL);
            search = search.roots(phases.loops.clone());
            self.phases = Some(phases);
        }
        let explored = search.run_with(|progress| {
            tell(format!(
                "{} worlds, up to {} steps",
                progress.states, progress.depth
            ));
        });
        self.explored = Some(explored);
    }
}
