//! Floor 4, the door: may this accessor do that? Proved offline, or not answered at all.
//!
//! A [`Request`] names the slots whose words decide it; a proof bundle proves those words under a header
//! that an anchor trusts; [`decide`] answers from them, as the contract's `decide` does. A [`Consent`] that
//! was never relayed counts beside them. A deny is a
//! proved answer; an error means that nothing was proved. They are different types.

mod anchored;
mod bundle;
mod consent;
mod decide;
mod decision;
mod event;
mod request;
mod verify;

pub use self::anchored::{
    AnchorRequest, AnchoredError, AnchoredRecord, verify_anchored, verify_anchored_with,
};
pub use self::bundle::{BUNDLE_VERSION, Bundle, BundleError};
pub use self::consent::{CONSENT_VERSION, CheckedConsent, Consent, ConsentError, MAX_CONSENT_LEN};
pub use self::decide::{decide, decide_distrusting};
pub use self::decision::{Basis, Decision, Reason};
pub use self::event::{EVENT_PROOF_VERSION, EventProof, EventProofError, ProvedEvent, verify_event};
pub use self::request::{MAX_LISTED, MAX_SCOPES, MAX_SLOTS, Request, RequestError};
pub use self::verify::{
    Clock, Deployment, Policy, Verdict, VerdictAsOf, VerifyError, verify, verify_as_of, verify_as_of_with,
};
