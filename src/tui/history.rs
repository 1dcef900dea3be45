//! What can be undone, and what can be done again. A step is a change and its name; the vault's own inverse of it is
//! the way back. One step is under way at a time, so that none is taken twice.

use crate::vault::Change;

/// Changes, and what they do in words: "deleting GitHub".
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Step {
    /// What was done, so that a message can say what is taken back.
    pub(super) doing: String,
    /// What takes it back, or does it again.
    pub(super) changes: Vec<Change>,
}

/// Which way a step goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    Back,
    Forth,
}

/// What comes of a wish to go back, or forth.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Turn {
    /// The step before is still on its way to the file.
    Busy,
    /// To be committed, under its name.
    Go(Step),
    /// There is no step.
    Nothing,
}

/// The steps of a vault since it was opened.
#[derive(Debug, Default)]
pub(super) struct History {
    done: Vec<Step>,
    undone: Vec<Step>,
    under_way: Option<(Step, Way)>,
}

impl History {
    /// Is there something to undo?
    pub(super) fn can_go_back(&self) -> bool {
        !self.done.is_empty()
    }

    /// Takes the last step back.
    pub(super) fn back(&mut self) -> Turn {
        self.turn(Way::Back)
    }

    /// Does again what was taken back last.
    pub(super) fn forth(&mut self) -> Turn {
        self.turn(Way::Forth)
    }

    fn turn(&mut self, way: Way) -> Turn {
        if self.under_way.is_some() {
            return Turn::Busy;
        }
        let Some(step) = self.steps(way).pop() else {
            return Turn::Nothing;
        };
        self.under_way = Some((step.clone(), way));
        Turn::Go(step)
    }

    fn steps(&mut self, way: Way) -> &mut Vec<Step> {
        match way {
            Way::Back => &mut self.done,
            Way::Forth => &mut self.undone,
        }
    }

    /// Takes note that changes are in the file, and of what undoes them; `depth` is how many steps are kept.
    pub(super) fn saved(&mut self, doing: &str, inverse: &[Change], depth: usize) {
        let way = if let Some((_, way)) = self.under_way.take_if(|(step, _)| step.doing == doing) {
            way
        } else {
            // Something new: what was undone before it is of another past.
            self.undone.clear();
            Way::Forth
        };
        if inverse.is_empty() {
            return;
        }
        let step = Step { doing: doing.to_owned(), changes: inverse.to_vec() };
        match way {
            Way::Back => self.undone.push(step),
            Way::Forth => self.done.push(step),
        }
        let spare = self.done.len().saturating_sub(depth);
        self.done.drain(..spare);
    }

    /// Takes note that changes were refused; says whether they were a step of here, which can be tried again.
    pub(super) fn refused(&mut self, doing: &str) -> bool {
        match self.under_way.take_if(|(step, _)| step.doing == doing) {
            Some((step, way)) => {
                self.steps(way).push(step);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::Timestamp;
    use crate::vault::AccountId;

    fn change(number: usize) -> Vec<Change> {
        vec![Change::Move(AccountId::new(Timestamp::from_seconds(1), [1; 10]), number)]
    }

    fn go(turn: Turn) -> String {
        match turn {
            Turn::Go(step) => step.doing,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn goes_back_and_forth() {
        let mut history = History::default();
        history.saved("a", &change(1), 50);
        history.saved("b", &change(2), 50);
        assert_eq!(history.back(), Turn::Go(Step { doing: "b".to_owned(), changes: change(2) }));
        assert_eq!(history.back(), Turn::Busy);
        history.saved("b", &change(3), 50);
        assert_eq!(history.forth(), Turn::Go(Step { doing: "b".to_owned(), changes: change(3) }));
        history.saved("b", &change(2), 50);
        assert_eq!(go(history.back()), "b");
        history.saved("b", &change(3), 50);
        assert_eq!(go(history.back()), "a");
        history.saved("a", &change(4), 50);
        assert_eq!(history.back(), Turn::Nothing);
        assert_eq!(go(history.forth()), "a");
    }

    #[test]
    fn something_new_ends_what_could_be_done_again() {
        let mut history = History::default();
        history.saved("a", &change(1), 50);
        history.back();
        history.saved("a", &change(2), 50);
        history.saved("c", &change(3), 50);
        assert_eq!(history.forth(), Turn::Nothing);
        assert_eq!(go(history.back()), "c");
    }

    #[test]
    fn a_refused_step_can_be_taken_again() {
        let mut history = History::default();
        history.saved("a", &change(1), 50);
        history.back();
        assert!(!history.refused("b"));
        assert!(history.refused("a"));
        assert_eq!(go(history.back()), "a");
    }

    #[test]
    fn keeps_as_many_as_it_is_told() {
        let mut history = History::default();
        for number in 0..60 {
            history.saved(&number.to_string(), &change(number), 50);
        }
        assert_eq!(history.done.len(), 50);
        assert_eq!(history.done[0].doing, "10");
    }
}
