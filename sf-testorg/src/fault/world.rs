//! Faults that change the org: what an administrator does while a client is at work.
use super::Effect;
use crate::{org::Inner, save::FieldAccess, state::Cell};
use sf_core::Timestamp;

impl Inner {
    /// Does to the org what the effect says; `false` for effects of other kinds. What the org does not have stays as it is.
    pub(crate) fn befall(&mut self, effect: &Effect) -> bool {
        let start = self.state.start_of_transaction();
        let done = match effect {
            Effect::EndSession => {
                self.oauth.end_sessions();
                return true;
            }
            Effect::MoveInstance(url) => {
                self.oauth.move_to(url.clone());
                return true;
            }
            Effect::HideField { object, field } => {
                self.set_field_access(object.as_str(), field.as_str(), FieldAccess::Hidden);
                return true;
            }
            Effect::SkewClock(millis) => {
                self.skew = *millis;
                return true;
            }
            Effect::LoseLocators => {
                self.locators.clear();
                return true;
            }
            Effect::RemoveField { object, field } => {
                self.locators.clear();
                self.state.remove_field(object.as_str(), field.as_str())
            }
            Effect::ClosePicklist { object, field, value } => {
                self.state.set_picklist_active(object.as_str(), field.as_str(), value, false)
            }
            Effect::DeactivateUser(user) => self.state.update_row(*user, [("IsActive", Cell::Bool(false))]),
            _ => return false,
        };
        match done {
            // A journal that cannot be written says so to the request: its own commit fails as well.
            Ok(()) => drop(self.commit()),
            Err(_) => self.state.rollback_to(start),
        }
        true
    }

    /// The org's time where its clock is skewed.
    pub(crate) fn skewed(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(now.millis().saturating_add(self.skew)).unwrap_or(now)
    }
}
