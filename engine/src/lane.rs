//! The life of a lane: which steps a department, the citizen and the system may take.

use contract::application::{ApplicationState, LaneState};

/// Something that happens to a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What it waited for is there.
    Release,
    /// The department accepts it.
    Accept,
    /// The department asks for a correction.
    AskCorrection,
    /// The citizen answers.
    AnswerCorrection,
    /// The clock stops for a special procedure.
    StopClock,
    /// The clock runs again.
    StartClock,
    /// Decided in favour.
    Approve,
    /// Decided against.
    Refuse,
    /// The result is issued.
    Issue,
    /// Something it was accepted without did not come in time.
    Lapse,
    /// It was decided first, on a commitment that was not kept.
    Revoke,
}

/// The state after a step, or `None` where the step is not allowed.
#[must_use]
pub fn after(state: LaneState, step: Step) -> Option<LaneState> {
    use LaneState::{Accepted, Approved, Correction, Ended, Issued, Received, Refused, Stopped, Waiting};
    match (state, step) {
        (Waiting, Step::Release) | (Correction, Step::AnswerCorrection) => Some(Received),
        (Received, Step::Accept) | (Stopped, Step::StartClock) => Some(Accepted),
        (Received | Accepted, Step::AskCorrection) => Some(Correction),
        (Accepted, Step::StopClock) => Some(Stopped),
        (Accepted, Step::Approve) => Some(Approved),
        (Received | Accepted, Step::Refuse) => Some(Refused),
        (Approved, Step::Issue) => Some(Issued),
        (Waiting | Received | Accepted | Correction | Stopped | Approved, Step::Lapse)
        | (Approved | Issued, Step::Revoke) => Some(Ended),
        _ => None,
    }
}

/// Whether nothing more will happen of itself; what was issued on a commitment can still be revoked.
#[must_use]
pub fn is_final(state: LaneState) -> bool {
    matches!(state, LaneState::Issued | LaneState::Refused | LaneState::Ended)
}

/// Whether the promised limit is running.
#[must_use]
pub fn clock_runs(state: LaneState) -> bool {
    matches!(state, LaneState::Received | LaneState::Accepted | LaneState::Approved)
}

/// The state of the whole. A lane that can never start because an earlier one was refused does not hold it up.
#[must_use]
pub fn overall(lanes: &[LaneState]) -> ApplicationState {
    let refused = lanes.contains(&LaneState::Refused) || lanes.contains(&LaneState::Ended);
    let ended = |state: &LaneState| is_final(*state) || (refused && *state == LaneState::Waiting);
    if lanes.contains(&LaneState::Correction) {
        ApplicationState::Correction
    } else if !lanes.iter().all(ended) {
        ApplicationState::Running
    } else if refused {
        ApplicationState::PartlyRefused
    } else {
        ApplicationState::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STEPS: [Step; 11] = [
        Step::Release,
        Step::Accept,
        Step::AskCorrection,
        Step::AnswerCorrection,
        Step::StopClock,
        Step::StartClock,
        Step::Approve,
        Step::Refuse,
        Step::Issue,
        Step::Lapse,
        Step::Revoke,
    ];

    #[test]
    fn the_straight_way() {
        let steps = [Step::Release, Step::Accept, Step::StopClock, Step::StartClock, Step::Approve, Step::Issue];
        let end = steps.into_iter().try_fold(LaneState::Waiting, after);
        assert_eq!(end, Some(LaneState::Issued));
    }

    #[test]
    fn the_whole_follows_from_its_lanes() {
        use LaneState::{Accepted, Correction, Issued, Refused, Waiting};
        assert_eq!(overall(&[Issued, Accepted]), ApplicationState::Running);
        assert_eq!(overall(&[Accepted, Correction]), ApplicationState::Correction);
        assert_eq!(overall(&[Issued, Issued]), ApplicationState::Done);
        assert_eq!(overall(&[Issued, Refused, Waiting]), ApplicationState::PartlyRefused);
        assert_eq!(overall(&[Issued, Waiting]), ApplicationState::Running);
        assert_eq!(overall(&[Issued, LaneState::Ended, Waiting]), ApplicationState::PartlyRefused);
    }

    proptest! {
        /// Whatever is tried, an ended lane stays ended, and nothing is issued without an approval.
        #[test]
        fn no_way_around_a_decision(tries in proptest::collection::vec(0_usize..11, 0..30)) {
            let mut state = LaneState::Waiting;
            let mut approved = false;
            for step in tries.into_iter().map(|index| STEPS[index]) {
                let Some(next) = after(state, step) else { continue };
                prop_assert!(!is_final(state) || (state == LaneState::Issued && step == Step::Revoke));
                approved |= next == LaneState::Approved;
                prop_assert!(next != LaneState::Issued || approved);
                state = next;
            }
        }
    }
}
