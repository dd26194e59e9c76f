// What a screen reader says in Chinese for roles and states.

/** Places of a page. */
export const LANDMARKS = {
  banner: '横幅', navigation: '导航', main: '主要内容', contentinfo: '页脚', search: '搜索', complementary: '补充内容', region: '区域', form: '表单',
};

/** What is spoken with its name, as one thing. */
export const THINGS = {
  link: '链接', button: '按钮', textbox: '编辑框', searchbox: '搜索框', combobox: '组合框', spinbutton: '数字框', slider: '滑块', option: '选项',
  radio: '单选按钮', checkbox: '复选框', switch: '开关', menuitem: '菜单项', tab: '选项卡', DisclosureTriangle: '展开按钮',
  Date: '日期框', DateTime: '日期时间框', InputTime: '时间框', Month: '月份框', ColorWell: '颜色框',
  image: '图片', img: '图片', progressbar: '进度条', ProgressIndicator: '进度条', meter: '度量', Meter: '度量',
  Video: '视频', Audio: '音频', Iframe: '框架',
};

/** What holds something, or nothing yet. */
export const FILLED = new Set(['textbox', 'searchbox', 'combobox', 'spinbutton', 'Date', 'DateTime', 'InputTime', 'Month']);

/** What is spoken with its name before what is in it. */
export const GROUPS = {
  group: '分组', radiogroup: '单选组', list: '列表', listbox: '列表框', DescriptionList: '说明列表', table: '表格', grid: '表格', row: '行',
  dialog: '对话框', alertdialog: '警告对话框', menu: '菜单', tablist: '选项卡列表', tabpanel: '选项卡面板', figure: '图', article: '文章',
  status: '实时区域 礼貌', alert: '实时区域 紧急', log: '实时区域 礼貌', blockquote: '引文',
};

/** What is spoken before the text of a cell or a part of a description. */
export const PARTS = {
  term: '名目', definition: '内容', cell: '单元格', gridcell: '单元格', columnheader: '列标题', rowheader: '行标题', caption: '表格标题', Figcaption: '图注',
};

/** What must have a name. */
export const NAMED = new Set([
  ...Object.keys(THINGS).filter((role) => role !== 'Iframe'),
  ...['group', 'radiogroup', 'listbox', 'dialog', 'alertdialog', 'navigation', 'heading', 'table', 'grid'],
]);

const chosen = { radio: ['已选中', '未选中'], checkbox: ['已勾选', '未勾选'], switch: ['已打开', '已关闭'] };

/** States in the order they are spoken; each gives its words, or nothing. */
export const STATES = [
  ({ checked }, role) => checked !== undefined && ((chosen[role] ?? chosen.checkbox)[{ true: 0, false: 1 }[checked]] ?? '部分勾选'),
  ({ selected }, role) => role === 'option' && selected && '已选中',
  ({ pressed }) => pressed !== undefined && (String(pressed) === 'true' ? '已按下' : '未按下'),
  ({ expanded }) => expanded !== undefined && (expanded ? '已展开' : '已折叠'),
  ({ current }) => current && '当前',
  ({ multiline }, role) => role === 'textbox' && multiline && '多行',
  ({ required }) => required && '必填',
  ({ invalid }) => invalid && invalid !== 'false' && '无效',
  ({ readonly }) => readonly && '只读',
  ({ disabled }) => disabled && '不可用',
  ({ modal }) => modal && '模态',
  ({ busy }) => busy && '忙',
];
