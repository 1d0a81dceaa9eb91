//! Floor 4, the door: may this accessor do that? Proved offline, or not answered at all.
//!
//! A [`Request`] names the slots whose words decide it; a proof bundle proves those words under a header
//! that an anchor trusts; [`decide`] answers from them, as the contract's `decide` does. A [`Consent`] that
//! was never relayed counts beside them. A deny is a
//! proved answer; an error means that nothing was proved. They are different types.

mod anchored;
mod bundle;
pub mod clock;
mod consent;
mod decide;
mod decision;
mod envelope;
mod event;
mod request;
mod verify;

pub use self::anchored::{
    AnchorRequest, AnchoredError, AnchoredRecord, verify_anchored, verify_anchored_with,
};
pub use self::bundle::Bundle;
pub use self::clock::{Clock, Floor, Verdict, VerdictAfter, VerdictAsOf};
pub use self::consent::{CONSENT_VERSION, CheckedConsent, Consent, ConsentError, MAX_CONSENT_LEN};
pub use self::decide::{decide, decide_distrusting};
pub use self::decision::{Basis, Decision, Reason};
pub use self::envelope::{AncestorError, BUNDLE_VERSION, BundleError, MAX_ANCESTORS};
pub use self::event::{EventProof, EventProofError, ProvedEvent, verify_event, verify_past_event};
pub use self::request::{MAX_LISTED, MAX_SCOPES, MAX_SLOTS, Request, RequestError};
pub use self::verify::{
    Deployment, Policy, VerifyError, verify, verify_after, verify_after_with, verify_as_of,
    verify_as_of_with, verify_with,
};
