//! The daily statement: a ZIP with two tables in GBK, one of every trade, one of their sums.

use std::io::{Cursor, Write};

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use encoding_rs::GBK;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

use super::trades::payer;
use super::{Call, Refused, SELLER};
use crate::book::Line;
use crate::clock;
use crate::gateway::Shared;
use crate::money::yuan;
use crate::trade::Protocol;

/// Where a statement is fetched.
pub(super) const FILE: &str = "/downloadBillFile.resource";

const COLUMNS: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,\
对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,\
券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

const SUMMARY: &str = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,\
商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）";

#[derive(Deserialize)]
pub(super) struct Token {
    token: String,
}

/// `alipay.data.dataservice.bill.downloadurl.query`
pub(super) fn ask(gateway: &Shared, call: &Call) -> Result<Map<String, Value>, Refused> {
    const NONE: Refused = Refused::business("isp.bill_not_exist", "账单不存在");
    let wrong = || Refused::business("isv.invalid-parameter", "无效的参数");
    if call.text("bill_type").as_deref() != Some("trade") {
        return Err(wrong());
    }
    let day = call.text("bill_date").and_then(|day| clock::read_day(&day)).ok_or_else(wrong)?;
    let lines = gateway.book.lines(Protocol::Alipay, day);
    if lines.is_empty() {
        return Err(NONE);
    }
    let token = gateway.statements.keep(pack(&lines, day).map_err(|_| NONE)?);
    let url = format!("{}{FILE}?bizType=trade&fileType=csv.zip&bizDates={day}&token={token}", gateway.base);
    Ok(Map::from_iter([("bill_download_url".to_owned(), json!(url))]))
}

/// What that address gives, to whoever has it.
pub(super) async fn file(State(gateway): State<Shared>, token: Result<Query<Token>, QueryRejection>) -> Response {
    match token.ok().and_then(|Query(Token { token })| gateway.statements.fetch(&token)) {
        Some(bytes) => ([(header::CONTENT_TYPE, "application/zip")], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn pack(lines: &[Line], day: Date) -> ZipResult<Vec<u8>> {
    let name = format!("{SELLER}_{}_业务明细", day.to_string().replace('-', ""));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let tables = [(format!("{name}.csv"), details(lines, day)), (format!("{name}_汇总.csv"), sums(lines, day))];
    for (name, text) in tables {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(&GBK.encode(&text).0)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn details(lines: &[Line], day: Date) -> String {
    let head = head("#支付宝业务明细查询", day, "业务明细列表");
    let rows: String = lines.iter().map(row).collect();
    let foot = "#-----------------------------------------业务明细列表结束------------------------------------\r\n";
    let (paid, back) = totals(lines);
    let counted = lines.iter().filter(|line| line.refund.is_some()).count();
    let (payments, paid, back) = (lines.len() - counted, yuan(paid), yuan(-back));
    let sums = format!(
        "#交易合计：{payments}笔，商家实收共{paid}元，商家优惠共0.00元\r\n\
         #退款合计：{counted}笔，商家实收退款共{back}元，商家优惠退款共0.00元\r\n"
    );
    let exported = clock::plain(clock::now());
    format!("{head}{COLUMNS}\r\n{rows}{foot}{sums}#导出时间：[{exported}]\r\n")
}

fn sums(lines: &[Line], day: Date) -> String {
    let head = head("#支付宝业务汇总查询", day, "业务汇总列表");
    let (paid, back) = totals(lines);
    let counted = lines.iter().filter(|line| line.refund.is_some()).count();
    let (payments, paid, net) = (lines.len() - counted, yuan(paid), yuan(paid - back));
    let foot = "#----------------------------------------业务汇总列表结束-------------------------------------\r\n";
    format!("{head}{SUMMARY}\r\n合计\t,\t,{payments},{counted},{paid},{net},0.00,0.00,0.00,0.00,0.00,{net}\r\n{foot}")
}

fn head(title: &str, day: Date, list: &str) -> String {
    let next = day.tomorrow().unwrap_or(day);
    let name = |day: Date| day.strftime("%Y年%m月%d日 00:00:00").to_string();
    format!(
        "{title}\r\n#账号：[{SELLER}0156]\r\n#起始日期：[{}]   终止日期：[{}]\r\n\
         #-----------------------------------------{list}----------------------------------------\r\n",
        name(day),
        name(next),
    )
}

/// Fen paid, and fen given back.
fn totals(lines: &[Line]) -> (i64, i64) {
    let amount = |line: &Line| match &line.refund {
        Some(refund) => (0, refund.order.amount),
        None => (line.trade.charged, 0),
    };
    lines.iter().map(amount).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

fn row(line: &Line) -> String {
    let trade = &line.trade;
    let (kind, amount, request) = match &line.refund {
        Some(refund) => ("退款", yuan(-refund.order.amount), refund.order.id.as_str()),
        None => ("交易", yuan(trade.charged), ""),
    };
    let (created, done) = (clock::plain(trade.created_at), clock::plain(line.at));
    // Numbers carry a tab, so that spreadsheets leave them alone; commas would be columns.
    let subject = trade.order.subject.replace(',', "，").replace(['\r', '\n', '\t'], " ");
    let cells = [
        format!("{}\t", trade.number),
        format!("{}\t", trade.order.id),
        kind.to_owned(),
        subject,
        created,
        done,
        "\t".to_owned(),
        String::new(),
        String::new(),
        "\t".to_owned(),
        format!("{}\t", payer(trade)),
        amount.clone(),
        amount,
        "0.00".to_owned(),
        "0.00".to_owned(),
        "0.00".to_owned(),
        "0.00".to_owned(),
        "0.00".to_owned(),
        String::new(),
        "0.00".to_owned(),
        "0.00".to_owned(),
        format!("{request}\t"),
        "0.00".to_owned(),
        "0.00".to_owned(),
        String::new(),
    ];
    cells.join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::book::Book;
    use crate::trade::{Channel, Order, RefundOrder};

    fn day_with_a_refund() -> (Vec<Line>, Date) {
        let book = Book::default();
        let order = Order {
            protocol: Protocol::Alipay,
            id: "ORDER-1".to_owned(),
            amount: 12_345,
            subject: "考试,费".to_owned(),
            channel: Channel::Wap,
            payer: None,
            return_url: None,
            notify_url: None,
            expires_at: None,
        };
        let (trade, _) = book.open(order).unwrap();
        book.pay(&trade, 0).unwrap();
        let back = RefundOrder { id: "R1".to_owned(), amount: 45, reason: String::new(), notify_url: None };
        book.refund(Protocol::Alipay, "ORDER-1", back).unwrap();
        book.settle(Protocol::Alipay, "R1").unwrap();
        let day = clock::day(clock::now());
        (book.lines(Protocol::Alipay, day), day)
    }

    #[test]
    fn payments_and_refunds_have_a_line_each() {
        let (lines, day) = day_with_a_refund();
        let text = details(&lines, day);
        let rows: Vec<Vec<&str>> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split(',').map(str::trim).collect())
            .collect();
        assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [25, 25, 25]);
        assert_eq!((rows[1][1], rows[1][2], rows[1][3], rows[1][11]), ("ORDER-1", "交易", "考试，费", "123.45"));
        assert_eq!((rows[2][2], rows[2][11], rows[2][21]), ("退款", "-0.45", "R1"));
        assert!(text.contains("#交易合计：1笔，商家实收共123.45元"));
        assert!(sums(&lines, day).contains("1,1,123.45,123.00,"));
    }

    #[test]
    fn the_archive_holds_both_tables_in_gbk() {
        let (lines, day) = day_with_a_refund();
        let packed = pack(&lines, day).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(packed)).unwrap();
        assert_eq!(archive.len(), 2);
        let mut bytes = Vec::new();
        archive.by_index(0).unwrap().read_to_end(&mut bytes).unwrap();
        let (text, _, broken) = GBK.decode(&bytes);
        assert!(!broken && text.contains("支付宝交易号,商户订单号") && text.contains("商家实收（元）"));
        assert!(archive.by_index(1).unwrap().name().unwrap().ends_with("_汇总.csv"));
    }
}
