/** Design tokens the page around may set. A theme that is not readable everywhere is refused as a whole. */
export interface Theme {
  /** Links, marks and the main button, on light grounds: `#rrggbb`, at least 4.5 : 1 on every ground of the page. */
  primary?: string;
  /** What stands on the main button: at least 4.5 : 1 on `primary`. White where it is left out. */
  'on-primary'?: string;
  /** The same for people who prefer dark pages; the page's own colours where it is left out. */
  'primary-dark'?: string;
  'on-primary-dark'?: string;
  /** Radius of corners in CSS pixels, 0 to 24. */
  radius?: number;
}

/** What happens in the errand, by event. */
export interface ErrandEvents {
  /** The errand can be used. Comes again when it was loaded again. */
  ready: { locale: string; route: string };
  /** Another screen is shown. Codes and queries are left out of `route`. */
  step: { route: string; title: string };
  /** The application was sent. */
  submitted: { application: string };
  /** The backend knows that it was paid. */
  paid: { application: string };
  /** The citizen has rated. */
  rated: { application: string };
  /** How tall the errand is, in CSS pixels. The frame follows by itself unless it is `fixed`. */
  height: { px: number };
  /** The name of what is shown. */
  title: { text: string };
  error: ErrandError;
}

export type ErrandError =
  /** Nobody answered the greeting for 20 s: the address is wrong, or this origin may not embed the page. */
  | { kind: 'unreachable' }
  /** The page speaks other versions of the protocol. */
  | { kind: 'version'; versions: number[] }
  /** A token the page does not know, or a value that is none. `token` is empty where the theme is no object. */
  | { kind: 'theme-invalid'; token: string }
  /** A colour that cannot be read well enough. */
  | { kind: 'theme-contrast'; token: string; ratio: number; needed: number }
  /** The errand itself stopped; it tells the citizen what to do. */
  | { kind: 'failed' };

/** What the errand may ask of the page around it, where that one offers to. A rejection means that it was not done. */
export interface ErrandRequests {
  /** The citizen is done with the errand. */
  close: Record<string, never>;
  /** An `https:` or `tel:` address is to be opened. */
  open: { url: string };
  share: { title: string; text: string; url: string };
}

/** One-time sign-in tickets: one, or somebody who gives a fresh one when the errand asks. */
export type TicketSource = string | (() => string | undefined | Promise<string | undefined>);

export interface ErrandOptions {
  /** The folder the page lives in; by default the one this script was loaded from. Needed where a bundler moved the script. */
  page?: string | URL;
  /** Which errand; all of them where it is left out. */
  bundle?: string;
  /** Another screen to begin with, as in `step`: `mine`, `bundles/newborn/situations`. */
  route?: string;
  /** `zh-CN` or `en`. */
  locale?: string;
  theme?: Theme;
  ticket?: TicketSource;
  /** The frame's accessible name; by default the name of what is shown. */
  title?: string;
  /** The frame fills its container and scrolls, instead of being as tall as the errand. */
  fixed?: boolean;
  /** What this page does for the errand; by default whatever `on` has a handler for. */
  offers?: (keyof ErrandRequests)[];
  on?: { [Type in keyof ErrandEvents]?: (detail: ErrandEvents[Type]) => void } & {
    [Type in keyof ErrandRequests]?: (detail: ErrandRequests[Type]) => unknown;
  };
}

export interface ErrandHandle {
  readonly frame: HTMLIFrameElement;
  setLocale(tag: string): void;
  /** Takes the place of the theme before; `{}` takes it off. */
  setTheme(theme: Theme | null): void;
  /** One step back within the errand; at its first screen it asks to be closed. */
  back(): void;
  /** Hands a ticket in, or names who gives one from now on. */
  ticket(source: TicketSource | undefined): void;
  /** Ends when the errand has heard everything that was sent before. */
  ping(): Promise<void>;
  /** Takes the errand out of the page. */
  close(): void;
}

/** Shows an errand at the end of `container`. */
export function open(container: Element, options?: ErrandOptions): ErrandHandle;

type Prefixed<Events> = { [Type in keyof Events & string as `onething-${Type}`]: CustomEvent<Events[Type]> };

/** What `<onething-errand>` and everything around it hears. */
export type ErrandElementEvents = Prefixed<ErrandEvents> & Prefixed<ErrandRequests>;

/**
 * `<onething-errand bundle="newborn" locale="zh-CN" theme='{"primary":"#0b57d0"}' title="…" src="…" route="…" fixed
 * offers="close open share">`: attributes as the options of `open`, with `src` for `page`.
 */
export interface OnethingErrandElement extends HTMLElement {
  ticket: TicketSource | undefined;
  /** While the element is in a document. */
  readonly handle: ErrandHandle | undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    'onething-errand': OnethingErrandElement;
  }
  interface HTMLElementEventMap extends ErrandElementEvents {}
}
