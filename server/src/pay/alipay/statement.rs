//! The daily statement (业务账单, `bill_type` `trade`): a ZIP of GBK tables, one of details and one of sums. Its
//! address comes in a signed answer; the file itself is vouched for by TLS alone.

use std::io::{Cursor, Read};

use contract::payment::{AttemptId, RefundId};
use encoding_rs::GBK;
use zip::ZipArchive;

use super::forms;
use crate::pay::{Failure, StatementKind, StatementLine};

/// Most that is unpacked of a statement, in bytes.
const MOST: u64 = 64 << 20;

/// What the gateway says of a day without a statement.
pub(super) const NONE: [&str; 2] = ["isp.bill_not_exist", "BILL_NOT_EXIST"];

/// Where to fetch a statement. Alipay names plain addresses (`http://dwbillcenter.alipay.com/…`) that lead to the
/// same file over TLS; only of a gateway that has none itself, a simulator, is one taken as it is.
pub(super) fn address(named: &str, gateway: &str) -> Result<String, Failure> {
    match named.strip_prefix("http://") {
        Some(_) if gateway.starts_with("http://") => Ok(named.to_owned()),
        Some(rest) => Ok(format!("https://{rest}")),
        None if named.starts_with("https://") => Ok(named.to_owned()),
        None => Err(Failure::Unsure("no statement")),
    }
}

/// The lines of a statement. Half a statement is worse than none: what cannot be read whole is not read.
pub(super) fn read(packed: &[u8]) -> Result<Vec<StatementLine>, Failure> {
    details(packed).as_deref().and_then(lines).ok_or(Failure::Unsure("an unreadable statement"))
}

/// The table of details: the names in the archive are GBK without saying so, so it is known by its head.
fn details(packed: &[u8]) -> Option<String> {
    let mut archive = ZipArchive::new(Cursor::new(packed)).ok()?;
    let mut left = MOST;
    for place in 0..archive.len() {
        let mut bytes = Vec::new();
        let length = archive.by_index(place).ok()?.take(left + 1).read_to_end(&mut bytes).ok()?;
        left = left.checked_sub(u64::try_from(length).ok()?)?;
        let (text, _, _) = GBK.decode(&bytes);
        if text.lines().any(|line| Columns::find(line).is_some()) {
            return Some(text.into_owned());
        }
    }
    None
}

fn lines(text: &str) -> Option<Vec<StatementLine>> {
    let mut rows = text.lines().filter(|row| !row.starts_with('#') && !row.trim().is_empty());
    let columns = rows.find_map(Columns::find)?;
    rows.map(|row| columns.line(row)).collect()
}

/// Where in a row what counts stands.
struct Columns {
    all: usize,
    trade: usize,
    kind: usize,
    amount: usize,
    refund: usize,
}

impl Columns {
    /// Reads the head of the table of details; the table of sums has not all of these.
    fn find(head: &str) -> Option<Self> {
        let names = cells(head);
        let place = |name: &str| names.iter().position(|cell| cell.replace('(', "（").replace(')', "）") == name);
        Some(Self {
            all: names.len(),
            trade: place("商户订单号")?,
            kind: place("业务类型")?,
            amount: place("订单金额（元）")?,
            refund: place("退款批次号/请求号")?,
        })
    }

    fn line(&self, row: &str) -> Option<StatementLine> {
        let cells = cells(row);
        // A comma too many would put another number where the amount is looked for.
        if cells.len() != self.all {
            return None;
        }
        let (what, amount) = match cells[self.kind].as_str() {
            "交易" => (StatementKind::Charged, cells[self.amount].as_str()),
            "退款" => {
                let amount = cells[self.amount].as_str();
                let request = RefundId(cells[self.refund].clone());
                (StatementKind::GivenBack(request), amount.strip_prefix('-').unwrap_or(amount))
            }
            _ => return None,
        };
        Some(StatementLine { trade: AttemptId(cells[self.trade].clone()), what, amount: forms::fen(amount)? })
    }
}

/// The cells of a row, without the tabs that keep spreadsheets from rounding long numbers. A comma between
/// quotation marks divides nothing.
fn cells(row: &str) -> Vec<String> {
    let mut quoted = false;
    let divides = |letter: char| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    };
    row.split(divides).map(|cell| cell.trim().trim_matches('"').trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    /// The head of a real one.
    const HEAD: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,\
        对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,\
        券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

    const SUMS: &str = "#支付宝业务汇总查询\r\n门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）\r\n,,1,1,0.00,0.00\r\n";

    fn row(trade: &str, kind: &str, name: &str, amount: &str, request: &str) -> String {
        format!(
            "2026112222001\t,{trade}\t,{kind},{name},2026-11-22 10:00:00,2026-11-22 10:00:30,,,,,\
             buy***@example.com,{amount}\t,{amount},0.00,0.00,0.00,0.00,0.00,,0.00,0.00,{request}\t,-0.12,0.00,"
        )
    }

    fn table(rows: &[String]) -> String {
        let rule = "#------------------------------------业务明细列表------------------------------------";
        let rows: String = rows.iter().map(|row| format!("{row}\r\n")).collect();
        format!("#支付宝业务明细查询\r\n#账号：[20880000]\r\n{rule}\r\n{HEAD}\r\n{rows}{rule}\r\n#交易合计：1笔\r\n")
    }

    fn packed(tables: &[&str]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (place, table) in tables.iter().enumerate() {
            archive.start_file(format!("{place}.csv"), SimpleFileOptions::default()).unwrap();
            archive.write_all(&GBK.encode(table).0).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn line(trade: &str, what: StatementKind, amount: i64) -> StatementLine {
        StatementLine { trade: AttemptId(trade.to_owned()), what, amount }
    }

    #[test]
    fn a_statement_is_read_from_its_details() {
        let rows = [
            row("a1", "交易", "护照", "100.00", ""),
            row("a1", "退款", "护照", "-12.33", "r1"),
            row("a2", "交易", "\"证, 件\"", "19999999.99", ""),
            row("a3", "退款", "一", "0.01", "r3"),
        ];
        let expected = vec![
            line("a1", StatementKind::Charged, 10_000),
            line("a1", StatementKind::GivenBack(RefundId("r1".to_owned())), 1_233),
            line("a2", StatementKind::Charged, 1_999_999_999),
            line("a3", StatementKind::GivenBack(RefundId("r3".to_owned())), 1),
        ];
        let table = table(&rows);
        assert_eq!(read(&packed(&[SUMS, &table])), Ok(expected.clone()));
        assert_eq!(read(&packed(&[&table.replace('（', "(").replace('）', ")"), SUMS])), Ok(expected));
    }

    #[test]
    fn a_day_without_trades_has_no_lines() {
        assert_eq!(read(&packed(&[&table(&[])])), Ok(Vec::new()));
    }

    #[test]
    fn half_a_statement_is_none() {
        let unreadable: Result<Vec<StatementLine>, Failure> = Err(Failure::Unsure("an unreadable statement"));
        for bad in [
            row("a1", "交易", "护照", "1.005", ""),
            row("a1", "交易", "护照", "-1", ""),
            row("a1", "交易", "护照", "1e3", ""),
            row("a1", "退款", "护照", "--1.00", "r1"),
            row("a1", "转账", "护照", "1.00", ""),
            row("a1", "交易", "护照, 一", "1.00", ""),
            "a1,交易,1.00".to_owned(),
        ] {
            let rows = [row("a0", "交易", "护照", "1.00", ""), bad.clone()];
            assert_eq!(read(&packed(&[&table(&rows)])), unreadable, "{bad}");
        }
        assert_eq!(read(&packed(&[SUMS])), unreadable);
        assert_eq!(read(&packed(&[])), unreadable);
        assert_eq!(read(b"not an archive"), unreadable);
        let whole = packed(&[&table(&[row("a1", "交易", "护照", "1.00", "")])]);
        assert_eq!(read(&whole[..whole.len() / 2]), unreadable);
    }

    #[test]
    fn statements_travel_over_tls() {
        let (real, simulated) = ("https://openapi.alipay.com/gateway.do", "http://127.0.0.1:9000/gateway.do");
        let fetched = |named, gateway| address(named, gateway).unwrap_or_default();
        assert_eq!(fetched("http://dwbillcenter.alipay.com/x?y=z", real), "https://dwbillcenter.alipay.com/x?y=z");
        assert_eq!(fetched("https://dwbillcenter.alipay.com/x", real), "https://dwbillcenter.alipay.com/x");
        assert_eq!(fetched("http://127.0.0.1:9000/x", simulated), "http://127.0.0.1:9000/x");
        assert_eq!(fetched("file:///etc/passwd", simulated), "");
    }
}
