//! Drafts: several hands, registers, versions, handing over.
