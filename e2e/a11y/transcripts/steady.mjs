// What differs from day to day or from run to run stands in a transcript as a token, by its form: what has another form stays and is seen.

const FORMS = [
  // A date as a machine writes it is a mistake on a screen, and has its own token so that it is seen.
  [/\b20(?:2[6-9]|[3-9]\d)-\d\d-\d\d(?:T[\d:.+Z]+)?/g, '〈机器日期〉'],
  // Days of this year are written without the year.
  [/(?<![\d年])(?:20(?:2[6-9]|[3-9]\d) ?年 ?)?(?:1[0-2]|[1-9]) ?月 ?(?:3[01]|[12]\d|[1-9]) ?日/g, '〈日期〉'],
  // Not opening hours, which stand from one to another.
  [/(?<![\d–])(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\d–])/g, '〈时间〉'],
  // Working days left depend on weekends and holidays.
  [/今天到期|还剩 \d+ 个工作日，到 〈日期〉/g, '〈期限〉'],
  [/(?<=已超期 )\d+(?= 个工作日)/g, '〈数〉'],
  [/(?<=已完成 )\d+(?=%)/g, '〈数〉'],
  // How much of a file has left is the network's matter.
  [/(?<=进度条 正在上传，已完成 〈数〉%，“)\d+(?=”)/g, '〈数〉'],
  [/(?<!\d)20(?:2[6-9]|[3-9]\d)\d{12}(?!\d)/g, '〈办件号〉'],
  // A payment code at the bank.
  [/(?<!\d)\d{20}(?!\d)/g, '〈缴款码〉'],
  [/(?<![A-Z\d])[A-Z\d]{4} [A-Z\d]{4}(?![A-Z\d])/g, '〈办理码〉'],
  [/\bM20\d{6}[\dA-F]{6}(?![\dA-F])/g, '〈来信编号〉'],
  // On a receipt: a code that ends in the year, a number, and a check.
  [/(?<!\d)990101\d\d(?!\d)/g, '〈票据代码〉'],
  [/(?<!\d)\d{10}(?!\d)/g, '〈票据号码〉'],
  [/(?<=^\s*(?:内容 |编辑框 校验码，“))[\da-f]{6}(?=$|”)/g, '〈校验码〉'],
  [/http:\/\/127\.0\.0\.1:\d+(?=\/)/g, '〈网址〉'],
  [/(?<=〈网址〉\/pay\/)[\da-f]{24}/g, '〈编码〉'],
];

/** A text as it is on every day. */
export const steady = (text) => FORMS.reduce((said, [form, token]) => said.replace(form, token), text);
