// What an answer may be: the rules of `engine/src/answer.rs` for the kinds of the synthetic bundle.

const KIND = {
  mobile: (text) => (/^1[3-9]\d{9}$/.test(text) ? null : '请填写 11 位手机号码'),
  number(text, { min = 0, max = Infinity }) {
    if (!/^-?\d{1,11}(\.\d{1,2})?$/.test(text)) return '请填写数字';
    if (Number(text) < min) return '数值太小，请再看一遍';
    return Number(text) > max ? '数值太大，请再看一遍' : null;
  },
  id_number(text) {
    if (!/^\d{17}[\dX]$/.test(text)) return '请填写 18 位号码，最后一位可以是 X';
    const day = `${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}`;
    const date = new Date(day);
    if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== day || date > new Date()) {
      return '号码中的出生日期不存在或在今天之后，请对照证件再看一遍';
    }
    // ISO 7064 MOD 11-2, as GB 11643 wants it.
    let sum = 0;
    for (const digit of text.slice(0, 17)) sum = ((sum + Number(digit)) * 2) % 11;
    return '10X98765432'[sum] === text[17] ? null : '号码与最后一位校验码不符，请对照证件再看一遍';
  },
};

const CHOSEN = new Set(['choice', 'choices', 'yes_no']);
const NARROWED = new Set(['mobile', 'id_number', 'number']);

/** The sentence for what is wrong with an answer, or null. */
export function faultOf(field, value) {
  if (value) return KIND[field.kind]?.(value, field) ?? null;
  if (!field.required) return null;
  return CHOSEN.has(field.kind) ? '请选择一项' : '请填写这一项';
}

/** The normal form: full-width characters become narrow, separators go. */
export function tidy(kind, text) {
  if (!NARROWED.has(kind)) return text.trim();
  const narrow = text.normalize('NFKC').replace(/\s/g, '');
  if (kind === 'mobile') return narrow.replaceAll('-', '').replace(/^\+86/, '');
  return kind === 'id_number' ? narrow.toUpperCase() : narrow.replaceAll(',', '');
}
