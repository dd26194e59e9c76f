//! Asks the wallet the page runs in to pay. `public/pay.js` does the talking. What a wallet's front end answers
//! proves nothing, so none of it is heard here: whoever called asks the backend.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["onething", "pay"], catch, js_name = jsapi)]
    async fn js_jsapi(parameters: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["onething", "pay"], catch, js_name = tradePay)]
    async fn js_trade_pay(number: &str) -> Result<JsValue, JsValue>;
}

/// Opens WeChat's cashier; returns when it closed, or does not answer.
pub async fn jsapi(parameters: &[(&str, &str)]) {
    let object = Object::new();
    for (name, value) in parameters {
        let _ = Reflect::set(&object, &(*name).into(), &(*value).into());
    }
    let _ = js_jsapi(&object).await;
}

/// Opens Alipay's cashier; returns when it closed, or does not answer.
pub async fn trade_pay(number: &str) {
    let _ = js_trade_pay(number).await;
}
