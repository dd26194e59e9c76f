//! Who someone is: a one-time ticket goes in, a person comes out.

use std::sync::Arc;

use contract::account::{Persona, Role};

use super::people::People;
use crate::http::extract::{Language, Person};

/// A city's identity provider (统一身份认证).
pub trait IdentityProvider: Send + Sync {
    /// The person a provider's id belongs to.
    fn person(&self, id: &str) -> Option<Person>;

    /// The person as a payment gateway knows them (`openid`, `buyer_open_id`), where the provider can tell.
    fn payer(&self, id: &str, gateway: &str) -> Option<String>;

    /// Made-up people to sign in as; a real provider has none.
    fn personas(&self, language: Language) -> Vec<Persona>;
}

/// The simulator.
pub struct SimulatedIdentity(
    /// Its people.
    pub Arc<People>,
);

impl IdentityProvider for SimulatedIdentity {
    fn person(&self, id: &str) -> Option<Person> {
        self.0.find(id).map(|persona| Person { id: persona.id.clone(), name: persona.name.clone(), role: persona.role })
    }

    fn payer(&self, id: &str, gateway: &str) -> Option<String> {
        self.0.find(id).map(|persona| format!("{gateway}-{}", persona.id))
    }

    fn personas(&self, language: Language) -> Vec<Persona> {
        let persona = |persona: &super::people::PersonaEntry| Persona {
            id: persona.id.clone(),
            name: persona.name.clone(),
            story: persona.story.text(language).to_owned(),
            role: persona.role,
        };
        let mut personas: Vec<Persona> = self.0.personas.iter().map(persona).collect();
        personas.sort_by_key(|persona| persona.role == Role::Clerk);
        personas
    }
}
