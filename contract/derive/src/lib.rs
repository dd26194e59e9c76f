//! `#[derive(FromJson)]`: reads a wire type from a tree of JSON, by the same attributes serde reads.
//!
//! serde compiles a visitor for each type it reads, with an error message for each thing that can go
//! wrong; in the page that was a tenth of all bytes. What this writes is one call for each field.
//! It knows the attributes the contract uses, and refuses to compile any other.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Fields, FieldsNamed, Ident, LitStr, Result, Variant, parse_macro_input};

/// Derives `contract::json::FromJson`.
#[proc_macro_derive(FromJson, attributes(serde, from_json))]
pub fn from_json(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// What serde attributes say.
#[derive(Default)]
struct Said {
    rename: Option<String>,
    snake_case: bool,
    tag: Option<String>,
    /// `Some(None)` for the type's own default.
    default: Option<Option<syn::Path>>,
    /// Only the server reads it: `#[from_json(skip)]` leaves the default.
    skip: bool,
}

fn said(attributes: &[Attribute]) -> Result<Said> {
    let mut said = Said { skip: attributes.iter().any(|one| one.path().is_ident("from_json")), ..Said::default() };
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        attribute.parse_nested_meta(|meta| {
            let text = || -> Result<LitStr> { meta.value()?.parse() };
            if meta.path.is_ident("rename") {
                said.rename = Some(text()?.value());
            } else if meta.path.is_ident("rename_all") {
                said.snake_case = text()?.value() == "snake_case";
            } else if meta.path.is_ident("tag") {
                said.tag = Some(text()?.value());
            } else if meta.path.is_ident("default") {
                let path = meta.value().ok().map(|value| value.parse::<LitStr>()?.parse()).transpose()?;
                said.default = Some(path);
            } else if meta.path.is_ident("skip_serializing_if") {
                text()?;
            } else if !(meta.path.is_ident("deny_unknown_fields") || meta.path.is_ident("transparent")) {
                return Err(meta.error("FromJson does not know this attribute"));
            }
            Ok(())
        })?;
    }
    Ok(said)
}

fn expand(input: &DeriveInput) -> Result<Tokens> {
    let name = &input.ident;
    let whole = said(&input.attrs)?;
    let body = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => {
                let fields = named(fields)?;
                quote! {
                    let mut object = crate::json::Object::of(json, wrong);
                    Self { #fields }
                }
            }
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                quote! { Self(crate::json::FromJson::from_json(json, wrong)) }
            }
            Fields::Unnamed(fields) => {
                let count = fields.unnamed.len();
                let parts = fields.unnamed.iter().map(|_| quote! { crate::json::FromJson::from_json(next(), wrong) });
                quote! {
                    let mut next = crate::json::parts(json, #count, wrong);
                    Self(#(#parts),*)
                }
            }
            Fields::Unit => quote! { Self },
        },
        Data::Enum(data) => {
            let variants = data.variants.iter().map(|variant| arm(variant, &whole)).collect::<Result<Vec<_>>>()?;
            let Some((_, first)) = variants.first() else {
                return Err(syn::Error::new_spanned(name, "a type without values"));
            };
            let arms = variants.iter().map(|(name, value)| quote! { #name => #value, });
            // What is none of them is wrong; some value it must have.
            let arms = quote! { #(#arms)* _ => { *wrong = true; #first } };
            match &whole.tag {
                Some(tag) => quote! {
                    let mut object = crate::json::Object::of(json, wrong);
                    let name: String = object.take(#tag, wrong);
                    match name.as_str() { #arms }
                },
                None => quote! { match crate::json::name(json, wrong).as_str() { #arms } },
            }
        }
        Data::Union(_) => return Err(syn::Error::new_spanned(name, "a union is no wire type")),
    };
    Ok(quote! {
        impl crate::json::FromJson for #name {
            fn from_json(json: crate::json::Json, wrong: &mut bool) -> Self { #body }
        }
    })
}

/// `field: object.take("field", wrong),` for each.
fn named(fields: &FieldsNamed) -> Result<Tokens> {
    let mut takes = Tokens::new();
    for field in &fields.named {
        let own = said(&field.attrs)?;
        let Some(ident) = &field.ident else { continue };
        let key = own.rename.unwrap_or_else(|| ident.to_string());
        if own.skip {
            takes.extend(quote! { #ident: Default::default(), });
            continue;
        }
        takes.extend(match own.default {
            None => quote! { #ident: object.take(#key, wrong), },
            Some(None) => quote! { #ident: object.take_or(#key, Default::default, wrong), },
            Some(Some(path)) => quote! { #ident: object.take_or(#key, #path, wrong), },
        });
    }
    Ok(takes)
}

/// The name of a variant and its value.
fn arm(variant: &Variant, whole: &Said) -> Result<(String, Tokens)> {
    let own = said(&variant.attrs)?;
    let ident = &variant.ident;
    let name = own.rename.unwrap_or_else(|| if whole.snake_case { snake_case(ident) } else { ident.to_string() });
    let value = match &variant.fields {
        Fields::Unit => quote! { Self::#ident },
        Fields::Named(fields) => {
            let fields = named(fields)?;
            quote! { Self::#ident { #fields } }
        }
        Fields::Unnamed(fields) => return Err(syn::Error::new_spanned(fields, "name the parts of a variant")),
    };
    Ok((name, value))
}

fn snake_case(ident: &Ident) -> String {
    let mut name = String::new();
    for letter in ident.to_string().chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}
